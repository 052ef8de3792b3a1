"""Sends many requests at the same moment, each on a connection of its own."""

import select
import time
from typing import NamedTuple

from benchmarks.load.raw_connection import RawConnection

_SETTLE = 0.05


class SimultaneousResponses(NamedTuple):
    """The responses, and how long they took."""

    seconds: float
    """From the first byte sent to the last one received."""
    bodies: list[bytes]


def post_simultaneously(port: int, request: bytes, times: int) -> SimultaneousResponses:
    """Send `request` on `times` connections at once and wait for all responses."""
    connections = [RawConnection(port) for _ in range(times)]
    poll = select.epoll()
    for connection in connections:
        poll.register(connection.socket, select.EPOLLIN)
    by_number = {connection.socket.fileno(): connection for connection in connections}
    # The server accepts connections in its own time, which is not what is measured.
    time.sleep(_SETTLE)
    started = time.perf_counter()
    for connection in connections:
        connection.send(request)
    bodies: list[bytes] = []
    while len(bodies) < times:
        for number, _ in poll.poll():
            body = by_number[number].receive()
            if body is not None:
                bodies.append(body)
    seconds = time.perf_counter() - started
    poll.close()
    for connection in connections:
        connection.close()
    return SimultaneousResponses(seconds, bodies)
