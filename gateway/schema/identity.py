"""What of a resource stands in its ARN already, and so costs no AWS call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from strawberry.types.base import get_object_definition

from gateway.aws.arn import Arn
from gateway.aws.resources import Resource
from gateway.schema.derive import derivations, derive
from gateway.schema.fields import structure
from gateway.schema.naming import field_name

T = TypeVar("T", bound=type)


@dataclass(frozen=True, slots=True)
class Identity:
    """A GraphQL type whose objects are named by ARNs of one type."""

    cls: type
    type_name: str
    arn_type: str
    arn_field: str
    name_field: str
    answered: frozenset[str]
    """The GraphQL fields that the ARN alone answers."""

    def answers(self, fields: set[str]) -> bool:
        """Tell whether the ARN alone answers all of `fields` (GraphQL names)."""
        return fields <= self.answered

    def from_arn(self, text: str, arn: Arn) -> Any:
        """Return an object that holds what its ARN says."""
        values = {"id": text, self.arn_field: text, self.name_field: arn.name}
        fields = get_object_definition(self.cls, strict=True).fields
        attributes = {
            field.python_name: values[field.graphql_name]
            for field in fields
            if field.graphql_name in values
        }
        return self.cls(**derive(self.cls, attributes))


IDENTITIES: Final[dict[str, Identity]] = {}
"""By ARN type; filled by the decorators below."""


def identified(*, arn_type: str, arn: str, name: str) -> Callable[[T], T]:
    """Register a structure whose AWS members `arn` and `name` are what its ARN says."""

    def register(cls: T) -> T:
        registered = structure(cls)
        type_name = get_object_definition(registered, strict=True).name
        own = {"id", field_name(arn), field_name(name)}
        answered = frozenset({"__typename"} | own | _derived_from(registered, own))
        IDENTITIES[arn_type] = Identity(
            registered, type_name, arn_type, field_name(arn), field_name(name), answered
        )
        return registered

    return register


def _derived_from(cls: type, known: set[str]) -> set[str]:
    """Return the fields of `cls` that are worked out from the fields `known` alone."""
    fields = get_object_definition(cls, strict=True).fields
    attributes = {field.python_name for field in fields if field.graphql_name in known}
    return {name for _, name, source in derivations(cls) if source.attribute in attributes}


def root_type(resource: Resource) -> Callable[[T], T]:
    """Register the structure that AWS describes `resource` with."""
    return identified(arn_type=resource.arn_type, arn=resource.arn, name=resource.name)
