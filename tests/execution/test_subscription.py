"""Subscriptions: what is emitted, what it costs, and how it ends. Over server-sent events."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.clocks import TwinClock, until
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway
from tests.graphql_responses import assert_canonical_error
from tests.http.asgi_client import StreamClient, open_post

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

EVENTS = "text/event-stream"
STATUS = 'subscription { processingJob(name: "watched") { processingJobStatus } }'
INTERVAL = 2.0


async def event(stream: StreamClient) -> Any:
    """Return the next response that is streamed, `None` when the stream is complete."""
    bit = await stream.receive_chunk()
    while bit == ":\n\n":
        bit = await stream.receive_chunk()
    if bit == "event: complete\ndata: \n\n":
        return None
    assert bit.startswith("event: next\ndata: ")
    response = json.loads(bit.removeprefix("event: next\ndata: "))
    for error in response.get("errors", []):
        assert_canonical_error(error)
    return response


def status(value: str | None) -> Any:
    """Return the response that tells a status."""
    return {"data": {"processingJob": value and {"processingJobStatus": value}}}


async def resting(gateway: Gateway, watchers: int = 1) -> None:
    """Wait until all watchers have looked and wait for the next time."""
    await until(lambda: gateway.clock.sleeping(INTERVAL) == watchers)


def look(gateway: Gateway) -> None:
    """Let the watchers look once more, past the fresh time of a running job."""
    gateway.clock.advance(6)


async def test_changes(gateway: Gateway, put: Put) -> None:
    """A job is emitted at once and at each change of its status; the final one completes."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        assert (await stream.receive_start())[0] == 200
        assert await event(stream) == status("IN_PROGRESS")
        for now in ("InProgress", "Stopping", "Stopping", "Stopped"):
            await resting(gateway)
            put(PROCESSING, processing_job("watched", now, ExitMessage=f"{gateway.clock()}"))
            look(gateway)

        assert await event(stream) == status("STOPPING")
        assert await event(stream) == status("STOPPED")
        assert await event(stream) is None


async def test_finished(gateway: Gateway, put: Put) -> None:
    """A job that is finished already is emitted once."""
    put(PROCESSING, processing_job("watched", "Failed"))
    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        await stream.receive_start()

        assert await event(stream) == status("FAILED")
        assert await event(stream) is None


async def test_job_made_anew_under_its_name(gateway: Gateway, put: Put) -> None:
    """A subscription begins with a read: what the cache says of the deleted job is not shown."""
    put(PROCESSING, processing_job("watched", "Completed"))
    await gateway.data('{ processingJob(name: "watched") { processingJobStatus } }')
    gateway.clock.advance(60)
    put(PROCESSING, processing_job("watched", "InProgress"))

    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        await stream.receive_start()
        assert await event(stream) == status("IN_PROGRESS")
        await resting(gateway)
        put(PROCESSING, processing_job("watched", "Completed"))
        look(gateway)

        assert await event(stream) == status("COMPLETED")
        assert await event(stream) is None


async def test_missing(gateway: Gateway) -> None:
    """A job that does not exist is null, once."""
    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        await stream.receive_start()

        assert await event(stream) == status(None)
        assert await event(stream) is None


