"""A threaded HTTP server: one thread per connection, connections kept alive."""

import contextlib
import logging
import socket
import socketserver
import threading
from collections.abc import Callable
from typing import Any

from gateway.twin.http_server import BadRequestError, Connection, Request, Response

logger = logging.getLogger(__name__)

# Answers a request, or says None: close the connection without an answer.
Answerer = Callable[[Request], Response | None]


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
        super().__init__(address, ConnectionThread)

    @property
    def url(self) -> str:
        """The address that clients use as endpoint URL."""
        host, port = self.server_address[:2]
        name = host.decode() if isinstance(host, bytes | bytearray) else str(host)
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"

    def opened(self, sock: socket.socket) -> None:
        """Remember a live connection, so that `close` can end it."""
        with self._lock:
            self._open.add(sock)

    def closed(self, sock: socket.socket) -> None:
        """Forget a connection that its thread has left."""
        with self._lock:
            self._open.discard(sock)

    def close(self) -> None:
        """Stop listening and end every connection; idle keep-alive threads wake up and go."""
        self.server_close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Return a client that goes away while it is answered is no news."""


class ConnectionThread(socketserver.BaseRequestHandler):
    """Answers the requests of one connection until one of both sides ends it."""

    server: HttpServer
    request: socket.socket

    def handle(self) -> None:
        """Read, answer and write in turn."""
        # Without this a small answer on a kept-alive connection can wait 40 ms for an ACK.
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.opened(self.request)
        try:
            with contextlib.suppress(ConnectionError):
                self._serve(Connection(self.request))
        finally:
            self.server.closed(self.request)

    def _answer(self, request: Request) -> Response | None:
        try:
            return self.server.answer(request)
        except Exception:
            logger.exception("twin.request_failed")
            return Response(500, b'{"__type": "InternalFailure", "message": "a bug in the twin"}')

    def _serve(self, connection: Connection) -> None:
        while True:
            try:
                request = connection.read()
            except BadRequestError as error:
                connection.write(None, Response(error.status, str(error).encode(), "text/plain"))
                return
            if request is None:
                return
            response = self._answer(request)
            if response is None:
                return
            connection.write(request, response)
            if not request.keep_alive:
                return
