"""GraphQL over WebSockets: who may open one, how many there may be, and the tasks of each.

Strawberry has a handler for the same protocol. It is not used here because it has one context for
all operations of a connection, parses and validates each of them again without any of the limits,
knows no persisted documents, and shows internal errors as they are.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.types import Message, Receive, Scope, Send

from gateway.auth.caller import Caller
from gateway.auth.errors import KeysUnavailable, NoLongerValid, Unauthenticated
from gateway.budgets.budgets import Budgets
from gateway.budgets.errors import RateLimited
from gateway.errors import Code, CodedError
from gateway.execution.engine import Engine
from gateway.execution.errors import request_error, unexpected_error
from gateway.execution.prepared import Answered
from gateway.execution.response_stream import Streams
from gateway.http.asgi import ClientDisconnected, send_to_client, supports_close_reason
from gateway.http.callers import Callers
from gateway.http.csrf import is_allowed_origin, is_same_origin
from gateway.http.graphql_transport_ws import (
    PROTOCOL,
    Action,
    Authenticate,
    CloseSocket,
    SendText,
    ServerProtocol,
    StartOperation,
    StopOperation,
)
from gateway.http.lifecycle import Lifecycle, TooManyStreams
from gateway.http.persisted_documents import PersistedDocuments
from gateway.http.rate_limits import retry_after
from gateway.settings import StreamSettings

if TYPE_CHECKING:
    from gateway.auth.authenticator import Authenticator

logger = logging.getLogger(__name__)

_GOING_AWAY: Final = 1001
"""Tells clients to connect again. uvicorn by itself would send 1012."""
_SUBPROTOCOL_NOT_ACCEPTABLE: Final = 4406


class ForeignOrigin(CodedError):
    """A page of a site that is not allowed to opened the WebSocket."""

    code = Code.FORBIDDEN


class WebSocketEndpoint:
    """The ASGI application behind `/graphql` for WebSockets."""

    def __init__(
        self,
        engine: Engine,
        streams: Streams,
        documents: PersistedDocuments,
        lifecycle: Lifecycle,
        callers: Callers,
        budgets: Budgets,
        settings: StreamSettings,
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._engine = engine
        self._streams = streams
        self._documents = documents
        self._lifecycle = lifecycle
        self._callers = callers
        self._budgets = budgets
        self._settings = settings
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket until it is closed."""
        if (await receive())["type"] != "websocket.connect":
            return
        with suppress(ClientDisconnected):
            try:
                _check_origin(scope, self._settings.cors_origins)
                self._lifecycle.check_limit(self._settings.max_streams)
                # The token may follow later.
                if self._callers.has_credentials(scope):
                    await self._callers.identify(scope)
            except ForeignOrigin as error:
                await _deny(scope, send, 403, error)
            except Unauthenticated as error:
                challenge = (b"www-authenticate", error.challenge)
                await _deny(scope, send, 401, error, challenge)
            except RateLimited as error:
                await _deny(scope, send, 429, error, retry_after(error))
            except (TooManyStreams, KeysUnavailable) as error:
                await _deny(scope, send, 503, error)
            else:
                await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if PROTOCOL not in scope["subprotocols"]:
            # Accepted first, or the client would not see the reason.
            await send_to_client(send, {"type": "websocket.accept"})
            refusal = CloseSocket(_SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable")
            await _close(scope, send, refusal)
            return
        with self._lifecycle.open_connection() as must_close:
            await send_to_client(send, {"type": "websocket.accept", "subprotocol": PROTOCOL})
            connection = _Connection(
                self._engine,
                self._streams,
                self._documents,
                self._settings,
                self._sleep,
                receive,
                send,
                partial(self._callers.identify_socket, scope),
                self._callers.authenticator,
                self._budgets,
            )
            close = await connection.run(must_close)
            if close is not None:
                await _close(scope, send, close)


class _Closed(Exception):
    """The protocol closes the connection."""

    def __init__(self, action: CloseSocket) -> None:
        super().__init__(action.reason)
        self.action = action


class _Connection:
    """One accepted WebSocket: carries out what the protocol returns, each operation in a task."""

    def __init__(
        self,
        engine: Engine,
        streams: Streams,
        documents: PersistedDocuments,
        settings: StreamSettings,
        sleep: Callable[[float], Awaitable[object]],
        receive: Receive,
        send: Send,
        identify: Callable[[object], Awaitable[Caller]],
        authenticator: "Authenticator | None",
        budgets: Budgets,
    ) -> None:
        self._engine = engine
        self._streams = streams
        self._documents = documents
        self._settings = settings
        self._sleep = sleep
        self._receive = receive
        self._send = send
        self._protocol = ServerProtocol(settings.max_socket_operations, settings.max_body_bytes)
        self._identify = identify
        self._authenticator = authenticator
        self._budgets = budgets
        self._caller: Caller | None = None
        """Who sends the operations; there are none before it is known."""
        self._tasks = asyncio.TaskGroup()
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def run(self, must_close: asyncio.Event) -> CloseSocket | None:
        """Serve until either side closes the connection; then stop everything that runs on it.

        Returns how to close the connection, `None` when the client has closed it.
        """
        close: CloseSocket | None = None
        try:
            async with self._tasks:
                self._tasks.create_task(self._receive_messages())
                self._tasks.create_task(self._check_initialised())
                self._tasks.create_task(self._check_idle())
                self._tasks.create_task(self._close_at_shutdown(must_close))
        except* ClientDisconnected:
            pass
        except* _Closed as group:
            close = next(each.action for each in group.exceptions if isinstance(each, _Closed))
        return close

    async def _receive_messages(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                raise ClientDisconnected
            await self._perform(self._protocol.receive(message.get("text")))

    async def _check_initialised(self) -> None:
        await self._sleep(self._settings.socket_init_timeout)
        await self._perform(self._protocol.check_initialised())

    async def _check_idle(self) -> None:
        while True:
            await self._sleep(self._settings.socket_idle_timeout)
            await self._perform(self._protocol.check_idle())

    async def _close_at_shutdown(self, must_close: asyncio.Event) -> None:
        await must_close.wait()
        await self._perform(self._protocol.close(_GOING_AWAY, "Shutting down"))

    async def _perform(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case SendText(text):
                    await send_to_client(self._send, {"type": "websocket.send", "text": text})
                case Authenticate(payload):
                    await self._authenticate(payload)
                case StartOperation(id_, payload):
                    operation = self._operate(id_, payload)
                    self._operations[id_] = self._tasks.create_task(operation)
                case StopOperation(id_):
                    self._operations.pop(id_).cancel()
                case CloseSocket():
                    # Sent once all tasks have ended: nothing may follow a close.
                    raise _Closed(action)

    async def _authenticate(self, payload: object) -> None:
        """Find out who has opened the connection, and close it when nobody may."""
        try:
            caller = self._caller = await self._identify(payload)
        except (Unauthenticated, KeysUnavailable, RateLimited) as error:
            await self._perform(self._protocol.refuse(str(error)))
            return
        if self._authenticator is not None:
            end = self._close_when_invalid(self._authenticator, caller)
            self._tasks.create_task(end)
        await self._perform(self._protocol.acknowledge())

    async def _close_when_invalid(self, authenticator: "Authenticator", caller: Caller) -> None:
        await authenticator.wait_until_invalid(caller)
        await self._perform(self._protocol.refuse(str(NoLongerValid())))

    async def _operate(self, id_: str, payload: dict[str, Any]) -> None:
        """Execute an operation, from its request to its last message."""
        try:
            errors = await self._send_responses(id_, payload)
        except (ClientDisconnected, _Closed):
            raise
        except CodedError as error:
            errors = request_error(error)["errors"]
        except Exception:
            logger.exception("gateway.unexpected_error")
            errors = unexpected_error()["errors"]
        # Before the last message: once that is sent, the client may use the id again.
        self._operations.pop(id_, None)
        if errors:
            await self._perform(self._protocol.fail(id_, errors))
        else:
            await self._perform(self._protocol.complete(id_))

    async def _send_responses(self, id_: str, payload: dict[str, Any]) -> list[dict[str, Any]]:
        """Send the responses of an operation, or return why it cannot be executed."""
        assert self._caller is not None
        self._budgets.take_request(self._caller)
        request = await self._documents.read_request(payload)
        prepared = self._engine.prepare(replace(request, grants=self._caller.grants))
        if isinstance(prepared, Answered):
            errors: list[dict[str, Any]] = orjson.loads(prepared.result.body)["errors"]
            return errors
        async with aclosing(self._streams.respond(prepared, self._caller)) as responses:
            async for response in responses:
                await self._perform(self._protocol.send_response(id_, response))
        return []


def _check_origin(scope: Scope, allowed: frozenset[str]) -> None:
    """Raise `ForeignOrigin` for a page of another site: browsers let it connect to any host.

    Clients that are no browsers send no origin.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    if origin and not is_allowed_origin(origin, allowed) and not is_same_origin(origin, host):
        raise ForeignOrigin("Pages of this origin may not open WebSockets here.")


async def _close(scope: Scope, send: Send, close: CloseSocket) -> None:
    message: Message = {"type": "websocket.close", "code": close.code}
    if supports_close_reason(scope):
        message["reason"] = close.reason
    await send_to_client(send, message)


async def _deny(
    scope: Scope, send: Send, status: int, error: CodedError, *more: tuple[bytes, bytes]
) -> None:
    """Refuse the handshake, with the reason where the server can send one."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send_to_client(send, {"type": "websocket.close"})
        return
    start = "websocket.http.response.start"
    headers = [(b"content-type", b"application/json; charset=utf-8"), *more]
    await send_to_client(send, {"type": start, "status": status, "headers": headers})
    body = orjson.dumps(request_error(error))
    await send_to_client(send, {"type": "websocket.http.response.body", "body": body})
