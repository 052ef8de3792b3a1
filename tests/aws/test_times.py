"""Times that Python cannot hold cost a member of a row, and not the page that it stands on."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from gateway.aws.call_log import AwsCall
from gateway.aws.times import UnreadableTime, read_time
from tests.aws.stub import Response, Stub, stub
from tests.aws_answers import arn
from tests.conftest import StartGateway

pytestmark = pytest.mark.anyio

MILLISECONDS: Final = 1_775_836_321_122


def row(name: str, **more: Any) -> dict[str, Any]:
    """Return a row of a list."""
    return {
        "ProcessingJobName": name,
        "ProcessingJobArn": arn("processing-job", name),
        "ProcessingJobStatus": "Completed",
        "CreationTime": 1_700_000_000,
        **more,
    }


@pytest.fixture
def aws() -> Iterator[Stub]:
    """Yield a stub whose list has one row with a time in milliseconds."""
    rows = [row("a"), row("b", ProcessingEndTime=MILLISECONDS), row("c")]
    body = json.dumps({"ProcessingJobSummaries": rows}).encode()
    with stub(lambda _: Response(200, body)) as served:
        yield served


async def test_page_has_all_its_rows(
    start_gateway: StartGateway, aws: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    """The rows are there, and the log says what is wrong with one."""
    gateway = await start_gateway(endpoint_url=aws.url)

    data = await gateway.data("{ processingJobs { nodes { processingJobName } } }")

    names = [node["processingJobName"] for node in data["processingJobs"]["nodes"]]
    assert names == ["a", "b", "c"]
    assert [record.message for record in caplog.records] == ["gateway.aws_answer_unreadable"]
    assert "58244" in caplog.records[0].__dict__["reason"]


@pytest.mark.parametrize("value", [MILLISECONDS, -MILLISECONDS, 1e300, "soon", float("nan")])
def test_what_is_no_time_is_kept_as_text(value: Any) -> None:
    """Whatever boto3 stumbles over, of lists it is a value that says what AWS sent."""
    assert read_time(value, AwsCall("ListTrainingJobs")) == UnreadableTime(str(value))


@pytest.mark.parametrize("executor", ["", "__schema { __typename }"])
async def test_job_has_all_but_the_impossible_time(
    start_gateway: StartGateway, executor: str
) -> None:
    """The member is null with an error at its path that says so; the others are there."""
    body = json.dumps(row("a", ProcessingEndTime=MILLISECONDS)).encode()
    with stub(lambda _: Response(200, body)) as served:
        gateway = await start_gateway(endpoint_url=served.url)
        answer = await gateway.query(
            f'{{ processingJob(name: "a") {{ processingJobStatus processingEndTime }} {executor} }}'
        )

    assert answer.data["processingJob"] == {
        "processingJobStatus": "COMPLETED",
        "processingEndTime": None,
    }
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert answer.error["path"] == ["processingJob", "processingEndTime"]
    assert str(MILLISECONDS) in answer.error["message"]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("CreationTime", MILLISECONDS),
        ("CreationTime", None),
        ("ProcessingJobStatus", None),
        ("ProcessingJobArn", 7),
    ],
)
async def test_job_without_a_required_member_names_it(
    start_gateway: StartGateway, member: str, value: Any
) -> None:
    """What the schema never shows as null must be there, or the job is null with an error."""
    body = json.dumps(row("a", **{member: value})).encode()
    with stub(lambda _: Response(200, body)) as served:
        gateway = await start_gateway(endpoint_url=served.url)
        answer = await gateway.query('{ processingJob(name: "a") { roleArn } }')

    assert answer.data == {"processingJob": None}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert f"without {member}" in answer.error["message"]


@pytest.mark.parametrize("value", [0, 1_635_378_407.474, "2021-10-28T00:49:15.122Z", "12.5"])
def test_times_are_those_of_boto3(value: Any) -> None:
    """Numbers, their text and ISO 8601 are instants with a time zone."""
    time = read_time(value, AwsCall("ListTrainingJobs"))

    assert not isinstance(time, UnreadableTime)
    assert time.tzinfo is not None
