"""The AWS calls that one operation causes: counted, and no more than were planned."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from gateway.errors import Code, CodedError


class CallsSpent(CodedError):
    """The operation has made all the calls that were planned for it."""

    code = Code.QUERY_TOO_COMPLEX


class Spending:
    """Calls made for one operation, of at most `most`.

    A call that several operations wait for belongs to the one that began it; a retry inside boto3
    is not counted.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.calls: Counter[str] = Counter()
        """By AWS's operation."""

    def spend(self, operation: str) -> None:
        """Count one call. Raises `CallsSpent`."""
        if self.calls.total() >= self._most:
            raise CallsSpent(
                f"The {self._most} AWS calls that were planned for this operation are spent: AWS "
                "answered with more than it was known to. Ask again to get further."
            )
        self.calls[operation] += 1


_CURRENT: Final[ContextVar[Spending | None]] = ContextVar("spending", default=None)


@contextmanager
def spending(most: int) -> Iterator[Spending]:
    """Count the calls that are begun inside, by tasks that are created inside too."""
    current = Spending(most)
    token = _CURRENT.set(current)
    try:
        yield current
    finally:
        _CURRENT.reset(token)


def spend(operation: str) -> None:
    """Count one call against the operation that causes it, if one does. Raises `CallsSpent`."""
    current = _CURRENT.get()
    if current is not None:
        current.spend(operation)
