"""Requests at a steady rate, whether or not the server keeps up: latency as clients feel it.

The latency of a request counts from the moment it was due, not from when a connection was free to
send it (wrk counts from sending, and so leaves out the requests that a stall delays).
"""

import select
import time
from collections import deque

from benchmarks.load.wire import Wire


class Pacer:
    """A client that never sleeps: timers are too coarse for microseconds, so it polls."""

    def __init__(self, port: int, request: bytes, connections: int) -> None:
        self._request = request
        self._wires = [Wire(port) for _ in range(connections)]
        self._by_number = {wire.socket.fileno(): wire for wire in self._wires}
        self._idle = deque(self._wires)
        self._due: dict[int, float] = {}
        self._poll = select.epoll()
        for wire in self._wires:
            self._poll.register(wire.socket, select.EPOLLIN)

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

    def _send(self, wire: Wire, due: float) -> None:
        self._due[wire.socket.fileno()] = due
        wire.send(self._request)

    def _collect(self, latencies: list[float]) -> None:
        for number, _ in self._poll.poll(0):
            wire = self._by_number[number]
            if wire.receive() is not None:
                latencies.append(time.perf_counter() - self._due[number])
                self._idle.append(wire)

    def close(self) -> None:
        """Close the connections."""
        self._poll.close()
        for wire in self._wires:
            wire.close()


def paced(
    port: int, request: bytes, *, rate: float, seconds: float, connections: int
) -> list[float]:
    """Return the latencies of `rate` requests a second, shortest first."""
    pacer = Pacer(port, request, connections)
    try:
        return sorted(pacer.run(rate, seconds))
    finally:
        pacer.close()
