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
    ("text", "instant"),
    [
        ("2026-01-31t12:00:00z", "2026-01-31T12:00:00.000Z"),
        ("2026-01-31T12:00:00.5+01:00", "2026-01-31T11:00:00.500Z"),
        ("2026-01-31T12:00:00-00:00", "2026-01-31T12:00:00.000Z"),
        ("2026-01-31T12:00:00-23:59", "2026-02-01T11:59:00.000Z"),
        ("2026-01-31T12:00:00.1234569Z", "2026-01-31T12:00:00.123456Z"),
        (f"2026-01-31T12:00:00.{'1' * 10_000}Z", "2026-01-31T12:00:00.111111Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        # RFC 3339, 5.8: a leap second, and the same one by another offset.
        ("1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z"),
        ("1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000Z"),
        ("2015-07-01T05:29:60.25+05:30", "2015-07-01T00:00:00.250Z"),
    ],
)
def test_text_of_rfc_3339_is_read(text: str, instant: str) -> None:
    """Letters come in either case, fractions in any length, and leap seconds where they can be."""
    assert serialize_date_time(parse_date_time(text)) == instant


@pytest.mark.parametrize(
    "value",
    [
        *("", "yesterday", "2026-01-31", "2026-01-31T12:00:00", "12:00Z", "2026-01-31T12:00Z"),
        *("2026-01-31 12:00:00Z", "20260131T120000Z", "2026-W05-6T12:00:00Z", "2026-031T12:00:00Z"),
        *("2026-01-31T12:00:00,5Z", "2026-01-31T12:00:00.Z", "2026-1-31T12:00:00Z"),
        *("2026-02-29T12:00:00Z", "2026-13-01T12:00:00Z", "2026-00-01T12:00:00Z"),
        *("2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:61Z"),
        *("2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+01:60", "2026-01-31T12:00:00+0100"),
        *("2026-01-31T12:00:00+01", "2026-01-31T12:00:00+01:00:30", "2026-01-31T12:00:00+01:00Z"),
        *("2026-01-31T12:00:00 Z", " 2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z\n"),
        *("\u0662026-01-31T12:00:00Z", "2026-01-31T12:00:00\u22121:00", "+2026-01-31T12:00:00Z"),
        *("12026-01-31T12:00:00Z", "-001-01-31T12:00:00Z", "0000-01-01T00:00:00Z"),
        # Leap seconds end the last day of a month in UTC, and nothing else.
        *("1990-12-31T12:00:60Z", "1990-12-30T23:59:60Z", "1990-12-31T23:59:60-08:00"),
        *("1990-12-31T23:58:60Z", "9999-12-31T23:59:60Z"),
        *(5, 5.0, None, True, ["2026-01-31T12:00:00Z"], {}, b"2026-01-31T12:00:00Z"),
    ],
)
def test_what_is_not_rfc_3339_is_refused(value: Any) -> None:
    """Other forms of ISO 8601 are refused, and what no calendar or clock has."""
    with pytest.raises(GraphQLError, match="RFC 3339"):
        parse_date_time(value)


def test_refusal_quotes_little() -> None:
    """A long text makes no long message."""
    with pytest.raises(GraphQLError) as refused:
        parse_date_time("9" * 100_000)

    assert len(refused.value.message) < 500
