"""Clients that stall, flood or never end, over sockets: none keeps what others need."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Scope, Send

from tests.gateway_under_test import serving

PATIENCE = 10.0
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"
UPGRADE = (
    b"GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)

ENDLESS_UPGRADE = UPGRADE.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\nhello")


class App:
    """An application that answers each path in a way of its own, and counts what is open."""

    def __init__(self) -> None:
        self.open = 0
        self.bodies: list[bytes] = []
        self.headers: list[bytes] = []
        """The names in the last request."""
        self.messages = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.open += 1
        try:
            answer = {"/stream": self._stream, "/large": self._large, "/socket": self._socket}
            await answer.get(scope["path"], self._echo)(receive, send)
        finally:
            self.headers = [name for name, _ in scope["headers"]]
            self.open -= 1

    async def _echo(self, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        self.bodies.append(body)
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _stream(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _large(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(64):
            body = b"x" * 2**20
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _socket(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            self.messages += 1


class Client:
    """A client that sends any bytes, and reads them or not."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), PATIENCE)

    def send(self, data: bytes) -> None:
        """Send bytes; a connection that is closed already takes them too."""
        try:
            self.socket.sendall(data)
        except ConnectionError:
            return

    def read(self) -> bytes:
        """Return all bytes until the server closes the connection."""
        found = b""
        try:
            while data := self.socket.recv(2**16):
                found += data
        except ConnectionError:
            pass
        return found

    def status(self) -> int:
        """Return the status of the next response."""
        return int(self.socket.recv(2**16).split(b" ", 2)[1])


Connect = Callable[[], Client]
Start = Callable[..., tuple[App, Connect]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Yield a function that serves an application with settings, and returns how to connect."""
    with ExitStack() as stack:

        def start(**settings: Any) -> tuple[App, Connect]:
            app = App()
            url = stack.enter_context(serving(app, **settings))

            def connect() -> Client:
                client = Client(url)
                stack.callback(client.socket.close)
                return client

            return app, connect

        yield start


def eventually(condition: Callable[[], object]) -> None:
    """Wait until the condition holds. Fails when it never does."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", b""),
        (b"\r\n\r\n", b"408"),
        (b"G", b"408"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"408"),
        (POST, b"408"),
        (POST + b"half", b"408"),
        (POST.replace(b"Content-Length: 10", b"Transfer-Encoding: chunked") + b"3\r\nabc", b"408"),
        (POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"), b"408"),
    ],
    ids=["nothing", "blank lines", "letter", "head", "no body", "half", "chunks", "expect"],
)
def test_request_that_never_ends_is_cut_off(start: Start, sent: bytes, status: bytes) -> None:
    """A head or a body that does not arrive in time is given up, and what waits for it ends."""
    app, connect = start(head_timeout=0.3, body_timeout=0.3)
    client = connect()
    client.send(sent)

    response = client.read()

    assert status in response.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")[:12]
    eventually(lambda: not app.open)


def test_dripping_head_is_cut_off(start: Start) -> None:
    """A byte now and then does not extend the time."""
    _, connect = start(head_timeout=0.4)
    client = connect()
    client.socket.settimeout(0.02)
    began = time.monotonic()
    response = b""
    while not response and time.monotonic() < began + PATIENCE:
        client.send(b"GET" if time.monotonic() == began else b"x")
        try:
            response = client.socket.recv(2**16)
        except TimeoutError:
            continue
    assert response[9:12] in {b"408", b"400"}


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nx: " + b"y" * 200_000,
        b"GET /" + b"y" * 200_000,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"x: y\r\n" * 500 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nx: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
    ids=["header", "path", "number", "at once"],
)
def test_long_head_is_refused(start: Start, head: bytes) -> None:
    """A head over the limit is refused before it ends."""
    app, connect = start()
    client = connect()
    client.send(head)

    assert b" 431 " in client.read()[:13]
    assert not app.bodies


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\n\r\n", 200),
        (GET, 200),
        (POST.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n") + b"0\r\n\r\n", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 400),
        (GET.replace(b"\r\n\r\n", b"\r\nx : y\r\n\r\n"), 400),
        (GET.replace(b"\r\n\r\n", b"\r\n folded\r\n\r\n"), 400),
    ],
    ids=["no host", "two hosts", "1.0", "good", "smuggling", "connect", "space", "folded"],
)
def test_ambiguous_request_is_refused(start: Start, request_: bytes, status: int) -> None:
    """What two servers could understand in two ways is refused."""
    _, connect = start()
    client = connect()
    client.send(request_)

    assert client.status() == status


