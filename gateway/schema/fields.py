"""What type modules are written in: `structure`, `member`, `derived` and `own`.

A field declares where its value comes from and does not decide how it is fetched. The Strawberry
resolver and the compiled operation both follow the same declaration, which stands in the field's
`metadata` under `SOURCE`. Fields that lead to other AWS answers are in `gateway.schema.references`.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, dataclass_transform

import strawberry
from strawberry.types.base import get_object_definition

from gateway.schema.naming import aws_member, field_name

SOURCE: Final = "source"
T = TypeVar("T", bound=type)


@dataclass(frozen=True, slots=True)
class Member:
    """A field that is read from one member of the AWS structure around it."""

    name: str | None
    """The AWS member, or `None` where the naming rule finds it from the attribute."""
    most: int | None = None
    """How many items AWS answers with at most, in a list whose items have references."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A field that is worked out from other attributes of its type, without AWS."""

    attributes: tuple[str, ...]
    derive: Callable[..., Any]
    """From the values of the attributes; not called where one of them is null."""

    def value(self, root: Any) -> Any:
        """Return the field's value. Raises what reading an attribute raises."""
        values = [getattr(root, attribute) for attribute in self.attributes]
        return None if None in values else self.derive(*values)


@dataclass(frozen=True, slots=True)
class Own:
    """A field of a type that is no structure of AWS's: it holds the attribute of its name."""


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
    whose items have references: how many AWS answers with.
    """
    return strawberry.field(
        name=name or (aws and field_name(aws)),
        description=description,
        default=None,
        metadata={SOURCE: Member(aws, most)},
    )


def derived(
    attributes: tuple[str, ...],
    derive: Callable[..., Any],
    description: str,
    *,
    name: str | None = None,
) -> Any:
    """Declare a field that holds what `derive` makes of other attributes, when it is selected."""
    source = Derived(attributes, derive)

    def resolve(root: Any) -> Any:
        return source.value(root)

    return strawberry.field(
        resolver=resolve, name=name, description=description, metadata={SOURCE: source}
    )


def own(description: str) -> Any:
    """Declare a field that holds the attribute of its name."""
    return strawberry.field(description=description, metadata={SOURCE: Own()})


@dataclass_transform(kw_only_default=True, field_specifiers=(member,))
def structure(cls: T) -> T:
    """Register an AWS structure as an object type, described by its docstring."""
    registered = strawberry.type(cls, description=inspect.getdoc(cls))
    for field in get_object_definition(registered, strict=True).fields:
        field.graphql_name = field.graphql_name or field_name(aws_member(field.python_name))
    return registered
