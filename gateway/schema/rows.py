"""What the rows of AWS's lists answer of a resource, and what remains when the rest fails."""

from functools import cache
from typing import Any

from strawberry.types.base import get_object_definition

from gateway.aws.pagination.query import Listing
from gateway.aws.resources import Searched
from gateway.schema.decode import member_of
from gateway.schema.fields import SOURCE, Beside, Derived, Link, Member
from gateway.schema.identity import IDENTITIES


@cache
def answered(listing: Listing | Searched) -> frozenset[str]:
    """Return the GraphQL fields that a row or record answers, those included that lead on."""
    held = row_attributes(listing)
    names = {"__typename"}
    for field in _fields(listing):
        assert field.graphql_name is not None
        if field.python_name in held or _stands_on(field.metadata.get(SOURCE), held):
            names.add(field.graphql_name)
    return frozenset(names)


@cache
def row_attributes(listing: Listing | Searched) -> frozenset[str]:
    """Return the attributes of an object that a row or record gives values to."""
    return frozenset(
        field.python_name
        for field in _fields(listing)
        if isinstance(field.metadata.get(SOURCE), Member) and member_of(field) in listing.members
    )


def partial(listing: Listing, row: Any, error: Exception) -> Any:
    """Return an object that has what `row` has and raises `error` for what it has not."""
    remainder: Any = object.__new__(_partial_type(listing))
    vars(remainder).update(vars(row))
    remainder.failure = error
    return remainder


@cache
def _partial_type(listing: Listing) -> type:
    """Return a type that stands for the resource's own, with its other members failing."""

    def fail(self: Any) -> Any:
        raise self.failure

    def ignore(self: Any, value: Any) -> None:
        """Take no value: the row has none."""

    held = row_attributes(listing)
    missing = {
        field.python_name: property(fail, ignore)
        for field in _fields(listing)
        if isinstance(source := field.metadata.get(SOURCE), Member | Derived)
        and field.python_name not in held
        and not _stands_on(source, held)
    }
    cls = _type_of(listing)
    return type(cls.__name__, (cls,), missing)


def _stands_on(source: object, held: frozenset[str]) -> bool:
    """Tell whether a field that is no member itself needs no attributes but those held."""
    if isinstance(source, Derived):
        return source.attribute in held
    if isinstance(source, Beside):
        return held.issuperset(source.attributes)
    return isinstance(source, Link) and source.arn in held


def _fields(listing: Listing | Searched) -> list[Any]:
    return list(get_object_definition(_type_of(listing), strict=True).fields)


def _type_of(listing: Listing | Searched) -> type:
    return IDENTITIES[listing.resource.arn_type].cls
