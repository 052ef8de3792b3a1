"""The filters of AWS's list operations: from a call's parameters to one test."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from gateway.twin.call import Call
from gateway.twin.errors import invalid
from gateway.twin.timeline import to_millis

T = TypeVar("T")
# Compares what an item has (left) with what the caller asked for (right).
Comparison = Callable[[Any, Any], bool]


def after(value: int, bound: Any) -> bool:
    """Return whether the value is later than a timestamp."""
    return value > read_time(bound)


def before(value: int, bound: Any) -> bool:
    """Return whether the value is earlier than a timestamp."""
    return value < read_time(bound)


def contains(value: str, part: Any) -> bool:
    """Return whether the value holds a text, in the same case."""
    return str(part) in value


def equals(value: Any, wanted: Any) -> bool:
    """Return whether the value equals a text."""
    return bool(value == wanted)


def read_time(value: Any) -> int:
    """Return a timestamp of a call, which is a number of seconds or ISO 8601, in milliseconds."""
    if isinstance(value, int | float):
        return round(value * 1000)
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(f"Invalid timestamp: {value}") from None
    return to_millis(read if read.tzinfo else read.replace(tzinfo=UTC))


def all_of(
    call: Call, table: Mapping[str, tuple[Comparison, Callable[[T], Any]]]
) -> Callable[[T], bool]:
    """Return one test for all filters of a call: parameter -> (comparison, what to compare)."""
    tests = [
        (compare, read, call.params[name])
        for name, (compare, read) in table.items()
        if call.params.get(name) is not None
    ]

    def passes(item: T) -> bool:
        return all(compare(read(item), wanted) for compare, read, wanted in tests)

    return passes
