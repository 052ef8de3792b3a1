"""Build the schema of all resources, and print it as the text of `schema.graphql`."""

import json
from typing import Any, Final

import strawberry
from graphql import GraphQLSchema, introspection_from_schema
from strawberry.schema.config import StrawberryConfig

from gateway.schema.registry import ROOTS
from gateway.schema.root_fields import build_query, build_subscription
from gateway.schema.scalars import scalars


def _build(*, long_as_text: bool = False, incremental: bool = True) -> strawberry.Schema:
    return strawberry.Schema(
        build_query(ROOTS),
        subscription=build_subscription(ROOTS),
        config=StrawberryConfig(
            scalar_map=scalars(long_as_text=long_as_text),
            enable_experimental_incremental_execution=incremental,
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


def print_schema(*, incremental: bool = True) -> str:
    """Return the schema in GraphQL's definition language, as in `schema.graphql`.

    Unless it is to be `incremental`, `@defer` and `@stream` are left out.
    """
    return _printed(incremental).as_str() + "\n"


def introspect_schema(*, incremental: bool = True) -> str:
    """Return the result of introspection as JSON: an object with the key `__schema`."""
    # Deprecated directives are a draft, which most tools do not know.
    schema: Any = _printed(incremental)._schema  # noqa: SLF001  # as above
    result = introspection_from_schema(schema, experimental_directive_deprecation=False)
    return json.dumps(result, indent=2) + "\n"


def _printed(incremental: bool) -> strawberry.Schema:  # noqa: FBT001  # private
    return SCHEMA if incremental else _build(incremental=False)
