"""The two scalars of our own: instants and wide integers."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from gateway.schema.scalars import parse_date_time, serialize_date_time

OFFSETS = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)
EARLIEST, LATEST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1900, 9000))
INSTANTS = st.datetimes(EARLIEST, LATEST, timezones=OFFSETS)


@given(INSTANTS)
def test_instant_comes_back_as_it_was(instant: datetime) -> None:
    """What is written in UTC reads as the same instant, to the microsecond."""
    text = serialize_date_time(instant)

    assert parse_date_time(text) == instant
    assert text.endswith("Z")


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [
        (0, "2026-01-31T12:00:00.000Z"),
        (120_000, "2026-01-31T12:00:00.120Z"),
        (120_500, "2026-01-31T12:00:00.120500Z"),
    ],
)
def test_instant_is_written_to_the_millisecond(microsecond: int, text: str) -> None:
    """AWS's times have milliseconds; finer ones are not rounded."""
    assert serialize_date_time(datetime(2026, 1, 31, 12, 0, 0, microsecond, tzinfo=UTC)) == text


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "2026-01-31", "2026-01-31T12:00:00", "12:00Z", 5, None, True, ["x"]],
)
def test_what_names_no_instant_is_refused(value: Any) -> None:
    """A time without an offset is not an instant, and neither is anything but text."""
    with pytest.raises(GraphQLError, match="RFC 3339"):
        parse_date_time(value)
