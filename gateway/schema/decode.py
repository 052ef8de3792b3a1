"""Decode AWS's answers to instances of the Strawberry types.

The decoder of a type is made from its declared fields: no module copies members by hand. A decoded
value always has the declared type, whatever AWS sent, so that executors need not check it.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, Final, cast

import strawberry
from strawberry.types.base import (
    StrawberryList,
    StrawberryOptional,
    StrawberryType,
    get_object_definition,
    has_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from gateway.aws.errors import Unavailable
from gateway.aws.loader import Notice
from gateway.aws.resources import Child, Resource, TagList
from gateway.aws.times import UnreadableTime
from gateway.redaction import SecretText, is_secret_name
from gateway.schema.fields import SOURCE, Member, aws_member
from gateway.schema.scalars import Long

Decoder = Callable[[Any], Any]
_LONGEST_TIME: Final = 40
ITEMS_LEFT_OUT: Final = "ITEMS_LEFT_OUT"
"""The code of the notice about a list of AWS's with items that the schema cannot hold."""
_MOST_INDEXES: Final = 20


class ShortenedList(list[Any]):
    """The items of one of AWS's lists that have a value; no item is null in the schema."""

    def __init__(self, items: Sequence[Any]) -> None:
        super().__init__(item for item in items if item is not None)
        self._total = len(items)
        self._left_out = [index for index, item in enumerate(items) if item is None]

    def notice(self, path: Iterable[str | int]) -> Notice:
        """Return what tells the client of the field at `path` which items it does not see."""
        shown = ", ".join(map(str, self._left_out[:_MOST_INDEXES]))
        more = " and others" if len(self._left_out) > _MOST_INDEXES else ""
        message = (
            f"Of the {self._total} items that AWS answered with, {len(self._left_out)} without a "
            f"value are left out, at index {shown}{more}."
        )
        return Notice(path=list(path), code=ITEMS_LEFT_OUT, message=message)


def decode_by_kind(
    types: Mapping[Resource | Child, type], pair: type
) -> Callable[[Resource | TagList | Child, Mapping[str, Any]], object]:
    """Return the function that decodes an AWS answer to the GraphQL type of a kind.

    It decodes tags, which the answer holds by key, to a list of `pair`.
    """

    def decode(kind: Resource | TagList | Child, answer: Mapping[str, Any]) -> object:
        if isinstance(kind, TagList):
            return pairs_decoder(pair)(answer)
        return structure_decoder(types[kind])(answer)

    return decode


@cache
def structure_decoder(cls: type) -> Decoder:
    """Return the function that decodes an AWS structure to an instance of `cls`."""
    members = [
        (field.python_name, field.type, member_of(field), source)
        for field in get_object_definition(cls, strict=True).fields
        if isinstance(source := field.metadata.get(SOURCE), Member)
    ]
    plan = [
        (attribute, member, _secret_decoder(type_) if source.is_secret else _decoder(type_))
        for attribute, type_, member, source in members
    ]
    named = [(attribute, source.named_by) for attribute, _, _, source in members if source.named_by]

    def decode(answer: Mapping[str, Any]) -> Any:
        get = answer.get
        values = {
            attribute: convert(value)
            for attribute, member, convert in plan
            if (value := get(member)) is not None
        }
        for attribute, name in named:
            if is_secret_name(values.get(name) or ""):
                values[attribute] = _mark_secret(values.get(attribute))
        return cls(**values)

    return decode


@cache
def pairs_decoder(cls: type) -> Decoder:
    """Return the function that decodes an AWS map to a list of pairs, sorted by key."""
    return _list_decoder(cls)


def member_of(field: StrawberryField) -> str:
    """Return the AWS member that a declared field reads."""
    return field.metadata[SOURCE].name or aws_member(field.python_name)


