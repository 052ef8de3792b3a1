"""The processes of a siege: the offline SageMaker, the gateways, and the memory they take."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Final

from benchmarks.http_client import HttpClient, ResponseError
from benchmarks.processes import Process, compact_json, free_port
from benchmarks.siege.neighbour import NAME
from gateway.settings import MIB, Settings, option

_PROGRAM: Final = str(Path(sys.executable).with_name("sagemaker-gateway"))
_SMALL_MEGABYTES: Final = 32
_START_TIMEOUT: Final = 60.0


class Gateway:
    """A gateway with settings of its own, over an AWS endpoint."""

    def __init__(
        self, name: str, folder: Path, cores: Sequence[int], endpoint: str, options: Sequence[str]
    ) -> None:
        self.port = free_port()
        self.options = options
        fixed = ["--region", "eu-west-1", "--endpoint-url", endpoint, "--port", str(self.port)]
        command = [_PROGRAM, "serve", *fixed, *options]
        self.process = Process(name, command, cores, folder)

    def wait(self) -> None:
        """Wait until it has answered the neighbour's query, so that the answer is cached."""
        self.process.wait_for(self.port)
        query = f'{{ processingJob(name: "{NAME}") {{ id }} }}'
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline:
            with suppress(OSError, HTTPException, ResponseError), HttpClient(self.port) as client:
                client.post("/graphql", compact_json({"query": query}))
                return
            self.process.check_alive()
        raise self.process.failure("did not answer")

    @property
    def stores_bytes(self) -> int:
        """The sum of the settings that bound what it stores."""
        given = dict(zip(self.options[::2], self.options[1::2], strict=True))
        total = 0
        for name in store_settings():
            default = Settings.model_fields[name].default
            total += int(given.get(option(name), default)) * MIB
        return total

    @property
    def peak_bytes(self) -> int:
        """The most memory that the process has held."""
        return self._status("VmHWM")

    @property
    def resident_bytes(self) -> int:
        """The memory that the process holds."""
        return self._status("VmRSS")

    def _status(self, name: str) -> int:
        with suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith(name):
                    return int(line.split()[1]) * 1_024
        return 0


def store_settings() -> dict[str, int]:
    """Return the settings that bound a store, and how many bytes one unit of each is."""
    fields = Settings.model_fields
    return {name: MIB for name in fields if name.endswith("_megabytes")}


def small_stores() -> list[str]:
    """Return options that make each store small enough to be filled within seconds."""
    options: list[str] = []
    for name in store_settings():
        small = min(_SMALL_MEGABYTES, Settings.model_fields[name].default)
        options += [option(name), str(small)]
    return options


@contextmanager
def run_gateway(
    name: str, folder: Path, cores: Sequence[int], endpoint: str, options: Sequence[str] = ()
) -> Iterator[Gateway]:
    """Run a gateway that has answered once."""
    gateway = Gateway(name, folder, cores, endpoint, options)
    with gateway.process:
        gateway.wait()
        yield gateway


@contextmanager
def run_twin(folder: Path, cores: Sequence[int]) -> Iterator[str]:
    """Run the offline SageMaker and yield its URL."""
    port = free_port()
    command = [_PROGRAM, "twin", "--twin-port", str(port)]
    with Process("twin", command, cores, folder) as process:
        process.wait_for(port)
        yield f"http://127.0.0.1:{port}"
