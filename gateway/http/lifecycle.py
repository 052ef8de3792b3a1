"""What is open in one process and what ends it: disconnects, limits and the shutdown."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from starlette.types import Receive

from gateway.errors import Code, CodedError
from gateway.http.asgi import ClientDisconnected, wait_for_disconnect

T = TypeVar("T")

_CLOSE_TIMEOUT: Final = 1.0
"""Seconds that connections have to close at shutdown; some clients no longer read."""


class GracePeriodOver(CodedError):
    """The process ends before the work for a client is done."""

    code = Code.UPSTREAM_TIMEOUT

    def __init__(self) -> None:
        super().__init__("AWS did not answer before the gateway had to end; try again.")


class TooManyStreams(CodedError):
    """The limit of long-lived connections, or of operations on one of them, is reached."""

    code = Code.TOO_MANY_STREAMS


class Lifecycle:
    """The work and the long-lived connections of one process, from start to shutdown.

    Shutdown has three steps, which the server takes: `begin_shutdown` turns readiness off,
    `close_connections` ends streams and WebSockets, `cancel_work` ends requests that still wait.
    """

    def __init__(self) -> None:
        self._is_ending = False
        self._work: set[asyncio.Task[Any]] = set()
        self._connections: set[asyncio.Event] = set()
        self._all_closed = asyncio.Event()
        self._all_closed.set()
        self._on_reload: list[Callable[[], None]] = []

    def on_reload(self, callback: Callable[[], None]) -> None:
        """Call `callback` whenever the process is asked to read its files again."""
        self._on_reload.append(callback)

    def reload(self) -> bool:
        """Ask for files to be read again; tell whether there are any. Signal handlers may call."""
        for callback in self._on_reload:
            callback()
        return bool(self._on_reload)

    @property
    def not_ready(self) -> str | None:
        """Why no more requests should be sent here, or `None` when they may be."""
        return "The gateway is shutting down." if self._is_ending else None

    @property
    def open_connections(self) -> int:
        """The number of open WebSockets and streams over HTTP."""
        return len(self._connections)

    @property
    def waiting_requests(self) -> int:
        """The number of requests that wait for AWS."""
        return len(self._work)

    def begin_shutdown(self) -> None:
        """Report not-ready from now on. Signal handlers may call this."""
        self._is_ending = True

    def check_limit(self, max_connections: int) -> None:
        """Raise `TooManyStreams` when there may be no further long-lived connection."""
        if len(self._connections) >= max_connections:
            raise TooManyStreams(
                f"{max_connections} streams are open here already, the most allowed; try again "
                "later."
            )

    @contextmanager
    def open_connection(self) -> Iterator[asyncio.Event]:
        """Count a long-lived connection while it is open.

        Yields an event that is set when the connection has to close because of the shutdown.
        """
        must_close = asyncio.Event()
        self._connections.add(must_close)
        self._all_closed.clear()
        try:
            yield must_close
        finally:
            self._connections.discard(must_close)
            if not self._connections:
                self._all_closed.set()

    async def close_connections(self) -> None:
        """Have all long-lived connections close, and wait a second at most until they have."""
        for must_close in self._connections:
            must_close.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await self._all_closed.wait()

    async def run_for_client(self, receive: Receive, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns. `receive` is that of the request; its body has been read.

        Raises `ClientDisconnected` when the client disconnects first, and `GracePeriodOver` after
        `cancel_work`. In both cases the work is cancelled.
        """
        task = asyncio.create_task(work)
        self._work.add(task)
        disconnect = asyncio.create_task(wait_for_disconnect(receive))
        disconnect.add_done_callback(lambda _: task.cancel())
        # `asyncio.wait` for both takes half as long again, which two hundred waiting clients feel.
        try:
            return await task
        except (asyncio.CancelledError, Exception):
            if _is_current_task_cancelled():
                raise
            if disconnect.done():
                disconnect.result()
                raise ClientDisconnected from None
            if task.cancelled():
                raise GracePeriodOver from None
            raise
        finally:
            self._work.discard(task)
            disconnect.cancel()

    def cancel_work(self) -> None:
        """Cancel all work that clients wait for."""
        for task in self._work:
            task.cancel()


def _is_current_task_cancelled() -> bool:
    """Tell whether the current task itself was cancelled, not only what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
