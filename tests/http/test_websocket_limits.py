"""The origins that may open a WebSocket, their number, and the timeouts."""

import asyncio
import json
from contextlib import AsyncExitStack

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.aws_answers import PROCESSING, processing_job
from tests.clocks import PATIENCE, until
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway
from tests.http.asgi_client import PROTOCOL, open_initialised_websocket, open_websocket

pytestmark = [pytest.mark.anyio, pytest.mark.servers("mounted", "minimal")]

INIT = {"type": "connection_init"}
STATUS = 'subscription { processingJob(name: "watched") { processingJobStatus } }'


RUNNING = processing_job("watched", "InProgress")


async def test_init_timeout(start_gateway: StartGateway) -> None:
    """A client that does not initialise its connection loses it."""
    gateway = await start_gateway(socket_init_timeout=3)
    async with open_websocket(gateway.app, PROTOCOL) as socket:
        await socket.receive()
        await until(lambda: gateway.clock.sleeping(3) == 1)
        gateway.clock.advance(3)

        assert await socket.receive_close() == 4408


async def test_idle(start_gateway: StartGateway, put: Put) -> None:
    """An idle client gets a ping; it stays connected if it sends something, else it is closed."""
    put(PROCESSING, RUNNING)
    gateway = await start_gateway(socket_idle_timeout=20, subscription_interval=1_000)

    async def pass_time() -> None:
        await until(lambda: gateway.clock.sleeping(20) == 1)
        gateway.clock.advance(20)

    async with open_initialised_websocket(gateway.app) as socket:
        socket.subscribe("1", STATUS)
        await socket.receive_message()
        await pass_time()
        await pass_time()
        assert await socket.receive_message() == {"type": "ping"}
        socket.send_message({"type": "pong"})
        socket.send_message({"type": "ping"})
        assert await socket.receive_message() == {"type": "pong"}
        await pass_time()
        await pass_time()
        assert await socket.receive_message() == {"type": "ping"}
        await pass_time()

        assert await socket.receive_close() == 1001
    assert gateway.clock.sleepers == 0


async def test_most_operations(start_gateway: StartGateway, put: Put) -> None:
    """An operation over the limit is refused; one that ends makes place for another."""
    put(PROCESSING, RUNNING)
    gateway = await start_gateway(max_socket_operations=2)
    async with open_initialised_websocket(gateway.app) as socket:
        for id_ in ("1", "2"):
            socket.subscribe(id_, STATUS)
            await socket.receive_message()
        socket.subscribe("3", STATUS)
        refused = await socket.receive_message()
        socket.send_message({"id": "1", "type": "complete"})
        socket.subscribe("3", STATUS)
        taken = await socket.receive_message()

    assert (refused["id"], refused["type"]) == ("3", "error")
    assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
    assert (taken["id"], taken["type"]) == ("3", "next")


async def test_most_connections(start_gateway: StartGateway) -> None:
    """A connection over the limit is refused; one that closes makes place for another."""
    gateway = await start_gateway(max_streams=2)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(open_initialised_websocket(gateway.app))
        async with open_websocket(gateway.app, PROTOCOL) as socket:
            start, body = await socket.receive(), await socket.receive()

        assert start["status"] == 503
        (error,) = orjson.loads(body["body"])["errors"]
        assert error["extensions"]["code"] == "TOO_MANY_STREAMS"
    async with open_initialised_websocket(gateway.app):
        pass


@pytest.mark.parametrize("offered", [[], ["graphql-ws"], ["other"]])
async def test_other_protocols(gateway: Gateway, offered: list[str]) -> None:
    """No other protocol is spoken; the legacy one is off."""
    async with open_websocket(gateway.app, *offered) as socket:
        assert await socket.receive() == {"type": "websocket.accept"}
        assert await socket.receive_close() == 4406


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://gateway.example", True),
        ("https://gateway.example", False),
        ("https://gateway.example:80", True),
        ("http://gateway.example:80", True),
        ("http://gateway.example:8000", False),
        ("http://other.example", False),
        ("http://gateway.example.other", False),
        ("https://listed.example", True),
        ("https://listed.example:444", False),
        ("null", False),
        ("://gateway.example:80", False),
        ("http://", False),
        ("http://[", False),
    ],
)
@pytest.mark.servers
async def test_origin(start_gateway: StartGateway, origin: str | None, *, allowed: bool) -> None:
    """Pages of the own and of listed origins may connect, and clients without an origin."""
    gateway = await start_gateway(cors_origins=frozenset({"https://listed.example"}))
    headers = {"host": "gateway.example:80"}
    if origin is not None:
        headers["origin"] = origin
    async with open_websocket(gateway.app, PROTOCOL, headers=headers) as socket:
        message = await socket.receive()

    assert message.get("status") == (None if allowed else 403)
    assert message["type"] == ("websocket.accept" if allowed else "websocket.http.response.start")


async def test_refused_without_extension(gateway: Gateway) -> None:
    """A server that cannot send a response to a handshake gets `websocket.close`."""
    headers = {"origin": "http://other.example", "host": "gateway"}
    async with open_websocket(gateway.app, PROTOCOL, headers=headers, extensions={}) as socket:
        assert await socket.receive() == {"type": "websocket.close"}


async def test_other_path(gateway: Gateway) -> None:
    """There are no WebSockets elsewhere."""
    async with open_websocket(gateway.app, PROTOCOL, path="/", extensions={}) as socket:
        assert (await socket.receive())["type"] == "websocket.close"


async def test_through_uvicorn(gateway_url: str, put: Put) -> None:
    """A client of another make is served by the server that the gateway runs on."""
    # This gateway is all tests' own, and so is its cache.
    put(PROCESSING, processing_job("socketed", "Failed"))
    payload = {"query": STATUS.replace("watched", "socketed")}
    url = gateway_url.replace("http", "ws") + "/graphql"
    async with (
        asyncio.timeout(PATIENCE),
        connect(url, subprotocols=[Subprotocol(PROTOCOL)]) as socket,
    ):
        await socket.send(json.dumps(INIT))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        data = {"processingJob": {"processingJobStatus": "FAILED"}}
        told = {"id": "1", "type": "next", "payload": {"data": data}}
        assert json.loads(await socket.recv()) == told
        assert json.loads(await socket.recv()) == {"id": "1", "type": "complete"}
        await socket.send("{")
        with pytest.raises(ConnectionClosed):
            await socket.recv()

        assert socket.close_code == 4400
