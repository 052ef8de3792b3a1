"""The open connections of one process: how many there may be, and for how long they may stall."""

import asyncio
import resource
from collections import Counter
from typing import Final, Protocol

from gateway.settings import ServerSettings

_SWEEPS_PER_TIMEOUT: Final = 10
"""A connection that has stalled for too long is found within a tenth of that time."""
_LONGEST_PAUSE: Final = 1.0
_OTHER_DESCRIPTORS: Final = 100
"""Descriptors left for calls to AWS, files and the listener."""


class Connection(Protocol):
    """A connection, as the sweep sees it."""

    def check(self, now: float) -> None:
        """End the connection if it has stalled for too long at `now`, on the loop's clock."""


class Connections:
    """Counts connections, in all and by address, and looks regularly for those that have stalled.

    One regular look at all connections costs less than timers for each request.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self._most = min(settings.max_connections, _most_descriptors() - _OTHER_DESCRIPTORS)
        self._open: set[Connection] = set()
        self._by_address: Counter[str] = Counter()
        self._sweep_timer: asyncio.TimerHandle | None = None
        shortest = min(settings.head_timeout, settings.body_timeout, settings.write_timeout)
        self._pause = min(shortest / _SWEEPS_PER_TIMEOUT, _LONGEST_PAUSE)

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def has_place_for(self, address: str) -> bool:
        """Tell whether one more connection from an address may be open."""
        most = self.settings.max_connections_per_address
        return len(self._open) < self._most and self._by_address[address] < most

    def add(self, connection: Connection, address: str) -> None:
        """Count a connection that has opened."""
        self._open.add(connection)
        self._by_address[address] += 1
        if self._sweep_timer is None:
            self._plan_sweep()

    def replace(self, old: Connection, new: Connection) -> None:
        """Have another protocol's object stand for a connection."""
        self._open.discard(old)
        self._open.add(new)

    def remove(self, connection: Connection, address: str) -> None:
        """Count a connection that was lost no longer."""
        if connection not in self._open:
            return
        self._open.discard(connection)
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def _plan_sweep(self) -> None:
        self._sweep_timer = asyncio.get_running_loop().call_later(self._pause, self._sweep)

    def _sweep(self) -> None:
        self._sweep_timer = None
        now = asyncio.get_running_loop().time()
        for connection in [*self._open]:
            connection.check(now)
        if self._open:
            self._plan_sweep()


class WriteWatch:
    """Watches whether a client reads what it is sent."""

    __slots__ = ("_left", "_since", "_timeout", "_transport")

    def __init__(self, transport: asyncio.Transport, timeout: float) -> None:
        self._transport = transport
        self._timeout = timeout
        self._left = 0
        self._since = 0.0

    def check(self, now: float) -> None:
        """Abort the connection if nothing of what waits was read for the timeout, in seconds."""
        left = self._transport.get_write_buffer_size()
        if not left or left < self._left or not self._left:
            self._left, self._since = left, now
        elif now - self._since >= self._timeout:
            self._transport.abort()


def _most_descriptors() -> int:
    """Return how many files and sockets the process may have open, after asking for all it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
