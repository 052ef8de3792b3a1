"""The schema as a whole, and the text that is its contract."""

from collections.abc import Mapping
from typing import Any, Final

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from gateway.aws.resources import CANDIDATE, EXECUTION, Child, Resource, TagList
from gateway.schema.decode import pairs_decoder, structure_decoder
from gateway.schema.identity import IDENTITIES
from gateway.schema.root_fields import Query
from gateway.schema.scalars import SCALARS
from gateway.schema.subscription import Subscription
from gateway.schema.types.auto_ml_candidate import AutoMLCandidate
from gateway.schema.types.common import KeyValue
from gateway.schema.types.monitoring_execution import MonitoringExecutionSummary

SCHEMA: Final = strawberry.Schema(
    Query,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS, enable_experimental_incremental_execution=True),
)

# Strawberry offers no public way to the graphql-core schema that it builds.
CORE_SCHEMA: Final[GraphQLSchema] = SCHEMA._schema  # noqa: SLF001


def print_schema() -> str:
    """Return the schema in GraphQL's definition language, as in `schema.graphql`."""
    return SCHEMA.as_str() + "\n"


_CHILDREN: Final[Mapping[Child, type]] = {
    CANDIDATE: AutoMLCandidate,
    EXECUTION: MonitoringExecutionSummary,
}


def decode(resource: Resource | TagList | Child, answer: Mapping[str, Any]) -> object:
    """Return the object of the resource's or child's type that holds what AWS answered.

    Of tags, which `answer` holds by key, it is the list of their pairs.
    """
    if isinstance(resource, TagList):
        return pairs_decoder(KeyValue)(answer)
    if isinstance(resource, Child):
        return structure_decoder(_CHILDREN[resource])(answer)
    return structure_decoder(IDENTITIES[resource.arn_type].cls)(answer)
