"""One process of the gateway: uvicorn, its sockets and its orderly shutdown."""

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
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any, Final, NamedTuple, NoReturn

import uvicorn
from starlette.types import ASGIApp

from gateway.http.lifecycle import Lifecycle
from gateway.server.connections import Connections
from gateway.server.http_protocol import HttpProtocol
from gateway.server.websocket_protocol import WebSocketProtocol
from gateway.settings import ServerSettings

logger = logging.getLogger(__name__)

# Reference counts free nearly all the garbage of a request. With Python's defaults the collector
# took a third of the time of small requests. Now it looks at young objects after 20,000 new ones,
# and at all objects every 500th time.
_GC_THRESHOLDS: Final = (20_000, 5, 100)
_TICKS_BETWEEN_FREEZES: Final = 100
"""Tenths of a second after which what is stored is taken out of the collector's sight again."""
# Seconds. With Python's default of 5 ms, a thread that calls AWS waits several times that long for
# a busy event loop.
_SWITCH_INTERVAL: Final = 0.0005
_CLOSE: Final = (b"connection", b"close")
_THREAD_TIMEOUT: Final = 0.2
"""Seconds within which idle threads end."""
_LAST_REQUESTS: Final = 0.1
"""Seconds for the requests of the last connections to arrive."""
_BACKLOG: Final = 2_048
"""Connections that may wait to be accepted."""


class Port(NamedTuple):
    """A bound socket, and the application that is served on it."""

    app: ASGIApp
    listener: socket.socket


class Server(uvicorn.Server):
    """A server that shuts down in steps, so that a load balancer in front loses no request.

    On SIGTERM readiness says no, and every response closes its connection. After the delay the
    server accepts nothing new, closes WebSockets and streams, and lets requests finish. After the
    grace period it cancels those that still run. SIGINT comes from a person, who waits for no load
    balancer: there is no delay. A second signal ends the process at once.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        lifecycle: Lifecycle,
        settings: ServerSettings,
        metrics: Port | None = None,
    ) -> None:
        super().__init__(config)
        self._metrics = metrics
        self._lifecycle = lifecycle
        self._settings = settings
        self._stop_at: float | None = None
        self._ticks = self._requests = self._frozen_requests = 0
        self.has_cancelled_requests = False
        """Whether the grace period ended before all requests had."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        if self._stop_at is not None:
            end_by_signal(sig)
        self.stop(self.delay_after(sig))

    def reload(self, sig: int, frame: FrameType | None) -> None:
        """Have files read again. A process that reads none ends, as when a terminal is closed."""
        if not self._lifecycle.reload():
            end_by_signal(sig)

    def delay_after(self, sig: int) -> float:
        """Return for how many seconds new requests are accepted after a signal."""
        return 0 if sig == signal.SIGINT else self._settings.shutdown_delay

    def stop(self, delay: float) -> None:
        """Begin to shut down; accept no new requests after `delay` seconds at the latest."""
        self._lifecycle.begin_shutdown()
        at = time.monotonic() + delay
        self._stop_at = at if self._stop_at is None else min(at, self._stop_at)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, the metrics last."""
        await super().startup(sockets)
        if self._metrics is not None:
            # Its connections have limits of their own, and end with the others.
            config = configure(self._metrics.app, self._settings)
            create = self._protocol_factory(config, {})
            loop = asyncio.get_running_loop()
            server = await loop.create_server(create, sock=self._metrics.listener)
            self.servers.append(server)

    def _protocol_factory(
        self, config: uvicorn.Config, app_state: dict[str, Any]
    ) -> Callable[[], asyncio.Protocol]:
        if not config.loaded:
            config.load()
        create: Any = config.http_protocol_class
        return partial(create, config=config, server_state=self.server_state, app_state=app_state)

    async def on_tick(self, counter: int) -> bool:
        """Check ten times a second whether it is time for the next step of the shutdown."""
        must_end = await super().on_tick(counter)
        self._freeze_when_idle()
        if self._stop_at is None:
            return must_end
        if _CLOSE not in self.server_state.default_headers:
            self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
        return must_end or time.monotonic() >= self._stop_at

    def _freeze_when_idle(self) -> None:
        """Have the collector forget what caches hold, which it would look at for a long time.

        Reference counts free what is evicted. A moment without requests is one in which no garbage
        is taken for live.
        """
        self._ticks += 1
        is_idle = not self.server_state.tasks and self._requests == self.server_state.total_requests
        if is_idle and self._ticks >= _TICKS_BETWEEN_FREEZES:
            if self._requests != self._frozen_requests:
                gc.collect()
                gc.freeze()
                self._frozen_requests = self._requests
            self._ticks = 0
        self._requests = self.server_state.total_requests

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing new, let requests finish within the grace period, and end."""
        accepted = [each for listener in sockets or () for each in _accept_all(listener)]
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        await self._serve_last(accepted)
        grace = asyncio.get_running_loop().call_later(
            self._settings.shutdown_grace, self._cancel_requests
        )
        await self._lifecycle.close_connections()
        await super().shutdown(sockets)
        grace.cancel()

    async def _serve_last(self, accepted: Iterable[socket.socket]) -> None:
        """Serve the last connections, after a moment in which their requests can arrive."""
        loop = asyncio.get_running_loop()
        create = self._protocol_factory(self.config, self.lifespan.state)
        for each in accepted:
            await loop.connect_accepted_socket(create, each)
        await asyncio.sleep(_LAST_REQUESTS)

    def _cancel_requests(self) -> None:
        if self.server_state.tasks:
            self.has_cancelled_requests = True
            requests = len(self.server_state.tasks)
            logger.warning("gateway.requests_cancelled", extra={"requests": requests})
            self._lifecycle.cancel_work()


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    """Yield the connections that wait: closing the listener would reset them."""
    with suppress(OSError):
        while True:
            accepted, _ = listener.accept()
            accepted.settimeout(0)
            yield accepted


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """Return `count` sockets bound to one address. Raises `OSError`.

    On Linux each socket has a queue of its own, over which the kernel spreads connections evenly.
    With one shared queue, the process that wakes up first takes all that wait.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    first = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    if count == 1:
        return [first]
    if sys.platform != "linux":
        return [first, *(first.dup() for _ in range(count - 1))]
    # The first socket only checks that the port is free: with SO_REUSEPORT, a second gateway would
    # not notice that it is not.
    address = first.getsockname()[:2]
    first.close()
    return [
        socket.create_server(address, family=family, backlog=_BACKLOG, reuse_port=True)
        for _ in range(count)
    ]


def listen_for_metrics(host: str, port: int, count: int) -> list[socket.socket]:
    """Return `count` sockets bound to ports that follow one another, or are free if `port` is 0.

    Each process has figures of its own, so each needs a port of its own. Raises `OSError`.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    ports = range(port, port + count) if port else [0] * count
    return [socket.create_server((host, each), family=family) for each in ports]


