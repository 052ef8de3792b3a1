"""Answers of AWS's that are not what was asked for, or lack what every answer has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.aws.resources import Resource
from gateway.schema.fields import field_name
from gateway.schema.registry import RESOURCES
from tests.aws.stub import Request, Response, Stub, stub
from tests.aws_answers import arn
from tests.conftest import StartGateway

pytestmark = pytest.mark.anyio

EXECUTORS = ["", "__schema { __typename }"]
Answers = dict[str, Any]


@pytest.fixture
def answers() -> Answers:
    """Return AWS's answers by operation, which the test fills in."""
    return {}


@pytest.fixture
def aws(answers: Answers) -> Iterator[Stub]:
    """Yield a stub that answers as the test says."""

    def answer(request: Request) -> Response:
        return Response(200, json.dumps(answers[request.operation]).encode())

    with stub(answer) as served:
        yield served


def described(resource: Resource, name: str, **more: Any) -> dict[str, Any]:
    """Return the members that every describe of `resource` has."""
    return {
        resource.name: name,
        resource.arn: arn(resource.arn_type, name),
        resource.status: "Completed",
        "CreationTime": 1_700_000_000,
        **more,
    }


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.type_name)
async def test_another_resource_is_not_shown(
    start_gateway: StartGateway, aws: Stub, answers: Answers, resource: Resource, executor: str
) -> None:
    """What AWS answers under another name than was asked for is an error, each time anew."""
    answers[resource.describe] = described(resource, "other")
    gateway = await start_gateway(endpoint_url=aws.url)

    for _ in range(2):
        field = field_name(resource.type_name)
        answer = await gateway.query(f'{{ {field}(name: "asked") {{ id }} {executor} }}')

        assert answer.data[field] is None
        assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
        assert f"another {resource.label}" in answer.error["message"]


async def test_name_in_other_letters_is_the_same(
    start_gateway: StartGateway, aws: Stub, answers: Answers
) -> None:
    """AWS finds a job whatever the letter case; the name that it answers with is the job's own."""
    (resource,) = [each for each in RESOURCES if each.type_name == "ProcessingJob"]
    answers[resource.describe] = described(resource, "Team-Job")
    gateway = await start_gateway(endpoint_url=aws.url)

    data = await gateway.data('{ processingJob(name: "team-job") { processingJobName } }')

    assert data["processingJob"]["processingJobName"] == "Team-Job"


@pytest.mark.parametrize("value", [None, "", 7])
@pytest.mark.parametrize("member", ["name", "arn", "status"])
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.type_name)
async def test_describe_without_its_identity_is_an_error(
    start_gateway: StartGateway,
    aws: Stub,
    answers: Answers,
    resource: Resource,
    member: str,
    value: object,
) -> None:
    """The error names the member that is absent, empty or no text."""
    name = getattr(resource, member)
    answers[resource.describe] = described(resource, "job", **{name: value})
    gateway = await start_gateway(endpoint_url=aws.url)

    answer = await gateway.query(f'{{ {field_name(resource.type_name)}(name: "job") {{ id }} }}')

    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert f"without {name}." in answer.error["message"]


