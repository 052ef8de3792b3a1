"""An HTTP response that goes on for as long as there are results."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import orjson
from starlette.types import Receive, Scope, Send

from gateway.execution.errors import unexpected_error
from gateway.http.lifecycle import Shutdown
from gateway.http.long_lived import LongLived

logger = logging.getLogger(__name__)

_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept"),
    # nginx collects responses otherwise.
    (b"x-accel-buffering", b"no"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How results stand in a body."""

    content_type: bytes
    opening: bytes
    frame: Callable[[bytes], bytes]
    keep_alive: bytes
    """Sent while there is no result, so that nobody on the way gives up; empty for none."""
    closing: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What keeps streams open, and what ends them."""

    long_lived: LongLived
    shutdown: Shutdown
    pause: Callable[[], Awaitable[object]]
    """Returns when it is time for a sign of life."""


class StreamedResponse:
    """An ASGI application that sends `results`.

    A client that goes away closes the generator of the results, and with it their work.
    """

    status_code = 200

    def __init__(
        self,
        results: AsyncGenerator[bytes, None],
        framing: Framing,
        life: "Life",
    ) -> None:
        self._results = results
        self._framing = framing
        self._life = life

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send results until there are no more, or the client is gone, or the server ends."""
        headers = [(b"content-type", self._framing.content_type), *_HEADERS]
        end = _End()
        with self._life.long_lived.place(), self._life.shutdown.on_farewell(end.say):
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await self._race(
                self._send_results(send),
                self._send_keep_alives(send),
                _disconnected(receive),
                end.said(),
            )
            await send({"type": "http.response.body", "body": b""})

    async def _race(self, *runners: Awaitable[None]) -> None:
        """Run until one is done, then stop the others."""
        tasks = [asyncio.ensure_future(runner) for runner in runners]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send_results(self, send: Send) -> None:
        await _send(send, self._framing.opening)
        try:
            async with aclosing(self._results) as results:
                async for result in results:
                    await _send(send, self._framing.frame(result))
        except OSError:
            return
        except Exception:
            logger.exception("gateway.unexpected_error")
            await _send(send, self._framing.frame(orjson.dumps(unexpected_error())))
        await _send(send, self._framing.closing)

    async def _send_keep_alives(self, send: Send) -> None:
        while True:
            await self._life.pause()
            if self._framing.keep_alive:
                await _send(send, self._framing.keep_alive)


class _End:
    """The end of the process, as one stream hears of it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def say(self) -> None:
        self._event.set()

    async def said(self) -> None:
        await self._event.wait()


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
