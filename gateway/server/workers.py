"""Several processes that share one port, and the supervisor that starts and replaces them."""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Final, NoReturn

import uvicorn
from starlette.types import ASGIApp

from gateway.http.lifecycle import Lifecycle
from gateway.server.uvicorn import (
    Port,
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
_MIN_RESTART_INTERVAL: Final = 1.0
"""Seconds from one start of a worker to the next, however soon it dies."""
_START_TIME: Final = 60.0
"""Seconds that a worker may take until its first heartbeat, besides the time for each."""
_PIPE_BYTES: Final = 65_536
_TICKS_PER_BEAT: Final = 5
"""Tenths of a second from one heartbeat to the next."""
_KILL_DELAY: Final = 5.0
"""Seconds past its grace period after which a worker counts as hung and is killed."""

Apps = tuple[ASGIApp, ASGIApp]
"""The applications of one process: the gateway, and its metrics."""
CreateApps = Callable[[Lifecycle], Apps]


def supervise(
    create_apps: CreateApps,
    listeners: Sequence[socket.socket],
    settings: ServerSettings,
    *,
    for_metrics: Sequence[socket.socket] = (),
    reloads: bool = False,
) -> NoReturn:
    """Serve in one process per socket until a signal ends them, and this process with them.

    Each of them calls `create_apps`. The sockets `for_metrics` are as many, or none. With
    `reloads`, the processes have files to read again on SIGHUP.
    """
    announce(listeners[0], for_metrics)
    # Workers share the memory of what is imported so far, as long as none writes to it.
    gc.collect()
    gc.freeze()
    supervisor = _Supervisor(create_apps, listeners, for_metrics, settings)
    raise SystemExit(supervisor.run(reloads=reloads))


class _Worker:
    """A process, and when it last said that its event loop runs."""

    def __init__(self, process: BaseProcess, heartbeats: int) -> None:
        self.started = time.monotonic()
        self.process = process
        self.heartbeats = heartbeats
        """The end of a pipe from which its heartbeats are read."""
        self._beat_at: float | None = None

    def due(self, timeout: float) -> float:
        """Return when the next heartbeat must have come at the latest."""
        if self._beat_at is None:
            return self.started + timeout + _START_TIME
        return self._beat_at + timeout

    def is_frozen(self, now: float, timeout: float) -> bool:
        """Tell whether no heartbeat has come for too long."""
        # Those that came while this process itself was stopped count as well.
        with suppress(BlockingIOError):
            if os.read(self.heartbeats, _PIPE_BYTES):
                self._beat_at = now
        return now >= self.due(timeout)

    def send(self, sig: signal.Signals) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, sig)


