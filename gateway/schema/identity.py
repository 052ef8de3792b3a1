"""The types of resources: finds a type by ARN, and knows the fields that an ARN answers alone."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

import strawberry
from strawberry.types.base import get_object_definition

from gateway.aws.arn import console_page
from gateway.aws.resources import Child, Resource
from gateway.schema.fields import derived, field_name, structure
from gateway.schema.scopes import scopes_of

T = TypeVar("T", bound=type)


@strawberry.interface(
    description="A resource with an identity of its own; `node(id:)` finds it again."
)
class Node:
    """Source: https://relay.dev/graphql/objectidentification.htm."""

    id: strawberry.ID = strawberry.field(description="The ARN, unique across all of AWS.")


@dataclass(frozen=True, eq=False)
class RootType:
    """The GraphQL type of a resource."""

    resource: Resource
    cls: type

    @cached_property
    def answered_by_arn(self) -> frozenset[str]:
        """The GraphQL fields that the ARN alone answers.

        The name is one of them only where its letter case is certain: AWS answers with ARNs in
        lower case although names have capitals.
        """
        return frozenset({"__typename", "id", field_name(self.resource.arn)})

    def is_answered_by_arn(self, fields: AbstractSet[str], *, name: str | None = None) -> bool:
        """Tell whether the ARN alone answers all of `fields` (GraphQL names).

        `name` is the name in the ARN, if its letter case is certain.
        """
        more = fields - self.answered_by_arn
        return not more or (name is not None and more == {field_name(self.resource.name)})

    def from_arn(self, text: str, *, name: str | None = None) -> Any:
        """Return an object with the ARN and, if it is certain, the `name`; it has nothing else."""
        held = self.cls(**dict.fromkeys(self._arn_attributes, text))
        if name is not None:
            setattr(held, self._name_attribute, name)
        return held

    @cached_property
    def _name_attribute(self) -> str:
        fields = get_object_definition(self.cls, strict=True).fields
        wanted = field_name(self.resource.name)
        return next(field.python_name for field in fields if field.graphql_name == wanted)

    @cached_property
    def _arn_attributes(self) -> tuple[str, ...]:
        fields = get_object_definition(self.cls, strict=True).fields
        return tuple(
            field.python_name
            for field in fields
            if field.graphql_name in self.answered_by_arn - {"__typename"}
        )


ROOT_TYPES: Final[dict[str, RootType]] = {}
"""The root types by ARN type. `root_type` adds to it."""


def root_type(resource: Resource) -> Callable[[T], T]:
    """Return a decorator that registers the structure of the describe of `resource`."""

    def register(cls: T) -> T:
        registered = structure(cls, [scopes_of(resource)])
        ROOT_TYPES[resource.arn_type] = RootType(resource, registered)
        return registered

    return register


CHILD_TYPES: Final[dict[Child, type]] = {}
"""The types of rows. `child_type` adds to it."""


def child_type(child: Child) -> Callable[[T], T]:
    """Return a decorator that registers the structure of a row of `child`."""

    def register(cls: T) -> T:
        registered = CHILD_TYPES[child] = structure(cls, [scopes_of(child)])
        return registered

    return register


def root_type_named(type_name: str) -> RootType | None:
    """Return the root type of that GraphQL name, `None` where no resource has it."""
    return next(
        (each for each in ROOT_TYPES.values() if each.resource.type_name == type_name), None
    )


def console_url(page: str | None, name: str, description: str) -> Any:
    """Declare the field with the URL of a resource in AWS's console.

    `page` is the console's word for such resources, `None` if the console has no page for one;
    `name` is the attribute with the resource's name.
    """

    def derive(arn: str, name: str) -> str | None:
        return None if page is None else console_page(arn, name, page)

    return derived(("id", name), derive, description)
