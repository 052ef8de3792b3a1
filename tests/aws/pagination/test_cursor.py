"""Cursors are read by any replica, and nothing but a cursor of the same list is."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.aws.pagination.cursor import Cursor, Mark, Place, parse_cursor
from gateway.aws.pagination.query import ListQuery
from gateway.errors import BadUserInput
from gateway.schema.types.processing_job import PROCESSING_JOB
from gateway.schema.types.training_job import TRAINING_JOB

QUERY = ListQuery(
    kind=PROCESSING_JOB,
    region="eu-west-1",
    parameters=(("CreationTimeAfter", datetime(2026, 3, 4, tzinfo=UTC)),),
    statuses=("Completed", "Failed"),
    name_parts=("train",),
)
CURSOR = Cursor((Place("a token", 3), Place()), Mark(1_772_625_390_000, "abcdefgh"))
PLACES = st.builds(
    Place,
    st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=50),
    st.integers(0, 100),
)
MARKS = st.none() | st.builds(Mark, st.integers(0, 2**53), st.text("abc-_", max_size=8))


def sealed(parts: Any) -> str:
    """Return a cursor that holds `parts`, as one makes it who has read the source."""
    body = orjson.dumps(parts)
    checksum = blake2b(body, digest_size=8, person=b"list cursor").digest()
    return urlsafe_b64encode(checksum + body).rstrip(b"=").decode()


@given(st.tuples(PLACES, PLACES), MARKS)
def test_cursor_is_read_as_it_was_written(places: tuple[Place, ...], mark: Mark | None) -> None:
    """The text holds all of a cursor."""
    cursor = Cursor(places, mark)

    assert parse_cursor(cursor.text(QUERY), QUERY) == cursor


@pytest.mark.parametrize(
    "other",
    [
        replace(QUERY, kind=TRAINING_JOB),
        replace(QUERY, region="us-east-1"),
        replace(QUERY, parameters=()),
        replace(QUERY, parameters=(("CreationTimeBefore", datetime(2026, 3, 4, tzinfo=UTC)),)),
        replace(QUERY, statuses=("Completed", "Stopped")),
        replace(QUERY, statuses=None),
        replace(QUERY, name_parts=()),
        replace(QUERY, sort_by="Name"),
        replace(QUERY, descending=False),
    ],
    ids=["list", "region", "no filter", "filter", "status", "all", "names", "order", "direction"],
)
def test_cursor_of_another_list_is_refused(other: ListQuery) -> None:
    """Whatever decides which rows come in which order decides whose cursor it is."""
    with pytest.raises(BadUserInput, match="another list, filter, order or region"):
        parse_cursor(CURSOR.text(QUERY), other)


@given(st.integers(0, 10_000), st.characters(codec="utf-8"))
def test_changed_cursor_is_refused(index: int, character: str) -> None:
    """One character changed, taken away or put in makes it no cursor."""
    text = CURSOR.text(QUERY)
    at = index % len(text)
    for changed in (
        text[:at] + character + text[at + 1 :],
        text[:at] + text[at + 1 :],
        text[:at] + character + text[at:],
    ):
        if changed != text:
            with pytest.raises(BadUserInput, match="`after` is"):
                parse_cursor(changed, QUERY)


@given(st.text())
def test_text_is_no_cursor(text: str) -> None:
    """Any text is refused, not stumbled over."""
    with pytest.raises(BadUserInput, match="`after` is"):
        parse_cursor(text, QUERY)


@pytest.mark.parametrize("text", ["\ud800", "=", "a", "A" * 100_000])
def test_odd_text_is_no_cursor(text: str) -> None:
    """Half of a surrogate pair, padding and length are refused as well."""
    with pytest.raises(BadUserInput, match="`after` is"):
        parse_cursor(text, QUERY)


DIGEST = QUERY.digest().hex()


@pytest.mark.parametrize(
    "parts",
    [
        {},
        [],
        [2, DIGEST, [[None, 0], [None, 0]], None],
        [1, DIGEST, [[None, 0]], None],
        [1, DIGEST, None, None],
        [1, DIGEST, [[None, 0], None], None],
        [1, DIGEST, [[None, 0], [7, 0]], None],
        [1, DIGEST, [[None, 0], ["", 0]], None],
        [1, DIGEST, [[None, 0], ["a" * 8_193, 0]], None],
        [1, DIGEST, [[None, 0], [None, -1]], None],
        [1, DIGEST, [[None, 0], [None, 1.5]], None],
        [1, DIGEST, [[None, 0], [None, 0]], []],
        [1, DIGEST, [[None, 0], [None, 0]], ["x", "y"]],
        [1, DIGEST, [[None, 0], [None, 0]], [1, None]],
        [1, DIGEST, [[None, 0], [None, 0]]],
    ],
)
def test_forged_cursor_is_refused(parts: Any) -> None:
    """Who works out the checksum gets no further than to a place that a list can have."""
    with pytest.raises(BadUserInput, match="`after` is not a cursor"):
        parse_cursor(sealed(parts), QUERY)


def test_text_shows_no_arn_and_no_filter() -> None:
    """What stands in a cursor tells whoever finds it in a log neither."""
    body = urlsafe_b64decode(CURSOR.text(QUERY) + "==")[8:]

    assert orjson.loads(body) == [
        1,
        DIGEST,
        [["a token", 3], [None, 0]],
        [1_772_625_390_000, "abcdefgh"],
    ]
