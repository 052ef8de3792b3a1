"""Fill in the fields that are worked out from others, wherever an object is made."""

from functools import cache
from typing import Any

from strawberry.types.base import get_object_definition

from gateway.schema.fields import SOURCE, Derived


@cache
def derivations(cls: type) -> tuple[tuple[str, str, Derived], ...]:
    """Return the derived fields of a type: attribute, GraphQL name and declaration."""
    return tuple(
        (field.python_name, field.graphql_name or "", source)
        for field in get_object_definition(cls, strict=True).fields
        if isinstance(source := field.metadata.get(SOURCE), Derived)
    )


def derive(cls: type, values: dict[str, Any]) -> dict[str, Any]:
    """Add to the attributes of an object of `cls` those that are derived, and return them."""
    for attribute, _, source in derivations(cls):
        value = values.get(source.attribute)
        if value is not None:
            values[attribute] = source.derive(value)
    return values
