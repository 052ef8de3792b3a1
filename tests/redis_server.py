"""A redis-server of a test's own."""

import asyncio
import socket
from contextlib import closing
from pathlib import Path
from typing import Final

from redis.asyncio import Redis

PASSWORD: Final = "s3cret"


class RedisServer:
    """A redis-server of the test's own, which may be stopped and started again."""

    def __init__(self, executable: str, folder: Path) -> None:
        self._executable = executable
        self._folder = folder
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}"
        self.client = Redis.from_url(self.url)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Run it, and wait until it answers."""
        options = f"--port {self.port} --bind 127.0.0.1 --requirepass {PASSWORD} --save"
        command = [self._executable, *options.split(), "", "--dir", str(self._folder)]
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(*command, stdout=quiet)
        async with asyncio.timeout(10):
            while True:
                try:
                    await self.client.ping()
                except Exception:  # noqa: BLE001  # not listening yet, or still loading
                    await asyncio.sleep(0.01)
                else:
                    return

    async def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None
