"""Several processes that share one port, started and replaced by one that serves nothing."""

import errno
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Final

from starlette.types import ASGIApp

from gateway.http.server import Server, ServerOptions, configure, end_by_signal, leave, run
from gateway.http.shutdown import Shutdown

logger = logging.getLogger(__name__)

_BACKLOG: Final = 2_048
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_SHORTEST_LIFE: Final = 1.0
"""Seconds from one start of a worker to the next, however soon it dies."""
_OVERDUE: Final = 5.0
"""Seconds past its grace period after which a worker is taken to hang, and killed."""

Application = Callable[[Shutdown], ASGIApp]
"""Makes the application of one process."""


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """Return `count` sockets bound to one address. Raises `OSError`.

    On Linux each has a queue of its own, over which the kernel spreads connections evenly. From
    one shared queue, the process that wakes up first takes all that it finds.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    first = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    if count == 1:
        return [first]
    if sys.platform != "linux":
        return [first, *(first.dup() for _ in range(count - 1))]
    # The first one only found out whether the port is free: with SO_REUSEPORT, a second gateway
    # would not notice that it is not.
    address = first.getsockname()[:2]
    first.close()
    return [
        socket.create_server(address, family=family, backlog=_BACKLOG, reuse_port=True)
        for _ in range(count)
    ]


def supervise(
    application: Application, listeners: Sequence[socket.socket], options: ServerOptions
) -> int:
    """Serve in one process per socket until a signal ends them. Returns the exit code.

    Raises `OSError` where processes cannot be forked.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        raise OSError(errno.ENOSYS, "several workers need a system that can fork")
    # What is imported so far is shared by all workers, as long as none writes to it.
    gc.collect()
    gc.freeze()
    return _Supervisor(application, listeners, options).run()


@dataclass(slots=True)
class _Worker:
    started: float
    process: BaseProcess | None
    """`None` while it is not yet time to replace one that died."""


class _Supervisor:
    def __init__(
        self, application: Application, listeners: Sequence[socket.socket], options: ServerOptions
    ) -> None:
        self._application = application
        self._listeners = listeners
        self._options = options
        self._workers: dict[int, _Worker] = {}
        self._kill_at: float | None = None
        """When workers that do not end are killed; `None` until they are told to end."""
        self._exit_code = 0

    def run(self) -> int:
        configure_nothing = self._options  # placeholder
        with _signals() as inbox:
            for index in range(len(self._listeners)):
                self._start(index)
            while self._workers:
                sentinels = [worker.process.sentinel for worker in self._running()]
                wait([inbox, *sentinels], self._patience())
                for sig in _received(inbox):
                    self._on_signal(sig)
                self._look_after()
        return self._exit_code
