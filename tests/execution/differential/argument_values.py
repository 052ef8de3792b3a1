"""Generates values of arguments and variables, and writes them as GraphQL literals."""

import json
from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)

from gateway.schema.registry import RESOURCES

from .arn_values import draw_arn
from .choices import Choices
from .cursor_values import cursors
from .fake_sagemaker import REGION, SERVED_REGIONS, existing_names

_NAMES: Final = {
    resource.type_name: (
        *existing_names(resource, REGION),
        *existing_names(resource, "us-east-1"),
        "deleted-last-month",
    )
    for resource in RESOURCES
}
_ODD_NAMES: Final = (
    *(known[0] for known in _NAMES.values()),
    "",
    "-starts-with-a-hyphen",
    "a" * 63,
    "a" * 64,
    "\u00fcmlaut \U0001f600",
    'quote"back\\slash\n\x00',
)
_REGIONS: Final = (
    REGION,
    REGION,
    *SERVED_REGIONS[:2] * 3,
    "ap-south-1",
    "mars-north-1",
    "EU-WEST-1",
    "",
)
_OF_NO_TYPE: Final[tuple[Any, ...]] = (
    None,
    7,
    1.5,
    True,
    "text",
    [],
    [None],
    ["text", 7, 1.5, [True]],
    [1.5] * 60,
    {},
    {"a": [1]},
)
_NUMBERS: Final = (1, 2, 100, 3, 5, 11, 0, -1, 101, 2**31, "7", 1.5)
_INSTANTS: Final = (
    "2026-03-01T00:00:00Z",
    "2026-03-04T12:00:00+02:00",
    "2026-03-04T11:00:00Z",
    "2026-03-03T12:00:00Z",
    "2026-02-27T00:00:00.5-08:00",
    "0001-01-01T00:00:00+14:00",
    "yesterday",
)
_PARTS: Final = ("a", "e", "-", "job", "s", "", "no such part", "nothing-like-this")


class EnumName(str):
    """A value of an enum: in a document it stands without quotes."""

    __slots__ = ()


def draw_value(choices: Choices, type_: GraphQLInputType, argument: str, returned: str) -> Any:
    """Return a JSON value for an argument of a field whose type is called `returned`."""
    if isinstance(type_, GraphQLNonNull):
        return _present(choices, type_.of_type, argument, returned)
    return None if choices.chance(15) else _present(choices, type_, argument, returned)


def draw_mistyped_value(choices: Choices) -> Any:
    """Return a JSON value that is of hardly any type."""
    return choices.pick(_OF_NO_TYPE)


def _present(choices: Choices, type_: Any, argument: str, returned: str) -> Any:
    if isinstance(type_, GraphQLList):
        if choices.chance(8):
            return _present(choices, _nullable(type_.of_type), argument, returned)
        items = [
            draw_value(choices, type_.of_type, argument, returned)
            for _ in range(choices.number_below(5))
        ]
        if items and choices.chance(15):
            return items * choices.pick((2, 3, 101 if len(items) == 1 else 40))
        return items
    if isinstance(type_, GraphQLEnumType):
        return EnumName(choices.pick(tuple(type_.values)))
    if isinstance(type_, GraphQLInputObjectType):
        return {
            name: draw_value(choices, field.type, name, returned)
            for name, field in type_.fields.items()
            if is_required_input_field(field) or choices.chance(30)
        }
    return _scalar(choices, type_.name, argument, returned)


def _scalar(choices: Choices, type_: str, argument: str, returned: str) -> Any:  # noqa: PLR0911  # a type each
    if type_ == "Boolean":
        return choices.chance(50)
    if type_ in {"Int", "Long", "Float"}:
        return choices.pick(_NUMBERS)
    if type_ == "DateTime":
        return choices.pick(_INSTANTS)
    if type_ == "ID":
        return 7 if choices.chance(1) else draw_arn(choices)
    if argument == "region":
        return choices.pick(_REGIONS)
    if argument == "after" and choices.chance(85):
        return choices.pick(cursors(returned))
    if argument.startswith("nameContains"):
        return choices.pick(_PARTS)
    if argument == "name" and returned in _NAMES and choices.chance(92):
        return choices.pick(_NAMES[returned])
    return choices.pick(_ODD_NAMES)


def _nullable(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def literal(value: Any) -> str:
    """Return how a JSON value is written in a document."""
    if isinstance(value, EnumName):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {literal(inside)}' for name, inside in value.items())}}}"
    return json.dumps(value)
