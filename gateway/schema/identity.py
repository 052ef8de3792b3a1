"""Types of resources that have an ARN: how the ARN finds the type, and what it answers alone."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

import strawberry
from strawberry.types.base import get_object_definition

from gateway.aws.arn import console_page
from gateway.aws.resources import Child, Resource
from gateway.schema.fields import derived, structure
from gateway.schema.naming import field_name

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

        The name is not among them: AWS answers with ARNs in lower case where names are not.
        """
        return frozenset({"__typename", "id", field_name(self.resource.arn)})

    def is_answered_by_arn(self, fields: AbstractSet[str]) -> bool:
        """Tell whether the ARN alone answers all of `fields` (GraphQL names)."""
        return fields <= self.answered_by_arn

    def from_arn(self, text: str) -> Any:
        """Return an object that holds the ARN and nothing else."""
        return self.cls(**dict.fromkeys(self._arn_attributes, text))

    @cached_property
    def _arn_attributes(self) -> tuple[str, ...]:
        fields = get_object_definition(self.cls, strict=True).fields
        return tuple(
            field.python_name
            for field in fields
            if field.graphql_name in self.answered_by_arn - {"__typename"}
        )


ROOT_TYPES: Final[dict[str, RootType]] = {}
"""By ARN type; filled by `root_type`."""


def root_type(resource: Resource) -> Callable[[T], T]:
    """Register the structure that AWS describes `resource` with."""

    def register(cls: T) -> T:
        registered = structure(cls)
        ROOT_TYPES[resource.arn_type] = RootType(resource, registered)
        return registered

    return register


CHILD_TYPES: Final[dict[Child, type]] = {}
"""Filled by `child_type`."""


def child_type(child: Child) -> Callable[[T], T]:
    """Register the structure that a row of the list of `child` holds."""

    def register(cls: T) -> T:
        registered = CHILD_TYPES[child] = structure(cls)
        return registered

    return register


def root_type_named(type_name: str) -> RootType | None:
    """Return the root type of that GraphQL name, `None` where no resource has it."""
    return next(
        (each for each in ROOT_TYPES.values() if each.resource.type_name == type_name), None
    )


def console_url(page: str | None, name: str, description: str) -> Any:
    """Declare the field that holds the address of a resource in AWS's console.

    `page` is the console's own word for such resources, `None` where it has no page that the ARN
    leads to; `name` is the attribute that holds the resource's name.
    """

    def derive(arn: str, name: str) -> str | None:
        return None if page is None else console_page(arn, name, page)

    return derived(("id", name), derive, description)
