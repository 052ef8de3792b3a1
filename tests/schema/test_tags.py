"""The tags of a resource: what boto3 lists, at the cost of one call, and failing alone."""

from typing import TYPE_CHECKING, Any

import pytest

from gateway.schema.registry import RESOURCES
from gateway.schema.root_fields import MAX_NODES
from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.conftest import BotoClients, Count, Put, StartGateway
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

TAGS = "ListTags"
WELL_TAGGED = "churn-xgboost-training"
OF_JOB = """query ($name: String!) {
  trainingJob(name: $name) { trainingJobName tags { key value } }
}"""
OF_EACH = " ".join(f"... on {each.type_name} {{ tags {{ key value }} }}" for each in RESOURCES)
OF_MANY = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {OF_EACH} }} }}"


def listed(client: Any, resource_arn: str) -> list[dict[str, str]]:
    """Return what boto3's paginator finds, as pairs sorted by key."""
    pages = client.get_paginator("list_tags").paginate(ResourceArn=resource_arn)
    tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    return [{"key": key, "value": tags[key]} for key in sorted(tags)]


async def test_tags_equal_boto3_s(
    gateway: Gateway, twin: "Twin", boto: BotoClients, count: Count
) -> None:
    """Every resource of the seed, of all kinds and in all regions, has the tags that AWS lists."""
    seen = set()
    compared = 0
    for resource in RESOURCES:
        for region in twin.regions():
            found = [
                each[resource.arn] for each in twin.answers(resource.describe, region).values()
            ]
            arns = found[:MAX_NODES]
            data = await gateway.data(OF_MANY, ids=arns)
            for each, got in zip(arns, data["nodes"], strict=True):
                assert got["tags"] == listed(boto(region), each), each
                seen |= {(resource.type_name, bool(got["tags"]))}
                compared += len(got["tags"])

    count("tags compared", compared)
    assert seen == {(each.type_name, some) for each in RESOURCES for some in (True, False)}
    assert compared > 200


@pytest.mark.parametrize(("size", "pages"), [(20, 3), (None, 1)])
async def test_tags_are_read_to_the_end(
    gateway: Gateway, twin: "Twin", boto: BotoClients, size: int | None, pages: int
) -> None:
    """Many tags come on several pages, and all of them arrive."""
    expected = listed(boto("eu-west-1"), arn("training-job", WELL_TAGGED))
    twin.set_faults(pageSize=size)
    twin.reset_calls()

    job = (await gateway.data(OF_JOB, name=WELL_TAGGED))["trainingJob"]

    assert job["tags"] == expected
    assert 44 <= len(expected) <= 50
    assert twin.calls() == {TRAINING: 1, TAGS: pages}


async def test_tags_are_one_call_and_then_none(gateway: Gateway, twin: "Twin") -> None:
    """Tags cost one call, however often and in whatever selection they are asked for."""
    job = "query { trainingJob(name: %r) { trainingJobName %s } }"
    twice = job.replace("%r", f'"{WELL_TAGGED}"') % "tags { key } b: tags { key value }"

    data = (await gateway.data(twice))["trainingJob"]
    assert [tag["key"] for tag in data["tags"]] == [tag["key"] for tag in data["b"]]
    assert twin.calls() == {TRAINING: 1, TAGS: 1}

    assert (await gateway.data(twice))["trainingJob"] == data
    await gateway.data(OF_JOB, name=WELL_TAGGED)
    assert twin.calls() == {TRAINING: 1, TAGS: 1}


async def test_tags_that_nobody_asks_for_cost_nothing(
    gateway: Gateway, twin: "Twin", put: Put
) -> None:
    """No call is made for tags that are skipped, or of a job that does not exist."""
    put(TRAINING, training_job("job"))
    await gateway.data('{ trainingJob(name: "job") { roleArn tags @skip(if: true) { key } } }')
    await gateway.data(OF_JOB, name="no-such-job")

    assert twin.calls() == {TRAINING: 2}


async def test_tags_are_fresh_for_seconds(gateway: Gateway, twin: "Twin") -> None:
    """Tags can change when a job cannot any more, so they are read again before the job is."""
    await gateway.data(OF_JOB, name=WELL_TAGGED)
    gateway.clock.advance(5 + 5 + 0.01)
    await gateway.data(OF_JOB, name=WELL_TAGGED)

    assert twin.calls() == {TRAINING: 1, TAGS: 2}


async def test_tags_can_be_read_past_the_cache(gateway: Gateway, twin: "Twin") -> None:
    """A client that wants no cached answer gets tags as AWS has them now."""
    request = {"query": OF_JOB, "variables": {"name": WELL_TAGGED}}
    for _ in range(2):
        gateway.clock.advance(1.01)
        headers = {"cache-control": "no-cache"}
        await gateway.http.post("/graphql", json=request, headers=headers)

    assert twin.calls() == {TRAINING: 2, TAGS: 2}


