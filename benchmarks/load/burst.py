"""All requests at one moment, each on its own connection."""

import select
import time
from typing import NamedTuple

from benchmarks.load.wire import Wire

_SETTLE = 0.05


class Burst(NamedTuple):
    """What came of it."""

    seconds: float
    """From the first byte sent to the last one received."""
    bodies: list[bytes]


def burst(port: int, request: bytes, times: int) -> Burst:
    """Send `request` on `times` connections at once and wait for all responses."""
    wires = [Wire(port) for _ in range(times)]
    poll = select.epoll()
    for wire in wires:
        poll.register(wire.socket, select.EPOLLIN)
    by_number = {wire.socket.fileno(): wire for wire in wires}
    # The server accepts connections in its own time, which is not what is measured.
    time.sleep(_SETTLE)
    started = time.perf_counter()
    for wire in wires:
        wire.send(request)
    bodies: list[bytes] = []
    while len(bodies) < times:
        for number, _ in poll.poll():
            body = by_number[number].receive()
            if body is not None:
                bodies.append(body)
    seconds = time.perf_counter() - started
    poll.close()
    for wire in wires:
        wire.close()
    return Burst(seconds, bodies)