async def test_status_that_is_no_text_is_not_final(
    start_gateway: StartGateway, aws: Stub, answers: Answers
) -> None:
    """An object where a status should be is null, and the answer is read again after seconds."""
    (resource,) = [each for each in RESOURCES if each.type_name == "TrainingJob"]
    answers[resource.describe] = described(resource, "job", SecondaryStatus={"odd": 1})
    gateway = await start_gateway(endpoint_url=aws.url)
    query = '{ trainingJob(name: "job") { trainingJobStatus secondaryStatus } }'

    data = await gateway.data(query)
    gateway.clock.advance(60)
    await gateway.data(query)

    assert data["trainingJob"] == {"trainingJobStatus": "COMPLETED", "secondaryStatus": None}
    assert len(aws.requests) == 2


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]])
async def test_search_for_an_execution_follows_no_token_twice(
    start_gateway: StartGateway, tokens: list[str]
) -> None:
    """Pages that lead back to one another are read once, and the job is shown all the same."""
    (job,) = [each for each in RESOURCES if each.type_name == "ProcessingJob"]
    left = iter(tokens)

    def answer(request: Request) -> Response:
        plan = arn("monitoring-schedule", "plan")
        body: Any = {"MonitoringExecutionSummaries": []}
        if request.operation == job.describe:
            body = described(job, "job", MonitoringScheduleArn=plan)
        else:
            body["NextToken"] = next(left)
        return Response(200, json.dumps(body).encode())

    with stub(answer) as served:
        gateway = await start_gateway(endpoint_url=served.url)

        answered = await gateway.query(
            '{ processingJob(name: "job") { id monitoringExecution { failureReason } } }'
        )

    assert answered.data["processingJob"]["monitoringExecution"] is None
    assert answered.codes == ["UPSTREAM_UNAVAILABLE"]
    assert "given before" in answered.error["message"]
    assert len(served.requests) == 1 + len(tokens)


@pytest.mark.parametrize(
    ("rows", "status", "message"),
    [
        ([None], None, "no ScheduledTime"),
        ([None, "job"], "COMPLETED", ""),
        (["another"], None, ""),
    ],
)
async def test_execution_in_a_row_that_cannot_be_read(
    start_gateway: StartGateway,
    aws: Stub,
    answers: Answers,
    rows: list[str | None],
    status: str | None,
    message: str,
) -> None:
    """A row that may be the job's is an error unless another row is; else there is none."""
    (job,) = [each for each in RESOURCES if each.type_name == "ProcessingJob"]
    plan = arn("monitoring-schedule", "plan")
    answers[job.describe] = described(job, "job", MonitoringScheduleArn=plan)
    answers["ListMonitoringExecutions"] = {
        "MonitoringExecutionSummaries": [
            name
            and {
                "ScheduledTime": 1_700_000_000,
                "CreationTime": 1_700_000_000,
                "MonitoringExecutionStatus": "Completed",
                "ProcessingJobArn": arn("processing-job", name),
            }
            for name in rows
        ]
    }
    gateway = await start_gateway(endpoint_url=aws.url)

    answer = await gateway.query(
        '{ processingJob(name: "job") { monitoringExecution { monitoringExecutionStatus } } }'
    )

    found = answer.data["processingJob"]["monitoringExecution"]
    assert (found and found["monitoringExecutionStatus"]) == status
    assert answer.codes == (["UPSTREAM_UNAVAILABLE"] if message else [])
    assert message in str(answer.errors)


async def test_slow_search_for_an_execution_ends(
    start_gateway: StartGateway, aws: Stub, answers: Answers
) -> None:
    """Pages with ever new tokens are read for `GATEWAY_LIST_SECONDS`, not to their bound."""
    (job,) = [each for each in RESOURCES if each.type_name == "ProcessingJob"]
    plan = arn("monitoring-schedule", "plan")
    answers[job.describe] = described(job, "job", MonitoringScheduleArn=plan)
    gateway = await start_gateway(endpoint_url=aws.url, list_seconds=5)
    plain = aws.answer

    def answer_slowly(request: Request) -> Response:
        token = str(len(aws.requests))
        answers["ListMonitoringExecutions"] = {
            "MonitoringExecutionSummaries": [],
            "NextToken": token,
        }
        gateway.clock.seconds += 2
        return plain(request)

    aws.answer = answer_slowly

    answer = await gateway.query(
        '{ processingJob(name: "job") { id monitoringExecution { failureReason } } }'
    )

    assert answer.codes == ["UPSTREAM_TIMEOUT"]
    assert answer.error["path"] == ["processingJob", "monitoringExecution"]
    assert len(aws.requests) == 1 + 3
