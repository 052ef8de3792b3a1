"""uvicorn, as the gateway runs it: one process, from the first request to an orderly end."""

import asyncio
import gc
import logging
import math
import os
import signal
import socket
import sys
import threading
import time
from types import FrameType
from typing import Final, NoReturn

import uvicorn
from starlette.types import ASGIApp

from gateway.http.disconnect import cut_off
from gateway.http.lifecycle import Shutdown
from gateway.http.listen import BACKLOG
from gateway.settings import ServerSettings

logger = logging.getLogger(__name__)

# Requests leave little garbage that is not freed by counting references. With Python's defaults
# the collector took a third of the time of small requests.
_GC_THRESHOLDS: Final = (50_000, 20, 100)
# Seconds. Of Python's own 5 ms a thread that calls AWS waits several times while the loop is busy.
_SWITCH_INTERVAL: Final = 0.0005
_CLOSE: Final = (b"connection", b"close")
_THREADS_END: Final = 0.2
"""Seconds within which threads end that have nothing to do."""


class Server(uvicorn.Server):
    """A server that ends in steps, so that a balancer in front loses no request.

    SIGTERM: not ready, and every response closes its connection. After the delay: nothing new is
    taken, WebSockets are closed, requests finish. After the grace period: what still runs is cut
    off. SIGINT comes from a person, who need not wait for a balancer: no delay. A second signal
    ends the process at once.
    """

    def __init__(
        self, config: uvicorn.Config, shutdown: Shutdown, settings: ServerSettings
    ) -> None:
        super().__init__(config)
        self._shutdown = shutdown
        self._settings = settings
        self._stop_at: float | None = None
        self.cut_off = False
        """Whether the grace period ended before all requests had."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self._stop_at is not None:
            end_by_signal(sig)
        self.stop(self.delay_after(sig))

    def delay_after(self, sig: int) -> float:
        """Return for how many seconds more requests are taken after a signal."""
        return 0 if sig == signal.SIGINT else self._settings.shutdown_delay

    def stop(self, delay: float) -> None:
        """Begin to end; `delay` seconds from now at the latest, no more requests are taken."""
        self._shutdown.begin()
        at = time.monotonic() + delay
        self._stop_at = at if self._stop_at is None else min(at, self._stop_at)

    async def on_tick(self, counter: int) -> bool:
        """Look ten times a second whether it is time to go on with the end."""
        must_end = await super().on_tick(counter)
        if self._stop_at is None:
            return must_end
        if _CLOSE not in self.server_state.default_headers:
            self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
        return must_end or time.monotonic() >= self._stop_at

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing new, let requests finish within the grace period, and end."""
        for server in self.servers:
            server.close()
        grace = asyncio.get_running_loop().call_later(self._settings.shutdown_grace, self._cut_off)
        await self._shutdown.say_farewells()
        await super().shutdown(sockets)
        grace.cancel()

    def _cut_off(self) -> None:
        if self.server_state.tasks:
            self.cut_off = True
            logger.warning("gateway.requests_cut_off: %d", len(self.server_state.tasks))
            cut_off()


def serve(
    app: ASGIApp, listener: socket.socket, shutdown: Shutdown, settings: ServerSettings
) -> NoReturn:
    """Serve `app` on a bound socket until a signal ends it, and the process with it."""
    announce(listener, settings)
    run(Server(configure(app, settings), shutdown, settings), listener)


def announce(listener: socket.socket, settings: ServerSettings) -> None:
    """Configure logging, and log where the gateway listens."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    host, port = listener.getsockname()[:2]
    logger.info("gateway.listening: %s port %d", host, port)


def configure(app: ASGIApp, settings: ServerSettings) -> uvicorn.Config:
    """Return uvicorn's configuration."""
    return uvicorn.Config(
        app,
        log_config=None,
        # One line a request costs more than most requests; the proxy in front writes them.
        access_log=False,
        server_header=False,
        # Nobody here asks for the client's address or scheme.
        proxy_headers=False,
        backlog=BACKLOG,
        ws_max_size=settings.max_body_bytes,
        # Whatever `Server` could not cut off by then is cancelled.
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace) + 1,
        # Not from uvicorn's environment variable: processes are ours to start.
        workers=1,
    )


def run(server: Server, listener: socket.socket) -> NoReturn:
    """Run a server on a bound socket and end the process, with 1 when requests were cut off."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    server.run(sockets=[listener])
    _leave(1 if server.cut_off else 0)


def end_by_signal(sig: int) -> NoReturn:
    """End at once, as a process does that handles no signals."""
    signal.signal(sig, signal.SIG_DFL)
    signal.raise_signal(sig)
    # The first process of a container does not die of signals that it does not handle.
    os._exit(128 + sig)


def _leave(code: int) -> NoReturn:
    """End the process without waiting for calls to AWS that nobody waits for.

    Python would join their threads, for as long as AWS's timeouts and retries let them hang.
    """
    deadline = time.monotonic() + _THREADS_END
    threads = [thread for thread in threading.enumerate() if not thread.daemon]
    threads.remove(threading.main_thread())
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)
