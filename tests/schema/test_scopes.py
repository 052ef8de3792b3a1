"""Types and fields of the schema say which scopes they require, and both executors obey."""

import json
from typing import Any

import pytest
from graphql import GraphQLField as Field
from graphql import GraphQLObjectType, is_non_null_type

from gateway.grants import READ, SECRETS, Grants, grants_of
from gateway.schema.registry import CHILDREN, RESOURCES
from gateway.schema.schema import CORE_SCHEMA, print_schema
from gateway.schema.scopes import is_field_granted

NOTHING = grants_of(frozenset())
UNKNOWN = grants_of(frozenset(), is_authenticated=False)


def fields() -> list[tuple[str, str, Field]]:
    """Return every field of every object type, but for those of introspection."""
    return [
        (type_.name, name, definition)
        for type_ in CORE_SCHEMA.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name, definition in type_.fields.items()
    ]


def test_schema_names_scopes() -> None:
    """Each kind of resource, and of row, requires the scope for all kinds or its own."""
    printed = print_schema()
    for type_name, scope in [(each.type_name, each.scope) for each in RESOURCES] + [
        (each.type_name, each.scope) for each in CHILDREN
    ]:
        directive = f'@requiresScopes(scopes: [["{READ}"], ["{scope}"]])'
        head = next(line for line in printed.splitlines() if line.startswith(f"type {type_name} "))
        assert directive in head


def test_what_requires_scopes_can_be_null() -> None:
    """A field that a caller may not see is null, so its type allows null."""
    required = [
        (type_name, name, definition)
        for type_name, name, definition in fields()
        if not is_field_granted(definition, NOTHING) and not is_reached_by_rows(type_name)
    ]

    assert len(required) > 20
    assert not [each for *each, definition in required if is_non_null_type(definition.type)]


def is_reached_by_rows(type_name: str) -> bool:
    """Tell whether only a connection, which requires the same scopes, leads to the type."""
    return type_name.endswith(("Connection", "Edge"))


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.type_name)
def test_one_scope_grants_one_kind(resource: Any) -> None:
    """The scope of a kind grants the root fields of the kind and no other's."""
    grants = grants_of(frozenset({resource.scope, SECRETS}))
    granted = {
        name
        for type_name, name, definition in fields()
        if type_name == "Query" and is_field_granted(definition, grants)
    }

    assert len(granted) == 4
    assert {"node", "nodes"} <= granted


def test_nodes_are_for_callers_who_are_known() -> None:
    """`node` and `nodes` need no scope of their own, but a caller who has shown who it is."""
    node = CORE_SCHEMA.query_type.fields["node"] if CORE_SCHEMA.query_type else None
    assert node is not None
    assert is_field_granted(node, NOTHING)
    assert not is_field_granted(node, UNKNOWN)


def test_grants_are_shared() -> None:
    """Callers with the same scopes have the same grants."""
    again: Grants = grants_of(frozenset(json.loads("[]")))
    assert again is NOTHING
    assert grants_of(frozenset({READ})) is grants_of(frozenset({READ}))
