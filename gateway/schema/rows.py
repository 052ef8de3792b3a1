"""The fields that a row of AWS's lists, or a record of Search, answers without a describe.

When the describe of a row fails, an object with the row's values stands for the resource.
"""

from functools import cache
from typing import Any

from strawberry.types.base import get_object_definition

from gateway.aws.resources import Resource
from gateway.schema.decode import member_of
from gateway.schema.fields import SOURCE, Derived, Member
from gateway.schema.identity import ROOT_TYPES, RootType
from gateway.schema.references import Reference

_TIMES = frozenset({"CreationTime", "LastModifiedTime"})


def row_members(resource: Resource) -> frozenset[str]:
    """Return the members of a list's row that have the same value in the describe."""
    identity = {resource.arn, resource.name, resource.status}
    times = (
        member_of(field)
        for field in _fields(ROOT_TYPES[resource.arn_type])
        if isinstance(field.metadata.get(SOURCE), Member) and member_of(field) in _TIMES
    )
    return frozenset({*identity, *times, *resource.listing.members})


@cache
def answered_by_row(resource: Resource) -> frozenset[str]:
    """Return the GraphQL fields that a row answers, including references."""
    return _answered(ROOT_TYPES[resource.arn_type], row_members(resource))


@cache
def answered_by_search(root: RootType) -> frozenset[str]:
    """Return the GraphQL fields that Search answers; none where Search cannot find the resource."""
    search = root.resource.search
    if search is None:
        return frozenset()
    return _answered(root, search.members) - spelled_by_describe(root.resource)


@cache
def spelled_by_describe(resource: Resource) -> frozenset[str]:
    """Return the GraphQL fields that need the resource's ARN in the right letter case."""
    return frozenset(
        field.graphql_name
        for field in _fields(ROOT_TYPES[resource.arn_type])
        if isinstance(source := field.metadata.get(SOURCE), Reference) and source.needs_spelling
    )


def partial(resource: Resource, row: Any, error: Exception) -> Any:
    """Return an object with the values of `row`; reading another member raises `error`."""
    remainder: Any = object.__new__(_partial_type(resource))
    vars(remainder).update(vars(row))
    remainder.failure = error
    return remainder


@cache
def _partial_type(resource: Resource) -> type:
    """Return a subtype of the resource's type whose other members raise an error."""

    def fail(self: Any) -> Any:
        raise self.failure

    def ignore(self: Any, value: Any) -> None:
        """Ignore the value that the constructor sets."""

    root = ROOT_TYPES[resource.arn_type]
    held = _held(root, row_members(resource))
    missing = {
        field.python_name: property(fail, ignore)
        for field in _fields(root)
        if isinstance(field.metadata.get(SOURCE), Member) and field.python_name not in held
    }
    return type(root.cls.__name__, (root.cls,), missing)


def _answered(root: RootType, members: frozenset[str]) -> frozenset[str]:
    held = _held(root, members)
    return frozenset({"__typename"}) | {
        field.graphql_name
        for field in _fields(root)
        if field.python_name in held
        or (
            isinstance(source := field.metadata.get(SOURCE), Derived | Reference)
            and held.issuperset(source.attributes)
        )
    }


def _held(root: RootType, members: frozenset[str]) -> frozenset[str]:
    """Return the attributes that read one of `members`."""
    return frozenset(
        field.python_name
        for field in _fields(root)
        if isinstance(field.metadata.get(SOURCE), Member) and member_of(field) in members
    )


def _fields(root: RootType) -> list[Any]:
    return list(get_object_definition(root.cls, strict=True).fields)
