"""The registry of resources: one line per resource names its module in `gateway.schema.types`.

Root fields, `node`, lists, the subscription, the IAM policy and the conformance test follow from
it.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from gateway.aws.resources import Child, Resource, operations_of
from gateway.grants import GATEWAY_SCOPES
from gateway.schema.decode import decode_by_kind
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

SCOPES: Final = GATEWAY_SCOPES | {resource.scope for resource in RESOURCES}
"""Every scope that a caller can have."""

_TYPES: Final[Mapping[Resource | Child, type]] = dict(
    [*((root.resource, root.cls) for root in ROOTS), *CHILD_TYPES.items()]
)
decode: Final = decode_by_kind(_TYPES, KeyValue)
"""Decodes an AWS answer to the GraphQL type of a kind."""