def _decoder(type_: StrawberryType | type) -> Decoder:
    """Return the decoder of a type; it returns `None` for a value of another type."""
    if isinstance(type_, StrawberryOptional):
        return _decoder(type_.of_type)
    if isinstance(type_, StrawberryList):
        return _list_decoder(type_.of_type)
    if isinstance(type_, StrawberryEnumDefinition):
        return _enum_decoder(cast("type[Enum]", type_.wrapped_cls))
    if type_ in _LEAVES:
        return _LEAVES[type_]
    assert isinstance(type_, type), type_
    return _structure_or_none(type_)


def _secret_decoder(type_: StrawberryType | type) -> Decoder:
    """Return the decoder of a type whose text is secret."""
    decode = _decoder(type_)
    return lambda value: _mark_secret(decode(value))


def _mark_secret(value: Any) -> Any:
    """Return a decoded value with `SecretText` for its text, but for the keys of pairs."""
    if isinstance(value, str):
        return SecretText(value)
    if isinstance(value, list):
        value[:] = map(_mark_secret, value)
    elif has_object_definition(value):
        for field in get_object_definition(value, strict=True).fields:
            source = field.metadata.get(SOURCE)
            if isinstance(source, Member) and field.python_name != "key":
                attribute = field.python_name
                setattr(value, attribute, _mark_secret(getattr(value, attribute)))
    return value


def _structure_or_none(cls: type) -> Decoder:
    decode = structure_decoder(cls)
    # A pair without a key is left out: in the GraphQL schema a key is never null.
    required = [
        field.python_name
        for field in get_object_definition(cls, strict=True).fields
        if isinstance(field.metadata.get(SOURCE), Member)
        and not isinstance(field.type, StrawberryOptional)
    ]

    if not required:
        return lambda value: decode(value) if isinstance(value, Mapping) else None

    def decode_whole(value: Any) -> Any:
        found = decode(value) if isinstance(value, Mapping) else None
        is_whole = all(getattr(found, attribute, None) is not None for attribute in required)
        return found if is_whole else None

    return decode_whole


def _enum_decoder(enum: type[Enum]) -> Decoder:
    # The dictionary is several times faster than calling the class, which finds unknown values.
    known = {member.value: member for member in enum}
    return lambda value: known.get(value) or enum(value) if isinstance(value, str) else None


def _list_decoder(type_: StrawberryType | type) -> Decoder:
    decode_item = _decoder(type_)

    def decode(values: Any) -> list[Any] | None:
        if isinstance(values, Mapping):
            values = [{"Key": key, "Value": values[key]} for key in sorted(values)]
        if not isinstance(values, list):
            return None
        items = [decode_item(value) for value in values]
        if None not in items:
            return items
        return ShortenedList(items)

    return decode


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if value.isascii():
        return value
    # JSON can contain half of a surrogate pair; UTF-8 cannot.
    return value.encode("utf-8", "replace").decode()


def _integer(bits: int) -> Decoder:
    limit = 2 ** (bits - 1)

    def decode(value: Any) -> int | None:
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        return value if is_integer and -limit <= value < limit else None

    return decode


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # The comparison is false for NaN, for infinity and for integers beyond all floats.
    return float(value) if is_number and abs(value) <= sys.float_info.max else None


def _boolean(value: Any) -> bool | None:
    # A structure without members is a Boolean field: `{}` is true.
    return value if isinstance(value, bool) else isinstance(value, Mapping) or None


def _in_utc(value: Any) -> datetime | Exception | None:
    if isinstance(value, UnreadableTime):
        # Both executors make an exception in the place of a value the error of the field.
        return Unavailable(
            f"AWS answered with a time that cannot be: {value.text[:_LONGEST_TIME]}."
        )
    try:
        return value.astimezone(UTC) if isinstance(value, datetime) else None
    except OverflowError:
        # Within a day of the first or the last year that Python knows.
        return None


_LEAVES: Final[Mapping[object, Decoder]] = {
    str: _text,
    strawberry.ID: _text,
    int: _integer(32),
    Long: _integer(64),
    float: _number,
    bool: _boolean,
    datetime: _in_utc,
}
