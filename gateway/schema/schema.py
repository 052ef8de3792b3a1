"""Build the schema of all resources, and print it as the text of `schema.graphql`."""

from typing import Final

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from gateway.schema.registry import ROOTS
from gateway.schema.root_fields import build_query, build_subscription
from gateway.schema.scalars import SCALARS

SCHEMA: Final = strawberry.Schema(
    build_query(ROOTS),
    subscription=build_subscription(ROOTS),
    config=StrawberryConfig(scalar_map=SCALARS, enable_experimental_incremental_execution=True),
)

# Strawberry offers no public way to the graphql-core schema that it builds.
CORE_SCHEMA: Final[GraphQLSchema] = SCHEMA._schema  # noqa: SLF001


def print_schema() -> str:
    """Return the schema in GraphQL's definition language, as in `schema.graphql`."""
    return SCHEMA.as_str() + "\n"
