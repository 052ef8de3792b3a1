"""Faults as boto3 meets them, and calls that are no calls of SageMaker."""

import json
import os
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from gateway.twin import Twin
from tests.twin.conftest import ControlClient, connect, error_of

NAME = {"TrainingJobName": "churn-xgboost-training"}


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("InternalFailure", 500, "unknown error"),
        ("ServiceUnavailable", 503, "temporary failure"),
        ("AccessDeniedException", 400, "not authorized to perform: sagemaker:DescribeTrainingJob"),
        ("ExpiredTokenException", 400, "security token included in the request is expired"),
        ("ThrottlingException", 400, "Rate exceeded"),
        ("UnrecognizedClientException", 400, "security token included in the request is invalid"),
        ("SomethingNew", 400, "SomethingNew while calling DescribeTrainingJob"),
    ],
)
def test_errors_look_like_awss(twin: Twin, client: Any, code: str, status: int, words: str) -> None:
    """An error rate gives the code asked for, with the status and words that AWS gives it."""
    twin.set_faults({"errorRate": 1, "errorCode": code, "operations": ["DescribeTrainingJob"]})
    response = error_of(client.describe_training_job, **NAME)

    assert (response[0], response[2]) == (code, status)
    assert words in response[1]
    assert client.list_training_jobs()["TrainingJobSummaries"]


def test_throttling(twin: Twin, client: Any) -> None:
    """Over the rate comes a ThrottlingException, and the call counts."""
    twin.set_faults(callsPerSecond=0.001)
    client.describe_training_job(**NAME)

    assert error_of(client.describe_training_job, **NAME) == (
        "ThrottlingException",
        "Rate exceeded",
        400,
    )
    assert twin.calls() == {"DescribeTrainingJob": 2}


def test_malformed_bodies(twin: Twin, client: Any, control: ControlClient) -> None:
    """A malformed answer is HTTP 200 with a body cut in two, which boto3 takes for an empty one."""
    twin.set_faults(malformedRate=1)
    response = client.describe_training_job(**NAME)
    target = {"X-Amz-Target": "SageMaker.DescribeTrainingJob"}
    control.http.request("POST", "/", json.dumps(NAME), target)
    body = control.http.getresponse().read()

    assert set(response) == {"ResponseMetadata"}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert body.startswith(b"{")
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        json.loads(body)


def test_hanging_calls_end_with_their_client(twin: Twin) -> None:
    """A hanging call is never answered; the client gives up and the twin goes on."""
    impatient = connect(twin, read_timeout=0.05)
    twin.set_faults(hangRate=1)
    with pytest.raises(ReadTimeoutError):
        impatient.describe_training_job(**NAME)
    twin.clear_faults()

    assert impatient.describe_training_job(**NAME)
    impatient.close()


def test_calls_hang_where_many_files_are_open(twin: Twin) -> None:
    """A process with a thousand open files hangs as well: `select` would take no more of them."""
    twin.set_faults(hangRate=1)
    with ExitStack() as files:
        try:
            while files.enter_context(open(os.devnull)).fileno() < 1_024:  # noqa: PTH123
                pass
        except OSError:
            pytest.skip("this process may not open so many files")
        impatient = connect(twin, read_timeout=0.05)
        with pytest.raises(ReadTimeoutError):
            impatient.describe_training_job(**NAME)
        impatient.close()


def test_resets_end_the_connection(twin: Twin, client: Any) -> None:
    """A call may meet a TCP reset instead of a response; the next one is answered."""
    twin.set_faults(resetRate=1)
    with pytest.raises(ConnectionClosedError):
        client.describe_training_job(**NAME)
    twin.clear_faults()

    assert client.describe_training_job(**NAME)


def test_latency_comes_before_the_answer(twin: Twin, client: Any) -> None:
    """A delayed call is answered all the same."""
    twin.set_faults(latencyMs=1)

    assert client.describe_training_job(**NAME)


def test_unknown_operations(twin: Twin, control: ControlClient) -> None:
    """An operation that SageMaker does not have is refused by name."""
    control.http.request("POST", "/", "{}", {"X-Amz-Target": "SageMaker.DescribeDreams"})
    response = json.loads(control.http.getresponse().read())

    assert response["__type"] == "UnknownOperationException"
    assert twin.calls() == {"DescribeDreams": 1}


@pytest.mark.parametrize("body", ["{", "[]", '{"TrainingJobName": 5}', "\xff"])
def test_bodies_that_cannot_be_read(control: ControlClient, body: str) -> None:
    """A body that is no JSON object of the right types is a SerializationException."""
    target = {"X-Amz-Target": "SageMaker.DescribeTrainingJob"}
    control.http.request("POST", "/", body.encode("latin-1"), target)
    response = control.http.getresponse()

    assert response.status == 400
    assert json.loads(response.read())["__type"] == "SerializationException"


def test_missing_parameters(control: ControlClient) -> None:
    """A required parameter that is missing is named."""
    target = {"X-Amz-Target": "SageMaker.DescribeTrainingJob"}
    control.http.request("POST", "/", "", target)
    response = json.loads(control.http.getresponse().read())

    assert response["__type"] == "ValidationException"
    assert "Value null at 'trainingJobName'" in response["message"]
