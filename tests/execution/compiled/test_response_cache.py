"""Responses that are kept as they were joined end with whatever they were made of."""

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

LINKED: Final = '{ processingJob(name: "a") { roleArn trainingJob { roleArn } } }'


def link(put: Put, role: str, status: str = "Completed") -> None:
    """Put a job and the training job that it is linked to, both with this role."""
    put(TRAINING, training_job("a", status, RoleArn=role))
    linked = processing_job("a", status, RoleArn=role, TrainingJobArn=arn("training-job", "a"))
    put(PROCESSING, linked)


async def roles(gateway: Gateway) -> list[Any]:
    """Return the roles of both jobs."""
    job = (await gateway.data(LINKED))["processingJob"]
    return [job["roleArn"], job["trainingJob"]["roleArn"]]


async def test_one_resource_that_is_no_longer_fresh_ends_it(
    gateway: Gateway, put: Put, twin: "Twin"
) -> None:
    """The finished job is served for an hour, the running one that it leads to for seconds."""
    link(put, "old")
    put(TRAINING, training_job("a", "InProgress", RoleArn="old"))
    for _ in range(3):
        assert await roles(gateway) == ["old", "old"]
    put(TRAINING, training_job("a", "InProgress", RoleArn="new"))
    assert await roles(gateway) == ["old", "old"]
    gateway.clock.advance(10)

    assert await roles(gateway) == ["old", "new"]
    assert twin.calls() == {PROCESSING: 1, TRAINING: 2}


async def test_one_resource_that_is_read_anew_ends_it(gateway: Gateway, put: Put) -> None:
    """A request past the cache brings a newer answer, which all see."""
    link(put, "old")
    for _ in range(3):
        assert await roles(gateway) == ["old", "old"]
    put(TRAINING, training_job("a", RoleArn="new"))
    gateway.clock.advance(2)
    other = '{ trainingJob(name: "a") { roleArn } }'
    await gateway.http.post(
        "/graphql", json={"query": other}, headers={"Cache-Control": "no-cache"}
    )

    assert await roles(gateway) == ["old", "new"]


async def test_failure_is_told_although_it_was_kept(
    start_gateway: StartGateway, put: Put, twin: "Twin"
) -> None:
    """When AWS fails past the cache, what is served from then on is labelled as stale."""
    gateway = await start_gateway(aws_attempts=1)
    link(put, "old")
    for _ in range(3):
        await roles(gateway)
    gateway.clock.advance(2)
    twin.set_faults(errorRate=1, operations=[TRAINING])
    other = '{ trainingJob(name: "a") { roleArn } }'
    await gateway.http.post(
        "/graphql", json={"query": other}, headers={"Cache-Control": "no-cache"}
    )

    answer = await gateway.query(LINKED)

    assert "freshness" in answer.body["extensions"]


async def test_page_that_is_kept_keeps_its_jobs_in_memory(
    start_gateway: StartGateway, twin: "Twin"
) -> None:
    """A page asked for again and again costs no call while other jobs come and go."""
    gateway = await start_gateway(cache_megabytes=1)
    names = list(twin.answers(PROCESSING))
    ids = [arn("processing-job", name) for name in names]
    page = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ProcessingJob { roleArn } } }"
    for _ in range(2):
        await gateway.data(page, ids=ids[:4])
    for id_ in ids[4:]:
        await gateway.data(page, ids=[id_])
        twin.reset_calls()
        await gateway.data(page, ids=ids[:4])
        assert twin.calls() == {}
