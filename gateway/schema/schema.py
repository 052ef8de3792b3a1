"""Build the schema of all resources, and print it as the text of `schema.graphql`."""

from typing import Final

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from gateway.schema.registry import ROOTS
from gateway.schema.root_fields import build_query, build_subscription
from gateway.schema.scalars import scalars


def _build(*, long_as_text: bool = False) -> strawberry.Schema:
    return strawberry.Schema(
        build_query(ROOTS),
        subscription=build_subscription(ROOTS),
        config=StrawberryConfig(
            scalar_map=scalars(long_as_text=long_as_text),
            enable_experimental_incremental_execution=True,
        ),
    )


SCHEMA: Final = _build()

# Strawberry offers no public way to the graphql-core schema that it builds.
CORE_SCHEMA: Final[GraphQLSchema] = SCHEMA._schema  # noqa: SLF001


def schema_with(*, long_as_text: bool) -> GraphQLSchema:
    """Return the schema whose scalars are written in this way."""
    if not long_as_text:
        return CORE_SCHEMA
    return _build(long_as_text=True)._schema  # noqa: SLF001  # as above


def print_schema() -> str:
    """Return the schema in GraphQL's definition language, as in `schema.graphql`."""
    return SCHEMA.as_str() + "\n"
