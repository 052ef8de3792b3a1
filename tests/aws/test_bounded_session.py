"""An answer that does not end, or is endless, ends the call and frees its thread."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from gateway.aws import bounded_session
from gateway.aws.client import SageMaker
from gateway.aws.errors import TimedOut, Unavailable, UpstreamError
from gateway.settings import AwsSettings
from tests.clocks import PATIENCE, until

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
LONG = HEAD + b"Content-Length: 1000000000\r\n\r\n{"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"

Talk = Callable[[socket.socket], None]


@contextmanager
def server(talk: Talk) -> Iterator[str]:
    """Serve each connection with `talk`, after its request; yield the address."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65_536)
            talk(connection)

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


async def describe(url: str, **settings: Any) -> None:
    """Make one call, and wait until its thread is free."""
    given = {"aws_attempts": 1, "region": "eu-west-1", **settings}
    sagemaker = SageMaker(AwsSettings(endpoint_url=url, **given))
    sagemaker.start()
    await until(lambda: sagemaker.check_readiness() is None)
    threads = sagemaker._threads
    try:
        await sagemaker.call("eu-west-1", "DescribeTrainingJob", TrainingJobName="job")
    finally:
        sagemaker.close()
        async with asyncio.timeout(PATIENCE):
            await asyncio.to_thread(threads.shutdown)


@pytest.mark.parametrize(("head", "piece"), [(LONG, b" "), (CHUNKED, b"1\r\n \r\n")])
async def test_body_that_drips_ends_at_the_deadline(head: bytes, piece: bytes) -> None:
    """Each piece comes in time and the body never ends: the thread is free all the same."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(head)
        while not over.wait(0.02):
            connection.sendall(piece)

    with server(drip) as url:
        with pytest.raises(TimedOut):
            await describe(url, aws_deadline=0.2)
        over.set()


@pytest.mark.parametrize(
    ("head", "piece"), [(LONG, b" " * 1_000), (CHUNKED, b"1\r\n \r\n" * 1_000)]
)
async def test_endless_body_is_cut(
    monkeypatch: pytest.MonkeyPatch, head: bytes, piece: bytes
) -> None:
    """A body that comes fast and never ends does not fill the memory."""
    monkeypatch.setattr(bounded_session, "MOST_BYTES", 10_000)

    def pour(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    with server(pour) as url, pytest.raises(Unavailable):
        await describe(url)


async def test_body_that_stops_times_out() -> None:
    """A body of which no piece comes any more is what botocore calls a read timeout."""
    over = threading.Event()

    def stop(connection: socket.socket) -> None:
        connection.sendall(LONG)
        over.wait(PATIENCE)

    with server(stop) as url:
        with pytest.raises(TimedOut):
            await describe(url, aws_read_timeout=0.1)
        over.set()


async def test_body_that_breaks_off_is_asked_for_again() -> None:
    """A connection that closes in the middle of a chunk is retried, as botocore does."""
    connections: list[socket.socket] = []

    def close(connection: socket.socket) -> None:
        connections.append(connection)
        connection.sendall(CHUNKED + b"FF\r\n")

    with server(close) as url, pytest.raises(UpstreamError):
        await describe(url, aws_attempts=2)

    assert len(connections) == 2
