"""Gateways as users run them: `sagemaker-gateway serve`, in processes of their own."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx

COMMAND: Final = Path(sys.executable).with_name("sagemaker-gateway")
PATIENCE: Final = 20.0
"""Seconds after which a process is taken never to do what it should."""


class Replica:
    """One `serve`, its standard error read as it comes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.lines.append(line.decode().rstrip())

    @property
    def log(self) -> str:
        """All that it logged so far."""
        return "\n".join(self.lines)

    def found(self, pattern: str) -> list[int]:
        """Return the number that each line with the pattern has in its place."""
        return [int(number) for number in re.findall(pattern, self.log)]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self.found(r"gateway\.listening host=\S+ port=(\d+)")[0]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pids(self) -> list[int]:
        """The processes that have served, the first one first."""
        return self.found(r"Started server process \[(\d+)\]")

    def client(self) -> httpx.AsyncClient:
        """Return a client of it, which is slow to lose patience."""
        # Whatever reads certificates takes longer than most requests.
        return httpx.AsyncClient(base_url=self.url, timeout=3 * PATIENCE, verify=False)

    async def readiness(self) -> int | None:
        """Return the status of `/readyz`, asked on a connection of its own."""
        try:
            async with self.client() as http:
                return (await http.get("/readyz")).status_code
        except httpx.TransportError:
            return None

    async def is_ready(self) -> bool:
        """Tell whether it should be sent requests."""
        return await self.readiness() == 200

    async def says_not_ready(self) -> bool:
        """Tell whether it wants no more requests."""
        return await self.readiness() == 503

    def signal(self, sig: signal.Signals) -> None:
        """Send a signal to the process that was started."""
        self.process.send_signal(sig)

    async def end(self) -> int:
        """Return the exit code, once it has ended and all that it logged is read."""
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
            await self._reading
        return code

    async def kill(self) -> None:
        """End it, however it is."""
        if self.process.returncode is None:
            self.process.kill()
        await self.end()


@asynccontextmanager
async def replica(endpoint_url: str, **settings: Any) -> AsyncIterator[Replica]:
    """Start `serve`, and yield it when it is ready."""
    given = {"port": 0, "region": "eu-west-1", "endpoint_url": endpoint_url, **settings}
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        "serve",
        *(f"--{name.replace('_', '-')}={value}" for name, value in given.items()),
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stderr=asyncio.subprocess.PIPE,
    )
    started = Replica(process)
    try:
        await eventually(lambda: started.found(r"gateway\.listening host=\S+ port=(\d+)"), started)
        await eventually(started.is_ready, started)
        yield started
    finally:
        await started.kill()


async def eventually(condition: Callable[[], Any], *replicas: Replica) -> None:
    """Return when the condition, or what it is awaited for, holds. Fails when it never does."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                holds = condition()
                if await holds if asyncio.iscoroutine(holds) else holds:
                    return
                await asyncio.sleep(0.01)
    except TimeoutError:
        logs = "\n".join(replica.log for replica in replicas)
        raise AssertionError(f"it never came true; the gateways logged:\n{logs}") from None