class _Supervisor:
    def __init__(
        self,
        create_apps: CreateApps,
        listeners: Sequence[socket.socket],
        for_metrics: Sequence[socket.socket],
        settings: ServerSettings,
    ) -> None:
        self._create_apps = create_apps
        self._listeners = listeners
        self._for_metrics = for_metrics
        self._settings = settings
        self._workers: dict[int, _Worker] = {}
        self._due: dict[int, float] = {}
        """When a worker that died is replaced, by the index of its socket."""
        self._signal: signal.Signals | None = None
        """The signal that began the shutdown."""
        self._kill_at: float | None = None
        """When workers that still run during the shutdown are killed."""
        self._exit_code = 0

    def run(self, *, reloads: bool) -> int:
        with _signals((*_SIGNALS, signal.SIGHUP) if reloads else _SIGNALS) as inbox:
            for index in range(len(self._listeners)):
                self._start(index)
            while self._workers or self._due:
                for sig in self._wait(inbox):
                    self._on_signal(sig)
                self._reap()
                self._act(time.monotonic())
        return self._exit_code

    def _wait(self, inbox: socket.socket) -> Iterator[signal.Signals]:
        workers = self._workers.values()
        sentinels = [fd for each in workers for fd in (each.process.sentinel, each.heartbeats)]
        times = [*self._due.values(), *([self._kill_at] if self._kill_at is not None else ())]
        if self._signal is None:
            times += [each.due(self._settings.worker_timeout) for each in self._workers.values()]
        timeout = max(0.0, min(times) - time.monotonic()) if times else None
        if inbox in wait([inbox, *sentinels], timeout):
            yield from map(signal.Signals, inbox.recv(len(_SIGNALS)))

    def _on_signal(self, sig: signal.Signals) -> None:
        if sig == signal.SIGHUP:
            for worker in self._workers.values():
                worker.send(sig)
            return
        if self._signal is not None:
            self._kill()
            end_by_signal(sig)
        self._stop(sig)

    def _stop(self, sig: signal.Signals) -> None:
        self._signal = sig
        allowed = self._settings.shutdown_delay + self._settings.shutdown_grace + _KILL_DELAY
        self._kill_at = time.monotonic() + allowed
        self._due.clear()
        # An open socket would still get connections, which no worker accepts any more.
        for listener in (*self._listeners, *self._for_metrics):
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
            os.close(worker.heartbeats)
            code = worker.process.exitcode
            if self._signal is not None:
                # A worker that does not serve yet dies of the signal, without loss of a request.
                self._exit_code |= code not in {0, -self._signal}
            elif code == _CANNOT_START:
                logger.error("gateway.worker_cannot_start", extra={"exit_code": code})
                self._exit_code = 1
                self._stop(signal.SIGTERM)
            else:
                facts = {"worker": worker.process.pid, "exit_code": code}
                logger.warning("gateway.worker_died", extra=facts)
                self._due[index] = worker.started + _MIN_RESTART_INTERVAL

    def _act(self, now: float) -> None:
        if self._kill_at is not None and now >= self._kill_at:
            logger.error("gateway.workers_killed", extra={"workers": len(self._workers)})
            self._exit_code = 1
            self._kill()
        self._kill_frozen(now)
        for index in [index for index, due in self._due.items() if now >= due]:
            del self._due[index]
            self._start(index)

    def _kill_frozen(self, now: float) -> None:
        """Kill the workers whose event loop does not run; they are replaced once they are dead."""
        for worker in self._workers.values():
            is_frozen = worker.is_frozen(now, self._settings.worker_timeout)
            # During the shutdown, workers have a time limit of their own.
            if is_frozen and self._signal is None and worker.process.is_alive():
                logger.error("gateway.worker_frozen", extra={"worker": worker.process.pid})
                worker.send(signal.SIGKILL)
                worker.process.join(_KILL_DELAY)

    def _start(self, index: int) -> None:
        heartbeats, pipe = os.pipe()
        os.set_blocking(heartbeats, False)
        os.set_blocking(pipe, False)
        process = _FORK.Process(target=self._work, args=(index, pipe), name=f"gateway-{index}")
        # Until the worker has its own signal handlers, it has those of this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(pipe)
        self._workers[index] = _Worker(process, heartbeats)

    def _work(self, index: int, pipe: int) -> NoReturn:
        parent = os.getppid()
        signal.set_wakeup_fd(-1)
        for sig in _SIGNALS:
            signal.signal(sig, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        for listeners in (self._listeners, self._for_metrics):
            for other, listener in enumerate(listeners):
                if other != index:
                    listener.close()
        try:
            lifecycle = Lifecycle()
            app, metrics_app = self._create_apps(lifecycle)
            metrics = Port(metrics_app, self._for_metrics[index]) if self._for_metrics else None
            config = configure(app, self._settings)
            server = _WorkerServer(config, lifecycle, self._settings, metrics, parent, pipe)
            run(server, self._listeners[index])
        finally:
            # `logging` does this by itself in the first process only, not in forked ones.
            logging.shutdown()


class _WorkerServer(Server):
    """A server that gets each signal twice, from its parent and from the terminal."""

    def __init__(
        self,
        config: uvicorn.Config,
        lifecycle: Lifecycle,
        settings: ServerSettings,
        metrics: Port | None,
        parent: int,
        pipe: int,
    ) -> None:
        super().__init__(config, lifecycle, settings, metrics)
        self._parent = parent
        self._pipe = pipe

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        self.stop(self.delay_after(sig))

    async def on_tick(self, counter: int) -> bool:
        """Tell the parent that the event loop runs, and shut down when the parent is gone."""
        if counter % _TICKS_PER_BEAT == 0:
            # Full, where the parent does not read.
            with suppress(BlockingIOError, BrokenPipeError):
                os.write(self._pipe, b".")
        if os.getppid() != self._parent:
            self.stop(self.delay_after(signal.SIGTERM))
        return await super().on_tick(counter)


@contextmanager
def _signals(signals: Sequence[signal.Signals]) -> Iterator[socket.socket]:
    """Yield a socket from which signals can be read, one byte each."""
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.settimeout(0)
        handlers = {sig: signal.signal(sig, lambda sig, frame: None) for sig in signals}
        signal.set_wakeup_fd(writer.fileno())
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(-1)
            for sig, handler in handlers.items():
                signal.signal(sig, handler)