async def test_deleted(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """A job that exists no longer ends with null."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        await stream.receive_start()
        assert await event(stream) == status("IN_PROGRESS")
        await resting(gateway)
        twin.remove(PROCESSING, "watched")
        look(gateway)

        assert await event(stream) == status(None)
        assert await event(stream) is None


@pytest.mark.parametrize("arguments", ['name: "not_a_name"', 'name: "a", region: "nowhere-1"'])
async def test_wrong_arguments(gateway: Gateway, arguments: str, twin: "Twin") -> None:
    """What AWS could not hold is one error, and costs no call."""
    query = f"subscription {{ here: processingJob({arguments}) {{ id }} }}"
    async with open_post(gateway.app, query, EVENTS) as stream:
        await stream.receive_start()
        response = await event(stream)
        assert await event(stream) is None

    assert response["data"] is None
    (error,) = response["errors"]
    assert error["path"] == ["here"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert not twin.calls()


async def test_upstream_failure(gateway: Gateway, twin: "Twin") -> None:
    """When AWS fails and nothing is kept, the error is the last response."""
    twin.set_faults(errorRate=1, errorCode="AccessDeniedException")
    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        await stream.receive_start()
        response = await event(stream)

        assert response["errors"][0]["extensions"]["code"] == "UPSTREAM_ACCESS_DENIED"
        assert response["errors"][0]["path"] == ["processingJob"]
        assert await event(stream) is None


async def test_upstream_failure_between(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """While AWS fails, a subscription waits; the next change is told."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        await stream.receive_start()
        assert await event(stream) == status("IN_PROGRESS")
        await resting(gateway)
        twin.set_faults(errorRate=1)
        look(gateway)
        await resting(gateway)
        twin.clear_faults()
        put(PROCESSING, processing_job("watched", "Completed"))
        look(gateway)

        assert await event(stream) == status("COMPLETED")


async def test_links_are_read_anew(gateway: Gateway, put: Put) -> None:
    """Each event has a context of its own: a link shows what is true at that time."""
    query = (
        'subscription { processingJob(name: "watched") { processingJobStatus '
        "trainingJob { trainingJobStatus } } }"
    )
    link = {"TrainingJobArn": arn("training-job", "linked")}
    put(PROCESSING, processing_job("watched", "InProgress", **link))
    put(TRAINING, training_job("linked", "InProgress"))
    async with open_post(gateway.app, query, EVENTS) as stream:
        await stream.receive_start()
        first = await event(stream)
        await resting(gateway)
        put(TRAINING, training_job("linked", "Completed"))
        put(PROCESSING, processing_job("watched", "Completed", **link))
        gateway.clock.advance(11)
        second = await event(stream)

    assert first["data"]["processingJob"]["trainingJob"]["trainingJobStatus"] == "IN_PROGRESS"
    assert second["data"]["processingJob"]["trainingJob"]["trainingJobStatus"] == "COMPLETED"


async def test_shared_calls(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """Fifty subscribers cost as many AWS calls as one does."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    async with AsyncExitStack() as stack:
        streams = [
            await stack.enter_async_context(open_post(gateway.app, STATUS, EVENTS))
            for _ in range(50)
        ]
        for stream in streams:
            await stream.receive_start()
            assert await event(stream) == status("IN_PROGRESS")
        for seconds in (2, 2, 2):
            await resting(gateway, 50)
            gateway.clock.advance(seconds)
        await resting(gateway, 50)

        # One at the start, and one after the five seconds that a running job is fresh.
        assert twin.calls()[PROCESSING] == 2


async def test_client_gone(gateway: Gateway, put: Put, twin: "Twin") -> None:
    """A client that goes away is the end of its subscription: nobody looks any more."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    async with open_post(gateway.app, STATUS, EVENTS) as stream:
        await stream.receive_start()
        assert await event(stream) == status("IN_PROGRESS")
        await resting(gateway)
        stream.disconnect()
        await until(lambda: stream.task and stream.task.done())

    assert gateway.clock.sleeping(INTERVAL) == 0
    assert twin.calls()[PROCESSING] == 1


async def test_client_gone_during_call(
    gateway: Gateway, put: Put, twin: "Twin", twin_clock: TwinClock
) -> None:
    """What only a gone client waited for is not kept: its AWS call was nobody's."""
    put(PROCESSING, processing_job("watched", "InProgress"))
    twin_clock.close()
    async with open_post(gateway.app, STATUS, EVENTS):
        await until(twin.calls)
    twin_clock.open()
    async with asyncio.timeout(10):
        await gateway.data('{ processingJob(name: "watched") { id } }')

    assert twin.calls()[PROCESSING] == 2


async def test_over_plain_http(gateway: Gateway) -> None:
    """A client that takes one response is told that a subscription has many."""
    for accept in ("application/json", "application/graphql-response+json", "*/*"):
        response = await gateway.http.post(
            "/graphql", json={"query": STATUS}, headers={"accept": accept}
        )
        (error,) = response.json()["errors"]

        assert response.status_code == 406
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "text/event-stream" in error["message"]


async def test_in_a_batch(start_gateway: StartGateway) -> None:
    """In a batch a subscription is an error among the other responses."""
    gateway = await start_gateway(max_batch=2)
    response = await gateway.http.post(
        "/graphql", json=[{"query": STATUS}, {"query": "{ __typename }"}]
    )
    first, second = response.json()

    assert first["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert second == {"data": {"__typename": "Query"}}
