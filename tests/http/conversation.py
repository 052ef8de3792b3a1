"""Talk to an ASGI application message by message, as servers do; httpx waits for whole bodies."""

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


class Conversation:
    """One connection. What it hears must come soon, or the test fails."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def tell(self, message: Message) -> None:
        """Give the application a message."""
        self._inbox.put_nowait(message)

    async def hear(self) -> Message:
        """Return the application's next message."""
        async with asyncio.timeout(PATIENCE):
            return await self._outbox.get()

    @property
    def is_silent(self) -> bool:
        """Whether everything that the application said was heard."""
        return self._outbox.empty()

    @asynccontextmanager
    async def held(self, app: ASGIApp, scope: Message, gone: str) -> AsyncIterator[Self]:
        """Begin the conversation; in the end leave, and fail unless the application ends then."""
        self.task = asyncio.ensure_future(_call(app, scope, self._inbox, self._outbox))
        try:
            yield self
        finally:
            self.tell({"type": gone})
            async with asyncio.timeout(PATIENCE):
                await self.task


async def _call(
    app: ASGIApp, scope: Any, inbox: asyncio.Queue[Message], outbox: asyncio.Queue[Message]
) -> None:
    await app(scope, inbox.get, outbox.put)


def _scope(type_: str, headers: Headers, **more: Any) -> dict[str, Any]:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": type_, "path": "/graphql", "query_string": b"", "headers": encoded, **more}


class Stream(Conversation):
    """A request over HTTP whose response comes bit by bit."""

    async def head(self) -> tuple[int, dict[str, str]]:
        """Return the status and the headers."""
        message = await self.hear()
        assert message["type"] == "http.response.start", message
        headers = {name.decode(): value.decode() for name, value in message["headers"]}
        return message["status"], headers

    async def bit(self) -> str:
        """Return the next bit of the body."""
        message = await self.hear()
        assert message["type"] == "http.response.body", message
        return bytes(message["body"]).decode()

    async def rest(self) -> str:
        """Return the body to its end."""
        body, more = b"", True
        while more:
            message = await self.hear()
            body += message["body"]
            more = message.get("more_body", False)
        return body.decode()

    def leave(self) -> None:
        """Go away."""
        self.tell({"type": "http.disconnect"})


@asynccontextmanager
async def posted(app: ASGIApp, query: str, accept: str, **headers: str) -> AsyncIterator[Stream]:
    """Send an operation by POST."""
    sent = {"content-type": "application/json", "accept": accept, **headers}
    stream = Stream()
    stream.tell({"type": "http.request", "body": orjson.dumps({"query": query})})
    scope = _scope("http", sent, method="POST")
    async with stream.held(app, scope, "http.disconnect"):
        yield stream


@asynccontextmanager
async def got(app: ASGIApp, query: str, accept: str, method: str = "GET") -> AsyncIterator[Stream]:
    """Send an operation by GET."""
    stream = Stream()
    scope = _scope("http", {"accept": accept}, method=method)
    scope["query_string"] = urlencode({"query": query}).encode()
    async with stream.held(app, scope, "http.disconnect"):
        yield stream


class Socket(Conversation):
    """A WebSocket. Messages are the protocol's, as JSON objects."""

    def say(self, message: object) -> None:
        """Send a message."""
        text = message if isinstance(message, str) else orjson.dumps(message).decode()
        self.tell({"type": "websocket.receive", "text": text})

    def subscribe(self, id_: str, query: str, **payload: Any) -> None:
        """Ask for an operation to be executed."""
        self.say({"id": id_, "type": "subscribe", "payload": {"query": query, **payload}})

    async def said(self) -> Any:
        """Return the next message of the other side."""
        message = await self.hear()
        assert message["type"] == "websocket.send", message
        return orjson.loads(message["text"])

    async def closed(self) -> int:
        """Return the code that the other side closes with."""
        message = await self.hear()
        assert message["type"] == "websocket.close", message
        assert len(message.get("reason", "").encode()) <= 123
        code: int = message["code"]
        return code


@asynccontextmanager
async def connecting(
    app: ASGIApp, *subprotocols: str, headers: Headers | None = None, **scope: Any
) -> AsyncIterator[Socket]:
    """Ask for a WebSocket; `scope` is what is other than usual."""
    socket = Socket()
    socket.tell({"type": "websocket.connect"})
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    whole = _scope("websocket", headers or {}, subprotocols=[*subprotocols], extensions=extensions)
    async with socket.held(app, {**whole, **scope}, "websocket.disconnect"):
        yield socket


@asynccontextmanager
async def connected(app: ASGIApp) -> AsyncIterator[Socket]:
    """Open a WebSocket and initialise it."""
    async with connecting(app, PROTOCOL) as socket:
        accepted = await socket.hear()
        assert accepted == {"type": "websocket.accept", "subprotocol": PROTOCOL}
        socket.say({"type": "connection_init"})
        assert await socket.said() == {"type": "connection_ack"}
        yield socket
