"""The protocol `graphql-transport-ws`, spoken on one WebSocket.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final

import orjson
from starlette.types import Receive, Send

from gateway.errors import CodedError
from gateway.execution.engine import Engine
from gateway.execution.errors import request_error, unexpected_error
from gateway.execution.prepared import Answered
from gateway.execution.response_stream import Streams
from gateway.http.long_lived import TooManyStreams
from gateway.http.persisted_documents import PersistedDocuments
from gateway.settings import StreamSettings

logger = logging.getLogger(__name__)

PROTOCOL: Final = "graphql-transport-ws"


class _Close(Exception):
    """The connection ends, with a code and reason unless it is gone already."""

    def __init__(self, code: int | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One accepted WebSocket and the operations that run on it, each in a task of its own."""

    def __init__(
        self,
        engine: Engine,
        streams: Streams,
        documents: PersistedDocuments,
        settings: StreamSettings,
        sleep: Callable[[float], Awaitable[object]],
        receive: Receive,
        send: Send,
    ) -> None:
        self._engine = engine
        self._streams = streams
        self._documents = documents
        self._settings = settings
        self._sleep = sleep
        self._receive = receive
        self._send = send
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks = asyncio.TaskGroup()
        self._is_initialised = False
        self._heard = 0

    async def run(self) -> None:
        """Serve the connection until either side closes it; then stop all that ran on it."""
        close = _Close()
        try:
            async with self._tasks:
                self._tasks.create_task(self._read())
                self._tasks.create_task(self._expect_init())
                self._tasks.create_task(self._watch_silence())
        except* _Close as group:
            close = _first(group)
        if close.code is not None:
            message = {"type": "websocket.close", "code": close.code, "reason": close.reason}
            await self._tell(message)

    async def _expect_init(self) -> None:
        await self._sleep(self._settings.socket_init_timeout)
        if not self._is_initialised:
            raise _Close(4408, "Connection initialisation timeout")

    async def _watch_silence(self) -> None:
        while True:
            heard = self._heard
            await self._sleep(self._settings.socket_idle_timeout)
            if self._heard != heard:
                continue
            await self._say({"type": "ping"})
            await self._sleep(self._settings.socket_idle_timeout)
            if self._heard == heard:
                # Not a code of the protocol's own: those tell clients not to connect again.
                raise _Close(1001, "Idle for too long")

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                raise _Close
            text = message.get("text")
            if not isinstance(text, str):
                raise _Close(4400, "Messages must be text")
            if len(text.encode()) > self._settings.max_body_bytes:
                raise _Close(1009, "Message too big")
            self._heard += 1
            await self._handle(_decode(text))

    async def _handle(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._init()
            case "ping":
                await self._say({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(_id(message), message.get("payload"))
            case "complete":
                self._complete(_id(message))
            case _:
                raise _Close(4400, "Invalid message type")

    async def _init(self) -> None:
        if self._is_initialised:
            raise _Close(4429, "Too many initialisation requests")
        self._is_initialised = True
        await self._say({"type": "connection_ack"})

    async def _subscribe(self, id_: str, payload: object) -> None:
        if not self._is_initialised:
            raise _Close(4401, "Unauthorized")
        if id_ in self._operations:
            # The protocol names the id here; the client's may be longer than a reason can be.
            raise _Close(4409, f"Subscriber for {id_:.20} already exists")
        if not isinstance(payload, dict):
            raise _Close(4400, "Invalid payload")
        most = self._settings.max_socket_operations
        if len(self._operations) >= most:
            error = TooManyStreams(f"{most} operations run on this connection, the most allowed.")
            await self._say({"id": id_, "type": "error", "payload": request_error(error)["errors"]})
            return
        self._operations[id_] = self._tasks.create_task(self._operate(id_, payload))

    def _complete(self, id_: str) -> None:
        task = self._operations.pop(id_, None)
        if task is not None:
            task.cancel()

    async def _operate(self, id_: str, payload: dict[str, Any]) -> None:
        try:
            errors = await self._respond(id_, payload)
        except _Close:
            raise
        except CodedError as error:
            errors = request_error(error)["errors"]
        except Exception:
            logger.exception("gateway.unexpected_error")
            errors = unexpected_error()["errors"]
        # Before the last message: with that, the id is free for the client to use again.
        self._operations.pop(id_, None)
        if errors:
            await self._say({"id": id_, "type": "error", "payload": errors})
        else:
            await self._say({"id": id_, "type": "complete"})

    async def _respond(self, id_: str, payload: dict[str, Any]) -> list[dict[str, Any]]:
        """Send the responses to an operation; return the errors of one that cannot be executed."""
        prepared = self._engine.prepare(await self._documents.read(payload))
        if isinstance(prepared, Answered):
            errors: list[dict[str, Any]] = orjson.loads(prepared.result.body)["errors"]
            return errors
        async with aclosing(self._streams.respond(prepared)) as responses:
            async for response in responses:
                fragment = orjson.Fragment(response)
                await self._say({"id": id_, "type": "next", "payload": fragment})
        return []

    async def _say(self, message: dict[str, Any]) -> None:
        await self._tell({"type": "websocket.send", "text": orjson.dumps(message).decode()})

    async def _tell(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except OSError as error:
            raise _Close from error


def _decode(text: str) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _Close(4400, "Messages must be JSON") from error
    if not isinstance(message, dict):
        raise _Close(4400, "Messages must be JSON objects")
    return message


def _id(message: dict[str, Any]) -> str:
    id_ = message.get("id")
    if not isinstance(id_, str) or not id_:
        raise _Close(4400, "Invalid message id")
    return id_


def _first(group: BaseExceptionGroup[_Close]) -> _Close:
    """Return the close that says most, when several tasks ask for one at once."""
    closes = [error for error in group.exceptions if isinstance(error, _Close)]
    return next((close for close in closes if close.code is not None), closes[0])
