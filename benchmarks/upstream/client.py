"""Starts the upstream process, counts its calls and sets its latency."""

import http.client
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

from benchmarks.processes import Cores, Process, free_port
from benchmarks.workloads import PAGE


class Calls(NamedTuple):
    """Numbers of AWS calls that the upstream has counted."""

    total: int
    most_in_flight: int


class UpstreamProcess:
    """The upstream, on the core of the load; its list holds `listed` jobs."""

    def __init__(self, cores: Cores, folder: Path, listed: int = PAGE) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        module = [sys.executable, "-m", "benchmarks.upstream"]
        command = [*module, "--port", str(self._port), "--listed", str(listed)]
        self.process = Process("upstream", command, [cores.load], folder)
        self.process.wait_for(self._port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()

    def _ask(self, method: str, path: str, body: str | None = None) -> Calls:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        connection.request(method, path, body)
        counts = json.loads(connection.getresponse().read())
        connection.close()
        return Calls(sum(counts["calls"].values()), counts["most_in_flight"])

    def calls(self) -> Calls:
        """Return what was called since the start or the last `reset_calls`."""
        return self._ask("GET", "/calls")

    def reset_calls(self) -> None:
        """Count from zero."""
        self._ask("DELETE", "/calls")

    @contextmanager
    def latency(self, milliseconds: float) -> Iterator[None]:
        """Delay each call by this many milliseconds."""
        self._ask("PUT", "/latency", str(milliseconds))
        try:
            yield
        finally:
            self._ask("PUT", "/latency", "0")
