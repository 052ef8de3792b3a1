"""Processes pinned to cores, and the processor time that the kernel counts for them."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, Self

_START_TIMEOUT = 30.0
_LOOKS = 400
_PAUSE = 0.025
_IDLE = 0.1
_NANOSECONDS = 1e9
_AWS = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL": "",
}


class ProcessError(Exception):
    """A process of the benchmark ended or did not answer; the message says which."""


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the measured servers, and the core of load generator and upstream."""

    server: int
    load: int

    @classmethod
    def find(cls) -> Self:
        """Return the first two cores that this process may use."""
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) < 2:
            raise ProcessError("The benchmark needs two cores: one to serve and one to load.")
        return cls(allowed[0], allowed[1])

    @classmethod
    def only(cls) -> Self:
        """Return one core for both, for tests that measure nothing."""
        allowed = min(os.sched_getaffinity(0))
        return cls(allowed, allowed)


class Usage(NamedTuple):
    """Processor time of some processes, in seconds."""

    running: float
    waiting: float
    """Time in which they were ready but other processes ran; small on a quiet machine."""

    def since(self, before: "Usage") -> "Usage":
        """Return the usage since `before`."""
        return Usage(self.running - before.running, self.waiting - before.waiting)


def own_usage() -> Usage:
    """Return the usage of this process."""
    return _usage_of([os.getpid()])


def _usage_of(numbers: Sequence[int]) -> Usage:
    running = waiting = 0
    for number in numbers:
        for task in Path(f"/proc/{number}/task").glob("*/schedstat"):
            with suppress(OSError):
                counts = task.read_text().split()
                running, waiting = running + int(counts[0]), waiting + int(counts[1])
    return Usage(running / _NANOSECONDS, waiting / _NANOSECONDS)


def _with_descendants(number: int) -> list[int]:
    """Return the ids of a process and its descendants."""
    family = [number]
    for children in Path(f"/proc/{number}/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                family.extend(_with_descendants(int(child)))
    return family


@contextmanager
def on_cores(*cores: int) -> Iterator[None]:
    """Pin this process, and processes that it starts in the block, to these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """Return a free port of the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without what is set for AWS or the gateway."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "GATEWAY_", "PYTHON"))
    }
    return {**inherited, **_AWS, "PYTHONPATH": str(Path(__file__).parents[1]), **more}


class Process:
    """One process on some of the cores, its output in a file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        cores: Sequence[int],
        folder: Path,
        *,
        more: Mapping[str, str] | None = None,
        interactive: bool = False,
    ) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        pipe = subprocess.PIPE if interactive else subprocess.DEVNULL
        with self._log.open("ab") as log, on_cores(*cores):
            self.started = time.perf_counter()
            self._process = subprocess.Popen(  # the benchmark's own commands
                command,
                stdin=pipe,
                stdout=pipe if interactive else log,
                stderr=log,
                env=environment(more or {}),
                cwd=folder,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def usage(self) -> "Usage":
        """Return the usage of the process and its descendants, summed over all threads."""
        return _usage_of(_with_descendants(self._process.pid))

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def signal(self, sig: signal.Signals) -> None:
        """Send the process a signal."""
        self._process.send_signal(sig)

    def wait_for_end(self, seconds: float) -> int | None:
        """Return the exit code of the process; `None` if it does not end within this time."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    @property
    def rss_megabytes(self) -> float:
        """Memory that the process holds, in MB of 1,000,000 bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1_024 / 1e6

    def ask(self, line: str) -> str:
        """Write a line to an interactive process and return the line it prints."""
        assert self._process.stdin and self._process.stdout  # noqa: PT018  # `interactive`
        stdin: IO[bytes] = self._process.stdin
        stdin.write(line.encode() + b"\n")
        stdin.flush()
        answer = self._process.stdout.readline().decode().strip()
        if not answer:
            raise self.failure("ended")
        return answer

    @property
    def log(self) -> str:
        """The process's log."""
        return self._log.read_text(errors="replace")

    @property
    def log_tail(self) -> str:
        """The end of the process's log."""
        return self.log[-1_500:]

    def failure(self, what: str) -> ProcessError:
        """Return an error with the end of the process's log."""
        return ProcessError(f"{self.name} {what}.\n{self.log_tail}")

    def wait_for(self, port: int) -> None:
        """Wait until the process listens on `port`."""
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return
            self.check_alive()
            time.sleep(0.002)

    def wait_until_idle(self) -> None:
        """Wait until the process is idle, for ten seconds at most."""
        for _ in range(_LOOKS):
            before = self.usage()
            time.sleep(_PAUSE)
            had = self.usage().since(before)
            if had.running + had.waiting < _PAUSE * _IDLE:
                return

    def check_alive(self) -> None:
        """Raise `ProcessError` if the process has ended or takes too long to start."""
        if self._process.poll() is not None:
            raise self.failure("ended")
        if time.perf_counter() - self.started > _START_TIMEOUT:
            raise self.failure("did not start")

    def stop(self) -> None:
        """Terminate the process, and kill it if it does not end."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()


def output_of(command: Sequence[str]) -> str | None:
    """Return the output of a short command; `None` if it fails."""
    try:
        result = subprocess.run(  # the benchmark's own commands
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return result.stdout.strip()


def compact_json(value: object) -> str:
    """Return JSON in one line."""
    return json.dumps(value, separators=(",", ":"))
