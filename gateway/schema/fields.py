"""Declare the types and fields of the schema: `structure`, `member`, `derived` and `own`.

A field declares the source of its value in its `metadata` under `SOURCE`. The Strawberry resolver
and the compiled operation follow the same declaration. Fields that lead to other AWS answers are in
`gateway.schema.references`. Here is also the rule that names fields and attributes after members.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, dataclass_transform

import strawberry
from strawberry.types.base import get_object_definition

SOURCE: Final = "source"
T = TypeVar("T", bound=type)


def aws_member(attribute: str) -> str:
    """Return the AWS member of a Python attribute in snake case: `S3Uri` for `s3_uri`."""
    return "".join(word[:1].upper() + word[1:] for word in attribute.split("_"))


def field_name(member: str) -> str:
    """Return the GraphQL field of an AWS member: `s3Uri` for `S3Uri`."""
    return member[:1].lower() + member[1:]


@dataclass(frozen=True, slots=True)
class Member:
    """The source of a field whose value is one member of the AWS structure."""

    name: str | None
    """The AWS member; `None` if it follows from the attribute by the naming rule."""
    most: int | None = None
    """The most items that AWS answers with, for a list whose items have references."""
    is_secret: bool = False
    """Whether all text below it is secret, but for the keys of pairs."""
    named_by: str | None = None
    """The attribute that names the value: it is secret where the name is that of a secret."""


@dataclass(frozen=True, slots=True)
class Derived:
    """The source of a field that is worked out from other attributes of its object."""

    attributes: tuple[str, ...]
    derive: Callable[..., Any]
    """Returns the field's value for the values of the attributes, none of which is null."""

    def value(self, root: Any) -> Any:
        """Return the field's value. Raises what reading an attribute raises."""
        values = [getattr(root, attribute) for attribute in self.attributes]
        return None if None in values else self.derive(*values)


@dataclass(frozen=True, slots=True)
class Own:
    """The source of a field whose type is not AWS's: the attribute of the same name."""


def member(
    description: str,
    *,
    aws: str | None = None,
    name: str | None = None,
    most: int | None = None,
    is_secret: bool = False,
    named_by: str | None = None,
) -> Any:
    """Declare a field with the value of one AWS member.

    `aws` is given where the attribute in Pascal case is not the member (`VolumeSizeInGB`), `name`
    where the GraphQL field is not the member with its first word lowered (`id`), `most` for a list
    whose items have references: how many AWS answers with. `is_secret` and `named_by` say whether
    callers need a scope to see the value.
    """
    return strawberry.field(
        name=name or (aws and field_name(aws)),
        description=description,
        default=None,
        metadata={SOURCE: Member(aws, most, is_secret, named_by)},
    )


def derived(
    attributes: tuple[str, ...],
    derive: Callable[..., Any],
    description: str,
    *,
    name: str | None = None,
) -> Any:
    """Declare a field that `derive` works out from other attributes, when it is selected."""
    source = Derived(attributes, derive)

    def resolve(root: Any) -> Any:
        return source.value(root)

    return strawberry.field(
        resolver=resolve, name=name, description=description, metadata={SOURCE: source}
    )


def own(description: str) -> Any:
    """Declare a field with the value of the attribute of the same name."""
    return strawberry.field(description=description, metadata={SOURCE: Own()})


@dataclass_transform(kw_only_default=True, field_specifiers=(member,))
def structure(cls: T, directives: Sequence[object] = ()) -> T:
    """Register an AWS structure as an object type, described by its docstring."""
    registered = strawberry.type(cls, description=inspect.getdoc(cls), directives=directives)
    for field in get_object_definition(registered, strict=True).fields:
        field.graphql_name = field.graphql_name or field_name(aws_member(field.python_name))
    return registered
