"""What comes in wrong, from the client or from AWS, and the answer that the design promises."""

import json
import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gateway.aws.client import SageMaker
from tests.aws_answers import (
    ACCOUNT,
    PROCESSING,
    SCHEDULE,
    STRANGER,
    TRAINING,
    arn,
    processing_job,
    schedule,
    training_job,
)
from tests.clocks import NOW
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

JOB = """query ($name: String!, $region: String) {
  processingJob(name: $name, region: $region) { processingJobName processingJobStatus }
}"""
NODE = "query ($id: ID!) { node(id: $id) { id } }"
ROOTS = ["processingJob", "trainingJob", "autoMLJob", "monitoringSchedule"]


@pytest.mark.parametrize("root", ROOTS)
async def test_unknown_job_is_null(gateway: Gateway, twin: "Twin", root: str) -> None:
    """A name that AWS does not know is null without an error, in AWS's two ways to say so."""
    answer = await gateway.query(f'{{ {root}(name: "nobody") {{ id }} }}')

    assert answer.body == {"data": {root: None}}
    assert sum(twin.calls().values()) == 1


@pytest.mark.parametrize(
    "type_", ["processing-job", "training-job", "automl-job", "monitoring-schedule"]
)
async def test_arn_of_an_unknown_job_is_null(gateway: Gateway, type_: str) -> None:
    """An ARN that AWS does not know is null without an error."""
    answer = await gateway.query(NODE, id=arn(type_, "nobody"))

    assert answer.body == {"data": {"node": None}}


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-job",
        "job-",
        "my_job",
        "my job",
        "job\n",
        "jöb",
        "a" * 64,
        "../job",
        "job;drop",
        arn("processing-job", "job"),
    ],
)
async def test_name_that_aws_bars_is_refused(gateway: Gateway, twin: "Twin", name: str) -> None:
    """A name that breaks AWS's pattern is bad input, and no call is spent on it."""
    answer = await gateway.query(JOB, name=name)

    assert answer.data == {"processingJob": None}
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.error["path"] == ["processingJob"]
    assert "63 letters" in answer.error["message"]
    assert twin.calls() == {}


async def test_auto_ml_job_s_name_is_shorter(gateway: Gateway, twin: "Twin") -> None:
    """Each kind of resource has AWS's own limit."""
    answer = await gateway.query(f'{{ autoMLJob(name: "{"a" * 33}") {{ id }} }}')

    assert answer.codes == ["BAD_USER_INPUT"]
    assert "32 letters" in answer.error["message"]
    assert twin.calls() == {}


@pytest.mark.parametrize("region", ["mars-north-1", "", "EU-WEST-1", "eu-west-1 ", "localhost/"])
async def test_region_that_does_not_exist_is_refused(
    gateway: Gateway, twin: "Twin", region: str
) -> None:
    """A region that AWS does not have is bad input, and nothing is sent there."""
    answer = await gateway.query(JOB, name="job", region=region)

    assert answer.data == {"processingJob": None}
    assert answer.codes == ["BAD_USER_INPUT"]
    assert twin.calls() == {}


async def test_region_that_is_not_served_is_refused(
    start_gateway: StartGateway, twin: "Twin"
) -> None:
    """Where the operator lists regions, only these and the gateway's own are asked."""
    gateway = await start_gateway(regions="us-east-1,us-west-2")

    for region in ("us-east-1", "us-west-2", "eu-west-1"):
        assert (await gateway.query(JOB, name="job", region=region)).errors == []
    twin.reset_calls()
    answer = await gateway.query(JOB, name="job", region="eu-central-1")

    assert answer.codes == ["BAD_USER_INPUT"]
    assert twin.calls() == {}


@pytest.mark.parametrize(
    "id_",
    [
        "",
        "job",
        "arn",
        "arn:aws:sagemaker:eu-west-1:123456789012",
        "arn:aws:sagemaker:eu-west-1:123456789012:processing-job",
        "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/",
        "arn:aws:sagemaker:eu-west-1:12345:processing-job/job",
        arn("processing-job", "job") + "\n",
        arn("processing-job", "job/more"),
        arn("processing-job", "a" * 64),
        arn("processing-job", "job", region="mars-north-1"),
        arn("processing-job", "job", region=""),
        arn("labeling-job", "job"),
        arn("bucket", "job"),
        arn("processing-job", "job", service="glue"),
        arn("processing-job", "job", partition="aws-cn"),
        arn("processing-job", "job", partition="aws-cn", region="cn-north-1"),
        "4" * 10_000,
    ],
)
async def test_arn_of_something_else_is_refused(gateway: Gateway, twin: "Twin", id_: str) -> None:
    """Malformed, of another service, partition or place: bad input, and no call is spent on it."""
    answer = await gateway.query(NODE, id=id_)

    assert answer.data == {"node": None}
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.error["path"] == ["node"]
    assert twin.calls() == {}


