"""Who may open WebSockets and streams over HTTP, and how they end when a token expires."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.auth.api_keys import create_key, hash_key
from tests.aws_answers import PROCESSING, processing_job
from tests.clocks import until
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway
from tests.graphql_responses import assert_canonical_error
from tests.http.asgi_client import PROTOCOL, WebSocketClient, open_post, open_websocket
from tests.issuer import LocalIssuer, issuer_section

pytestmark = pytest.mark.anyio

STATUS = 'subscription { processingJob(name: "watched") { processingJobStatus } }'
ACK = {"type": "connection_ack"}


@asynccontextmanager
async def accepted_socket(gateway: Gateway, **headers: str) -> AsyncIterator[WebSocketClient]:
    """Open a WebSocket, up to before `connection_init`."""
    async with open_websocket(gateway.app, PROTOCOL, headers=headers) as socket:
        assert (await socket.receive())["type"] == "websocket.accept"
        yield socket


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("is_nested", [False, True])
async def test_token_in_connection_init(
    start_guarded: StartGateway, issuer: LocalIssuer, name: str, *, is_nested: bool
) -> None:
    """A WebSocket is open to whoever sends a token in the payload of `connection_init`."""
    gateway = await start_guarded(issuer_section(issuer))
    headers: dict[str, Any] = {name: f"Bearer {issuer.sign()}"}
    payload = {"headers": headers} if is_nested else headers
    async with accepted_socket(gateway) as socket:
        socket.send_message({"type": "connection_init", "payload": payload})
        assert await socket.receive_message() == ACK
        socket.subscribe("1", "{ __typename }")

        expected = {"data": {"__typename": "Query"}}
        assert (await socket.receive_message())["payload"] == expected


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": ["Bearer wrong"]},
        {"Authorization": "Basic wrong"},
        {"headers": {"Authorization": "Bearer wrong"}},
        {"headers": []},
        [],
        "Bearer",
        {"Authorization": "Bearer \u20ac"},
    ],
)
async def test_socket_without_a_valid_token(
    start_guarded: StartGateway, issuer: LocalIssuer, payload: object
) -> None:
    """A WebSocket is closed with 4403 when `connection_init` has no valid token."""
    gateway = await start_guarded(issuer_section(issuer))
    async with accepted_socket(gateway) as socket:
        socket.send_message({"type": "connection_init", "payload": payload})

        assert await socket.receive_close() == 4403


async def test_operation_before_the_token(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """An operation before `connection_init` closes the WebSocket with 4401."""
    gateway = await start_guarded(issuer_section(issuer))
    async with accepted_socket(gateway) as socket:
        socket.subscribe("1", "{ __typename }")

        assert await socket.receive_close() == 4401


async def test_token_in_the_handshake(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A token in a header or a cookie of the handshake is enough."""
    gateway = await start_guarded(issuer_section(issuer, 'cookies = ["session"]'))
    token = issuer.sign()
    for headers in ({"authorization": f"Bearer {token}"}, {"cookie": f"session={token}"}):
        async with accepted_socket(gateway, **headers) as socket:
            socket.send_message({"type": "connection_init"})
            assert await socket.receive_message() == ACK


