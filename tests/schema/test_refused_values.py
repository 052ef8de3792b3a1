"""Values that AWS refuses: the caller's fault where the caller wrote them, and nowhere else."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from tests.aws.stub import Request, Response, Stub, json_response, refusal, stub
from tests.aws_answers import PROCESSING, TRAINING, arn, auto_ml_job, processing_job
from tests.conftest import StartGateway
from tests.graphql_responses import Answer

pytestmark = pytest.mark.anyio

SENTENCE: Final = "1 validation error detected: Value at 'name' failed to satisfy constraint"
REFUSED: Final = refusal("ValidationException", SENTENCE)
TOKEN: Final = refusal("ValidationException", "Invalid pagination token.")
LIST: Final = "ListProcessingJobs"
ROW: Final = {
    "ProcessingJobName": "job",
    "ProcessingJobArn": arn("processing-job", "job"),
    "ProcessingJobStatus": "Completed",
    "CreationTime": 1_700_000_000,
}
INTERPRETED: Final = " __schema { queryType { name } } "
"""A selection that has graphql-core execute the whole operation."""


@pytest.fixture
def aws() -> Iterator[Stub]:
    """Yield a stub that refuses everything."""
    with stub(lambda _: REFUSED) as served:
        yield served


@pytest.fixture(params=["", INTERPRETED], ids=["compiled", "graphql-core"])
async def ask(
    request: pytest.FixtureRequest, start_gateway: StartGateway, aws: Stub
) -> Callable[[str], Any]:
    """Return a coroutine function that sends an operation to be run by one of the executors."""
    gateway = await start_gateway(endpoint_url=aws.url)

    async def query(fields: str) -> Answer:
        return await gateway.query(f"{{ {fields} {request.param} }}")

    return query


@pytest.mark.parametrize(
    "field",
    [
        'trainingJob(name: "x") { roleArn }',
        f'node(id: "{arn("training-job", "x")}") {{ id ... on TrainingJob {{ roleArn }} }}',
        f'nodes(ids: ["{arn("training-job", "x")}"]) {{ ... on TrainingJob {{ roleArn }} }}',
        'trainingJobs(filter: {nameContains: "x"}) { nodes { id } }',
        'monitoringSchedules(filter: {endpointName: "my endpoint"}) { nodes { id } }',
    ],
)
async def test_caller_reads_what_aws_says_of_his_value(ask: Any, field: str) -> None:
    """The message quotes AWS: only that tells what to change."""
    answered = await ask(field)

    assert answered.codes == ["BAD_USER_INPUT"]
    assert SENTENCE in answered.error["message"]


async def test_value_of_a_link_is_not_the_caller_s(ask: Any, aws: Stub) -> None:
    """What AWS named itself the caller cannot change, and its sentence would not help him."""

    def describe(request: Request) -> Response:
        if request.operation != PROCESSING:
            return REFUSED
        return json_response(processing_job("job", TrainingJobArn=arn("training-job", "linked")))

    aws.answer = describe

    answered = await ask('processingJob(name: "job") { trainingJob { roleArn } tags { key } }')

    assert answered.codes == ["UPSTREAM_UNAVAILABLE"] * 2
    assert sorted(error["path"][-1] for error in answered.errors) == ["tags", "trainingJob"]
    assert all(SENTENCE not in error["message"] for error in answered.errors)
    assert {request.operation for request in aws.requests} == {PROCESSING, TRAINING, "ListTags"}


async def test_name_of_a_row_is_not_the_caller_s(ask: Any, aws: Stub) -> None:
    """A row that AWS lists and then refuses to describe fails in the fields that it lacks."""
    aws.answer = lambda request: (
        json_response({"ProcessingJobSummaries": [ROW]}) if request.operation == LIST else REFUSED
    )

    answered = await ask("processingJobs { nodes { processingJobName roleArn } }")

    assert answered.codes == ["UPSTREAM_UNAVAILABLE"]
    assert answered.error["path"] == ["processingJobs", "nodes", 0, "roleArn"]
    assert answered.data["processingJobs"]["nodes"][0]["processingJobName"] == "job"


async def test_list_without_conditions_has_nothing_of_the_caller_s(ask: Any) -> None:
    """What the gateway itself asks of a list is not for the caller to change."""
    answered = await ask("trainingJobs { nodes { id } }")

    assert answered.codes == ["UPSTREAM_UNAVAILABLE"]


async def test_refused_cursor_says_how_to_begin_again(ask: Any, aws: Stub) -> None:
    """A token that has expired is known by its page, whatever else AWS is asked."""
    aws.answer = lambda request: (
        TOKEN
        if "NextToken" in request.parameters
        else json_response({"ProcessingJobSummaries": [ROW], "NextToken": "expires"})
    )

    answered = await ask("processingJobs(first: 10) { nodes { id } }")

    assert answered.codes == ["BAD_USER_INPUT"]
    assert "cursor" in answered.error["message"]
    assert "begin again without `after`" in answered.error["message"]


@pytest.mark.parametrize(
    ("field", "codes"),
    [
        ("trainingJobs { nodes { id } }", ["UPSTREAM_UNAVAILABLE"]),
        (
            'monitoringSchedules(filter: {endpointName: "e"}) { nodes { id } }',
            ["BAD_USER_INPUT"],
        ),
    ],
)
@pytest.mark.parametrize("code", ["ResourceNotFound", "ValidationException"])
async def test_list_of_a_region_is_never_missing(
    ask: Any, aws: Stub, field: str, codes: list[str], code: str
) -> None:
    """An empty list for an answer of "not found" would hide that something is wrong."""
    aws.answer = lambda _: refusal(code, "Could not find the endpoint e.")

    assert (await ask(field)).codes == codes


async def test_list_below_a_resource_does_not_end_with_not_found(ask: Any, aws: Stub) -> None:
    """What AWS does not find behind a token is more of the list: an error, not its end."""

    def reply(request: Request) -> Response:
        if "NextToken" in request.parameters:
            return refusal("ResourceNotFound", "Not found.")
        if request.operation == "DescribeAutoMLJobV2":
            return json_response(auto_ml_job("x"))
        return json_response({"Candidates": [], "NextToken": "next"})

    aws.answer = reply

    answered = await ask('autoMLJob(name: "x") { candidates { nodes { candidateName } } }')

    assert answered.data["autoMLJob"] == {"candidates": None}
    assert answered.codes == ["UPSTREAM_UNAVAILABLE"]


async def test_list_below_a_resource_that_is_gone_is_empty(ask: Any, aws: Stub) -> None:
    """A schedule may be deleted between its own answer and that of its executions."""
    schedule = {
        "MonitoringScheduleName": "s",
        "MonitoringScheduleArn": arn("monitoring-schedule", "s"),
        "MonitoringScheduleStatus": "Scheduled",
        "CreationTime": 1_700_000_000,
        "LastModifiedTime": 1_700_000_000,
        "MonitoringScheduleConfig": {},
    }
    aws.answer = lambda request: (
        json_response(schedule)
        if request.operation == "DescribeMonitoringSchedule"
        else refusal("ResourceNotFound", "Monitoring Schedule s not found")
    )

    answered = await ask('monitoringSchedule(name: "s") { executions { nodes { scheduledTime } } }')

    assert answered.codes == []
    assert answered.data["monitoringSchedule"]["executions"] == {"nodes": []}
