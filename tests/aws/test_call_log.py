"""A failed AWS call is logged once, with all that AWS said and nothing that is secret."""

import logging
from typing import Any

import pytest
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError

from gateway.aws.call_log import clean_reason, describe_exception, quote_reason
from gateway.aws.client import SageMaker
from gateway.aws.errors import NotFound, UpstreamError
from gateway.settings import AwsSettings
from tests.aws.stub import Response, Stub, refusal, stub
from tests.conftest import StartGateway

pytestmark = pytest.mark.anyio


async def fail(served: Stub, **options: Any) -> None:
    """Make one call that does not succeed."""
    sagemaker = SageMaker(
        AwsSettings(region="eu-west-1", endpoint_url=served.url, **{"aws_attempts": 1, **options})
    )
    with pytest.raises((UpstreamError, NotFound)):
        await sagemaker.call("eu-west-1", "DescribeTrainingJob", TrainingJobName="job")
    sagemaker.close()


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """Return what the line says beside its name."""
    names = [
        *("result", "operation", "called", "region", "endpoint", "aws_code", "reason", "status"),
        *("request_id", "attempts"),
    ]
    return {name: getattr(record, name) for name in names}


async def test_failure_is_one_line_with_all_that_is_known(caplog: pytest.LogCaptureFixture) -> None:
    """Code, message, request id, status, operation, region, endpoint and attempts are logged."""
    with stub(lambda _: refusal("InternalFailure", "We  broke.\nTry again.", 500)) as served:
        await fail(served, aws_attempts=2)

    (record,) = caplog.records
    assert (record.message, record.levelno) == ("gateway.aws_call_failed", logging.WARNING)
    assert record.exc_info is None
    assert facts(record) == {
        "result": "UPSTREAM_UNAVAILABLE",
        "operation": "DescribeTrainingJob",
        "called": "DescribeTrainingJob",
        "region": "eu-west-1",
        "endpoint": served.url.removeprefix("http://"),
        "aws_code": "InternalFailure",
        "reason": "We broke. Try again.",
        "status": 500,
        "request_id": "c0ffee",
        "attempts": 2,
    }


async def test_missing_job_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A job that does not exist is an answer and no failure."""
    with stub(lambda _: refusal("ValidationException", "Could not find job")) as served:
        await fail(served)

    assert caplog.records == []


@pytest.mark.parametrize("body", [b"<html>Please log in</html>", b'{"TrainingJobN', b"[]", b"{}"])
async def test_nonsense_with_200_is_logged(caplog: pytest.LogCaptureFixture, body: bytes) -> None:
    """A proxy's login page, half of an answer or a list is a failure that leaves a line."""
    with stub(lambda _: Response(200, body, {"Content-Type": "text/html"})) as served:
        await fail(served)

    (record,) = caplog.records
    assert facts(record)["operation"] == "DescribeTrainingJob"
    assert facts(record)["result"] == "UPSTREAM_UNAVAILABLE"
    if body != b"[]":
        assert f"type text/html, length {len(body)}" in facts(record)["reason"]


@pytest.mark.parametrize(
    ("query", "body", "reason"),
    [
        (
            '{ processingJob(name: "job") { roleArn } }',
            b'{"ProcessingJobName": "job"}',
            "AWS answered DescribeProcessingJob without ProcessingJobArn.",
        ),
        (
            "{ processingJobs { nodes { id } } }",
            b'{"ProcessingJobSummaries": [null]}',
            (
                "AWS answered ListProcessingJobs with a row that has no ProcessingJobArn: "
                "the one at index 0."
            ),
        ),
        (
            "{ processingJobs { nodes { id } } }",
            b'{"NextToken": "more"}',
            "AWS answered ListProcessingJobs with no list.",
        ),
    ],
)
async def test_what_an_answer_lacks_is_logged(
    start_gateway: StartGateway,
    caplog: pytest.LogCaptureFixture,
    query: str,
    body: bytes,
    reason: str,
) -> None:
    """An answer that is JSON and not what it should be leaves a line that names the member."""
    with stub(lambda _: Response(200, body)) as aws:
        gateway = await start_gateway(endpoint_url=aws.url)
        assert (await gateway.query(query)).codes == ["UPSTREAM_UNAVAILABLE"]

    (record,) = caplog.records
    assert record.message == "gateway.aws_answer_unreadable"
    assert record.__dict__["reason"] == reason
    assert record.__dict__["region"] == "eu-west-1"


async def test_refused_connection_is_logged_with_its_endpoint(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where nobody listens, the line says where that is."""
    with stub(lambda _: Response(200, b"{}")) as served:
        pass
    await fail(served)

    (record,) = caplog.records
    assert served.url in facts(record)["reason"]
    assert facts(record)["aws_code"] == "EndpointConnectionError"


SECRETS = ["FQoGtoken+/=", "AKIAIOSFODNN7EXAMPLE", "5d672d79c15b13162d9279b0855cfba6", "hunter2"]


@pytest.mark.parametrize(
    "text",
    [
        (
            "The request signature we calculated does not match.\n\nThe Canonical String for this "
            "request should have been\n'POST\n/\n\nx-amz-security-token:FQoGtoken+/=\n\nhost'"
        ),
        "Bad header: x-amz-security-token: FQoGtoken+/= is not known",
        (
            "'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260304/eu-west-1/sagemaker, "
            "Signature=5d672d79c15b13162d9279b0855cfba6' not a valid key=value pair"
        ),
        "Signature=5d672d79c15b13162d9279b0855cfba6 is wrong",
        "The access key AKIAIOSFODNN7EXAMPLE is inactive",
        'Failed to connect to proxy URL: "http://me:hunter2@proxy:3128"',
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    """AWS answers a refused signature with what was signed, the session token included."""
    hidden = clean_reason(text)

    assert not any(secret in hidden for secret in SECRETS)
    assert "..." in hidden or "[redacted" in hidden


def test_long_texts_are_cut() -> None:
    """A proxy's page does not fill the log."""
    assert len(clean_reason("x" * 100_000)) < 600


def test_output_of_a_command_is_not_logged() -> None:
    """What `credential_process` prints may be the credentials themselves."""
    error = CredentialRetrievalError(provider="custom-process", error_msg="hunter2")

    assert "hunter2" not in describe_exception(error)
    assert describe_exception(NoCredentialsError()) == "Unable to locate credentials"


def test_callers_read_no_account_that_they_did_not_name() -> None:
    """Of the accounts and ARNs that AWS names only those of the call itself are shown."""
    text = "arn:aws:iam::444455556666:role/r, 444455556666 and 111122223333"

    assert quote_reason(text, {"NameContains": "111122223333"}) == "..., ... and 111122223333"
    assert quote_reason("", {}) == "no reason given."