def test_connections_are_limited(start: Start) -> None:
    """A connection too many from one address, or in all, is refused until another is closed."""
    for settings in ({"max_connections_per_address": 3}, {"max_connections": 3}):
        _, connect = start(**settings)
        clients = [connect() for _ in range(3)]
        for client in clients:
            client.send(GET)
            assert client.status() == 200
        assert b" 503 " in connect().read()[:13]

        clients[0].socket.close()
        eventually(partial(answers, connect))


def answers(connect: Connect) -> bool:
    """Tell whether a new connection gets an answer."""
    client = connect()
    client.send(GET)
    return client.status() == 200


@pytest.mark.parametrize("second", [GET, b"G", POST])
def test_place_of_a_stream_is_given_back(start: Start, second: bytes) -> None:
    """A client that sends another request behind a stream, and leaves, keeps no place."""
    app, connect = start(head_timeout=0.5, body_timeout=0.5)
    client = connect()
    client.send(GET.replace(b"/", b"/stream", 1))
    client.socket.recv(100)
    client.send(second)
    eventually(lambda: app.open)
    client.socket.close()

    eventually(lambda: not app.open)


def test_requests_sent_ahead_are_answered_up_to_a_bound(start: Start) -> None:
    """Some requests may be sent ahead; a flood of them ends the connection."""
    app, connect = start()
    client = connect()
    client.send(GET * 20)
    eventually(lambda: len(app.bodies) == 20)

    flood = connect()
    flood.send(GET * 2_000)
    flood.read()
    assert len(app.bodies) < 200


def test_client_that_does_not_read_is_disconnected(start: Start) -> None:
    """A response that nobody reads does not stay in memory."""
    app, connect = start(write_timeout=0.4)
    client = connect()
    client.send(GET.replace(b"/", b"/large", 1))

    eventually(lambda: app.open)
    eventually(lambda: not app.open)
    assert len(client.read()) < 60 * 2**20


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """Return a masked WebSocket frame of less than 126 bytes."""
    return bytes([opcode | (0x80 if final else 0), 0x80 | len(payload)]) + b"\0\0\0\0" + payload


CHUNKED = POST.replace(b"Content-Length: 10", b"Transfer-Encoding: chunked")
H2C = b"\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "body"),
    [(POST, b"GET / HTTP/"), (CHUNKED, b"b\r\nGET / HTTP/\r\n0\r\n\r\n")],
    ids=["length", "chunks"],
)
@pytest.mark.parametrize("is_split", [False, True])
def test_upgrade_to_another_protocol_is_ignored(
    start: Start, head: bytes, body: bytes, *, is_split: bool
) -> None:
    """A request with a body that offers HTTP/2, as Java's client does, is answered with HTTP/1.1.

    Its body is never taken for a request.
    """
    head = head.replace(b"Content-Length: 10", b"Content-Length: 11").replace(b"\r\n\r\n", H2C)
    app, connect = start()
    client = connect()
    if is_split:
        client.send(head)
        time.sleep(0.05)
        client.send(body)
    else:
        client.send(head + body)
    assert client.status() == 200
    assert app.bodies == [b"GET / HTTP/"]
    client.send(GET)
    assert client.status() == 200


