"""Events that repeat: counted by kind, summed up once a minute."""

import logging

from gateway.logs.lines import facts_of
from gateway.logs.repeats import LINES, SECONDS, Repeats
from tests.clocks import Clock

from .records import raised, record


def test_events_of_a_kind_are_counted() -> None:
    """The count of a kind is its own, whatever its other facts are."""
    repeats = Repeats(Clock())

    assert [repeats.count(record(request_id=str(i))) for i in range(3)] == [1, 2, 3]
    assert repeats.count(record("gateway.other")) == 1


def test_kinds_differ_by_result_and_place() -> None:
    """A failure in another operation, with another code or at another line is of another kind."""
    repeats = Repeats(Clock())
    errors = [raised(ValueError("a")), raised(TypeError("a"))]
    records = [
        record(operation="ListTags", aws_code="AccessDenied"),
        record(operation="ListTags", aws_code="Throttling"),
        record(operation="Search", aws_code="AccessDenied"),
        record(level=logging.ERROR),
        *(record(error=error) for error in errors),
    ]

    assert [repeats.count(each) for each in records] == [1] * 6


def test_sum_of_a_minute() -> None:
    """When the minute of a kind is over, its events are summed up and counted from 0 again."""
    clock = Clock()
    repeats = Repeats(clock)
    for _ in range(LINES + 7):
        repeats.count(record("gateway.a", operation="ListTags", request_id="1"))
    repeats.count(record("gateway.b"))

    clock.advance(SECONDS - 1)
    assert repeats.take_summaries() == []
    clock.advance(1)
    (summary,) = repeats.take_summaries()

    assert summary.getMessage() == "gateway.event_repeated"
    assert summary.levelno == logging.WARNING
    assert facts_of(summary) == {
        "event": "gateway.a",
        "times": 7,
        "seconds": 60,
        "operation": "ListTags",
    }
    assert repeats.take_summaries() == []
    assert repeats.count(record("gateway.a", operation="ListTags")) == 1


def test_few_events_need_no_sum() -> None:
    """Of what was logged in full nothing is summed up."""
    clock = Clock()
    repeats = Repeats(clock)
    for _ in range(LINES):
        repeats.count(record())

    assert repeats.take_summaries(all_=True) == []


def test_kinds_have_a_bound() -> None:
    """However many kinds there are, a bounded number is counted separately."""
    repeats = Repeats(Clock())

    counts = [
        repeats.count(record(f"event {i}", logger="other", level=logging.ERROR))
        for i in range(3_000)
    ]

    assert max(counts) > 1_000
    assert len(repeats._windows) < 1_100
