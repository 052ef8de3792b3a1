"""Counts calls per operation."""

import threading
from collections import Counter


class Calls:
    """A counter that many connections share."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, operation: str) -> None:
        """One more call of this operation."""
        with self._lock:
            self._counts[operation] += 1

    def counts(self) -> dict[str, int]:
        """Count calls per operation since the last reset."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def reset(self) -> None:
        """Set every count to zero."""
        with self._lock:
            self._counts.clear()