async def test_one_bad_id_leaves_the_others(gateway: Gateway, put: Put) -> None:
    """Among several ids a bad one is an error at its index, an unknown one null without error."""
    put(PROCESSING, processing_job("job"))
    ids = [arn("processing-job", "job"), "bad", arn("training-job", "nobody")]

    answer = await gateway.query("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)

    assert answer.data == {"nodes": [{"id": ids[0]}, None, None]}
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.error["path"] == ["nodes", 1]


async def test_too_many_ids_are_refused(gateway: Gateway, twin: "Twin") -> None:
    """A hundred ids at once are enough, and more cost no call."""
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = [arn("processing-job", f"job-{number}") for number in range(101)]

    answer = await gateway.query(query, ids=ids)

    assert answer.codes == ["BAD_USER_INPUT"]
    assert twin.calls() == {}
    assert (await gateway.data(query, ids=[]))["nodes"] == []


async def test_job_of_another_account_is_null(gateway: Gateway, put: Put) -> None:
    """The gateway's own job of that name is not taken for the other account's."""
    put(PROCESSING, processing_job("job"))

    answer = await gateway.query(NODE, id=arn("processing-job", "job", account=STRANGER))

    assert answer.body == {"data": {"node": None}}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (arn("processing-job", "My-Job"), arn("processing-job", "my-job")),
        (arn("processing-job", "My-Job").replace("arn:aws", "ARN:AWS"), None),
        (arn("PROCESSING-JOB", "My-Job", region="EU-WEST-1"), None),
    ],
)
async def test_case_of_an_arn_does_not_matter(
    gateway: Gateway, put: Put, asked: str, answered: str | None
) -> None:
    """AWS has answered with lower-cased ARNs: the same job, and `id` is what AWS says."""
    job = processing_job("My-Job")
    job["ProcessingJobArn"] = answered or job["ProcessingJobArn"]
    put(PROCESSING, job)

    data = await gateway.data(NODE, id=asked)

    assert data == {"node": {"id": job["ProcessingJobArn"]}}


async def test_case_of_a_link_does_not_matter(gateway: Gateway, put: Put) -> None:
    """A link whose target answers with its ARN in lower case is not broken."""
    plan = schedule("My-Plan")
    put(SCHEDULE, {**plan, "MonitoringScheduleArn": plan["MonitoringScheduleArn"].lower()})
    put(PROCESSING, processing_job("job", MonitoringScheduleArn=plan["MonitoringScheduleArn"]))

    data = await gateway.data(
        '{ processingJob(name: "job") { monitoringSchedule { monitoringScheduleStatus } } }'
    )

    assert data["processingJob"]["monitoringSchedule"] is not None


REFUSALS = {
    "AccessDeniedException": "UPSTREAM_ACCESS_DENIED",
    "ExpiredToken": "UPSTREAM_ACCESS_DENIED",
    "ExpiredTokenException": "UPSTREAM_ACCESS_DENIED",
    "UnrecognizedClientException": "UPSTREAM_ACCESS_DENIED",
    "InvalidSignatureException": "UPSTREAM_ACCESS_DENIED",
    "ThrottlingException": "UPSTREAM_THROTTLED",
    "TooManyRequestsException": "UPSTREAM_THROTTLED",
    "InternalFailure": "UPSTREAM_UNAVAILABLE",
    "ServiceUnavailable": "UPSTREAM_UNAVAILABLE",
    "SomethingNew": "UPSTREAM_UNAVAILABLE",
    "ValidationException": "BAD_USER_INPUT",
}


@pytest.mark.parametrize("aws_code", REFUSALS)
async def test_refusal_of_aws_s_is_one_coded_error(
    start_gateway: StartGateway, twin: "Twin", aws_code: str
) -> None:
    """Whatever AWS refuses a call with is one error at the field, in words of our own."""
    gateway = await start_gateway(aws_attempts=1)
    twin.set_faults(errorRate=1, errorCode=aws_code)

    answer = await gateway.query(JOB, name="job")

    assert answer.data == {"processingJob": None}
    assert answer.codes == [REFUSALS[aws_code]]
    assert answer.error["path"] == ["processingJob"]
    assert ACCOUNT not in answer.http.text


