"""The describe operations through boto3: found, not found in AWS's words, refused, overridden."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.twin import Twin
from tests.twin.conftest import connect, error_of

DESCRIBES = {
    "DescribeProcessingJob": ("describe_processing_job", "ProcessingJobName"),
    "DescribeTrainingJob": ("describe_training_job", "TrainingJobName"),
    "DescribeAutoMLJobV2": ("describe_auto_ml_job_v2", "AutoMLJobName"),
    "DescribeMonitoringSchedule": ("describe_monitoring_schedule", "MonitoringScheduleName"),
    "DescribeTransformJob": ("describe_transform_job", "TransformJobName"),
    "DescribeHyperParameterTuningJob": (
        "describe_hyper_parameter_tuning_job",
        "HyperParameterTuningJobName",
    ),
}


@pytest.mark.parametrize("operation", DESCRIBES)
def test_boto3_reads_what_the_seed_says(twin: Twin, client: Any, operation: str) -> None:
    """Through the wire comes exactly the seeded answer, instants and all."""
    method, name_member = DESCRIBES[operation]
    for name, answer in list(twin.answers(operation).items())[:40]:
        response = getattr(client, method)(**{name_member: name})
        del response["ResponseMetadata"]

        assert response == answer


@pytest.mark.parametrize(
    ("operation", "code", "message"),
    [
        ("DescribeProcessingJob", "ValidationException", "Could not find requested job with name"),
        ("DescribeTrainingJob", "ValidationException", "Requested resource not found."),
        ("DescribeAutoMLJobV2", "ResourceNotFound", "can't find an AutoML job called no-such-job"),
        ("DescribeMonitoringSchedule", "ResourceNotFound", "no-such-job"),
        ("DescribeTransformJob", "ValidationException", "Could not find requested job with name"),
        (
            "DescribeHyperParameterTuningJob",
            "ResourceNotFound",
            "can't find a tuning job called no-such-job",
        ),
    ],
)
def test_missing_jobs_are_missing_in_awss_words(
    client: Any, operation: str, code: str, message: str
) -> None:
    """Each operation says "not found" with the code and the words that AWS uses for it."""
    method, name_member = DESCRIBES[operation]
    response = error_of(getattr(client, method), **{name_member: "no-such-job"})

    assert response[0] == code
    assert message in response[1]
    assert response[2] == 400


def test_regions_are_separate(twin: Twin, client: Any) -> None:
    """The region comes from the signature: a job of one region is missing in the other."""
    elsewhere = connect(twin, twin.regions()[1])
    job = elsewhere.describe_training_job(TrainingJobName="global-ranker-training")
    code = error_of(client.describe_training_job, TrainingJobName="global-ranker-training")[0]
    elsewhere.close()

    assert job["TrainingJobArn"].split(":")[3] == twin.regions()[1]
    assert code == "ValidationException"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("under_score", "regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"),
        ("a" * 64, "length less than or equal to 63"),
    ],
)
def test_bad_names_are_refused(client: Any, name: str, rule: str) -> None:
    """A name that breaks the pattern or the length is a ValidationException that says so."""
    code, message, status = error_of(client.describe_processing_job, ProcessingJobName=name)

    assert (code, status) == ("ValidationException", 400)
    assert "validation error" in message
    assert f"Value '{name}' at 'processingJobName' failed to satisfy constraint" in message
    assert rule in message


def test_generations_of_automl(twin: Twin, client: Any) -> None:
    """The second generation's call describes all AutoML jobs, the first one's only its own."""
    second = error_of(client.describe_auto_ml_job, AutoMLJobName="churn-autopilot")
    missing = error_of(client.describe_auto_ml_job, AutoMLJobName="no-such-job")

    assert second[0] == "ValidationException"
    assert missing[0] == "ResourceNotFound"
    assert twin.calls() == {"DescribeAutoMLJob": 2}


def test_put_gives_an_answer_unchecked(twin: Twin, client: Any) -> None:
    """An answer put in is response as it is, with unknown members and values and without others."""
    created = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    arn = f"arn:aws:sagemaker:{twin.regions()[0]}:123456789012:processing-job/odd"
    odd = {
        "ProcessingJobName": "odd",
        "ProcessingJobArn": arn,
        "ProcessingJobStatus": "Hibernating",
        "CreationTime": created,
        "ProcessingResources": None,
    }
    twin.put("DescribeProcessingJob", odd)
    response = client.describe_processing_job(ProcessingJobName="odd")
    rows = client.list_processing_jobs(NameContains="odd")["ProcessingJobSummaries"]
    twin.remove("DescribeProcessingJob", "odd")

    assert response["ProcessingJobStatus"] == "Hibernating"
    assert response["CreationTime"] == created
    assert "AppSpecification" not in response
    assert [row["ProcessingJobStatus"] for row in rows] == ["Hibernating"]
    assert error_of(client.describe_processing_job, ProcessingJobName="odd")[0]


def test_put_finds_name_and_region_in_the_arn(twin: Twin) -> None:
    """An answer without a name is filed under the name and the region of its ARN."""
    arn = "arn:aws:sagemaker:ap-south-1:123456789012:automl-job/far-away"
    twin.put("DescribeAutoMLJobV2", {"AutoMLJobArn": arn})
    found = twin.answers("DescribeAutoMLJobV2", "ap-south-1")
    twin.remove("DescribeAutoMLJobV2", "far-away", "ap-south-1")

    assert found == {"far-away": {"AutoMLJobArn": arn}}


def test_put_needs_a_name(twin: Twin) -> None:
    """An answer that says neither name nor ARN is refused, as are operations not seeded."""
    with pytest.raises(ValueError, match="ProcessingJobName or a ProcessingJobArn"):
        twin.put("DescribeProcessingJob", {})
    with pytest.raises(ValueError, match="DescribeModel is not seeded"):
        twin.put("DescribeModel", {"ModelName": "m"})
    with pytest.raises(KeyError):
        twin.remove("DescribeProcessingJob", "no-such-job")
