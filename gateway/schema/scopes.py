"""The scopes that types and fields of the schema require, as Apollo's directives say them.

Source: https://www.apollographql.com/docs/graphos/routing/security/authorization
"""

from typing import Any, Final

import strawberry
from graphql import GraphQLField, GraphQLNamedType, get_named_type
from strawberry.schema_directive import Location

from gateway.aws.resources import Child, Resource
from gateway.errors import Code, CodedError
from gateway.grants import READ, Grants

# Under this name Strawberry leaves its own definitions in those that it makes for graphql-core.
_DEFINITION: Final = "strawberry-definition"
_LOCATIONS: Final = [
    Location.OBJECT,
    Location.FIELD_DEFINITION,
    Location.INTERFACE,
    Location.SCALAR,
    Location.ENUM,
]


@strawberry.schema_directive(
    locations=_LOCATIONS,
    name="authenticated",
    description="Only callers who have shown who they are get the field or the type.",
)
class Authenticated:
    """Without arguments."""


@strawberry.schema_directive(
    locations=_LOCATIONS,
    name="requiresScopes",
    description="Only callers with all scopes of one of the lists get the field or the type.",
)
class RequiresScopes:
    """One of the lists must be granted whole."""

    scopes: list[list[str]]


class UnauthorizedFieldOrType(CodedError):
    """The caller may not see the field, or the type of what it leads to."""

    code = Code.UNAUTHORIZED_FIELD_OR_TYPE

    def __init__(self) -> None:
        super().__init__("The caller has no scope for this field or its type.")


def scopes_of(kind: Resource | Child) -> RequiresScopes:
    """Return the directive of a kind of resource, or of a kind of row."""
    return RequiresScopes(scopes=[[READ], [kind.scope]])


def is_type_granted(type_: GraphQLNamedType, grants: Grants) -> bool:
    """Tell whether a caller with `grants` gets objects of the type."""
    return grants.has_everything or _meets(type_.extensions, grants)


def is_field_granted(definition: GraphQLField, grants: Grants) -> bool:
    """Tell whether a caller with `grants` gets the field, and objects of its type."""
    return grants.has_everything or (
        _meets(definition.extensions, grants)
        and _meets(get_named_type(definition.type).extensions, grants)
    )


def _meets(extensions: Any, grants: Grants) -> bool:
    directives: Any = getattr(extensions.get(_DEFINITION), "directives", None) or ()
    return all(_meets_directive(each, grants) for each in directives)


def _meets_directive(directive: object, grants: Grants) -> bool:
    if isinstance(directive, RequiresScopes):
        return grants.meets(tuple(map(frozenset, directive.scopes)))
    return grants.is_authenticated or not isinstance(directive, Authenticated)
