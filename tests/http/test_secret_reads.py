"""Each read of a secret with the scope for it is logged: who, which resources, which members."""

import json
import logging
from typing import Any

import pytest

from gateway.logs.repeats import LINES, Repeats
from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.callers import Callers, start_callers
from tests.conftest import Put, StartGateway
from tests.http.asgi_client import PROTOCOL, open_websocket

pytestmark = pytest.mark.anyio

CALLERS = {
    "auditor": 'scopes = ["read", "read:secrets", "upstream", "introspection"]',
    "reader": 'scopes = ["read", "upstream", "introspection"]',
}
JOB, TRAINED = arn("processing-job", "audited"), arn("training-job", "audited-training")
ENVIRONMENT = "environment { key value }"
QUERY = f'query Audit {{ processingJob(name: "audited") {{ id {ENVIRONMENT} }} }}'
Facts = dict[str, Any]


@pytest.fixture
async def callers(start_guarded: StartGateway, put: Put) -> Callers:
    """Return the callers, in front of a job with secrets that links to another one."""
    environment = {"PASSWORD": "planted"}
    job = processing_job("audited", Environment=environment, TrainingJobArn=TRAINED)
    put(PROCESSING, job)
    put(TRAINING, training_job("audited-training", HyperParameters={"key": "planted"}))
    return await start_callers(start_guarded, CALLERS, max_batch=2)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Return the log from `info` on."""
    caplog.set_level(logging.INFO)
    return caplog


def reads(log: pytest.LogCaptureFixture) -> list[Facts]:
    """Return the reads that were logged since the last time."""
    names = ("kind", "caller", "operation_name", "members", "resources")
    found = [
        {name: getattr(record, name) for name in names}
        for record in log.records
        if record.msg == "gateway.secrets_read"
    ]
    log.clear()
    return found


def read(members: str, resources: str, operation_name: str | None = None) -> Facts:
    """Return what is logged of a read by the auditor."""
    return {
        "kind": "api_key",
        "caller": "auditor",
        "operation_name": operation_name,
        "members": members,
        "resources": resources,
    }


async def test_each_read_is_logged(callers: Callers, log: pytest.LogCaptureFixture) -> None:
    """Cold, from the cache, reported and in a batch: one line for each operation."""
    expected = read("environment", JOB)
    for headers in ({}, {}, {}, {"x-upstream": "1"}):
        response = await callers.ask("auditor", QUERY, **headers)
        assert "planted" in response.text
        assert reads(log) == [expected]
    await callers.gateway.http.post(
        "/graphql",
        json=[{"query": QUERY, "operationName": "Audit"}] * 2,
        headers={"authorization": callers.token("auditor")},
    )
    assert reads(log) == [read("environment", JOB, "Audit")] * 2


async def test_nothing_secret_nothing_logged(
    callers: Callers, log: pytest.LogCaptureFixture
) -> None:
    """Not what is redacted, not other members, and not what AWS does not have."""
    await callers.ask("reader", QUERY)
    await callers.ask("auditor", "{ __typename }")
    await callers.ask("auditor", QUERY.replace(ENVIRONMENT, "processingJobStatus"))
    await callers.ask("auditor", QUERY.replace("audited", "absent"))
    assert reads(log) == []


@pytest.mark.parametrize("more", ["", " __schema { queryType { name } }"], ids=["compiled", "not"])
async def test_linked_resources_are_named(
    callers: Callers, log: pytest.LogCaptureFixture, more: str
) -> None:
    """Through aliases, fragments and links, in both executors."""
    await callers.data(
        "auditor",
        '{ a: processingJob(name: "audited") { ...Secret trainingJob '
        f"{{ b: hyperParameters {{ key value }} }} }} {more} }}"
        f" fragment Secret on ProcessingJob {{ c: {ENVIRONMENT} }}",
    )
    found = reads(log)
    assert read("environment", JOB) in found
    assert read("hyperParameters", TRAINED) in found
    assert len(found) == 2


async def test_streams_are_logged(callers: Callers, log: pytest.LogCaptureFixture) -> None:
    """Subscriptions, events and parts; the parts together once."""
    expected = read("environment", JOB)
    job = f'processingJob(name: "audited") {{ {ENVIRONMENT} }}'
    deferred = f"{{ {job.replace(ENVIRONMENT, f'id ... @defer {{ {ENVIRONMENT} }}')} }}"
    for query, accept in (
        (f"subscription {{ {job} }}", "text/event-stream"),
        (f"{{ {job} }}", "text/event-stream"),
        (deferred, "multipart/mixed"),
    ):
        callers.gateway.clock.advance(100_000)
        response = await callers.ask("auditor", query, accept=accept)
        assert "planted" in response.text
        assert reads(log) == [expected], query


async def test_operations_over_a_websocket_are_logged(
    callers: Callers, log: pytest.LogCaptureFixture
) -> None:
    """The caller is the one of the socket."""
    payload = {"authorization": callers.token("auditor")}
    async with open_websocket(callers.gateway.app, PROTOCOL) as socket:
        await socket.receive()
        socket.send_message(json.dumps({"type": "connection_init", "payload": payload}))
        assert await socket.receive_message() == {"type": "connection_ack"}
        socket.subscribe("1", QUERY, operationName="Audit")
        await socket.receive_message()
        assert reads(log) == [read("environment", JOB, "Audit")]


async def test_lists_name_each_resource(
    callers: Callers, put: Put, log: pytest.LogCaptureFixture
) -> None:
    """Of many resources with the same members, 50 are in a line."""
    names = [f"listed-{number:02}" for number in range(60)]
    for name in names:
        put(PROCESSING, processing_job(name, Environment={"PASSWORD": "planted"}))
    filter_ = '(first: 100, filter: {nameContains: "listed-"})'
    await callers.data("auditor", f"{{ processingJobs{filter_} {{ nodes {{ {ENVIRONMENT} }} }} }}")
    found = [each["resources"].split(",") for each in reads(log)]
    assert sorted(map(len, found)) == [10, 50]
    assert {each for some in found for each in some} == {arn("processing-job", n) for n in names}


def test_no_read_is_left_out_of_the_log() -> None:
    """However many there are in a minute: other events are counted after a few."""
    repeats = Repeats(lambda: 0.0)
    record = logging.LogRecord("gateway.x", logging.INFO, "", 0, "gateway.secrets_read", (), None)
    assert {repeats.count(record) for _ in range(LINES * 3)} == {1}
