"""HTTP responses that hold several GraphQL responses: who gets one, and how it is sent."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.types import Message, Receive, Scope, Send

from gateway.auth.caller import Caller
from gateway.auth.errors import NoLongerValid
from gateway.budgets.budgets import Budgets
from gateway.errors import CodedError
from gateway.execution.engine import Engine
from gateway.execution.errors import request_error, unexpected_error
from gateway.execution.interpreted.incremental import Delivery
from gateway.execution.prepared import NEEDS_STREAM, Prepared, Subscribed
from gateway.execution.response_stream import Streams, has_parts
from gateway.http.asgi import ClientDisconnected, send_to_client, wait_for_disconnect
from gateway.http.framing import (
    APOLLO_SUBSCRIPTION,
    MULTIPART_BY_ID,
    MULTIPART_BY_PATH,
    SERVER_SENT_EVENTS,
    Frames,
    Framing,
)
from gateway.http.headers import ParsedHeaders
from gateway.http.lifecycle import Lifecycle, TooManyStreams
from gateway.http.negotiation import Accepted, MediaType
from gateway.http.responses import BytesResponse, Header, refuse_with

if TYPE_CHECKING:
    from gateway.auth.authenticator import Authenticator

logger = logging.getLogger(__name__)

_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept"),
    # Without this, nginx sends nothing on before its buffer is full.
    (b"x-accel-buffering", b"no"),
)


_LAST_SECONDS: Final = 1.0
"""Seconds that a client has to take the last response of a stream that the gateway ends."""


class Streaming:
    """Answers operations that have, or may have, more than one response.

    `max_streams` counts WebSockets too. `pause` returns when a stream needs a sign of life.
    """

    def __init__(
        self,
        engine: Engine,
        streams: Streams,
        lifecycle: Lifecycle,
        authenticator: "Authenticator | None",
        max_streams: int,
        pause: Callable[[], Awaitable[object]],
        budgets: Budgets,
    ) -> None:
        self._engine = engine
        self._streams = streams
        self._lifecycle = lifecycle
        self._authenticator = authenticator
        self._max_streams = max_streams
        self._pause = pause
        self._budgets = budgets

    def create_response(
        self, prepared: Prepared, headers: ParsedHeaders, caller: Caller
    ) -> "StreamedResponse | BytesResponse | None":
        """Return the HTTP response, or `None` where a single GraphQL response is right.

        Call this in the event loop and send the response at once, or the limit does not hold.
        Raises `OverBudget`.
        """
        accepted = headers.accepted
        if accepted.stream is None:
            return refuse_with(406, NEEDS_STREAM.body) if isinstance(prepared, Subscribed) else None
        delivery = _choose_delivery(accepted)
        if accepted.single is not None and not self._is_worth_streaming(
            prepared, delivery, headers, caller
        ):
            return None
        try:
            self._lifecycle.check_limit(self._max_streams)
        except TooManyStreams as error:
            return refuse_with(503, orjson.dumps(request_error(error)))
        self._check_budget(prepared, headers, caller)
        responses = self._streams.respond(prepared, caller, delivery, fresh=headers.no_cache)
        framing = _choose_framing(accepted, prepared)
        return StreamedResponse(
            responses, framing, self._lifecycle, self._pause, self._wait_until_invalid(caller)
        )

    def _check_budget(self, prepared: Prepared, headers: ParsedHeaders, caller: Caller) -> None:
        """Raise `OverBudget` before the response has a status, where the budget is spent now."""
        if caller.limits is None or prepared.cost is None:
            return
        is_cached = not headers.no_cache and self._engine.answer_now(prepared, caller) is not None
        if isinstance(prepared, Subscribed) or not is_cached:
            self._budgets.check_calls(caller, prepared.cost.total)

    def _wait_until_invalid(self, caller: Caller) -> Callable[[], Awaitable[object]]:
        """Return what waits until a caller may get no more of a stream."""
        if self._authenticator is None:
            return asyncio.Event().wait
        return partial(self._authenticator.wait_until_invalid, caller)

    def _is_worth_streaming(
        self, prepared: Prepared, delivery: Delivery, headers: ParsedHeaders, caller: Caller
    ) -> bool:
        """Tell whether a client that accepts JSON too is served better by a stream."""
        if isinstance(prepared, Subscribed):
            return True
        if headers.accepted.prefers_single or not has_parts(prepared, delivery):
            return False
        # What the cache holds comes in one piece, which HTTP caches may store.
        return headers.no_cache or self._engine.answer_now(prepared, caller) is None


def _choose_delivery(accepted: Accepted) -> Delivery:
    if accepted.stream is not MediaType.MULTIPART:
        return Delivery.BY_ID
    parameters = accepted.stream_parameters
    if parameters.get("deferspec") == "20220824":
        return Delivery.BY_PATH
    # Clients that name no format read different ones: they get what all of them read.
    return Delivery.BY_ID if parameters.get("incrementalspec") == "v0.2" else Delivery.WHOLE


def _choose_framing(accepted: Accepted, prepared: Prepared) -> Framing:
    if accepted.stream is MediaType.EVENT_STREAM:
        return SERVER_SENT_EVENTS
    if isinstance(prepared, Subscribed) and "subscriptionspec" in accepted.stream_parameters:
        return APOLLO_SUBSCRIPTION
    by_path = _choose_delivery(accepted) is Delivery.BY_PATH
    return MULTIPART_BY_PATH if by_path else MULTIPART_BY_ID


class StreamedResponse:
    """An ASGI application that sends responses as they come.

    It ends when there are no more, when the client disconnects, when its token expires or when the
    process shuts down. In each case it closes `responses`, which stops their work.
    """

    status_code = 200

    def __init__(
        self,
        responses: AsyncGenerator[bytes, None],
        framing: Framing,
        lifecycle: Lifecycle,
        pause: Callable[[], Awaitable[object]],
        wait_until_invalid: Callable[[], Awaitable[object]],
        *more: Header,
    ) -> None:
        self._responses = responses
        self._framing = framing
        self._frames = Frames(framing)
        self._lifecycle = lifecycle
        self._pause = pause
        self._wait_until_invalid = wait_until_invalid
        self._is_invalid = False
        self._more = more

    def with_headers(self, *headers: Header) -> "StreamedResponse":
        """Return the same response with additional headers."""
        return StreamedResponse(
            self._responses,
            self._framing,
            self._lifecycle,
            self._pause,
            self._wait_until_invalid,
            *headers,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the responses."""
        headers = [(b"content-type", self._framing.content_type), *_HEADERS, *self._more]
        start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
        with self._lifecycle.open_connection() as must_close, suppress(ClientDisconnected):
            await send_to_client(send, start)
            await _run_until_first(
                self._send_responses(send),
                self._send_keep_alives(send),
                wait_for_disconnect(receive),
                must_close.wait(),
                self._end_when_invalid(),
            )
            if self._is_invalid:
                await self._send_last(send, request_error(NoLongerValid()))
            await send_to_client(send, {"type": "http.response.body", "body": b""})

    async def _send_responses(self, send: Send) -> None:
        await _send_body(send, self._framing.opening)
        try:
            async with aclosing(self._responses) as responses:
                async for response in responses:
                    await _send_body(send, self._frames.frame(response))
        except ClientDisconnected:
            return
        except CodedError as error:
            await _send_body(send, self._frames.frame(orjson.dumps(request_error(error))))
        except Exception:
            logger.exception("gateway.unexpected_error")
            await _send_body(send, self._frames.frame(orjson.dumps(unexpected_error())))
        await _send_body(send, self._frames.close())

    async def _end_when_invalid(self) -> None:
        await self._wait_until_invalid()
        self._is_invalid = True

    async def _send_last(self, send: Send, response: dict[str, Any]) -> None:
        """Send a last response, unless the client does not read what was sent before."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                await _send_body(send, self._frames.frame(orjson.dumps(response)))
                await _send_body(send, self._frames.close())

    async def _send_keep_alives(self, send: Send) -> None:
        while True:
            await self._pause()
            await _send_body(send, self._frames.keep_alive())


async def _run_until_first(*coroutines: Awaitable[Any]) -> None:
    """Run all until one is done, then cancel the others."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send_body(send: Send, body: bytes) -> None:
    await send_to_client(send, {"type": "http.response.body", "body": body, "more_body": True})
