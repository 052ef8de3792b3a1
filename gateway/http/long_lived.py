"""The connections that stay open for as long as their client likes: WebSockets and streams."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.errors import Code, CodedError


class TooManyStreams(CodedError):
    """The limit of connections that stay open, or of operations on one of them, is reached."""

    code = Code.TOO_MANY_STREAMS


class LongLived:
    """How many such connections there are, and may be."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.open = 0
        """How many there are."""

    def check(self) -> None:
        """Raise `TooManyStreams` when there is no place for one more."""
        if self.open >= self._most:
            raise TooManyStreams(
                f"{self._most} streams are open here already, the most allowed; try again later."
            )

    @contextmanager
    def place(self) -> Iterator[None]:
        """Count one connection while it is open."""
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1
