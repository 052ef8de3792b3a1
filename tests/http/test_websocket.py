"""GraphQL over WebSockets in the protocol graphql-transport-ws: operations and messages."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.aws_answers import PROCESSING, processing_job
from tests.clocks import TwinClock, until
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway
from tests.graphql_responses import assert_canonical_error
from tests.http.asgi_client import PROTOCOL, open_initialised_websocket, open_websocket

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = [pytest.mark.anyio, pytest.mark.servers("mounted", "minimal")]

INIT = {"type": "connection_init"}
STATUS = 'subscription { processingJob(name: "watched") { processingJobStatus } }'
JOB = '{ processingJob(name: "watched") { processingJobStatus } }'


def running_job(status: str = "InProgress") -> dict[str, Any]:
    """Return the job that the tests watch."""
    return processing_job("watched", status)


def following(id_: str, status: str) -> dict[str, Any]:
    """Return the message with a status."""
    data = {"processingJob": {"processingJobStatus": status}}
    return {"id": id_, "type": "next", "payload": {"data": data}}


async def test_subscription(gateway: Gateway, put: Put) -> None:
    """Each change of status is a message, and the last one is followed by completion."""
    put(PROCESSING, running_job())
    async with open_initialised_websocket(gateway.app) as socket:
        socket.subscribe("1", STATUS)
        assert await socket.receive_message() == following("1", "IN_PROGRESS")
        await until(lambda: gateway.clock.sleeping(2.0) == 1)
        put(PROCESSING, running_job("Completed"))
        gateway.clock.advance(6)

        assert await socket.receive_message() == following("1", "COMPLETED")
        assert await socket.receive_message() == {"id": "1", "type": "complete"}


async def test_query(gateway: Gateway, put: Put) -> None:
    """A query has one response. Its id is free again as soon as it is complete."""
    put(PROCESSING, running_job("Failed"))
    async with open_initialised_websocket(gateway.app) as socket:
        for _ in range(2):
            socket.subscribe("q", JOB, variables=None, operationName=None)
            assert await socket.receive_message() == following("q", "FAILED")
            assert await socket.receive_message() == {"id": "q", "type": "complete"}


async def test_deferred_whole(gateway: Gateway, put: Put) -> None:
    """The protocol has no parts of responses: `@defer` is ignored, as the specification allows."""
    put(PROCESSING, running_job("Failed"))
    query = '{ processingJob(name: "watched") { ... @defer { processingJobStatus } } }'
    async with open_initialised_websocket(gateway.app) as socket:
        socket.subscribe("q", query)

        assert await socket.receive_message() == following("q", "FAILED")
        assert await socket.receive_message() == {"id": "q", "type": "complete"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { __typename } query B { __typename }"}, "BAD_USER_INPUT"),
        ({"query": "query($a: Int!) { __typename @skip(if: true) }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ __typename }", "variables": []}, "BAD_USER_INPUT"),
        ({"query": 1}, "BAD_USER_INPUT"),
        ({}, "BAD_USER_INPUT"),
        (
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}},
            "PERSISTED_QUERY_NOT_FOUND",
        ),
    ],
)
@pytest.mark.servers
async def test_operation_refused(gateway: Gateway, payload: Any, code: str) -> None:
    """An operation that cannot be executed gets an error; the connection stays open."""
    async with open_initialised_websocket(gateway.app) as socket:
        socket.send_message({"id": "1", "type": "subscribe", "payload": payload})
        message = await socket.receive_message()
        socket.subscribe("1", "{ __typename }")
        after = await socket.receive_message()

    assert message["id"] == "1"
    assert message["type"] == "error"
    for error in message["payload"]:
        assert_canonical_error(error)
    assert message["payload"][0]["extensions"]["code"] == code
    assert after["type"] == "next"


async def test_field_error(gateway: Gateway, twin: "Twin") -> None:
    """An error of a field is part of a response, coded and masked as everywhere."""
    twin.set_faults(errorRate=1, errorCode="AccessDeniedException")
    async with open_initialised_websocket(gateway.app) as socket:
        socket.subscribe("1", JOB)
        message = await socket.receive_message()

    assert message["type"] == "next"
    (error,) = message["payload"]["errors"]
    assert_canonical_error(error)
    assert error["extensions"]["code"] == "UPSTREAM_ACCESS_DENIED"


async def test_trusted_documents(start_gateway: StartGateway, tmp_path: Any) -> None:
    """What may not be asked over HTTP may not be asked over a WebSocket either."""
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"known": "{ __typename }"}))
    gateway = await start_gateway(trusted_documents=manifest, allowed_documents="trusted")
    async with open_initialised_websocket(gateway.app) as socket:
        socket.subscribe("1", JOB)
        refused = await socket.receive_message()
        socket.send_message({"id": "2", "type": "subscribe", "payload": {"documentId": "known"}})
        known = await socket.receive_message()

    assert refused["payload"][0]["extensions"]["code"] == "FORBIDDEN"
    assert known["payload"] == {"data": {"__typename": "Query"}}


async def test_completed_by_client(gateway: Gateway, put: Put) -> None:
    """`complete` stops the operation at once, without a message, and frees the id."""
    put(PROCESSING, running_job())
    async with open_initialised_websocket(gateway.app) as socket:
        socket.subscribe("1", STATUS)
        await socket.receive_message()
        await until(lambda: gateway.clock.sleeping(2.0) == 1)
        socket.send_message({"id": "1", "type": "complete"})
        await until(lambda: gateway.clock.sleeping(2.0) == 0)
        assert socket.has_received_all
        socket.send_message({"id": "unknown", "type": "complete"})
        socket.subscribe("1", "{ __typename }")

        assert (await socket.receive_message())["payload"] == {"data": {"__typename": "Query"}}


async def test_disconnect(gateway: Gateway, put: Put, twin: "Twin", twin_clock: TwinClock) -> None:
    """Closing the socket stops its operations, also amid a call that only they waited for."""
    put(PROCESSING, running_job())
    twin_clock.close()
    async with open_initialised_websocket(gateway.app) as socket:
        socket.subscribe("1", STATUS)
        socket.subscribe("2", JOB)
        await until(twin.calls)
    twin_clock.open()
    assert gateway.clock.sleeping(2.0) == 0
    await gateway.data(JOB)

    assert twin.calls()[PROCESSING] == 2


async def test_context_per_operation(gateway: Gateway, put: Put) -> None:
    """What one operation has read, the next one reads again."""
    put(PROCESSING, running_job())
    async with open_initialised_websocket(gateway.app) as socket:
        socket.subscribe("1", JOB)
        assert await socket.receive_message() == following("1", "IN_PROGRESS")
        await socket.receive_message()
        put(PROCESSING, running_job("Completed"))
        gateway.clock.advance(11)
        # An operation with introspection is executed by graphql-core.
        socket.subscribe(
            "2", JOB.replace("{ processingJob(", "{ __schema { __typename } processingJob(")
        )
        message = await socket.receive_message()

    assert message["payload"]["data"]["processingJob"] == {"processingJobStatus": "COMPLETED"}


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["no JSON"], 4400),
        ([[]], 4400),
        ([{}], 4400),
        ([{"type": "next"}], 4400),
        ([{"type": 1}], 4400),
        ([INIT, {"type": "subscribe", "payload": {"query": JOB}}], 4400),
        ([INIT, {"type": "subscribe", "id": "", "payload": {"query": JOB}}], 4400),
        ([INIT, {"type": "subscribe", "id": 1, "payload": {"query": JOB}}], 4400),
        ([INIT, {"type": "subscribe", "id": "1", "payload": None}], 4400),
        ([INIT, {"type": "complete"}], 4400),
        ([INIT, "x" * 100_001], 1009),
        ([{"type": "subscribe", "id": "1", "payload": {"query": JOB}}], 4401),
        ([INIT, INIT], 4429),
    ],
)
async def test_wrong_message(gateway: Gateway, messages: list[Any], code: int) -> None:
    """A message that the protocol does not allow closes the connection with the code for it."""
    async with open_websocket(gateway.app, PROTOCOL) as socket:
        await socket.receive()
        for message in messages:
            socket.send_message(message)
        if messages[0] == INIT:
            assert await socket.receive_message() == {"type": "connection_ack"}

        assert await socket.receive_close() == code


async def test_binary_message(gateway: Gateway) -> None:
    """Messages are text."""
    async with open_initialised_websocket(gateway.app) as socket:
        socket.send({"type": "websocket.receive", "bytes": b"{}"})

        assert await socket.receive_close() == 4400


async def test_duplicate_id(gateway: Gateway, put: Put) -> None:
    """Two operations of one id at once close the connection, however long the id is."""
    put(PROCESSING, running_job())
    async with open_initialised_websocket(gateway.app) as socket:
        socket.subscribe("é" * 1_000, STATUS)
        await socket.receive_message()
        socket.subscribe("é" * 1_000, STATUS)

        assert await socket.receive_close() == 4409


async def test_ping(gateway: Gateway) -> None:
    """A ping is answered, before the initialisation too."""
    async with open_websocket(gateway.app, PROTOCOL) as socket:
        await socket.receive()
        socket.send_message({"type": "ping"})

        assert await socket.receive_message() == {"type": "pong"}
