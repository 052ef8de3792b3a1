"""Persisted queries that replicas share through Redis, and a Redis that does not play along."""

import asyncio
import hashlib
import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any, Final
from urllib.parse import quote

import pytest

from gateway.errors import ConfigurationError

from ..conftest import StartGateway
from ..gateway_under_test import Gateway
from ..redis_server import PASSWORD, RedisServer
from .asgi_client import open_initialised_websocket

pytestmark = pytest.mark.anyio

QUERY: Final = "query Which { __typename }"
HASH: Final = hashlib.sha256(QUERY.encode()).hexdigest()
KEY: Final = f"gateway:document:{HASH}"
EXTENSIONS: Final = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}
ANSWER: Final = {"data": {"__typename": "Query"}}


async def register(gateway: Gateway) -> None:
    """Send hash and text."""
    response = await gateway.http.post("/graphql", json={"query": QUERY, "extensions": EXTENSIONS})
    assert response.json() == ANSWER


async def by_hash(gateway: Gateway) -> Any:
    """Return the JSON of the response to the hash alone."""
    return (await gateway.http.post("/graphql", json={"extensions": EXTENSIONS})).json()


def is_unknown(response: Any) -> bool:
    """Tell whether the client is asked for the text."""
    return [error["message"] for error in response.get("errors", ())] == ["PersistedQueryNotFound"]


async def stored(redis: RedisServer) -> None:
    """Wait until Redis holds the query, which is written after the response."""
    async with asyncio.timeout(10):
        while await redis.client.get(KEY) != QUERY.encode():  # noqa: ASYNC110  # it gives no sign
            await asyncio.sleep(0.005)


async def test_replicas_share_documents(start_gateway: StartGateway, redis: RedisServer) -> None:
    """A text registered at one replica is known to another, by POST, GET, id and in a batch."""
    url = redis.url
    first = await start_gateway(redis_url=url)
    assert is_unknown(await by_hash(first))
    await register(first)
    await stored(redis)
    assert 86_000 < await redis.client.ttl(KEY) <= 86_400

    assert await by_hash(await start_gateway(redis_url=url)) == ANSWER
    second = await start_gateway(redis_url=url)
    answer = await second.http.get(f"/graphql?extensions={quote(json.dumps(EXTENSIONS))}")
    assert answer.json() == ANSWER
    third = await start_gateway(redis_url=url)
    answer = await third.http.post("/graphql", json={"documentId": f"sha256:{HASH.upper()}"})
    assert answer.json() == ANSWER
    fourth = await start_gateway(redis_url=url, max_batch=2)
    answer = await fourth.http.post("/graphql", json=[{"extensions": EXTENSIONS}] * 2)
    assert answer.json() == [ANSWER] * 2


async def test_web_sockets_share_it_too(start_gateway: StartGateway, redis: RedisServer) -> None:
    """An operation over a WebSocket may name its document by hash."""
    first, second = [await start_gateway(redis_url=redis.url) for _ in range(2)]
    await register(first)
    await stored(redis)

    async with open_initialised_websocket(second.app) as client:
        client.send_message({"id": "1", "type": "subscribe", "payload": {"extensions": EXTENSIONS}})
        assert await client.receive_message() == {"id": "1", "type": "next", "payload": ANSWER}


async def test_known_document_needs_no_redis(
    start_gateway: StartGateway, redis: RedisServer
) -> None:
    """After the first time the text is in memory."""
    first, second = [await start_gateway(redis_url=redis.url) for _ in range(2)]
    await register(first)
    await stored(redis)
    await by_hash(second)
    await redis.stop()

    padded = {"extensions": EXTENSIONS, "variables": {}}
    assert (await second.http.post("/graphql", json=padded)).json() == ANSWER


