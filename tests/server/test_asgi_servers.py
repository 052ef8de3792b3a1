"""The gateway on real servers, with what each of them does in its own way."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.clocks import PATIENCE, TwinClock, until
from tests.conftest import Put
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = [pytest.mark.anyio, pytest.mark.servers("uvicorn", "hypercorn", only=True)]

JOB = '{ processingJob(name: "job") { processingJobStatus } }'
FOUND = {"data": {"processingJob": {"processingJobStatus": "COMPLETED"}}}
LINK = arn("training-job", "linked")
LINKED = '{ processingJob(name: "job") { id ... @defer { trainingJob { id } } } }'


@pytest.fixture
def served(gateway: Gateway, put: Put) -> Gateway:
    """Return a gateway behind a port, whose AWS has two jobs."""
    put(PROCESSING, processing_job("job", "Completed", TrainingJobArn=LINK))
    put(TRAINING, training_job("linked"))
    return gateway


async def test_requests(served: Gateway) -> None:
    """POST, GET, HEAD, a conditional GET, other methods and paths are answered alike."""
    url = f"/graphql?query={JOB}"
    posted = await served.http.post("/graphql", json={"query": JOB})
    got = await served.http.get(url)
    head = await served.http.head(url)
    same = await served.http.get(url, headers={"if-none-match": got.headers["etag"]})
    put = await served.http.put("/graphql")
    ready = await served.http.get("/healthz")
    missing = await served.http.get("/nothing")

    assert posted.json() == got.json() == FOUND
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert (same.status_code, same.content) == (304, b"")
    assert [each.status_code for each in (put, ready, missing)] == [405, 200, 404]


async def test_body_in_chunks(served: Gateway) -> None:
    """A body of which the length is not announced is read to its end."""

    async def chunks() -> AsyncIterator[bytes]:
        for part in (b'{"query":', b'"{ __typename }"', b"}"):
            yield part

    headers = {"content-type": "application/json"}
    response = await served.http.post("/graphql", content=chunks(), headers=headers)

    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.servers("hypercorn", only=True)
async def test_http_2(served: Gateway) -> None:
    """Over HTTP/2 responses, refusals and streams are those of HTTP/1.1."""
    base_url = served.http.base_url
    async with (
        asyncio.timeout(PATIENCE),
        httpx.AsyncClient(
            base_url=base_url, http1=False, http2=True, trust_env=False, verify=False
        ) as http,
    ):
        posted = await http.post("/graphql", json={"query": JOB})
        # hypercorn 0.18 closes the connection when a response comes before the end of the body.
        refused = await http.post("/graphql", json=[])
        headers = {"accept": "multipart/mixed;incrementalSpec=v0.2"}
        streamed = await http.post("/graphql", json={"query": LINKED}, headers=headers)

    assert posted.http_version == "HTTP/2"
    assert posted.json() == FOUND
    assert refused.status_code == 400
    assert streamed.text.endswith("\r\n-----\r\n")


async def test_body_over_the_limit(served: Gateway) -> None:
    """A body that is too long is refused, and the server lives."""
    headers = {"content-type": "application/json"}
    response = await served.http.post("/graphql", content=b" " * 200_000, headers=headers)

    assert response.status_code == 413
    assert (await served.http.post("/graphql", json={"query": JOB})).json() == FOUND


async def test_client_that_disconnects_stops_its_work(
    served: Gateway, twin: "Twin", twin_clock: TwinClock
) -> None:
    """The disconnect cancels the wait, and the next client's call is a new one."""
    twin_clock.close()
    asked = asyncio.create_task(served.http.post("/graphql", json={"query": JOB}))
    await until(lambda: twin.calls().get(PROCESSING))
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await until(lambda: not served.lifecycle.waiting_requests)
    twin_clock.open()

    assert (await served.http.post("/graphql", json={"query": JOB})).json() == FOUND
    assert twin.calls() == {PROCESSING: 2}


@pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed;incrementalSpec=v0.2"])
async def test_stream(served: Gateway, put: Put, accept: str) -> None:
    """Events come while the stream is open; the client's disconnect closes it."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    query = 'subscription { processingJob(name: "watched") { processingJobStatus } }'
    async with (
        asyncio.timeout(PATIENCE),
        served.http.stream(
            "POST", "/graphql", json={"query": query}, headers={"accept": accept}
        ) as response,
    ):
        seen = ""
        async for text in response.aiter_text():
            seen += text
            if "IN_PROGRESS" in seen:
                break
        assert served.lifecycle.open_connections == 1
    await until(lambda: served.lifecycle.open_connections == 0)


async def test_stream_to_its_end(served: Gateway) -> None:
    """A stream that ends is a complete response."""
    headers = {"accept": "multipart/mixed;incrementalSpec=v0.2"}
    response = await served.http.post("/graphql", json={"query": LINKED}, headers=headers)

    assert response.text.endswith("\r\n-----\r\n")
    assert LINK in response.text


async def test_websocket(served: Gateway) -> None:
    """An operation runs on a WebSocket; a message that is not allowed closes it with its code."""
    async with asyncio.timeout(PATIENCE), connect(_socket_url(served), **_PROTOCOL) as socket:
        await socket.send('{"type":"connection_init"}')
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        message = {"id": "1", "type": "subscribe", "payload": {"query": JOB}}
        await socket.send(json.dumps(message))
        assert json.loads(await socket.recv()) == {"id": "1", "type": "next", "payload": FOUND}
        assert json.loads(await socket.recv()) == {"id": "1", "type": "complete"}
        await socket.send(b"binary")
        await socket.wait_closed()

    assert socket.close_code == 4400
    assert served.lifecycle.open_connections == 0


async def test_websocket_that_is_refused(served: Gateway) -> None:
    """A page of another site gets no WebSocket, and neither does a client of another path."""
    url = _socket_url(served)
    for refused, origin in ((url, Origin("https://evil.example")), (f"{url}/other", None)):
        with pytest.raises(InvalidStatus) as caught:
            async with asyncio.timeout(PATIENCE), connect(refused, origin=origin, **_PROTOCOL):
                pass
        assert caught.value.response.status_code == 403


async def test_websocket_whose_client_disconnects(served: Gateway) -> None:
    """A lost connection is closed on this side too."""
    async with asyncio.timeout(PATIENCE), connect(_socket_url(served), **_PROTOCOL) as socket:
        await until(lambda: served.lifecycle.open_connections == 1)
        socket.transport.abort()
        await until(lambda: served.lifecycle.open_connections == 0)


_PROTOCOL: Any = {"subprotocols": [Subprotocol("graphql-transport-ws")]}


def _socket_url(served: Gateway) -> str:
    return str(httpx.URL(served.http.base_url).copy_with(scheme="ws").join("/graphql"))