async def test_wrong_token_in_the_handshake(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """A wrong token refuses the handshake with 401, whatever could follow."""
    gateway = await start_guarded(issuer_section(issuer))
    headers = {"authorization": "Bearer wrong"}
    async with open_websocket(gateway.app, PROTOCOL, headers=headers) as socket:
        start = await socket.receive()
        body = await socket.receive()

    assert start["status"] == 401
    assert dict(start["headers"])[b"www-authenticate"].startswith(b"Bearer")
    assert orjson.loads(body["body"])["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_token_of_the_payload_counts(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """A wrong token in `connection_init` is not made good by the handshake's."""
    gateway = await start_guarded(issuer_section(issuer))
    async with accepted_socket(gateway, authorization=f"Bearer {issuer.sign()}") as socket:
        payload = {"Authorization": "Bearer wrong"}
        socket.send_message({"type": "connection_init", "payload": payload})

        assert await socket.receive_close() == 4403


async def test_cookie_of_another_site(start_guarded: StartGateway, issuer: LocalIssuer) -> None:
    """A page of another site cannot open a WebSocket in the name of its visitor."""
    gateway = await start_guarded(issuer_section(issuer, 'cookies = ["session"]'))
    headers = {"cookie": f"session={issuer.sign()}", "origin": "https://evil.example"}
    async with open_websocket(gateway.app, PROTOCOL, headers=headers) as socket:
        assert (await socket.receive())["status"] == 403


async def test_token_expires_in_a_socket(
    start_guarded: StartGateway, issuer: LocalIssuer, put: Put
) -> None:
    """A WebSocket is closed with 4403 when its token expires, with whatever runs on it."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    gateway = await start_guarded(issuer_section(issuer), socket_idle_timeout=1_000)
    token = issuer.sign(exp=gateway.clock.now() + 3)
    async with accepted_socket(gateway) as socket:
        payload = {"Authorization": f"Bearer {token}"}
        socket.send_message({"type": "connection_init", "payload": payload})
        assert await socket.receive_message() == ACK
        socket.subscribe("1", STATUS)
        assert (await socket.receive_message())["type"] == "next"
        await until(lambda: gateway.clock.sleeping(2.0) >= 3)
        gateway.clock.advance(2)
        await until(lambda: gateway.clock.sleeping(1.0) == 1)
        assert socket.has_received_all
        gateway.clock.advance(1)

        assert await socket.receive_close() == 4403


async def test_token_expired_before_the_socket(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """A token within the clock skew opens no WebSocket: it would have to be closed at once."""
    gateway = await start_guarded(issuer_section(issuer, "clock_skew_seconds = 30"))
    token = issuer.sign(exp=gateway.clock.now() - 10)
    async with accepted_socket(gateway) as socket:
        payload = {"Authorization": f"Bearer {token}"}
        socket.send_message({"type": "connection_init", "payload": payload})

        message = await socket.receive()
        if message["type"] == "websocket.send":
            message = await socket.receive()
        assert message == {**message, "type": "websocket.close", "code": 4403}


@pytest.mark.parametrize(
    ("accept", "ending"),
    [
        ("text/event-stream", "event: complete\ndata: \n\n"),
        ('multipart/mixed;subscriptionSpec="1.0"', "--\r\n"),
    ],
)
async def test_token_expires_in_a_stream(
    start_guarded: StartGateway, issuer: LocalIssuer, put: Put, accept: str, ending: str
) -> None:
    """A stream over HTTP ends with a coded error when its token expires."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    gateway = await start_guarded(issuer_section(issuer), stream_keep_alive=1_000)
    token = issuer.sign(exp=gateway.clock.now() + 1)
    authorization = f"Bearer {token}"
    async with open_post(gateway.app, STATUS, accept, authorization=authorization) as stream:
        assert (await stream.receive_start())[0] == 200
        while "IN_PROGRESS" not in await stream.receive_chunk():
            pass
        await until(lambda: gateway.clock.sleeping(1.0) == 1)
        gateway.clock.advance(1)
        body = await stream.receive_rest()

    assert body.endswith(ending)
    begin, end = body.index("{"), body.rindex("}") + 1
    response = orjson.loads(body[begin:end])
    (error,) = response.get("payload", response)["errors"]
    assert_canonical_error(error)
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_withdrawn_key_ends_streams(start_guarded: StartGateway, tmp_path: Path) -> None:
    """A WebSocket of an API key that is no longer in the access file is closed."""
    keys = [create_key(), create_key()]
    sections = [
        f'[[api_keys]]\nname = "key {number}"\nhash = "{hash_key(key.encode())}"\n'
        for number, key in enumerate(keys)
    ]
    gateway = await start_guarded("".join(sections), socket_idle_timeout=1_000)
    async with accepted_socket(gateway) as first, accepted_socket(gateway) as second:
        for socket, key in ((first, keys[0]), (second, keys[1])):
            payload = {"X-API-Key": key}
            socket.send_message({"type": "connection_init", "payload": payload})
            assert await socket.receive_message() == ACK
        (tmp_path / "access.toml").write_text(sections[1])
        await until(lambda: gateway.clock.sleeping(2.0) == 3)
        gateway.clock.advance(2)
        await until(lambda: gateway.clock.sleeping(2.0) == 3)
        gateway.clock.advance(2)

        assert await first.receive_close() == 4403
        second.send_message({"type": "ping"})
        assert await second.receive_message() == {"type": "pong"}


async def test_issuer_down_in_connection_init(
    start_guarded: StartGateway, issuer: LocalIssuer
) -> None:
    """A WebSocket whose token cannot be checked is closed so that the client tries again."""
    issuer.is_down = True
    gateway = await start_guarded(issuer_section(issuer))
    async with accepted_socket(gateway) as socket:
        payload = {"Authorization": f"Bearer {issuer.sign()}"}
        socket.send_message({"type": "connection_init", "payload": payload})

        assert await socket.receive_close() == 4403
