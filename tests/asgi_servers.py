"""Servers of every kind that ASGI allows, and checks that the application keeps to ASGI too.

The specification leaves servers much freedom: which keys they send, as what kind of iterable, in
what case, and how they cut a body. Each of the `VARIANTS` uses several of these freedoms.
Source: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import hypercorn.asyncio
import hypercorn.config
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Pairs = Iterable[tuple[bytes, bytes]]

_OPTIONAL: Final = {
    "http": ("scheme", "raw_path", "root_path", "client", "server", "state"),
    "websocket": ("scheme", "raw_path", "root_path", "client", "server", "state", "http_version"),
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What one server makes of the specification's freedoms."""

    headers: Callable[[Pairs], Iterable[Any]]
    spec_version: str | None
    """Before 2.4 it ignores messages to clients that have disconnected, after that it raises."""
    is_minimal: bool = False
    """Whether it leaves out every key that is optional, in scopes and in messages."""
    root_path: str = ""
    more: tuple[tuple[str, Any], ...] = ()
    """Keys that no version of the specification has."""


def _lists(headers: Pairs) -> Iterable[Any]:
    return [[name.title(), value] for name, value in headers]


def _iterators(headers: Pairs) -> Iterable[Any]:
    return (iter((name.upper(), value)) for name, value in headers)


VARIANTS: Final = {
    "mounted": Variant(
        headers=_lists,
        spec_version="2.5",
        root_path="/mounted",
        more=(("vendor.extension", object()),),
    ),
    "minimal": Variant(headers=_iterators, spec_version=None, is_minimal=True),
}


class ClientClosed(ConnectionError):
    """The client has disconnected, so nothing can be sent."""


