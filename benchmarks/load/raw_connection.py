"""A non-blocking keep-alive HTTP/1.1 connection."""

import re
import socket
from typing import Final

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK: Final = b"HTTP/1.1 200"
_CHUNK: Final = 1 << 18


class ConnectionFailed(Exception):
    """The server closed a connection or answered with an HTTP error."""


class RawConnection:
    """Sends whole requests and collects their responses."""

    __slots__ = ("_buffer", "_needed", "_start", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(0)
        self._forget()

    def _forget(self) -> None:
        self._buffer = b""
        self._needed = self._start = 0

    def send(self, request: bytes) -> None:
        """Send a request; it is small enough for the socket's buffer."""
        if self.socket.send(request) != len(request):
            raise ConnectionFailed("The request is too large to send at once.")

    def receive(self) -> bytes | None:
        """Read what has arrived. Return the body once the response is complete."""
        data = self.socket.recv(_CHUNK)
        if not data:
            raise ConnectionFailed("The server closed the connection.")
        self._buffer = self._buffer + data if self._buffer else data
        if not self._needed and not self._read_head():
            return None
        if len(self._buffer) < self._needed:
            return None
        body = self._buffer[self._start : self._needed]
        self._forget()
        return body

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if not self._buffer.startswith(_OK):
            raise ConnectionFailed(f"The server answered {self._buffer[:200]!r}")
        length = _LENGTH.search(self._buffer, 0, end)
        if length is None:
            raise ConnectionFailed("The server gave no Content-Length.")
        self._start = end + 4
        self._needed = self._start + int(length[1])
        return True

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()


def post(path: str, body: str, token: str | None = None) -> bytes:
    """Return a request with a JSON body, and a bearer token if there is one."""
    data = body.encode()
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\n{authorization}Content-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data