def test_trailers_are_no_headers(start: Start) -> None:
    """What follows a chunked body changes nothing of the request."""
    app, connect = start()
    client = connect()
    client.send(CHUNKED + b"3\r\nabc\r\n0\r\nAuthorization: x\r\nHost: y\r\n\r\n")

    assert client.status() == 200
    assert app.headers == [b"host", b"transfer-encoding"]


@pytest.mark.parametrize(
    "body",
    [
        b"3;" + b"x" * 1_700_000 + b"\r\nabc\r\n",
        b"3\r\nabc\r\n0\r\nx: " + b"y" * 1_700_000,
        b"3\r\nabc\r\n0\r\n" + b"x: y\r\n" * 300_000,
    ],
    ids=["extension", "trailer", "trailers"],
)
def test_body_of_framing_is_cut_off(start: Start, body: bytes) -> None:
    """A chunked body may not consist of extensions and trailers."""
    app, connect = start()
    client = connect()
    client.send(CHUNKED)
    client.send(body)

    assert client.read() == b""
    assert not app.bodies


def test_body_of_short_chunks_is_taken(start: Start) -> None:
    """Chunks may have one byte."""
    app, connect = start()
    client = connect()
    client.send(CHUNKED + b"1\r\nx\r\n" * 4_000 + b"0\r\n\r\n")

    assert client.socket.recv(15) == b"HTTP/1.1 200 OK"
    assert app.bodies == [b"x" * 4_000]


def test_refusal_answers_no_request_before_it(start: Start) -> None:
    """A request before a broken one gets its own response, after which the connection closes."""
    _, connect = start()
    client = connect()
    client.send(GET + b"junk\r\n\r\n")

    assert client.read().startswith(b"HTTP/1.1 200 ")


def test_handshake_with_a_body_is_cut_off(start: Start) -> None:
    """A WebSocket whose handshake does not end keeps no place."""
    app, connect = start(head_timeout=0.3)
    client = connect()
    client.send(ENDLESS_UPGRADE)

    client.read()
    assert not app.open


@pytest.mark.parametrize(
    "flood",
    [frame(9), frame(9, b"x" * 120), frame(10), frame(0, final=False)],
    ids=["empty pings", "pings", "pongs", "continuations"],
)
def test_flood_of_frames_ends_the_socket(start: Start, flood: bytes) -> None:
    """Frames that cost more than they carry are limited, and so is what a client leaves unread."""
    app, connect = start()
    client = connect()
    client.send(UPGRADE)
    assert client.status() == 101
    client.send(frame(1, b"x", final=False))
    eventually(lambda: app.open)
    for _ in range(100):
        client.send(flood * 200)

    eventually(lambda: not app.open)


def test_socket_is_not_compressed(start: Start) -> None:
    """A few compressed bytes could stand for any number: compression is not agreed to."""
    _, connect = start()
    client = connect()
    client.send(UPGRADE)
    head = client.socket.recv(2**16)

    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"deflate" not in head


def test_socket_takes_usual_frames(start: Start) -> None:
    """Messages, pings and fragments of a usual client are no flood."""
    app, connect = start()
    client = connect()
    client.send(UPGRADE)
    assert client.status() == 101
    for _ in range(50):
        client.send(frame(1, b"x") + frame(9) + frame(1, b"y", final=False) + frame(0, b"z"))
    eventually(lambda: app.messages == 100)


def test_abandoned_connections_do_not_hold_up_the_end() -> None:
    """Half requests and idle connections are cut off at once when the process ends."""
    app = App()
    with serving(app, shutdown_grace=60) as url:
        requests = (b"", b"GET", POST, POST + b"half", GET, UPGRADE, ENDLESS_UPGRADE)
        clients = [Client(url) for _ in requests]
        for client, sent in zip(clients, requests, strict=True):
            client.send(sent)
        eventually(lambda: app.bodies and app.open == 3)
        began = time.monotonic()
    assert time.monotonic() - began < PATIENCE
    for client in clients:
        client.socket.close()
