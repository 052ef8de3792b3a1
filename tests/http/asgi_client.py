"""An ASGI client that sends and receives single messages; httpx waits for whole bodies."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Self
from urllib.parse import urlencode

import orjson
from starlette.types import ASGIApp, Message

from tests.clocks import PATIENCE

Headers = Mapping[str, str]
PROTOCOL: Final = "graphql-transport-ws"


class AsgiConnection:
    """One connection to an application. A message that does not come soon fails the test."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def send(self, message: Message) -> None:
        """Send the application a message."""
        self._inbox.put_nowait(message)

    async def receive(self) -> Message:
        """Return the application's next message."""
        async with asyncio.timeout(PATIENCE):
            return await self._outbox.get()

    @property
    def has_received_all(self) -> bool:
        """Whether every message of the application so far has been received."""
        return self._outbox.empty()

    @asynccontextmanager
    async def running(self, app: ASGIApp, scope: Message, disconnect: str) -> AsyncIterator[Self]:
        """Run the application; disconnect after the block, and fail unless the application ends."""
        self.task = asyncio.ensure_future(_call(app, scope, self._inbox, self._outbox))
        try:
            yield self
        finally:
            self.send({"type": disconnect})
            async with asyncio.timeout(PATIENCE):
                await self.task


async def _call(
    app: ASGIApp, scope: Any, inbox: asyncio.Queue[Message], outbox: asyncio.Queue[Message]
) -> None:
    await app(scope, inbox.get, outbox.put)


def _scope(type_: str, headers: Headers, **more: Any) -> dict[str, Any]:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": type_, "path": "/graphql", "query_string": b"", "headers": encoded, **more}


class StreamClient(AsgiConnection):
    """A request over HTTP whose body comes in chunks."""

    async def receive_start(self) -> tuple[int, dict[str, str]]:
        """Return the status and the headers."""
        message = await self.receive()
        assert message["type"] == "http.response.start", message
        headers = {name.decode(): value.decode() for name, value in message["headers"]}
        return message["status"], headers

    async def receive_chunk(self) -> str:
        """Return the next chunk of the body."""
        message = await self.receive()
        assert message["type"] == "http.response.body", message
        return bytes(message["body"]).decode()

    async def receive_rest(self) -> str:
        """Return the rest of the body."""
        body, more = b"", True
        while more:
            message = await self.receive()
            body += message["body"]
            more = message.get("more_body", False)
        return body.decode()

    def disconnect(self) -> None:
        """Disconnect."""
        self.send({"type": "http.disconnect"})


@asynccontextmanager
async def open_post(
    app: ASGIApp, query: str, accept: str, **headers: str
) -> AsyncIterator[StreamClient]:
    """Send an operation by POST."""
    sent = {"content-type": "application/json", "accept": accept, **headers}
    stream = StreamClient()
    stream.send({"type": "http.request", "body": orjson.dumps({"query": query})})
    scope = _scope("http", sent, method="POST")
    async with stream.running(app, scope, "http.disconnect"):
        yield stream


@asynccontextmanager
async def open_get(
    app: ASGIApp, query: str, accept: str, method: str = "GET"
) -> AsyncIterator[StreamClient]:
    """Send an operation by GET."""
    stream = StreamClient()
    scope = _scope("http", {"accept": accept}, method=method)
    scope["query_string"] = urlencode({"query": query}).encode()
    async with stream.running(app, scope, "http.disconnect"):
        yield stream


class WebSocketClient(AsgiConnection):
    """A WebSocket that speaks graphql-transport-ws."""

    def send_message(self, message: object) -> None:
        """Send a message."""
        text = message if isinstance(message, str) else orjson.dumps(message).decode()
        self.send({"type": "websocket.receive", "text": text})

    def subscribe(self, id_: str, query: str, **payload: Any) -> None:
        """Send an operation."""
        self.send_message({"id": id_, "type": "subscribe", "payload": {"query": query, **payload}})

    async def receive_message(self) -> Any:
        """Return the next message of the protocol."""
        message = await self.receive()
        assert message["type"] == "websocket.send", message
        return orjson.loads(message["text"])

    async def receive_close(self) -> int:
        """Return the code that the application closes with."""
        message = await self.receive()
        assert message["type"] == "websocket.close", message
        assert len(message.get("reason", "").encode()) <= 123
        code: int = message["code"]
        return code


@asynccontextmanager
async def open_websocket(
    app: ASGIApp, *subprotocols: str, headers: Headers | None = None, **scope: Any
) -> AsyncIterator[WebSocketClient]:
    """Begin the handshake of a WebSocket; `scope` overrides what is usual."""
    socket = WebSocketClient()
    socket.send({"type": "websocket.connect"})
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    whole = _scope("websocket", headers or {}, subprotocols=[*subprotocols], extensions=extensions)
    async with socket.running(app, {**whole, **scope}, "websocket.disconnect"):
        yield socket


@asynccontextmanager
async def open_initialised_websocket(app: ASGIApp) -> AsyncIterator[WebSocketClient]:
    """Open a WebSocket and initialise it."""
    async with open_websocket(app, PROTOCOL) as socket:
        accepted = await socket.receive()
        assert accepted == {"type": "websocket.accept", "subprotocol": PROTOCOL}
        socket.send_message({"type": "connection_init"})
        assert await socket.receive_message() == {"type": "connection_ack"}
        yield socket
