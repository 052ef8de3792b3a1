"""HTTP/1.1 with limits: uvicorn's protocol, which by itself waits for any client for ever.

Sources: RFC 9112; https://github.com/encode/uvicorn (its limits are those of a server behind a
proxy that has limits of its own).
"""

import asyncio
import logging
import socket
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from gateway.server.connections import Connections, WriteWatch

_MOST_HEADERS: Final = 200
_MOST_PIPELINED: Final = 50
"""Requests that a client may send before it has the response to the first."""
_KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""A peer that is gone is noticed after a minute."""
_MOST_PIECES: Final = 5_000
"""Parts of a body that may come in chunks or packets of their own."""
_BYTES_PER_BODY_BYTE: Final = 8
"""A chunk of one byte has a head and an end of five more."""
_MOST_IGNORED_BYTES: Final = 2 * 1024 * 1024
"""A client that sends more of a body that is refused already is cut off, at eight times that."""
_LINGER: Final = 2.0
"""Seconds in which a client can read the response to a request that it goes on sending."""
_LINE_BYTES: Final = 4
"""What separates name and value, and ends the line."""

logger = logging.getLogger(__name__)


class _Ignored(list[tuple[bytes, bytes]]):
    def append(self, item: tuple[bytes, bytes]) -> None:
        """Ignore a header."""


_NO_HEADERS: Final = _Ignored()


class HttpProtocol(HttpToolsProtocol):
    """One connection.

    A request that arrives whole in one packet is not counted and needs no deadline: only its
    headers are looked at.
    """

    def __init__(self, *args: Any, connections: Connections, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections = connections
        self._address = ""
        self._is_receiving = True
        """Whether a request has begun and not ended. A new connection owes one."""
        self._has_head = False
        """Whether the head of that request is complete."""
        self._is_refused = False
        self._answered: RequestResponseCycle | None = None
        """The request that is being answered; `cycle` may be that of a later one."""
        self._head_bytes = 0
        """Bytes of an incomplete head, in earlier packets."""
        self._until: float | None = None
        """When what is missing of the request must have come, on the loop's clock."""
        self._body_bytes = 0
        """Bytes that came after the head: the body with its framing."""
        self._pieces = 0
        self._pipelined_since: float | None = None
        self._writes: WriteWatch | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, or refuse a connection too many."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        settings = self._connections.settings
        if not self._connections.has_place_for(self._address):
            logger.warning("gateway.too_many_connections", extra={"open": len(self._connections)})
            self._refuse(503, "Too many connections.", (b"retry-after", b"1"))
            return
        self._connections.add(self, self._address)
        _keep_alive(transport.get_extra_info("socket"))
        self._writes = WriteWatch(transport, settings.write_timeout)
        self._until = self.loop.time() + settings.head_timeout

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._connections.remove(self, self._address)
        super().connection_lost(exc)
        self._disconnect()

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        if self._is_refused:
            return
        if not self._is_receiving:
            self._is_receiving = True
            self._has_head = False
        if self._has_head:
            self._count_body(len(data))
        else:
            self._head_bytes += len(data)
        self._unset_keepalive_if_required()
        self._parse(data)
        if self._is_refused:
            return
        if not self._is_receiving:
            self._until = None
        elif self._until is None:
            self._set_deadline()
        if self._is_receiving and not self._has_head:
            self._check_head(self._head_bytes)

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._is_refused:
                return
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            else:
                self._parse_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")

    def _parse_without_upgrade(self, rest: bytes) -> None:
        """Parse a request again as if it asked for no other protocol, as RFC 9110 7.8 allows.

        The parser takes what follows its head for the other protocol. It may be a body.
        """
        line = self.parser.get_method(), self.url, self.parser.get_http_version().encode()
        headers = [(name, value) for name, value in self.headers if name != b"upgrade"]
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.parser = httptools.HttpRequestParser(self)
        self._parse(b"%s %s HTTP/%s\r\n" % line + lines + b"\r\n" + rest)

    def _set_deadline(self) -> None:
        settings = self._connections.settings
        seconds = settings.body_timeout if self._has_head else settings.head_timeout
        self._until = self.loop.time() + seconds

    def _check_head(self, size: int) -> bool:
        """Refuse a head that is too long."""
        if size <= self._connections.settings.max_head_bytes:
            return True
        self._refuse(431, "The head of the request is too long.")
        return False

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._is_receiving = True
        self._has_head = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to answer a request whose head is complete, or refuse it."""
        if self._is_refused or not self._is_acceptable():
            return
        is_upgrade = self.parser.should_upgrade()
        if is_upgrade and not self._should_upgrade():
            # `_parse_without_upgrade` follows.
            if self.parser.get_method() == b"CONNECT":
                self._refuse(400, "The gateway is no proxy.")
            return
        self._has_head = True
        self._head_bytes = 0
        self._body_bytes = self._pieces = 0
        self._until = None
        super().on_headers_complete()
        if not is_upgrade:
            # What follows are trailers, which nobody reads.
            self.headers = _NO_HEADERS
        if self.pipeline:
            if self._pipelined_since is None:
                self._pipelined_since = self.loop.time()
            if len(self.pipeline) > _MOST_PIPELINED:
                self._abort()

    def _is_acceptable(self) -> bool:
        headers = self.headers
        hosts = 0
        for name, _ in headers:
            if name == b"host":
                hosts += 1
        if hosts != 1 and (hosts or self.parser.get_http_version() != "1.0"):
            self._refuse(400, "A request must have one Host header.")
            return False
        if len(headers) > _MOST_HEADERS:
            self._refuse(431, f"A request may have {_MOST_HEADERS} headers.")
            return False
        if self._head_bytes <= self._connections.settings.max_head_bytes:
            return True
        # The packet may hold a body too, or other requests.
        size = sum(len(name) + len(value) + _LINE_BYTES for name, value in headers)
        return self._check_head(size + len(self.url))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._pieces += 1
        if self._pieces > _MOST_PIECES and not self._is_refused:
            self._refuse(413, "The body comes in too many pieces.")
        if not self._is_refused:
            super().on_body(body)

    def _count_body(self, size: int) -> None:
        """Break a body off that has far more bytes than it may have, or than it is read for."""
        self._body_bytes += size
        is_answered = self.cycle is not None and self.cycle.response_complete
        most = _MOST_IGNORED_BYTES if is_answered else self._connections.settings.max_body_bytes
        if self._body_bytes > _BYTES_PER_BODY_BYTE * most:
            self._abort()

    def on_message_complete(self) -> None:
        """End a request, which has arrived whole."""
        if not self._has_head:
            # `_parse_without_upgrade` follows.
            return
        self._is_receiving = False
        if not self._is_refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request of a client that has sent several."""
        super().on_response_complete()
        self._pipelined_since = self.loop.time() if self.pipeline else None
        if self._is_receiving:
            # The rest of the body is ignored; the client has little time to see the response.
            self._until = self.loop.time() + _LINGER

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to the WebSocket protocol."""
        super().handle_websocket_upgrade()
        successor = cast("Any", self.transport.get_protocol())
        successor.take_over(self._connections, self, self._address)

    def check(self, now: float) -> None:
        """End the connection if the client stalls, in whatever it has to do."""
        if self._writes is not None:
            self._writes.check(now)
        if self.transport.is_closing():
            return
        settings = self._connections.settings
        if self._until is not None and now >= self._until:
            self._refuse(408, "The request did not arrive in time.")
        elif self._pipelined_since is not None and (
            now - self._pipelined_since >= settings.head_timeout
        ):
            # While a request waits for the response to one before, nothing is read: it would not be
            # noticed if the client were gone. A stream has no end to wait for.
            self._abort()

    def shutdown(self) -> None:
        """Close at once unless a request has arrived whole and is being answered."""
        if self._is_receiving and self.cycle is not None and not self.cycle.response_started:
            self._abort()
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, after the responses to the requests before it."""
        if self._is_refused:
            return
        cycle = self.cycle
        if cycle is None or cycle.response_complete or (self._has_head and self._is_receiving):
            self._refuse(400, msg)
            return
        self._is_refused = True
        self._until = None
        cycle.keep_alive = False

    def _refuse(self, status: int, message: str, *headers: tuple[bytes, bytes]) -> None:
        """Answer with a status and close, unless a response is on its way: then only close."""
        self._is_refused = True
        cycle = self.cycle
        is_free = cycle is None or cycle.response_complete or not cycle.response_started
        if is_free and not self.pipeline:
            body = message.encode() + b"\n"
            lines = [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", b"%d" % len(body)),
                (b"connection", b"close"),
                *headers,
            ]
            head = b"".join(b"%s: %s\r\n" % line for line in lines)
            self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        self._disconnect()
        self.transport.close()

    def _abort(self) -> None:
        self._is_refused = True
        self._disconnect()
        self.transport.abort()

    def _disconnect(self) -> None:
        """Tell what answers a request that its client has gone."""
        for cycle in (self._answered, self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()


def _keep_alive(connected: socket.socket | None) -> None:
    """Have the kernel find out whether a peer is gone that has sent no end of the connection."""
    if connected is None or connected.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE.items():
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
