"""Closed-loop load: each connection sends its next request when the response has arrived."""

import itertools
import select
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from benchmarks.load.raw_connection import RawConnection, post


class LoadResult(NamedTuple):
    """What a load measured."""

    requests: int
    seconds: float
    bytes: int
    errors: int
    p50: float
    """Seconds."""
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class LoadGenerator(Protocol):
    """Sends requests for some seconds."""

    def __call__(
        self,
        port: int,
        path: str,
        bodies: list[str],
        seconds: float,
        tokens: Sequence[str] = (),
        /,
    ) -> LoadResult:
        """Send the bodies in turn, with the bearer tokens in turn if there are any.

        In a body, `@@` stands for a number never used.
        """


CONNECTIONS = 32
NUMBER = "@@"


def unused_number() -> int:
    """Return a number to count up from, so that no number is used twice.

    It is the time in microseconds: no load sends a million requests a second.
    """
    return time.time_ns() // 1_000


def python_load(
    port: int, path: str, bodies: list[str], seconds: float, tokens: Sequence[str] = ()
) -> LoadResult:
    """Send a load from this process. It is slower than wrk and may not saturate a server."""
    connections = {}
    requests = _requests(path, bodies, tokens)
    poll = select.epoll()
    for _ in range(CONNECTIONS):
        connection = RawConnection(port)
        connections[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
    sent: dict[int, float] = {}
    latencies: list[float] = []
    received = 0
    started = time.perf_counter()
    for number, connection in connections.items():
        sent[number] = time.perf_counter()
        connection.send(next(requests))
    while time.perf_counter() - started < seconds:
        for number, _ in poll.poll(0.1):
            body = connections[number].receive()
            if body is not None:
                received += len(body)
                now = time.perf_counter()
                latencies.append(now - sent[number])
                sent[number] = now
                connections[number].send(next(requests))
    elapsed = time.perf_counter() - started
    poll.close()
    for connection in connections.values():
        connection.close()
    return _summary(latencies, elapsed, received)


def _requests(path: str, bodies: list[str], tokens: Sequence[str]) -> Iterator[bytes]:
    if NUMBER in bodies[0]:
        for number in itertools.count(unused_number()):
            yield post(path, bodies[0].replace(NUMBER, str(number)))
    if not tokens:
        yield from itertools.cycle([post(path, body) for body in bodies])
    for body, token in zip(itertools.cycle(bodies), itertools.cycle(tokens)):
        yield post(path, body, token)


def _summary(latencies: list[float], seconds: float, received: int) -> LoadResult:
    ordered = sorted(latencies) or [0.0]
    last = len(ordered) - 1
    return LoadResult(
        len(latencies), seconds, received, 0, ordered[last // 2], ordered[last * 99 // 100]
    )
