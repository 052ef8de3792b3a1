"""The scalars `DateTime` and `Long`, which AWS's answers need and GraphQL does not have."""

from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

Long = NewType("Long", int)
"""An AWS `long`: a signed integer of 64 bits, too wide for GraphQL's `Int`."""


def serialize_date_time(value: datetime) -> str:
    """Return an instant as RFC 3339 text in UTC, to the millisecond or finer where it is."""
    timespec = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def parse_date_time(value: Any) -> datetime:
    """Return the instant of RFC 3339 text. Raises `GraphQLError` unless it has a UTC offset."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None:
        raise GraphQLError("DateTime must be RFC 3339 text with an offset: 2026-01-31T12:00:00Z.")
    return instant


def _serialize_long(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise GraphQLError("Long must be a signed integer of 64 bits.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant as RFC 3339 text in UTC: 2026-01-31T12:00:00.000Z.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=serialize_date_time,
        parse_value=parse_date_time,
    ),
    Long: strawberry.scalar(
        name="Long",
        description="A signed integer of 64 bits; GraphQL's Int has 32.",
        serialize=_serialize_long,
        parse_value=_serialize_long,
    ),
}
