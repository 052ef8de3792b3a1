"""The one list of resources: each is a module of `gateway.schema.types`, named by one line here.

Root fields, `node`, lists, the subscription, the IAM policy, the conformance test and the tables in
the docs follow from it.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from gateway.aws.resources import Child, Resource, TagList, operations_of
from gateway.schema.decode import pairs_decoder, structure_decoder
from gateway.schema.identity import CHILD_TYPES
from gateway.schema.root_fields import RootFields
from gateway.schema.types.common import KeyValue

_MODULES: Final = (
    "processing_job",
    "training_job",
    "auto_ml_job",
    "monitoring_schedule",
    "transform_job",
    "hyper_parameter_tuning_job",
)

ROOTS: Final[tuple[RootFields, ...]] = tuple(
    import_module(f"gateway.schema.types.{name}").ROOT_FIELDS for name in _MODULES
)
RESOURCES: Final[tuple[Resource, ...]] = tuple(root.resource for root in ROOTS)
REGION_LISTS: Final = tuple(resource.listing.operation for resource in RESOURCES)
CHILDREN: Final[tuple[Child, ...]] = tuple(
    child for resource in RESOURCES for child in resource.children
)
OPERATIONS: Final = operations_of(RESOURCES)
"""Every SageMaker operation that the gateway calls; the IAM policy is printed from it."""

_TYPES: Final[Mapping[Resource | Child, type]] = dict(
    [*((root.resource, root.cls) for root in ROOTS), *CHILD_TYPES.items()]
)


def decode(kind: Resource | TagList | Child, answer: Mapping[str, Any]) -> object:
    """Return the object of the GraphQL type of `kind` that holds what AWS answered.

    Of tags, which `answer` holds by key, it is the list of their pairs.
    """
    if isinstance(kind, TagList):
        return pairs_decoder(KeyValue)(answer)
    return structure_decoder(_TYPES[kind])(answer)
