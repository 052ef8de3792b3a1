"""Server-sent events: graphql-sse's mode of distinct connections, and streams as such."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.http.framing import SERVER_SENT_EVENTS
from gateway.http.lifecycle import Lifecycle
from gateway.http.streaming import StreamedResponse
from tests.aws_answers import PROCESSING, processing_job
from tests.clocks import PATIENCE, until
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway
from tests.http.asgi_client import open_get, open_post

if TYPE_CHECKING:
    from gateway.execution.response_stream import Streams

pytestmark = [pytest.mark.anyio, pytest.mark.servers("mounted", "minimal")]

EVENTS = "text/event-stream"
STATUS = 'subscription { processingJob(name: "watched") { processingJobStatus } }'
JOB = '{ processingJob(name: "watched") { processingJobStatus } }'
FAILED = '{"data":{"processingJob":{"processingJobStatus":"FAILED"}}}'
COMPLETE = "event: complete\ndata: \n\n"


def whole(*responses: str) -> str:
    """Return the body with these responses."""
    return ":\n\n" + "".join(f"event: next\ndata: {each}\n\n" for each in responses) + COMPLETE


@pytest.mark.parametrize("operation", [JOB, STATUS])
async def test_post(gateway: Gateway, put: Put, operation: str) -> None:
    """An operation of any kind is answered with events, in the framing of graphql-sse."""
    put(PROCESSING, processing_job("watched", "Failed"))
    async with open_post(gateway.app, operation, EVENTS) as stream:
        status, headers = await stream.receive_start()

        assert status == 200
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["cache-control"] == "no-store"
        assert await stream.receive_rest() == whole(FAILED)


async def test_get(gateway: Gateway, put: Put) -> None:
    """A browser's EventSource sends its operation in the URL."""
    put(PROCESSING, processing_job("watched", "Failed"))
    async with open_get(gateway.app, STATUS, EVENTS) as stream:
        await stream.receive_start()

        assert await stream.receive_rest() == whole(FAILED)


async def test_head(gateway: Gateway) -> None:
    """HEAD opens no stream, which would have no body and no end."""
    async with open_get(gateway.app, STATUS, EVENTS, "HEAD") as stream:
        assert (await stream.receive_start())[0] == 406


@pytest.mark.parametrize(
    ("operation", "code"), [("{", "GRAPHQL_PARSE_FAILED"), ("{ a }", "GRAPHQL_VALIDATION_FAILED")]
)
async def test_invalid_operation(gateway: Gateway, operation: str, code: str) -> None:
    """The errors of an invalid operation come in an event: an EventSource cannot see a status."""
    async with open_post(gateway.app, operation, EVENTS) as stream:
        assert (await stream.receive_start())[0] == 200
        event = (await stream.receive_rest()).removeprefix(":\n\nevent: next\ndata: ")

    response = json.loads(event.removesuffix(f"\n\n{COMPLETE}"))
    assert response["errors"][0]["extensions"]["code"] == code


async def test_preference(gateway: Gateway, put: Put) -> None:
    """A client that takes one response gets one where there is one, else events."""
    put(PROCESSING, processing_job("watched", "Failed"))
    accept = "application/json, text/event-stream;q=0.5"
    async with open_post(gateway.app, JOB, accept) as stream:
        _, single = await stream.receive_start()
        assert await stream.receive_rest() == FAILED
    async with open_post(gateway.app, STATUS, accept) as stream:
        _, events = await stream.receive_start()
        assert await stream.receive_rest() == whole(FAILED)

    assert single["content-type"].startswith("application/json")
    assert events["content-type"].startswith(EVENTS)


async def test_batch(start_gateway: StartGateway) -> None:
    """A batch is not streamed."""
    gateway = await start_gateway(max_batch=2)
    response = await gateway.http.post(
        "/graphql", json=[{"query": JOB}], headers={"accept": EVENTS}
    )

    assert response.status_code == 406


async def test_keep_alive(start_gateway: StartGateway, put: Put) -> None:
    """While nothing happens, comments show that the stream is alive."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    gateway = await start_gateway(stream_keep_alive=7, subscription_interval=1_000)
    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        await stream.receive_start()
        assert await stream.receive_chunk() == ":\n\n"
        assert (await stream.receive_chunk()).startswith("event: next\n")
        for _ in range(2):
            await until(lambda: gateway.clock.sleeping(7) == 1)
            gateway.clock.advance(7)
            assert await stream.receive_chunk() == ":\n\n"


async def test_most_streams(start_gateway: StartGateway, put: Put) -> None:
    """A stream over the limit is refused; one that ends makes place for another."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    gateway = await start_gateway(max_streams=2)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            stream = await stack.enter_async_context(open_post(gateway.app, STATUS, EVENTS))
            await stream.receive_start()
        response = await gateway.http.post(
            "/graphql", json={"query": STATUS}, headers={"accept": EVENTS}
        )

        assert response.status_code == 503
        assert response.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
        assert await gateway.data(JOB)
    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        assert (await stream.receive_start())[0] == 200


async def test_unexpected_error(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An internal error is logged, and the client gets a masked one."""

    async def fail(streams: "Streams", *_: object, **__: object) -> object:
        yield b"{}"
        raise RuntimeError("the inside of the gateway")

    monkeypatch.setattr("gateway.execution.response_stream.Streams.respond", fail)
    async with open_post(gateway.app, JOB, EVENTS) as stream:
        await stream.receive_start()
        body = await stream.receive_rest()

    assert "inside" not in body
    assert "INTERNAL_SERVER_ERROR" in body
    assert body.endswith(COMPLETE)
    assert "the inside of the gateway" in caplog.text


async def test_through_uvicorn(gateway_url: str, put: Put) -> None:
    """The server sends events as they come, and notices the disconnect of the client."""
    # This gateway is all tests' own, and so is its cache.
    put(PROCESSING, processing_job("streamed", "InProgress"))
    operation = STATUS.replace("watched", "streamed")
    seen = ""
    async with (
        asyncio.timeout(PATIENCE),
        httpx.AsyncClient(base_url=gateway_url) as client,
        client.stream(
            "POST", "/graphql", json={"query": operation}, headers={"accept": EVENTS}
        ) as response,
    ):
        async for text in response.aiter_text():
            seen += text
            if "IN_PROGRESS" in seen:
                break
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=gateway_url) as client:
        # In another thread, so there is nothing here to wait for but the figure.
        while "gateway_streams 0.0" not in (await client.get("/metrics")).text:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_server_ends() -> None:
    """At shutdown a stream ends as a complete body, but without the event `complete`."""
    lifecycle = Lifecycle()
    closed = asyncio.Event()

    async def results() -> AsyncGenerator[bytes, None]:
        try:
            yield b"{}"
            await asyncio.Event().wait()
        finally:
            closed.set()

    response = StreamedResponse(
        results(), SERVER_SENT_EVENTS, lifecycle, asyncio.Event().wait, asyncio.Event().wait
    )
    async with open_post(response, "", EVENTS) as stream:
        await stream.receive_start()
        assert await stream.receive_chunk() == ":\n\n"
        assert await stream.receive_chunk() == "event: next\ndata: {}\n\n"
        await lifecycle.close_connections()

        assert await stream.receive_rest() == ""
        assert closed.is_set()
