"""The server: ports, kept-alive connections, many at once, odd bytes, and an end."""

import errno
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.twin import Twin
from gateway.twin.http_server import MAX_HEAD, HttpServer, NoResponse, Request, Response
from tests.twin.conftest import MovableClock, connect

BODY = b'{"TrainingJobName": "churn-xgboost-training"}'
CALL = (
    b"POST / HTTP/1.1\r\nHost: twin\r\nX-Amz-Target: SageMaker.DescribeTrainingJob\r\n"
    b"Content-Length: %d\r\n%%s\r\n" % len(BODY)
)


def dial(twin: Twin) -> socket.socket:
    """Return a connection to a twin."""
    host, port = twin.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=5)


def read_response(sock: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of the next response."""
    with sock.makefile("rb") as file:
        status = int(file.readline().split()[1])
        headers = {}
        while line := file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        return status, headers, file.read(int(headers["content-length"]))


@contextmanager
def serving(server: HttpServer) -> Iterator[str]:
    """Run a server in a thread; yield its URL."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.url
    server.shutdown()
    server.close()
    thread.join(5)
    assert not thread.is_alive()


def test_a_port_in_use_is_an_oserror(twin: Twin) -> None:
    """Starting on a port that is taken raises the system's error, and starts nothing."""
    port = int(twin.url.rpartition(":")[2])
    second = Twin(jobs=1, port=port, clock=MovableClock())

    with pytest.raises(OSError, match="in use") as caught:
        second.start()
    assert caught.value.errno == errno.EADDRINUSE
    with pytest.raises(RuntimeError, match="not started"):
        assert second.url


def test_connections_are_kept_alive(twin: Twin) -> None:
    """Several requests, sent at once, are answered in turn on one connection."""
    with dial(twin) as sock:
        sock.sendall((CALL % b"" + BODY) * 3)
        first = read_response(sock)
        del first
        sock.sendall(CALL % b"Connection: close\r\n" + BODY)
        while chunk := sock.recv(65536):
            last = chunk

    assert last
    assert twin.calls() == {"DescribeTrainingJob": 4}


def test_answers_carry_awss_headers(twin: Twin) -> None:
    """An answer has AWS's content type and a request id."""
    with dial(twin) as sock:
        sock.sendall(CALL % b"" + BODY)
        status, headers, body = read_response(sock)

    assert status == 200
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["x-amzn-requestid"]
    assert json.loads(body)["CreationTime"] == pytest.approx(1.77e9, rel=0.1)


def test_expect_continue_is_answered(twin: Twin) -> None:
    """A client that asks before it sends its body is response to go on."""
    with dial(twin) as sock:
        sock.sendall(CALL % b"Expect: 100-continue\r\n")
        said = sock.recv(100)
        sock.sendall(BODY)
        status, _, _ = read_response(sock)

    assert said == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert status == 200


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * (MAX_HEAD + 1), 431),
    ],
)
def test_odd_bytes_end_the_connection(twin: Twin, data: bytes, status: int) -> None:
    """What is not a request is answered with its status, and the connection closed."""
    with dial(twin) as sock:
        sock.sendall(data)
        response = read_response(sock)

        assert response[0] == status
        assert response[1]["connection"] == "close"
        assert sock.recv(1) == b""


def test_chunked_bodies_are_read(twin: Twin) -> None:
    """A body whose length is not response in advance is put together from its chunks."""
    head = CALL.replace(b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked") % b""
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:9], BODY[9:], b""))
    with dial(twin) as sock:
        sock.sendall(head + chunks)
        status, _, _ = read_response(sock)

    assert status == 200


