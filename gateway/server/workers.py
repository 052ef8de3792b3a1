"""Several processes that share one port, started and replaced by one that serves nothing."""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Final, NamedTuple, NoReturn

import uvicorn
from starlette.types import ASGIApp

from gateway.http.lifecycle import Shutdown
from gateway.server.uvicorn import (
    Server,
    announce,
    configure,
    end_by_signal,
    run,
)
from gateway.settings import ServerSettings

logger = logging.getLogger(__name__)

_FORK: Final = multiprocessing.get_context("fork")
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_CANNOT_START: Final = 3
"""uvicorn's exit code when the application's start-up failed, as it would every time."""
_SHORTEST_LIFE: Final = 1.0
"""Seconds from one start of a worker to the next, however soon it dies."""
_OVERDUE: Final = 5.0
"""Seconds past its grace period after which a worker is taken to hang, and killed."""

Application = Callable[[Shutdown], ASGIApp]
"""Makes the application of one process."""


def supervise(
    application: Application, listeners: Sequence[socket.socket], settings: ServerSettings
) -> NoReturn:
    """Serve in one process per socket until a signal ends them, and this process with them.

    `application` is called in each of them.
    """
    announce(listeners[0], settings)
    # What is imported so far is shared by all workers, as long as none writes to it.
    gc.collect()
    gc.freeze()
    raise SystemExit(_Supervisor(application, listeners, settings).run())


class _Worker(NamedTuple):
    started: float
    process: BaseProcess

    def send(self, sig: signal.Signals) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, sig)


class _Supervisor:
    def __init__(
        self, application: Application, listeners: Sequence[socket.socket], settings: ServerSettings
    ) -> None:
        self._application = application
        self._listeners = listeners
        self._settings = settings
        self._workers: dict[int, _Worker] = {}
        self._due: dict[int, float] = {}
        """When workers that died are replaced, by the index of their socket."""
        self._told: signal.Signals | None = None
        """The signal that ended it all."""
        self._kill_at: float | None = None
        """When workers that have been told to end, and do not, are killed."""
        self._exit_code = 0

    def run(self) -> int:
        with _signals() as inbox:
            for index in range(len(self._listeners)):
                self._start(index)
            while self._workers or self._due:
                for sig in self._wait(inbox):
                    self._on_signal(sig)
                self._reap()
                self._act(time.monotonic())
        return self._exit_code

    def _wait(self, inbox: socket.socket) -> Iterator[signal.Signals]:
        sentinels = [worker.process.sentinel for worker in self._workers.values()]
        times = [*self._due.values(), *([self._kill_at] if self._kill_at is not None else ())]
        timeout = max(0.0, min(times) - time.monotonic()) if times else None
        if inbox in wait([inbox, *sentinels], timeout):
            yield from map(signal.Signals, inbox.recv(len(_SIGNALS)))

    def _on_signal(self, sig: signal.Signals) -> None:
        if self._told is not None:
            self._kill()
            end_by_signal(sig)
        self._stop(sig)

    def _stop(self, sig: signal.Signals) -> None:
        self._told = sig
        allowed = self._settings.shutdown_delay + self._settings.shutdown_grace + _OVERDUE
        self._kill_at = time.monotonic() + allowed
        self._due.clear()
        # Or the kernel would go on putting connections into queues that no worker reads any more.
        for listener in self._listeners:
            listener.close()
        for worker in self._workers.values():
            worker.send(sig)

    def _kill(self) -> None:
        self._kill_at = None
        for worker in self._workers.values():
            worker.send(signal.SIGKILL)

    def _reap(self) -> None:
        for index, worker in list(self._workers.items()):
            if worker.process.is_alive():
                continue
            del self._workers[index]
            code = worker.process.exitcode
            if self._told is not None:
                # One that was not yet serving dies of the signal, and leaves no request behind.
                self._exit_code |= code not in {0, -self._told}
            elif code == _CANNOT_START:
                logger.error("gateway.worker_cannot_start: exit code %d", code)
                self._exit_code = 1
                self._stop(signal.SIGTERM)
            else:
                logger.warning("gateway.worker_died: %d, exit code %s", worker.process.pid, code)
                self._due[index] = worker.started + _SHORTEST_LIFE

    def _act(self, now: float) -> None:
        if self._kill_at is not None and now >= self._kill_at:
            logger.error("gateway.workers_killed: %d", len(self._workers))
            self._exit_code = 1
            self._kill()
        for index in [index for index, due in self._due.items() if now >= due]:
            del self._due[index]
            self._start(index)

    def _start(self, index: int) -> None:
        process = _FORK.Process(target=self._work, args=(index,), name=f"gateway-{index}")
        # A signal to a worker must not be taken by the handlers that it has from this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        self._workers[index] = _Worker(time.monotonic(), process)

    def _work(self, index: int) -> NoReturn:
        parent = os.getppid()
        signal.set_wakeup_fd(-1)
        for sig in _SIGNALS:
            signal.signal(sig, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        for other, listener in enumerate(self._listeners):
            if other != index:
                listener.close()
        shutdown = Shutdown()
        config = configure(self._application(shutdown), self._settings)
        server = _WorkerServer(config, shutdown, self._settings, parent)
        run(server, self._listeners[index])


class _WorkerServer(Server):
    """A server that can be told to end more than once, by its parent and by a terminal."""

    def __init__(
        self, config: uvicorn.Config, shutdown: Shutdown, settings: ServerSettings, parent: int
    ) -> None:
        super().__init__(config, shutdown, settings)
        self._parent = parent

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        self.stop(self.delay_after(sig))

    async def on_tick(self, counter: int) -> bool:
        """Look as well whether the parent is still there."""
        if os.getppid() != self._parent:
            self.stop(self.delay_after(signal.SIGTERM))
        return await super().on_tick(counter)


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """Yield a socket from which signals can be read, one byte each."""
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.settimeout(0)
        handlers = {sig: signal.signal(sig, lambda sig, frame: None) for sig in _SIGNALS}
        signal.set_wakeup_fd(writer.fileno())
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(-1)
            for sig, handler in handlers.items():
                signal.signal(sig, handler)
