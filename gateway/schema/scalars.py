"""The scalars `DateTime` and `Long`, which AWS's answers need and GraphQL does not have."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NewType

import strawberry
from graphql import GraphQLError
from graphql.pyutils import inspect
from strawberry.types.scalar import ScalarDefinition

Long = NewType("Long", int)
"""An AWS `long`: a signed integer of 64 bits, too wide for GraphQL's `Int`."""

_LONG_LIMIT: Final = 2**63
_LONG_TEXT: Final = re.compile(r"-?[0-9]{1,19}")
# The grammar `date-time` of RFC 3339, 5.6. ISO 8601 allows much more, and so does `fromisoformat`.
_DATE_TIME: Final = re.compile(
    r"(?P<minute>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2})"
    r":(?P<second>[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]+))?"
    r"(?P<offset>[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_LEAP_SECOND: Final = "60"
_MICROSECOND_DIGITS: Final = 6


def serialize_date_time(value: datetime) -> str:
    """Return an instant as RFC 3339 text in UTC, to the millisecond or finer where it is."""
    timespec = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def parse_date_time(value: Any) -> datetime:
    """Return the instant of RFC 3339 text, cut off below the microsecond.

    A leap second is the instant that follows it, as in POSIX. Raises `GraphQLError`.
    """
    match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    try:
        instant = _read_instant(match) if match else None
    except (ValueError, OverflowError):
        # There is no such day, or Python has no such year.
        instant = None
    if instant is None:
        raise GraphQLError(
            f"DateTime cannot represent {inspect(value)}: it must be RFC 3339 text with an offset, "
            "such as 2026-01-31T12:00:00Z."
        )
    return instant


def _read_instant(match: re.Match[str]) -> datetime:
    """Return the instant. Raises `ValueError` and `OverflowError` where there is none."""
    is_leap = match["second"] == _LEAP_SECOND
    fraction = (match["fraction"] or "")[:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0")
    second = "59" if is_leap else match["second"]
    instant = datetime.fromisoformat(
        f"{match['minute']}:{second}.{fraction}{match['offset']}".upper()
    )
    if not is_leap:
        return instant
    following = instant + timedelta(seconds=1)
    in_utc = following.astimezone(UTC)
    # Leap seconds end a month in UTC (RFC 3339, 5.7).
    if (in_utc.day, in_utc.hour, in_utc.minute, in_utc.second) != (1, 0, 0, 0):
        raise ValueError(match.string)
    return following


def serialize_long(value: int) -> int:
    """Return a `Long` as a JSON number."""
    if isinstance(value, bool) or not isinstance(value, int) or not _is_long(value):
        raise GraphQLError("Long must be a signed integer of 64 bits.")
    return value


def serialize_long_as_text(value: int) -> str:
    """Return a `Long` as text."""
    return str(serialize_long(value))


def parse_long(value: Any) -> int:
    """Return the integer of a JSON number or of text. Raises `GraphQLError`."""
    number = int(value) if isinstance(value, str) and _LONG_TEXT.fullmatch(value) else value
    if isinstance(number, bool) or not isinstance(number, int) or not _is_long(number):
        raise GraphQLError(
            f"Long cannot represent {inspect(value)}: it must be a signed integer of 64 bits."
        )
    return number


def _is_long(value: int) -> bool:
    return -_LONG_LIMIT <= value < _LONG_LIMIT


def scalars(*, long_as_text: bool = False) -> dict[object, ScalarDefinition]:
    """Return the definitions of the scalars; JSON has a `Long` as a number or as text."""
    written = "text" if long_as_text else "a number"
    return {
        datetime: strawberry.scalar(
            name="DateTime",
            description="An instant as RFC 3339 text in UTC: 2026-01-31T12:00:00.000Z.",
            specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
            serialize=serialize_date_time,
            parse_value=parse_date_time,
        ),
        Long: strawberry.scalar(
            name="Long",
            description=f"A signed integer of 64 bits, {written} in JSON; GraphQL's Int has 32.",
            serialize=serialize_long_as_text if long_as_text else serialize_long,
            parse_value=parse_long,
        ),
    }