async def test_tags_make_a_response_short_lived(gateway: Gateway) -> None:
    """A response with tags may be kept as long as the tags are fresh."""
    for fields, age in (("trainingJobName", 3600), ("tags{key}", 5)):
        query = f'{{trainingJob(name:"{WELL_TAGGED}"){{{fields}}}}}'
        response = await gateway.http.get("/graphql", params={"query": query})

        assert response.headers["cache-control"] == f"private, max-age={age}"


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"errorRate": 1, "errorCode": "AccessDeniedException"}, "UPSTREAM_ACCESS_DENIED"),
        ({"errorRate": 1, "errorCode": "ThrottlingException"}, "UPSTREAM_THROTTLED"),
        ({"errorRate": 1, "errorCode": "ValidationException"}, "UPSTREAM_UNAVAILABLE"),
        ({"errorRate": 1}, "UPSTREAM_UNAVAILABLE"),
        ({"malformedRate": 1}, "UPSTREAM_UNAVAILABLE"),
    ],
)
async def test_tags_fail_alone(
    start_gateway: StartGateway, twin: "Twin", put: Put, faults: dict[str, Any], code: str
) -> None:
    """When AWS does not list the tags they are null with a coded error; the job stays whole."""
    put(PROCESSING, processing_job("job", TrainingJobArn=arn("training-job", WELL_TAGGED)))
    gateway: Gateway = await start_gateway(aws_attempts=1)
    twin.set_faults(operations=[TAGS], **faults)

    answer = await gateway.query(
        """{ job: processingJob(name: "job") {
          processingJobStatus
          training: trainingJob { trainingJobStatus labels: tags { key } }
        } }"""
    )

    training = {"trainingJobStatus": "COMPLETED", "labels": None}
    assert answer.data == {"job": {"processingJobStatus": "COMPLETED", "training": training}}
    assert answer.codes == [code]
    assert answer.error["path"] == ["job", "training", "labels"]
    assert answer.error["locations"] == [{"line": 3, "column": 53}]


async def test_older_tags_stand_in_with_a_label(start_gateway: StartGateway, twin: "Twin") -> None:
    """While AWS fails to list them the last tags are shown, labelled with the resource's id."""
    gateway: Gateway = await start_gateway(aws_attempts=1)
    before = await gateway.data(OF_JOB, name=WELL_TAGGED)
    gateway.clock.advance(60)
    twin.set_faults(errorRate=1, operations=[TAGS])

    answer = await gateway.query(OF_JOB, name=WELL_TAGGED)

    job = arn("training-job", WELL_TAGGED)
    assert answer.data == before
    assert answer.stale == [{"id": job, "ageSeconds": 60, "reason": "UPSTREAM_UNAVAILABLE"}]


async def test_stale_job_with_stale_tags_has_one_label(
    start_gateway: StartGateway, twin: "Twin", put: Put
) -> None:
    """One id stands once among the labels, with the age of the older answer."""
    put(TRAINING, training_job("job", "InProgress"))
    gateway: Gateway = await start_gateway(aws_attempts=1)
    await gateway.data('{ trainingJob(name: "job") { trainingJobStatus } }')
    gateway.clock.advance(1)
    await gateway.data(OF_JOB, name="job")
    gateway.clock.advance(60)
    twin.set_faults(errorRate=1)

    answer = await gateway.query(OF_JOB, name="job")

    job = arn("training-job", "job")
    assert answer.stale == [{"id": job, "ageSeconds": 61, "reason": "UPSTREAM_UNAVAILABLE"}]


async def test_tags_of_what_is_gone_are_an_error(gateway: Gateway, twin: "Twin", put: Put) -> None:
    """Tags that AWS does not find are not shown as none, and the job is looked up again."""
    put(TRAINING, training_job("job"))
    await gateway.data('{ trainingJob(name: "job") { trainingJobStatus } }')
    twin.remove(TRAINING, "job")

    answer = await gateway.query(OF_JOB, name="job")
    again = await gateway.data(OF_JOB, name="job")

    assert answer.data == {"trainingJob": {"trainingJobName": "job", "tags": None}}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert again == {"trainingJob": None}
    assert twin.calls() == {TRAINING: 2, TAGS: 1}


@pytest.mark.parametrize(
    "place", ["", "... on TrainingJob { %s }", "... @include(if: true) { %s }"]
)
async def test_tags_of_links_are_read_in_their_region(
    gateway: Gateway, twin: "Twin", put: Put, place: str
) -> None:
    """The tags of a linked resource are asked for where that resource is."""
    put(TRAINING, training_job("there", region="us-west-2"), "us-west-2")
    link = arn("training-job", "there", region="us-west-2")
    put(PROCESSING, processing_job("job", TrainingJobArn=link))
    selection = (place or "%s") % "tags { key }"

    data = await gateway.data(
        f'{{ processingJob(name: "job") {{ trainingJob {{ {selection} }} }} }}'
    )

    assert data["processingJob"]["trainingJob"] == {"tags": []}
    assert twin.calls() == {PROCESSING: 1, TRAINING: 1, TAGS: 1}