async def test_throttled_client_is_told_when_to_come_back(
    start_gateway: StartGateway, twin: "Twin"
) -> None:
    """Beyond AWS's rate the rest of the fields fail, with the time after which to ask again."""
    gateway = await start_gateway(aws_attempts=1)
    twin.set_faults(callsPerSecond=0.001)

    answer = await gateway.query(
        '{ a: processingJob(name: "a") { id } b: processingJob(name: "b") { id } }'
    )

    assert answer.data == {"a": None, "b": None}
    assert answer.error["extensions"] == {"code": "UPSTREAM_THROTTLED", "retryAfterMs": 1000}


async def test_call_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, start_gateway: StartGateway, twin: "Twin", put: Put
) -> None:
    """A failure that is over at the next try is not the client's to see."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        twin.clear_faults()

    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=sleep))
    gateway = await start_gateway(aws_attempts=2)
    put(PROCESSING, processing_job("job"))
    twin.set_faults(errorRate=1)

    data = await gateway.data(JOB, name="job")

    assert data["processingJob"]["processingJobStatus"] == "COMPLETED"
    assert len(pauses) == 1
    assert twin.calls() == {PROCESSING: 2}


@pytest.mark.parametrize(
    "settings",
    [
        {"aws_attempts": 1, "aws_read_timeout": 0.1},
        {"aws_attempts": 1, "aws_deadline": 0.1},
    ],
    ids=["read timeout", "deadline"],
)
async def test_hanging_aws_is_a_timeout(
    start_gateway: StartGateway, twin: "Twin", settings: dict[str, Any]
) -> None:
    """An AWS that never answers is an error in time, never a request that hangs."""
    gateway = await start_gateway(**settings)
    twin.set_faults(hangRate=1)

    answer = await gateway.query(JOB, name="job")

    assert answer.data == {"processingJob": None}
    assert answer.codes == ["UPSTREAM_TIMEOUT"]


async def test_aws_that_is_not_there_is_unavailable(start_gateway: StartGateway) -> None:
    """When nothing listens at AWS's address, the error says no more than that."""
    gateway = await start_gateway(aws_attempts=1, endpoint_url="http://127.0.0.1:9")

    answer = await gateway.query(JOB, name="job")

    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert "127.0.0.1" not in answer.http.text


async def test_body_that_is_cut_short_is_unavailable(
    start_gateway: StartGateway, twin: "Twin", put: Put
) -> None:
    """An answer that is no JSON is not shown as a job without fields."""
    gateway = await start_gateway(aws_attempts=1)
    put(PROCESSING, processing_job("job"))
    twin.set_faults(malformedRate=1)

    answer = await gateway.query(JOB, name="job")

    assert answer.data == {"processingJob": None}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]


NONSENSE: list[dict[str, Any]] = [
    {"CreationTime": "yesterday"},
    {"ProcessingInputs": {"a": 1}},
    {"ProcessingInputs": [3]},
    {"Environment": ["A"]},
]


@pytest.mark.parametrize("members", NONSENSE, ids=json.dumps)
async def test_answer_that_makes_no_sense_is_unavailable(
    gateway: Gateway, put: Put, members: dict[str, Any]
) -> None:
    """A time that is none, a list where a structure belongs: AWS's failure, not the gateway's."""
    put(PROCESSING, {**processing_job("job"), "CreationTime": NOW.timestamp(), **members})

    answer = await gateway.query(JOB, name="job")

    assert answer.data == {"processingJob": None}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]


@pytest.mark.parametrize("value", [None, [], {}], ids=repr)
@pytest.mark.parametrize(
    "member", ["ProcessingJobArn", "ProcessingJobName", "ProcessingJobStatus", "CreationTime"]
)
async def test_answer_without_an_identity_is_unavailable(
    gateway: Gateway, put: Put, member: str, value: object
) -> None:
    """What the schema promises never to be null must be in AWS's answer, and make sense."""
    put(PROCESSING, {**processing_job("job"), member: value})

    answer = await gateway.query(JOB, name="job")

    assert answer.data == {"processingJob": None}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]


