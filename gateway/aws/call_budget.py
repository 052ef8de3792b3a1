"""The AWS calls that one operation causes: counted, and no more than were planned."""

from collections import Counter
from contextvars import ContextVar, Token
from typing import Final

from gateway.errors import Code, CodedError


class CallsSpent(CodedError):
    """The operation has made all the calls that were planned for it."""

    code = Code.QUERY_TOO_COMPLEX


class Spending:
    """Calls made for one operation, of at most `most`: those begun inside of it as a context.

    A call that several operations wait for belongs to the one that began it; a retry inside boto3
    is not counted.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._tokens: list[Token[Spending | None]] = []
        self.calls: Counter[str] = Counter()
        """By AWS's operation."""

    def __enter__(self) -> None:
        """Count what is begun from now on, by tasks created from now on too."""
        self._tokens.append(_CURRENT.set(self))

    def __exit__(self, *_: object) -> None:
        """Count no more."""
        _CURRENT.reset(self._tokens.pop())

    def spend(self, operation: str) -> None:
        """Count one call. Raises `CallsSpent`."""
        if self.calls.total() >= self._most:
            raise CallsSpent(
                f"The {self._most} AWS calls that were planned for this operation are spent: AWS "
                "answered with more than it was known to. Ask again to get further."
            )
        self.calls[operation] += 1


_CURRENT: Final[ContextVar[Spending | None]] = ContextVar("spending", default=None)


def spend(operation: str) -> None:
    """Count one call against the operation that causes it, if one does. Raises `CallsSpent`."""
    current = _CURRENT.get()
    if current is not None:
        current.spend(operation)
