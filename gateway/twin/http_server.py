"""The twin's HTTP server: a thread per connection, which httptools parses.

Threads, so that a slow search, or a clock that makes a call wait, holds up no other call; and
because benchmarks of the gateway share their two cores with this server, which answers three times
as many calls per second like this as on uvicorn's event loop.
"""

import contextlib
import logging
import socket
import socketserver
import struct
import threading
from collections import deque
from collections.abc import Callable, Sequence
from email.utils import formatdate
from enum import Enum
from http import HTTPStatus
from typing import Any, NamedTuple

import httptools

logger = logging.getLogger(__name__)

MAX_HEAD = 64 * 1024
MAX_BODY = 32 * 1024 * 1024
REASONS = {int(status): status.phrase for status in HTTPStatus}
# SO_LINGER with no time to linger: closing the socket sends a TCP reset.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Request(NamedTuple):
    """One request: path and query as sent, header names in lower case, the whole body."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    keep_alive: bool = True


class Response(NamedTuple):
    """One response. `headers` are those besides content type, length and date."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()


class NoResponse(Enum):
    """What happens to a request that is not answered."""

    HANG = "hang"
    RESET = "reset"


Answerer = Callable[[Request], Response | NoResponse]


class BadRequestError(Exception):
    """The bytes are not a request that this server takes: answered with a status, then closed."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class RequestReader:
    """Reads the requests of one connection; httptools calls the methods named `on_...`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._parser = httptools.HttpRequestParser(self)
        self._requests: deque[Request] = deque()
        self._head_size = 0
        self.on_message_begin()

    def read(self) -> Request | None:
        """Return the next request, None when the client has closed the connection.

        Raises BadRequestError.
        """
        while not self._requests:
            data = self._sock.recv(65536)
            if not data:
                return None
            if not self._in_body:
                self._head_size += len(data)
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade:
                pass
            except httptools.HttpParserCallbackError as error:
                if isinstance(error.__context__, BadRequestError):
                    raise error.__context__ from None
                raise
            except httptools.HttpParserError:
                raise BadRequestError(400, "not an HTTP/1 request") from None
            if self._head_size > MAX_HEAD and not self._in_body:
                raise BadRequestError(431, "headers too long")
        return self._requests.popleft()

    def on_message_begin(self) -> None:
        """Forget the request before."""
        self._target = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._in_body = False

    def on_url(self, part: bytes) -> None:
        """Take a part of the request's target."""
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Refuse a body that is announced too long; let a client go on that asks first."""
        self._in_body = True
        self._head_size = 0
        if int(self._headers.get("content-length", "0")) > MAX_BODY:
            raise BadRequestError(413, "body too long")
        if self._headers.get("expect", "").lower() == "100-continue":
            self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        self._body += part
        if len(self._body) > MAX_BODY:
            raise BadRequestError(413, "body too long")

    def on_message_complete(self) -> None:
        """Put the request in line: a client may send the next one before it has the response."""
        self._in_body = False
        method = self._parser.get_method().decode("ascii")
        keep_alive = self._parser.should_keep_alive()
        target = self._target.decode("latin-1")
        self._requests.append(Request(method, target, self._headers, bytes(self._body), keep_alive))


class HttpServer(socketserver.ThreadingTCPServer):
    """Serves `answer` on (host, port); binding raises OSError when the port is taken."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], answer: Answerer) -> None:
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, ConnectionHandler)

    @property
    def url(self) -> str:
        """The address that clients use as endpoint URL."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else str(host)
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"

    def add_connection(self, sock: socket.socket) -> None:
        """Remember an open connection, so that `close` can end it."""
        with self._lock:
            self._open.add(sock)

    def remove_connection(self, sock: socket.socket) -> None:
        """Forget a connection that its thread has left."""
        with self._lock:
            self._open.discard(sock)

    def close(self) -> None:
        """Stop listening and end every connection, those that wait for a response too."""
        self.server_close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients may go away while they are answered."""


class ConnectionHandler(socketserver.BaseRequestHandler):
    """Answers the requests of one connection until one of both sides ends it."""

    server: HttpServer
    request: socket.socket

    def handle(self) -> None:
        """Read, answer and write in turn."""
        # Without this a small answer on a kept-alive connection can wait 40 ms for an ACK.
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.add_connection(self.request)
        try:
            with contextlib.suppress(ConnectionError):
                self._serve(RequestReader(self.request))
        finally:
            self.server.remove_connection(self.request)

    def _serve(self, reader: RequestReader) -> None:
        while True:
            try:
                request = reader.read()
            except BadRequestError as error:
                self._write(None, Response(error.status, str(error).encode(), "text/plain"))
                return
            if request is None:
                return
            response = self._answer(request)
            if isinstance(response, NoResponse):
                self._leave_unanswered(response)
                return
            self._write(request, response)
            if not request.keep_alive:
                return

    def _answer(self, request: Request) -> Response | NoResponse:
        try:
            return self.server.answer(request)
        except Exception:
            logger.exception("twin.request_failed")
            return Response(500, b'{"__type": "InternalFailure", "message": "a bug in the twin"}')

    def _leave_unanswered(self, how: NoResponse) -> None:
        if how is NoResponse.RESET:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            # `socketserver` would end the connection in good order.
            self.request.close()
            return
        # Until the client has gone away, or `close` has ended the connection.
        # `select` would fail in a process that has more than 1,024 files open.
        self.request.recv(1)

    def _write(self, request: Request | None, response: Response) -> None:
        """Send a response in one piece; to a HEAD request only its head."""
        lines = [
            f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Unknown')}",
            f"Content-Type: {response.content_type}",
            f"Content-Length: {len(response.body)}",
            f"Date: {formatdate(usegmt=True)}",
        ]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if request is None or not request.keep_alive:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        only_head = request is not None and request.method == "HEAD"
        self.request.sendall(head if only_head else head + response.body)
