"""The neighbour: a client who asks a cached query all the time, of an attacked and an idle gateway.

`python -m benchmarks.siege.neighbour PORT PID PORT PID` is a process of its own, so that the work
of the attacker does not delay it. Each line on its standard input makes it print what it has
measured since the line before. It connects from an address other than the attacker's, as limits
per address must not affect it.
"""

import http.client
import json
import sys
import threading
import time
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.processes import Process, compact_json

ADDRESS: Final = "127.0.0.2"
NAME: Final = "churn-model-quality-check"
"""The job that the neighbour asks for. It is finished, so its answer stays in the cache."""

_PAUSE: Final = 0.004
_TIMEOUT: Final = 60.0
_NANOSECONDS: Final = 1e9
_QUERY: Final = "query($name: String!) { processingJob(name: $name) { id processingJobStatus } }"


class Stall(NamedTuple):
    """The longest time for which the neighbour waited for an answer, in milliseconds."""

    elapsed: float
    """By the clock on the wall."""
    own: float
    """Without the time in which other processes had the cores that the gateway or the neighbour
    waited for."""
    asked: int
    refused: int
    """Answers that were not 200, and connections that failed."""


class Neighbour:
    """The process that measures; the gateways are the attacked and the idle one."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def report(self) -> tuple[Stall, Stall]:
        """Return the stalls of the attacked and the idle gateway since the last report."""
        attacked, idle = json.loads(self._process.ask("report"))
        return Stall(*attacked), Stall(*idle)


class _Client:
    """Asks one gateway, in a thread of its own."""

    def __init__(self, port: int, pid: int) -> None:
        self._port = port
        self._waits_of_gateway = Path(f"/proc/{pid}/task/{pid}/schedstat")
        self._body = compact_json({"query": _QUERY, "variables": {"name": NAME}})
        self._connection: http.client.HTTPConnection | None = None
        self._began: tuple[float, float] | None = None
        self._lock = threading.Lock()
        self._stall = Stall(0, 0, 0, 0)

    def run(self) -> None:
        """Ask for ever."""
        self._waits_of_thread = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        while True:
            self._began = time.perf_counter(), self._waited()
            is_right = self._ask()
            with self._lock:
                self._stall = self._so_far(asked=1, refused=int(not is_right))
                self._began = None
            time.sleep(_PAUSE)

    def take(self) -> Stall:
        """Return what was measured since the last time, a query that still waits included."""
        with self._lock:
            stall = self._so_far(asked=0, refused=0)
            self._stall = Stall(0, 0, 0, 0)
        return stall

    def _so_far(self, *, asked: int, refused: int) -> Stall:
        elapsed, own, all_asked, all_refused = self._stall
        if self._began is not None:
            began, waited = self._began
            now = (time.perf_counter() - began) * 1e3
            elapsed = max(elapsed, now)
            own = max(own, now - (self._waited() - waited) * 1e3)
        return Stall(elapsed, own, all_asked + asked, all_refused + refused)

    def _waited(self) -> float:
        """Return for how many seconds gateway and thread were ready, but others had the cores."""
        return sum(map(_waited, (self._waits_of_gateway, self._waits_of_thread)))

    def _ask(self) -> bool:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=_TIMEOUT, source_address=(ADDRESS, 0)
            )
        try:
            headers = {"Content-Type": "application/json"}
            self._connection.request("POST", "/graphql", self._body, headers)
            response = self._connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            return False
        return response.status == http.client.OK


def _waited(schedstat: Path) -> float:
    try:
        return int(schedstat.read_text().split()[1]) / _NANOSECONDS
    except OSError:
        return 0.0


def _main(arguments: list[str]) -> None:
    numbers = list(map(int, arguments))
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    clients = [_Client(port, pid) for port, pid in pairs]
    for client in clients:
        threading.Thread(target=client.run, daemon=True).start()
    for _ in sys.stdin:
        sys.stdout.write(f"{json.dumps([client.take() for client in clients])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main(sys.argv[1:])
