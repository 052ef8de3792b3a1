"""Open-loop load: requests at a constant rate, whether or not the server keeps up.

Latency is measured from the moment at which a request was due. wrk measures it from sending, and
so leaves out the time that requests wait while the server stalls (coordinated omission).
"""

import select
import time
from collections import deque

from benchmarks.load.raw_connection import RawConnection


class ConstantRateClient:
    """A client that polls instead of sleeping, since timers are too coarse for microseconds."""

    def __init__(self, port: int, request: bytes, connections: int) -> None:
        self._request = request
        self._connections = [RawConnection(port) for _ in range(connections)]
        self._by_number = {
            connection.socket.fileno(): connection for connection in self._connections
        }
        self._idle = deque(self._connections)
        self._due: dict[int, float] = {}
        self._poll = select.epoll()
        for connection in self._connections:
            self._poll.register(connection.socket, select.EPOLLIN)

    def run(self, rate: float, seconds: float) -> list[float]:
        """Return the latency of each request, in seconds, in the order of the responses."""
        latencies: list[float] = []
        started = time.perf_counter()
        count, sent = int(rate * seconds), 0
        while len(latencies) < count:
            now = time.perf_counter()
            while sent < count and self._idle and (due := started + sent / rate) <= now:
                self._send(self._idle.popleft(), due)
                sent += 1
            self._collect(latencies)
        return latencies

    def _send(self, connection: RawConnection, due: float) -> None:
        self._due[connection.socket.fileno()] = due
        connection.send(self._request)

    def _collect(self, latencies: list[float]) -> None:
        for number, _ in self._poll.poll(0):
            connection = self._by_number[number]
            if connection.receive() is not None:
                latencies.append(time.perf_counter() - self._due[number])
                self._idle.append(connection)

    def close(self) -> None:
        """Close the connections."""
        self._poll.close()
        for connection in self._connections:
            connection.close()


def constant_rate(
    port: int, request: bytes, *, rate: float, seconds: float, connections: int
) -> list[float]:
    """Return the latencies of `rate` requests a second, shortest first."""
    client = ConstantRateClient(port, request, connections)
    try:
        return sorted(client.run(rate, seconds))
    finally:
        client.close()
