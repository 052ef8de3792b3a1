"""Has a file read again when it changes, or when somebody asks for it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

CHECK_SECONDS: Final = 2.0
"""How often a file is looked at."""

Sleep = Callable[[float], Awaitable[object]]


class FileWatch:
    """Watches one file from now on.

    `read` reads it again, and raises nothing whatever is in it; `sleep` waits for seconds.
    """

    def __init__(self, path: Path, read: Callable[[], Awaitable[None]], sleep: Sleep) -> None:
        self._path = path
        self._read = read
        self._sleep = sleep
        self._is_asked = False
        self._stamp = _stamp(path)

    def request_reading(self) -> None:
        """Have the file read again within two seconds. Signal handlers may call this."""
        self._is_asked = True

    async def run(self) -> None:
        """Look at the file regularly, until the task is cancelled."""
        while True:
            await self._sleep(CHECK_SECONDS)
            # In a thread: the file may be on a network, which may be slow.
            stamp = await asyncio.to_thread(_stamp, self._path)
            if stamp != self._stamp or self._is_asked:
                self._is_asked, self._stamp = False, stamp
                await self._read()


def _stamp(path: Path) -> tuple[int, ...] | None:
    """Return what changes when the file at a path does, `None` when there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