async def test_required_member_that_is_missing_is_null(gateway: Gateway, put: Put) -> None:
    """A member that AWS calls required, and leaves out, is null without an error."""
    job = processing_job("job")
    del job["AppSpecification"], job["ProcessingResources"]["ClusterConfig"]["InstanceCount"]
    put(PROCESSING, job)

    data = await gateway.data(
        """{ processingJob(name: "job") {
          processingJobStatus
          appSpecification { imageUri }
          processingResources { clusterConfig { instanceCount volumeSizeInGB } }
        } }"""
    )

    assert data["processingJob"] == {
        "processingJobStatus": "COMPLETED",
        "appSpecification": None,
        "processingResources": {"clusterConfig": {"instanceCount": None, "volumeSizeInGB": 30}},
    }


async def test_member_that_the_schema_does_not_have_is_ignored(gateway: Gateway, put: Put) -> None:
    """What a newer AWS adds disturbs nothing."""
    put(PROCESSING, processing_job("job", Mood="good", Moods=[{"At": 1}]))

    data = await gateway.data(JOB, name="job")

    assert data["processingJob"]["processingJobStatus"] == "COMPLETED"


async def test_unknown_enum_value_is_unknown(
    gateway: Gateway, put: Put, caplog: pytest.LogCaptureFixture
) -> None:
    """A value that a newer AWS adds is `UNKNOWN`, nulls nothing, and is logged once."""
    inputs = [
        {"InputName": "a", "S3Input": {"S3Uri": "s3://a", "S3InputMode": "Telepathy"}},
        {"InputName": "b", "S3Input": {"S3Uri": "s3://b", "S3InputMode": "Telepathy"}},
    ]
    put(PROCESSING, processing_job("job", "Dreaming", ProcessingInputs=inputs))
    put(PROCESSING, processing_job("other", "Dreaming"))
    query = """query ($name: String!) { processingJob(name: $name) {
      processingJobName processingJobStatus processingInputs { s3Input { s3InputMode } }
    } }"""

    job = (await gateway.data(query, name="job"))["processingJob"]
    other = (await gateway.data(query, name="other"))["processingJob"]

    assert job["processingJobStatus"] == other["processingJobStatus"] == "UNKNOWN"
    assert job["processingInputs"] == [{"s3Input": {"s3InputMode": "UNKNOWN"}}] * 2
    reports = [
        (record.__dict__["enum"], record.__dict__["value"])
        for record in caplog.records
        if record.message == "gateway.unknown_enum_value"
    ]
    assert sorted(reports) == [
        ("ProcessingJobStatus", "Dreaming"),
        ("ProcessingS3InputMode", "Telepathy"),
    ]


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 1.5, "1", True, [1], {}], ids=repr)
async def test_value_of_another_type_is_null(gateway: Gateway, put: Put, value: object) -> None:
    """A value that does not fit its field is null, and the job stays."""
    cluster = {"ClusterConfig": {"InstanceCount": value, "VolumeSizeInGB": 30}}
    put(PROCESSING, processing_job("job", ProcessingResources=cluster))

    data = await gateway.data(
        """{ processingJob(name: "job") {
          processingResources { clusterConfig { instanceCount volumeSizeInGB } }
        } }"""
    )

    found = data["processingJob"]["processingResources"]["clusterConfig"]
    assert found == {"instanceCount": None, "volumeSizeInGB": 30}


@pytest.mark.parametrize("value", [2**31, 2**62, 0])
async def test_long_is_wider_than_an_int(gateway: Gateway, put: Put, value: int) -> None:
    """What AWS calls a long arrives whole."""
    profiler = {"ProfilingIntervalInMilliseconds": value}
    put(TRAINING, training_job("long", ProfilerConfig=profiler))

    data = await gateway.data(
        '{ trainingJob(name: "long") { profilerConfig { profilingIntervalInMilliseconds } } }'
    )

    config = data["trainingJob"]["profilerConfig"]
    assert config == {"profilingIntervalInMilliseconds": value}


SECRET = "Traceback: arn:aws:iam::123456789012:role/secret at /srv/gateway.py"


async def test_exception_of_ours_is_masked(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception that nobody foresaw is logged whole and shown as nothing but a code."""

    async def call(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(SageMaker, "call", call)

    answer = await gateway.query(JOB, name="job")

    assert answer.data == {"processingJob": None}
    assert answer.codes == ["INTERNAL_SERVER_ERROR"]
    assert answer.error["message"] == "Internal server error."
    assert answer.error["path"] == ["processingJob"]
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert SECRET in str(logged[-1].exc_info)
