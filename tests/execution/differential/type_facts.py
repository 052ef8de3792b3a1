"""What the generators need to know of each type in the schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)
from graphql.utilities import do_types_overlap

from gateway.schema.schema import CORE_SCHEMA

_LEFT_OUT: Final[frozenset[tuple[str, str]]] = frozenset()
"""Types and fields that graphql-core alone executes so far: nothing can differ."""

_TYPES: Final[Mapping[str, GraphQLCompositeType]] = {
    name: type_
    for name, type_ in CORE_SCHEMA.type_map.items()
    if is_composite_type(type_) and not name.startswith("__")
}


@dataclass(frozen=True)
class TypeFacts:
    """The fields of a composite type, sorted by what it costs to select them."""

    name: str
    fields: Mapping[str, GraphQLField]
    leaves: tuple[str, ...]
    deep: tuple[str, ...]
    """The fields that hold objects."""
    onward: tuple[str, ...]
    """Those of them that take another AWS call, at once or further on."""
    identity: tuple[str, ...]
    """The leaves that an ARN may answer, and some that look like them."""
    conditions: tuple[str, ...]
    """The type conditions that fragments inside may have, its own name first."""


def _fields(type_: GraphQLNamedType) -> Mapping[str, GraphQLField]:
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return {}
    return {
        name: field for name, field in type_.fields.items() if (type_.name, name) not in _LEFT_OUT
    }


def _conditions(type_: GraphQLCompositeType) -> tuple[str, ...]:
    others = (
        name
        for name, other in _TYPES.items()
        if other is not type_ and do_types_overlap(CORE_SCHEMA, type_, other)
    )
    return (type_.name, *others)


def _below() -> Mapping[str, set[str]]:
    """Return the composite types that can be met at or below a type, by its name."""
    found = {name: {name} for name in _TYPES}
    for _ in _TYPES:
        for name, type_ in _TYPES.items():
            for field in _fields(type_).values():
                found[name] |= found.get(get_named_type(field.type).name, set())
    return found


_BELOW: Final = _below()
# Resources are the types that abstract types have for members.
_RESOURCES: Final = {
    name for name, type_ in _TYPES.items() if is_abstract_type(type_) or len(_conditions(type_)) > 1
}

_LIKE_IDENTITY: Final = ("id", "Arn", "Name", "Status", "consoleUrl")


def _facts(type_: GraphQLCompositeType) -> TypeFacts:
    fields = _fields(type_)
    types = {name: get_named_type(field.type) for name, field in fields.items()}
    leaves = tuple(name for name in fields if is_leaf_type(types[name]))
    deep = tuple(name for name in fields if name not in leaves)
    return TypeFacts(
        name=type_.name,
        fields=fields,
        leaves=leaves,
        deep=deep,
        onward=tuple(
            name
            for name in deep
            if name in {"tags", "pageInfo"} or _BELOW[types[name].name] & _RESOURCES
        ),
        identity=tuple(name for name in leaves if name.endswith(_LIKE_IDENTITY)),
        conditions=_conditions(type_),
    )


TYPE_FACTS: Final[Mapping[str, TypeFacts]] = {name: _facts(type_) for name, type_ in _TYPES.items()}
