"""`Server-Timing`, for clients that ask for it: https://www.w3.org/TR/server-timing/."""

import time
from collections.abc import Mapping
from typing import Final

TIMING_HEADER: Final = b"x-server-timing"
"""A request with this header, whatever its value, is told how long its execution took."""


class Timing:
    """Measures from its making on, if the request asks for it."""

    __slots__ = ("_started",)

    def __init__(self, head: Mapping[bytes, bytes]) -> None:
        self._started = time.perf_counter() if TIMING_HEADER in head else None

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Return the response header with the milliseconds so far, if it is wanted."""
        if self._started is None:
            return ()
        milliseconds = (time.perf_counter() - self._started) * 1_000
        return ((b"server-timing", b"execute;dur=%.3f" % milliseconds),)
