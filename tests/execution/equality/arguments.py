"""Values for arguments and variables, and how they stand in a document."""

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

from gateway.aws.resources import RESOURCES

from .arns import draw_arn
from .cursors import cursors
from .dice import Dice
from .upstream import REGION, SERVED_REGIONS, names

_NAMES: Final = {
    resource.type_name: (
        *names(resource, REGION),
        *names(resource, "us-east-1"),
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


def draw_value(dice: Dice, type_: GraphQLInputType, argument: str, returned: str) -> Any:
    """Return a JSON value for an argument of a field whose type is called `returned`."""
    if isinstance(type_, GraphQLNonNull):
        return _present(dice, type_.of_type, argument, returned)
    return None if dice.chance(15) else _present(dice, type_, argument, returned)


def draw_misfit(dice: Dice) -> Any:
    """Return a JSON value that is of hardly any type."""
    return dice.pick(_OF_NO_TYPE)


def _present(dice: Dice, type_: Any, argument: str, returned: str) -> Any:
    if isinstance(type_, GraphQLList):
        if dice.chance(8):
            return _present(dice, _nullable(type_.of_type), argument, returned)
        items = [draw_value(dice, type_.of_type, argument, returned) for _ in range(dice.below(5))]
        if items and dice.chance(15):
            return items * dice.pick((2, 3, 101 if len(items) == 1 else 40))
        return items
    if isinstance(type_, GraphQLEnumType):
        return EnumName(dice.pick(tuple(type_.values)))
    if isinstance(type_, GraphQLInputObjectType):
        return {
            name: draw_value(dice, field.type, name, returned)
            for name, field in type_.fields.items()
            if is_required_input_field(field) or dice.chance(30)
        }
    return _scalar(dice, type_.name, argument, returned)


def _scalar(dice: Dice, type_: str, argument: str, returned: str) -> Any:  # noqa: PLR0911  # a type each
    if type_ == "Boolean":
        return dice.chance(50)
    if type_ in {"Int", "Long", "Float"}:
        return dice.pick(_NUMBERS)
    if type_ == "DateTime":
        return dice.pick(_INSTANTS)
    if type_ == "ID":
        return 7 if dice.chance(1) else draw_arn(dice)
    if argument == "region":
        return dice.pick(_REGIONS)
    if argument == "after" and dice.chance(85):
        return dice.pick(cursors(returned))
    if argument.startswith("nameContains"):
        return dice.pick(_PARTS)
    if argument == "name" and returned in _NAMES and dice.chance(92):
        return dice.pick(_NAMES[returned])
    return dice.pick(_ODD_NAMES)


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
