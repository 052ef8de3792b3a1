"""GraphQL over WebSockets: who may open one, in which protocol, and how many there may be.

Strawberry brings a handler for the same protocol. It is not used here because it has one context
for all operations of a connection, parses and validates each of them anew with none of the limits,
knows no persisted documents, and shows errors of the code as they are.
"""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import orjson
from starlette.types import Receive, Scope, Send

from gateway.errors import Code, CodedError
from gateway.execution.engine import Engine
from gateway.execution.errors import request_error
from gateway.execution.response_stream import Streams
from gateway.http.graphql_transport_ws import PROTOCOL, Connection
from gateway.http.long_lived import LongLived, TooManyStreams
from gateway.http.persisted_documents import PersistedDocuments
from gateway.settings import StreamSettings

_SUBPROTOCOL_NOT_ACCEPTABLE: Final = 4406
_PORTS: Final = {"http": 80, "https": 443}


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
        long_lived: LongLived,
        settings: StreamSettings,
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._engine = engine
        self._streams = streams
        self._documents = documents
        self._long_lived = long_lived
        self._settings = settings
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket until it is closed."""
        await receive()
        try:
            _check_origin(scope, self._settings.cors_origins)
            self._long_lived.check()
        except ForeignOrigin as error:
            await _deny(scope, send, 403, error)
        except TooManyStreams as error:
            await _deny(scope, send, 503, error)
        else:
            if PROTOCOL in scope["subprotocols"]:
                await self._serve(receive, send)
            else:
                # Accepted first, or the client would not see why.
                await send({"type": "websocket.accept"})
                code, reason = _SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable"
                await send({"type": "websocket.close", "code": code, "reason": reason})

    async def _serve(self, receive: Receive, send: Send) -> None:
        with self._long_lived.place():
            await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
            connection = Connection(
                self._engine,
                self._streams,
                self._documents,
                self._settings,
                self._sleep,
                receive,
                send,
            )
            await connection.run()


def _check_origin(scope: Scope, allowed: frozenset[str]) -> None:
    """Raise `ForeignOrigin` for a page of another site: browsers let it connect to anywhere.

    What is no browser sends no origin.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    if origin and allowed.isdisjoint({"*", origin}) and not _is_own(origin, host):
        raise ForeignOrigin("Pages of this origin may not open WebSockets here.")


def _is_own(origin: str, host: str) -> bool:
    """Tell whether an origin is where the request went to. The scheme is the proxy's affair."""
    scheme, _, place = origin.partition("://")
    if scheme not in _PORTS:
        return False
    try:
        here, there = urlsplit(f"//{host}"), urlsplit(f"//{place}")
        default = _PORTS[scheme]
        ports = (here.port or default, there.port or default)
    except ValueError:
        return False
    return here.hostname is not None and here.hostname == there.hostname and ports[0] == ports[1]


async def _deny(scope: Scope, send: Send, status: int, error: CodedError) -> None:
    """Refuse the handshake, with a reason where the server can send one."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    start = "websocket.http.response.start"
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    await send({"type": start, "status": status, "headers": headers})
    body = orjson.dumps(request_error(error))
    await send({"type": "websocket.http.response.body", "body": body})
