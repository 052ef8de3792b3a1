"""As many requests as connections allow: the next one as soon as the answer is there."""

import itertools
import select
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.load.wire import Wire, post


class Flood(NamedTuple):
    """What came of it."""

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


Flooder = Callable[[int, str, list[str], float], Flood]
"""Called with port, path, bodies and seconds. In a body, `@@` stands for a number never used."""

CONNECTIONS = 32
NUMBER = "@@"


def first_number() -> int:
    """Return where to count from, so that no number is used twice.

    Microseconds do: a flood has fewer requests than microseconds, and the next one starts later.
    """
    return time.time_ns() // 1_000


def python_flood(port: int, path: str, bodies: list[str], seconds: float) -> Flood:
    """Flood from this process. It is slower than wrk: servers may not be saturated."""
    wires = {}
    requests = _requests(path, bodies)
    poll = select.epoll()
    for _ in range(CONNECTIONS):
        wire = Wire(port)
        wires[wire.socket.fileno()] = wire
        poll.register(wire.socket, select.EPOLLIN)
    sent: dict[int, float] = {}
    latencies: list[float] = []
    received = 0
    started = time.perf_counter()
    for number, wire in wires.items():
        sent[number] = time.perf_counter()
        wire.send(next(requests))
    while time.perf_counter() - started < seconds:
        for number, _ in poll.poll(0.1):
            body = wires[number].receive()
            if body is not None:
                received += len(body)
                now = time.perf_counter()
                latencies.append(now - sent[number])
                sent[number] = now
                wires[number].send(next(requests))
    elapsed = time.perf_counter() - started
    poll.close()
    for wire in wires.values():
        wire.close()
    return _summary(latencies, elapsed, received)


def _requests(path: str, bodies: list[str]) -> Iterator[bytes]:
    if NUMBER in bodies[0]:
        for number in itertools.count(first_number()):
            yield post(path, bodies[0].replace(NUMBER, str(number)))
    yield from itertools.cycle([post(path, body) for body in bodies])


def _summary(latencies: list[float], seconds: float, received: int) -> Flood:
    ordered = sorted(latencies) or [0.0]
    last = len(ordered) - 1
    return Flood(
        len(latencies), seconds, received, 0, ordered[last // 2], ordered[last * 99 // 100]
    )