def test_chunked_bodies_have_a_limit(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunked body that becomes too long is answered with 413 and the end of the connection."""
    monkeypatch.setattr("gateway.twin.http_server.MAX_BODY", 10)
    head = CALL.replace(b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked") % b""
    with dial(twin) as sock:
        sock.sendall(head + b"14\r\n" + b"x" * 20 + b"\r\n")
        status, headers, _ = read_response(sock)

    assert (status, headers["connection"]) == (413, "close")


def test_http_1_0_closes_unless_asked(twin: Twin) -> None:
    """An old client gets its answer and the end of the connection."""
    with dial(twin) as sock:
        sock.sendall(b"GET /_twin/calls HTTP/1.0\r\n\r\n")
        response = read_response(sock)

        assert response[2] == b"{}\n"
        assert sock.recv(1) == b""


def test_head_requests_get_no_body(twin: Twin) -> None:
    """The answer to HEAD says how long the body would be, and leaves it out."""
    with dial(twin) as sock:
        sock.sendall(b"HEAD /_twin/nothing HTTP/1.1\r\nConnection: close\r\n\r\n")
        data = b"".join(iter(lambda: sock.recv(65536), b""))

    assert b"404 Not Found" in data
    assert data.endswith(b"\r\n\r\n")


def test_clients_that_leave_in_the_middle(twin: Twin, client: Any) -> None:
    """A connection that ends inside a request disturbs nobody."""
    for part in (b"", b"POST /", CALL % b"" + BODY[:5]):
        with dial(twin) as sock:
            sock.sendall(part)

    assert client.list_training_jobs()


def test_many_connections_at_once(twin: Twin) -> None:
    """64 connections are open and served at the same time."""
    everyone = threading.Barrier(64)

    def one(_: int) -> int:
        with dial(twin) as sock:
            everyone.wait(5)
            sock.sendall(CALL % b"" + BODY)
            return read_response(sock)[0]

    with ThreadPoolExecutor(64) as pool:
        assert list(pool.map(one, range(64))) == [200] * 64
    assert twin.calls() == {"DescribeTrainingJob": 64}


def test_stop_ends_idle_and_hanging_connections() -> None:
    """Stopping closes every connection, those that wait for an answer too, and starts again."""
    twin = Twin(jobs=1, clock=MovableClock())
    twin.start()
    with dial(twin) as idle, dial(twin) as hanging:
        twin.set_faults(hangRate=1)
        hanging.sendall(CALL % b"" + BODY)
        while not twin.calls():
            idle.sendall(b"GET /_twin/faults HTTP/1.1\r\n\r\n")
            read_response(idle)
        twin.stop()

        assert idle.recv(1) == b""
        assert hanging.recv(1) == b""
    twin.clear_faults()
    with twin:
        client = connect(twin)
        assert client.list_training_jobs()
        client.close()
    twin.stop()


def test_reset_connections_are_reset(twin: Twin) -> None:
    """A call that is reset ends with TCP's RST, not with an orderly end."""
    twin.set_faults(resetRate=1)
    with dial(twin) as sock:
        sock.sendall(CALL % b"" + BODY)
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_serve_forever_ends_with_stop() -> None:
    """`serve_forever` starts the twin and returns when another thread stops it."""
    twin = Twin(jobs=1, clock=MovableClock())
    twin.start()
    thread = threading.Thread(target=twin.serve_forever)
    thread.start()
    twin.stop()
    thread.join(5)

    assert not thread.is_alive()


def test_a_bug_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    """If answering fails, the client gets an error and the log the traceback."""

    def broken(_: Request) -> Response:
        raise ZeroDivisionError

    with serving(HttpServer(("127.0.0.1", 0), broken)) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
            status, _, _ = read_response(sock)

    assert status == 500
    assert "twin.request_failed" in caplog.text


def test_ipv6_addresses_are_bracketed() -> None:
    """The URL of a twin on IPv6 loopback can be used as it is."""

    def hang(_: Request) -> NoResponse:
        return NoResponse.HANG

    try:
        server = HttpServer(("::1", 0), hang)
    except OSError as error:
        # Not `tests.skipping.skip`: no package that could be installed gives a machine IPv6.
        pytest.skip(f"no IPv6 loopback: {error}")
    with serving(server) as url:
        assert url.startswith("http://[::1]:")
