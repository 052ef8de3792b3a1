"""The shutdown of a process: its steps, its limits, and no lost request."""

import asyncio
import itertools
import json
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.aws_answers import PROCESSING, TRAINING
from tests.conftest import Count
from tests.replicas import Replica, eventually, replica

from .load_balancer import Backend, Balancer, Load, Message

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

QUERY = "query($name: String!) { processingJob(name: $name) { processingJobName } }"
SLOW = "query($name: String!) { trainingJob(name: $name) { trainingJobName } }"
LONG = 60.0
"""Seconds that a test never waits."""

Start = Callable[..., Any]


@pytest.fixture
async def start(anyio_backend: str, twin: "Twin") -> AsyncIterator[Start]:
    """Yield a coroutine function that starts a replica with settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> Replica:
            return await stack.enter_async_context(replica(twin.url, **settings))

        yield start


def request(query: str, name: str) -> bytes:
    """Return the body of a request for one job."""
    return json.dumps({"query": query, "variables": {"name": name}}).encode()


async def hanging(http: httpx.AsyncClient, twin: "Twin") -> asyncio.Task[httpx.Response]:
    """Return a query for which AWS has been called and never answers."""
    twin.set_faults(hangRate=1, operations=[TRAINING])
    query = {"query": SLOW, "variables": {"name": "hangs"}}
    task = asyncio.create_task(http.post("/graphql", json=query))
    await eventually(lambda: twin.calls().get(TRAINING))
    return task


async def test_no_request_is_lost_while_two_replicas_restart(
    twin: "Twin", start: Start, count: Count
) -> None:
    """A rolling restart under load fails no request, those that wait for AWS included."""
    twin.set_faults(latencyMs=400, operations=[TRAINING])
    names = itertools.cycle(sorted(twin.answers(PROCESSING))[:20])
    numbers = itertools.count()
    settings = {"shutdown_delay": 0.4, "shutdown_grace": 10}

    def quick() -> tuple[bytes, bytes]:
        name = next(names)
        expected = b'{"data":{"processingJob":{"processingJobName":"%s"}}}' % name.encode()
        return request(QUERY, name), expected

    def slow() -> tuple[bytes, bytes]:
        # Each asks for another name, so that none finds its answer in the cache.
        return request(SLOW, f"missing-{next(numbers)}"), b'{"data":{"trainingJob":null}}'

    replicas = await asyncio.gather(start(**settings), start(**settings))
    backends = [Backend(("127.0.0.1", each.port)) for each in replicas]
    caught = 0
    async with Balancer(backends).running() as address:
        await eventually(lambda: all(backend.is_ready for backend in backends))
        load = Load(address)
        for _ in range(4):
            load.add(quick)
            load.add(slow)
        for old, backend in zip(replicas, backends, strict=True):
            await eventually(partial(waits_for, backend, 2))
            old.signal(signal.SIGTERM)
            caught += len(waiting(backend))

            assert await old.end() == 0, old.log
            await start(**settings, port=old.port)
            await eventually(partial(has_served, backend, backend.served + 20))
        await load.stop()

    count("requests across a restart of two replicas", load.answered)
    count("of them waiting for AWS when their replica was told to end", caught)
    count("of them failed", len(load.failures))
    assert load.failures == []
    assert load.answered > 500
    assert caught >= 4


async def test_end_resets_no_connection(twin: "Twin", start: Start) -> None:
    """Whoever could connect gets an answer; then connections are refused, and none is reset."""
    served = await start(shutdown_delay=0.2, shutdown_grace=10)
    body = request(QUERY, min(twin.answers(PROCESSING)))
    head = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    outcomes: list[str] = []

    async def ask_until_refused() -> None:
        while "refused" not in outcomes:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            except OSError:
                outcomes.append("refused")
                return
            try:
                writer.write(head + length + body)
                answer = await reader.read()
                outcomes.append("answered" if answer.startswith(b"HTTP/1.1 200") else "lost")
            except ConnectionError:
                outcomes.append("reset")
            finally:
                writer.close()

    clients = [asyncio.create_task(ask_until_refused()) for _ in range(16)]
    await eventually(lambda: len(outcomes) > 200)
    served.signal(signal.SIGTERM)
    await asyncio.wait_for(asyncio.gather(*clients), LONG)

    assert await served.end() == 0, served.log
    assert outcomes.count("answered") > 200
    assert outcomes.count("reset") == 0, outcomes.count("reset")
    assert outcomes.count("lost") == 0


def waiting(backend: Backend) -> list[Message]:
    """Return the requests at a replica that wait for AWS."""
    return [message for message in backend.under_way if b"trainingJob" in message.body]


def waits_for(backend: Backend, count: int) -> bool:
    """Tell whether so many requests at a replica wait for AWS."""
    return len(waiting(backend)) >= count


def has_served(backend: Backend, count: int) -> bool:
    """Tell whether a replica has answered so many requests."""
    return backend.served >= count


async def test_readiness_turns_at_once_and_requests_are_still_taken(start: Start) -> None:
    """After SIGTERM a replica is not ready, answers requests, and closes connections."""
    served = await start(shutdown_delay=LONG)
    async with served.client() as http:
        before = await http.post("/graphql", json={"query": "{ __typename }"})
        served.signal(signal.SIGTERM)
        await eventually(served.says_not_ready)
        # The header comes with the server's next look at its clock.
        await eventually(lambda: closes(http))
        after = await http.post("/graphql", json={"query": "{ __typename }"})
        reason = (await http.get("/readyz")).json()["reason"]

    assert "connection" not in before.headers
    assert (after.status_code, after.content) == (200, before.content)
    assert after.headers["connection"] == "close"
    assert "shutting down" in reason


async def closes(http: httpx.AsyncClient) -> bool:
    """Tell whether the gateway closes connections after their requests."""
    connection: str | None = (await http.get("/healthz")).headers.get("connection")
    return connection == "close"


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
async def test_second_signal_ends_at_once(twin: "Twin", start: Start, sig: signal.Signals) -> None:
    """A second signal ends the process at once, which its exit code shows."""
    served = await start(shutdown_delay=LONG, shutdown_grace=LONG)
    async with served.client() as http:
        asked = await hanging(http, twin)
        served.signal(signal.SIGTERM)
        await eventually(served.says_not_ready)
        served.signal(sig)

        assert await served.end() == -sig
        with pytest.raises(httpx.TransportError):
            await asked


async def test_grace_period_is_an_end(twin: "Twin", start: Start) -> None:
    """A request that AWS does not answer in time gets an error, which the exit code shows."""
    served = await start(shutdown_delay=0, shutdown_grace=0.3)
    async with served.client() as http:
        asked = await hanging(http, twin)
        began = time.monotonic()
        served.signal(signal.SIGTERM)
        response = await asked
        code = await served.end()

    assert response.status_code == 503, response.text
    assert response.json()["errors"][0]["extensions"] == {"code": "UPSTREAM_TIMEOUT"}
    assert (response.headers["connection"], response.headers["retry-after"]) == ("close", "1")
    assert code == 1
    # boto3 would wait for 8 seconds, three times.
    assert time.monotonic() - began < 5
    assert "gateway.requests_cancelled requests=1" in served.log
    assert "Traceback" not in served.log


async def test_interrupt_from_the_keyboard_needs_no_delay(start: Start) -> None:
    """Ctrl-C ends an idle process without a delay or a traceback."""
    served = await start(shutdown_delay=LONG, shutdown_grace=LONG)
    async with served.client() as http:
        await http.get("/healthz")
        served.signal(signal.SIGINT)

        assert await served.end() == 0
        assert "Traceback" not in served.log


async def test_abandoned_calls_do_not_hold_the_process(twin: "Twin", start: Start) -> None:
    """The process does not wait for an AWS call whose client has disconnected."""
    served = await start(shutdown_delay=0, shutdown_grace=LONG)
    async with served.client() as http:
        asked = await hanging(http, twin)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    began = time.monotonic()
    served.signal(signal.SIGTERM)

    assert await served.end() == 0
    assert time.monotonic() - began < 5


async def test_websockets_are_closed_with_going_away(start: Start) -> None:
    """A WebSocket is closed with 1001, after which its client connects again."""
    served = await start(shutdown_delay=0)
    url = served.url.replace("http", "ws", 1) + "/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send('{"type":"connection_init"}')
        acknowledged = json.loads(await socket.recv())
        served.signal(signal.SIGTERM)
        await socket.wait_closed()

    assert acknowledged["type"] == "connection_ack"
    assert socket.close_code == 1001
    assert await served.end() == 0
    assert "Traceback" not in served.log


async def test_streams_end_without_being_cut_off(twin: "Twin", start: Start) -> None:
    """A subscription over server-sent events ends as a whole response when the process does."""
    served = await start(shutdown_delay=0, shutdown_grace=LONG)
    name = min(twin.answers(PROCESSING))
    query = f'subscription {{ processingJob(name: "{name}") {{ processingJobName }} }}'
    accept = {"accept": "text/event-stream"}
    async with (
        served.client() as http,
        http.stream("POST", "/graphql", json={"query": query}, headers=accept) as response,
    ):
        pieces = response.aiter_bytes()
        await anext(pieces)
        served.signal(signal.SIGTERM)
        async for _ in pieces:
            pass

    assert await served.end() == 0
    assert "Traceback" not in served.log
