"""Malformed HTTP over a socket, to a gateway that uvicorn serves."""

import socket
from collections.abc import Iterator
from http.client import parse_headers
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from ..conftest import Count
from ..graphql_responses import assert_canonical_error
from ..http.error_log import no_errors_logged

PATIENCE = 10.0
GOOD = b'{"query":"{__typename}"}'
ANSWER = {"data": {"__typename": "Query"}}
CHUNKED = b"Transfer-Encoding: chunked"


def request(body: bytes = GOOD, *headers: bytes, length: int | bytes | None = None) -> bytes:
    """Return the bytes of a POST; `length` is the value of its `Content-Length`."""
    lines = [b"POST /graphql HTTP/1.1", b"Host: gateway", b"Content-Type: application/json"]
    if length is not None:
        lines.append(
            b"Content-Length: %s" % (length if isinstance(length, bytes) else b"%d" % length)
        )
    return b"\r\n".join([*lines, *headers, b"", body])


def get(url: bytes, *headers: bytes) -> bytes:
    """Return the bytes of a GET."""
    return b"\r\n".join([b"GET %s HTTP/1.1" % url, b"Host: gateway", *headers, b"", b""])


def chunk(body: bytes, size: bytes | None = None) -> bytes:
    """Return a chunk of a body; `size` is the size that it announces."""
    return (b"%x" % len(body) if size is None else size) + b"\r\n" + body + b"\r\n"


class Connection:
    """A client that sends any bytes."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), PATIENCE)
        self._read = self._socket.makefile("rb")

    def send(self, data: bytes, *, last: bool = False) -> None:
        """Send bytes; after the `last` the gateway reads the end of the connection."""
        self._socket.sendall(data)
        if last:
            self._socket.shutdown(socket.SHUT_WR)

    def response(self) -> tuple[int, Any]:
        """Return status and body of the next response, 0 when the gateway closes the connection."""
        status_line = self._read.readline()
        if not status_line:
            return 0, None
        headers = parse_headers(self._read)
        body = self._read.read(int(headers["content-length"]))
        is_json = headers.get_content_type() == "application/json"
        return int(status_line.split()[1]), orjson.loads(body) if is_json else body

    def close(self) -> None:
        """Close the connection."""
        self._read.close()
        self._socket.close()


@pytest.fixture
def connect(gateway_url: str) -> Iterator[Any]:
    """Yield a function that connects; fail if the gateway logs an error or stops answering."""
    connections: list[Connection] = []

    def connect() -> Connection:
        connections.append(Connection(gateway_url))
        return connections[-1]

    with no_errors_logged():
        yield connect
        for connection in connections:
            connection.close()
        after = Connection(gateway_url)
        after.send(request(length=len(GOOD)))
        assert after.response() == (200, ANSWER)
        after.close()


MALFORMED = {
    "length over the body": (request(length=len(GOOD) + 4), 0),
    "length under the body": (request(length=len(GOOD) - 4), 400),
    "no length": (request(), 400),
    "length is negative": (request(length=b"-1"), 400),
    "length is no number": (request(length=b"abc"), 400),
    "length in hexadecimal": (request(length=b"0x18"), 400),
    "length of 20 digits": (request(length=b"9" * 20), 400),
    "length of 5,000 digits": (request(length=b"9" * 5_000), 400),
    "two lengths": (request(GOOD, b"Content-Length: 5", length=len(GOOD)), 400),
    "length and chunks": (request(chunk(GOOD) + chunk(b""), CHUNKED, length=len(GOOD)), 400),
    "chunk of no size": (request(chunk(GOOD, b"zz"), CHUNKED), 400),
    "chunk of negative size": (request(chunk(GOOD, b"-1"), CHUNKED), 400),
    "chunk of absurd size": (request(chunk(GOOD, b"f" * 40), CHUNKED), 400),
    "chunk cut off": (request(chunk(GOOD)[:9], CHUNKED), 0),
    "chunks without an end": (request(chunk(GOOD), CHUNKED), 0),
    "headers without an end": (request(length=len(GOOD))[:40], 0),
    "not HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 9, 400),
    "another version": (request(length=len(GOOD)).replace(b"HTTP/1.1", b"HTTP/9.9"), 400),
    "NUL in the URL": (get(b"/graphql?query=\x00"), 400),
    "NUL in a header": (get(b"/graphql?query={__typename}", b"Accept: \x00"), 400),
    "header without a name": (get(b"/graphql?query={__typename}", b": */*"), 400),
    "URL of 100,000 bytes": (get(b"/graphql?query=" + b"a" * 100_000), 431),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_request(connect: Any, case: str) -> None:
    """A malformed request is refused or its connection closed, and the next client is answered."""
    sent, expected = MALFORMED[case]
    connection = connect()
    connection.send(sent, last=True)

    assert connection.response()[0] == expected


def test_connection_stays_open_after_a_refusal(connect: Any, count: Count) -> None:
    """An invalid body does not cost a client its connection."""
    wrong = [
        b"",
        b"nope",
        b"\xff\xfe",
        b"[" * 9_000,
        b"{" * 150_000,
        b"null",
        GOOD[:-1],
        b"\x00" * 99,
    ]
    connection = connect()
    for body in wrong * 5:
        connection.send(request(body, length=len(body)))
        status, answer = connection.response()
        assert status in {400, 413}
        assert_canonical_error(answer["errors"][0])
        connection.send(request(length=len(GOOD)))
        assert connection.response() == (200, ANSWER)
    count("requests over one connection", len(wrong) * 10)


def test_requests_sent_ahead(connect: Any) -> None:
    """Pipelined requests are answered in order."""
    connection = connect()
    good = request(length=len(GOOD))
    connection.send(good + request(b"nope", length=4) + good)

    assert connection.response() == (200, ANSWER)
    assert connection.response()[0] == 400
    assert connection.response() == (200, ANSWER)


def test_announced_ten_megabytes_are_refused_unread(connect: Any) -> None:
    """A body that is announced too long is refused before a byte of it is sent."""
    connection = connect()
    connection.send(request(b"", length=10 * 2**20))

    status, answer = connection.response()
    assert status == 413
    assert_canonical_error(answer["errors"][0])


def test_long_chunked_body_is_refused(connect: Any) -> None:
    """A chunked body is refused once it is over the limit."""
    connection = connect()
    connection.send(request(chunk(b"{" * 200_000), CHUNKED))

    assert connection.response()[0] == 413


def test_ten_megabytes_sent_in_spite_of_the_refusal(connect: Any) -> None:
    """A client that sends all of a long body gets its refusal, and can reuse the connection."""
    connection = connect()
    connection.send(request(b"{" * 10 * 2**20, length=10 * 2**20))
    assert connection.response()[0] == 413

    connection.send(request(length=len(GOOD)))
    assert connection.response() == (200, ANSWER)