def serve(
    gateway: Port, lifecycle: Lifecycle, settings: ServerSettings, metrics: Port | None = None
) -> NoReturn:
    """Serve the gateway until a signal ends it, and the process with it.

    The metrics are served on a port of their own, if one is given.
    """
    announce(gateway.listener, [metrics.listener] if metrics is not None else [])
    config = configure(gateway.app, settings)
    run(Server(config, lifecycle, settings, metrics), gateway.listener)


def announce(listener: socket.socket, for_metrics: Iterable[socket.socket]) -> None:
    """Log where the gateway listens, and where its metrics are if they have ports of their own."""
    host, port = listener.getsockname()[:2]
    logger.info("gateway.listening", extra={"host": host, "port": port})
    for each in for_metrics:
        host, port = each.getsockname()[:2]
        logger.info("gateway.listening_for_metrics", extra={"host": host, "port": port})


def configure(app: ASGIApp, settings: ServerSettings) -> uvicorn.Config:
    """Return uvicorn's configuration."""
    return uvicorn.Config(
        app,
        log_config=None,
        # A line per request costs more than most requests; the proxy in front logs them.
        access_log=False,
        server_header=False,
        # Anybody could write these headers: the client is whoever opened the connection.
        proxy_headers=False,
        backlog=_BACKLOG,
        http=partial(HttpProtocol, connections=Connections(settings)),  # type: ignore[arg-type]
        ws=WebSocketProtocol,
        ws_max_size=settings.max_body_bytes,
        # A few bytes could stand for any number.
        ws_per_message_deflate=False,
        # When uvicorn itself cancels what `Server` could not.
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace) + 1,
        # Given here so that uvicorn's environment variable is not read.
        workers=1,
    )


def run(server: Server, listener: socket.socket) -> NoReturn:
    """Run a server on a bound socket and end the process, with 1 if requests were cancelled."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, server.reload)
    server.run(sockets=[listener])
    _exit(1 if server.has_cancelled_requests else 0)


def end_by_signal(sig: int) -> NoReturn:
    """End the process at once, as an unhandled signal does."""
    signal.signal(sig, signal.SIG_DFL)
    signal.raise_signal(sig)
    # The first process of a container does not die of signals that it does not handle.
    os._exit(128 + sig)


def _exit(code: int) -> NoReturn:
    """End the process without waiting for AWS calls that no request needs any more.

    Python would join their threads, which can take as long as AWS's timeouts and retries.
    """
    deadline = time.monotonic() + _THREAD_TIMEOUT
    threads = [thread for thread in threading.enumerate() if not thread.daemon]
    threads.remove(threading.main_thread())
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    # The lines that wait to be written; a forked process would not do this by itself.
    logging.shutdown()
    if any(thread.is_alive() for thread in threads):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise SystemExit(code)