@pytest.mark.parametrize(
    "value", [b"{ another: __typename }", b"\xff\xfe", b"", b"x" * 2_000_000], ids=len
)
async def test_poisoned_value_is_unknown(
    start_gateway: StartGateway, redis: RedisServer, value: bytes
) -> None:
    """What does not have the hash is not executed, and the right text takes its place."""
    gateway = await start_gateway(redis_url=redis.url)
    await redis.client.set(KEY, value)

    assert is_unknown(await by_hash(gateway))
    await register(gateway)
    assert await by_hash(gateway) == ANSWER
    await stored(redis)


@pytest.mark.parametrize("id_", ["x", "sha256:", HASH + "0", "../" + HASH, "*"])
async def test_other_ids_are_not_looked_for(
    start_gateway: StartGateway, redis: RedisServer, id_: str
) -> None:
    """Only a SHA-256 can be in Redis."""
    gateway = await start_gateway(redis_url=redis.url)
    await redis.client.config_resetstat()

    answer = await gateway.http.post("/graphql", json={"documentId": id_})

    assert is_unknown(answer.json())
    assert "cmdstat_get" not in await redis.client.info("commandstats")


async def test_redis_that_dies_and_comes_back(
    start_gateway: StartGateway, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Without it a replica learns alone; five seconds after the failure it is asked again."""
    first, second = [await start_gateway(redis_url=redis.url) for _ in range(2)]
    await redis.stop()
    assert is_unknown(await by_hash(first))
    await register(first)
    assert await by_hash(first) == ANSWER
    assert [record.getMessage() for record in caplog.records] == ["gateway.redis_failed"]
    assert PASSWORD not in caplog.text

    await redis.start()
    first.clock.advance(5)
    await register_anew(first)
    await stored(redis)
    assert await by_hash(second) == ANSWER


async def register_anew(gateway: Gateway) -> None:
    """Send hash and text in bytes that the gateway has not seen."""
    body = {"query": QUERY, "extensions": EXTENSIONS, "variables": {"again": 1}}
    assert (await gateway.http.post("/graphql", json=body)).json() == ANSWER


async def test_wrong_password_is_no_error(start_gateway: StartGateway, redis: RedisServer) -> None:
    """A Redis that refuses is one that is not there."""
    gateway = await start_gateway(redis_url=redis.url.replace(PASSWORD, "wrong"))

    assert is_unknown(await by_hash(gateway))
    await register(gateway)
    assert await by_hash(gateway) == ANSWER


class Accepting:
    """Accepts connections and sends bytes that are not Redis's protocol, or nothing."""

    def __init__(self, words: bytes) -> None:
        self._words = words
        self.connections = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Yield its URL."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        async with server:
            yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(self._words)
        # Until the other side disconnects.
        while await reader.read(1_000):
            pass
        writer.close()


@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$-5\r\n"], ids=repr)
async def test_redis_that_hangs_or_is_none(start_gateway: StartGateway, words: bytes) -> None:
    """It is a slow miss once, then a fast one, and never an error."""
    listener = Accepting(words)
    async with listener.serving() as url:
        gateway = await start_gateway(redis_url=url)
        assert is_unknown(await by_hash(gateway))
        assert listener.connections == 1
        assert is_unknown(await by_hash(gateway))
        await register(gateway)
        assert await by_hash(gateway) == ANSWER
        assert listener.connections == 1


async def test_closed_port_is_no_error(start_gateway: StartGateway) -> None:
    """No server listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    gateway = await start_gateway(redis_url=f"redis://127.0.0.1:{port}")

    assert is_unknown(await by_hash(gateway))
    await register(gateway)
    assert await by_hash(gateway) == ANSWER


async def test_wrong_url_is_refused_at_start(
    start_gateway: StartGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """A URL that redis-py refuses is reported at start-up, without secrets."""
    caplog.set_level(logging.DEBUG)
    url = f"redis://:{PASSWORD}@host?socket_timeout={PASSWORD}"
    with pytest.raises(ConfigurationError, match="GATEWAY_REDIS_URL") as raised:
        await start_gateway(redis_url=url)

    assert PASSWORD not in str(raised.value) + caplog.text
