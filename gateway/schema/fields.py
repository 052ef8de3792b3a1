"""What type modules are written in: `structure`, `member` and `derived`; `link`, `beside` and more.

A field declares where its value comes from and does not decide how it is fetched. The Strawberry
resolver and the compiled plan are both derived from the same declaration, kept in the field's
`metadata` under `SOURCE`.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, dataclass_transform

import strawberry
from strawberry.types.base import get_object_definition

from gateway.aws.pagination.query import Listing
from gateway.aws.resources import Resource
from gateway.schema.naming import aws_member, field_name

SOURCE: Final = "source"
T = TypeVar("T", bound=type)


@dataclass(frozen=True, slots=True)
class Member:
    """A field that is read from one member of the AWS structure around it."""

    name: str | None
    """The AWS member, or `None` where the naming rule finds it from the attribute."""
    most: int | None = None
    """How many items AWS answers with at most, in a list whose items lead on."""


@dataclass(frozen=True, slots=True)
class Link:
    """A field that leads to the resource whose ARN stands in another attribute of its type."""

    arn: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A field that is worked out from another attribute of its type, without AWS."""

    attribute: str
    derive: Callable[[str], Any]
    """From that attribute's value; never called without one."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A field that holds what AWS keeps beside an object of its type, and tells in other calls."""

    attributes: tuple[str, ...]
    """Those of the object that say which calls."""
    locate: Callable[..., Any]
    """From the reader, their values and, for a list, its arguments to the key of an entry."""
    operation: str = ""
    """AWS's, but for a list, which has its own."""
    most: int = 0
    """How many calls of it there are at most."""
    listing: Listing | None = None
    """The list that it holds a page of."""

    def key(self, reader: Any, root: Any, *arguments: Any) -> Any:
        """Return under what the entry is cached, `None` where there is nothing beside `root`.

        Raises `CodedError`, and what reading an attribute of a row raises that has not all.
        """
        values = (getattr(root, attribute) for attribute in self.attributes)
        return self.locate(reader, *values, *arguments)


@dataclass(frozen=True, slots=True)
class ByName:
    """A root field that finds a resource by its arguments `name` and `region`."""

    resource: Resource


@dataclass(frozen=True, slots=True)
class ByArn:
    """A root field that finds a resource by its argument `id`, or several by `ids`."""

    many: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """A subscription's field: a resource by name, again whenever its status changes."""

    resource: Resource


@dataclass(frozen=True, slots=True)
class Own:
    """A field of a type that is no structure of AWS's: it holds the attribute of its name."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A field that holds rows of a list, described where the selection asks for more."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A root field that holds a list of resources in pages."""

    listing: Listing


def member(
    description: str,
    *,
    aws: str | None = None,
    name: str | None = None,
    most: int | None = None,
) -> Any:
    """Declare a field that holds one AWS member.

    `aws` is given where the attribute in Pascal case is not the member (`VolumeSizeInGB`), `name`
    where the GraphQL field is not the member with its first word lowered (`id`), `most` for a list
    whose items lead to other resources: how many AWS answers with.
    """
    return strawberry.field(
        name=name or (aws and field_name(aws)),
        description=description,
        default=None,
        metadata={SOURCE: Member(aws, most)},
    )


def derived(attribute: str, derive: Callable[[str], Any], description: str) -> Any:
    """Declare a field that holds what `derive` makes of another attribute."""
    return strawberry.field(
        description=description,
        default=None,
        metadata={SOURCE: Derived(attribute, derive)},
    )


@dataclass_transform(kw_only_default=True, field_specifiers=(member, derived))
def structure(cls: T) -> T:
    """Register an AWS structure as an object type, described by its docstring."""
    registered = strawberry.type(cls, description=inspect.getdoc(cls))
    for field in get_object_definition(registered, strict=True).fields:
        field.graphql_name = field.graphql_name or field_name(aws_member(field.python_name))
    return registered
