"""HTTP/1.1 messages on one socket: bytes in, `Request` out; `Response` in, bytes out.

Written by hand because the standard library's parser builds an e-mail message per request, and
benchmarks of the gateway share their two cores with this server.
"""

import socket
from collections.abc import Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

MAX_HEAD = 64 * 1024
MAX_BODY = 32 * 1024 * 1024
REASONS = {int(status): status.phrase for status in HTTPStatus}


class BadRequestError(Exception):
    """The bytes are not a request that this server takes: answered with a status, then closed."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Request(NamedTuple):
    """One request: header names in lower case, the whole body, the socket it came from, if any."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    keep_alive: bool = True
    sock: socket.socket | None = None


class Response(NamedTuple):
    """One answer. `headers` are those beside content type and length."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()


class Connection:
    """Reads requests from a socket one after another, and writes their answers."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = b""

    def read(self) -> Request | None:
        """Return the next request, or None when the client has closed the connection."""
        head = self._read_head()
        if head is None:
            return None
        lines = head.decode("latin-1").split("\r\n")
        method, target, version = _request_line(lines[0])
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = self._read_body(headers)
        if body is None:
            return None
        wish = headers.get("connection", "").lower()
        keep_alive = wish != "close" if version == "HTTP/1.1" else wish == "keep-alive"
        return Request(method, target, headers, body, keep_alive, self._sock)

    def write(self, request: Request | None, response: Response) -> None:
        """Send an answer in one piece; to a HEAD request only its head."""
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
        self._sock.sendall(head if only_head else head + response.body)

    def _read_head(self) -> bytes | None:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > MAX_HEAD:
                raise BadRequestError(431, "headers too long")
            if not self._receive():
                return None
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        return head

    def _read_body(self, headers: dict[str, str]) -> bytes | None:
        if "transfer-encoding" in headers:
            raise BadRequestError(411, "a Content-Length is needed")
        length = headers.get("content-length", "0")
        if not length.isdigit():
            raise BadRequestError(400, "Content-Length is not a number")
        size = int(length)
        if size > MAX_BODY:
            raise BadRequestError(413, "body too long")
        if headers.get("expect", "").lower() == "100-continue":
            self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(self._buffer) < size:
            if not self._receive():
                return None
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return body

    def _receive(self) -> bool:
        data = self._sock.recv(65536)
        self._buffer += data
        return bool(data)


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequestError(400, "not an HTTP/1 request")
    return parts[0], parts[1], parts[2]
