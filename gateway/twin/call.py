"""One call as the operations see it, and the count of all calls."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from gateway.twin.faults import Faults
from gateway.twin.records import Answer
from gateway.twin.store import Store


class Call(NamedTuple):
    """An operation with checked input, in a region, at a time, under these faults."""

    operation: str
    region: str
    params: dict[str, Any]
    now: int
    faults: Faults


class NotSeededError(Exception):
    """Raised where the twin has no answer of its own: moto has to give it."""


# Answers a call with JSON or with ready bytes, or raises an AwsError or NotSeededError.
Operation = Callable[[Store, Call], Answer | bytes]


class CallCounter:
    """Counts calls per operation, for all connections together."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, operation: str) -> None:
        """Count one more call of this operation."""
        with self._lock:
            self._counts[operation] += 1

    def counts(self) -> dict[str, int]:
        """Return the number of calls per operation since the last reset."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def reset(self) -> None:
        """Set every count to zero."""
        with self._lock:
            self._counts.clear()