def behind(variant: Variant, app: ASGIApp) -> ASGIApp:
    """Return an application that calls `app` as a server of this variant would."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app({"type": "lifespan", "asgi": _versions(variant)}, receive, send)
            return
        connection = _Connection(variant, scope, receive, send)
        await app(connection.scope(), connection.receive, connection.send)
        connection.check_end()

    return call


def _versions(variant: Variant) -> dict[str, str]:
    versions = {"version": "3.0"}
    if variant.spec_version is not None:
        versions["spec_version"] = variant.spec_version
    return versions


class _Connection:
    def __init__(self, variant: Variant, scope: Scope, receive: Receive, send: Send) -> None:
        self._variant = variant
        self._scope = scope
        self._receive = receive
        self._send = send
        self._inbox: Iterator[Message] = iter(())
        self._is_gone = False
        kind = _HttpCheck if scope["type"] == "http" else _WebSocketCheck
        self._check = kind(scope, variant.spec_version or "2.0")

    def scope(self) -> Scope:
        variant, scope = self._variant, dict(self._scope)
        scope |= {"asgi": _versions(variant), "headers": variant.headers(self._scope["headers"])}
        scope |= dict(variant.more)
        scope["path"] = variant.root_path + scope["path"]
        scope["root_path"] = variant.root_path
        if "subprotocols" in scope:
            scope["subprotocols"] = iter(scope["subprotocols"])
        if variant.is_minimal:
            for key in _OPTIONAL[scope["type"]]:
                scope.pop(key, None)
            if not self._scope.get("subprotocols"):
                scope.pop("subprotocols", None)
            if scope["type"] == "websocket":
                scope.pop("query_string", None)
        return scope

    async def receive(self) -> Message:
        message = next(self._inbox, None)
        if message is None:
            self._inbox = self._vary(await self._receive())
            message = next(self._inbox)
        self._is_gone |= message["type"].endswith(".disconnect")
        return message

    def _vary(self, message: Message) -> Iterator[Message]:
        match message["type"]:
            case "http.request":
                yield from self._cut(message.get("body", b""), more=message.get("more_body", False))
            case "websocket.receive" if not self._variant.is_minimal:
                yield {"text": None, "bytes": None, **message, **dict(self._variant.more)}
            case _:
                yield message

    def _cut(self, body: bytes, *, more: bool) -> Iterator[Message]:
        """Yield a body in two halves, between messages with nothing of it."""
        half = len(body) // 2
        for part in (b"", body[:half], b"", body[half:]):
            yield {"type": "http.request", "body": part, "more_body": True}
        if more:
            yield {"type": "http.request", "more_body": True}
        elif self._variant.is_minimal:
            yield {"type": "http.request"}
        else:
            yield {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        self._check.check(message)
        if self._is_gone:
            if (self._variant.spec_version or "2.0") >= "2.4":
                raise ClientClosed
            return
        await self._send(message)

    def check_end(self) -> None:
        assert self._is_gone or self._check.is_complete, "the application ended too early"


class _HttpCheck:
    """Fails on messages that ASGI does not allow in response to a request."""

    def __init__(self, scope: Scope, spec_version: str) -> None:
        self._method = scope["method"]
        self._status = 0
        self._length: int | None = None
        self._sent = 0
        self.is_complete = False

    def check(self, message: Message) -> None:
        assert not self.is_complete, message
        if not self._status:
            assert message["type"] == "http.response.start", message
            assert message.keys() <= {"type", "status", "headers", "trailers"}
            self._status = message["status"]
            assert 200 <= self._status < 600
            _check_headers(message.get("headers", ()))
            lengths = [value for name, value in message["headers"] if name == b"content-length"]
            assert len(lengths) <= 1
            self._length = int(lengths[0]) if lengths else None
            return
        assert message["type"] == "http.response.body", message
        assert message.keys() <= {"type", "body", "more_body"}
        self._sent += len(message.get("body", b""))
        self.is_complete = not message.get("more_body", False)
        if self._method == "HEAD" or self._status == 304:
            assert self._sent == 0
        elif self.is_complete and self._length is not None:
            assert self._sent == self._length


class _WebSocketCheck:
    """Fails on messages that ASGI does not allow on a WebSocket."""

    def __init__(self, scope: Scope, spec_version: str) -> None:
        self._has_reasons = spec_version >= "2.3"
        self._has_responses = "websocket.http.response" in (scope.get("extensions") or {})
        self._state = "connecting"

    @property
    def is_complete(self) -> bool:
        return self._state == "closed"

    def check(self, message: Message) -> None:
        kind = message["type"].removeprefix("websocket.")
        match self._state, kind:
            case "connecting", "accept":
                assert message.keys() <= {"type", "subprotocol"}
                self._state = "open"
            case "open", "send":
                assert isinstance(message["text"], str)
                assert message.keys() == {"type", "text"}
            case "connecting" | "open", "close":
                assert message.keys() <= {"type", "code", *(["reason"] * self._has_reasons)}
                assert len(message.get("reason", "").encode()) <= 123
                self._state = "closed"
            case "connecting", "http.response.start" if self._has_responses:
                _check_headers(message["headers"])
                self._state = "refused"
            case "refused", "http.response.body":
                self._state = "closed"
            case state:
                raise AssertionError(state, message)


def _check_headers(headers: Iterable[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        assert isinstance(name, bytes)
        assert isinstance(value, bytes)
        assert name == name.lower()


@asynccontextmanager
async def serve_by_uvicorn(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application with uvicorn in this event loop; yield its address."""
    with _listen() as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        task = asyncio.create_task(server.serve([listener]))
        yield _url(listener)
        server.should_exit = True
        await task


@asynccontextmanager
async def serve_by_hypercorn(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application with hypercorn in this event loop; yield its address."""
    with _listen() as listener:
        config = hypercorn.config.Config()
        config.bind = [f"fd://{listener.dup().detach()}"]
        stop = asyncio.Event()
        # Its type of an application names every message.
        serve: Any = hypercorn.asyncio.serve
        task = asyncio.create_task(serve(app, config, shutdown_trigger=stop.wait))
        yield _url(listener)
        stop.set()
        await task


SERVERS: Final = {"uvicorn": serve_by_uvicorn, "hypercorn": serve_by_hypercorn}


def _listen() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
