"""What the twin does not seed is moto's: creating, stopping, other services."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.twin import Twin
from tests.twin.conftest import REGION, START, MovableClock, all_pages, connect, error_of

ROLE = "arn:aws:iam::210987654321:role/made-here"
PROCESSING = {
    "ProcessingJobName": "made-here",
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
    },
    "AppSpecification": {"ImageUri": "image:1"},
    "Environment": {"MODE": "test"},
    "RoleArn": ROLE,
    "Tags": [{"Key": "made", "Value": "here"}],
}
TRAINING = {
    "TrainingJobName": "made-here",
    "AlgorithmSpecification": {"TrainingImage": "image:1", "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/output"},
    "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "Environment": {"MODE": "test"},
}
AUTOML = {
    "AutoMLJobName": "made-here",
    "AutoMLJobInputDataConfig": [
        {
            "ChannelType": "training",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/data"}},
        }
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/output"},
    "AutoMLProblemTypeConfig": {
        "ImageClassificationJobConfig": {"CompletionCriteria": {"MaxCandidates": 5}}
    },
    "RoleArn": ROLE,
}


@pytest.fixture(scope="module")
def other() -> Iterator[Twin]:
    """Yield a twin of another account, with real time, since moto knows no other."""
    with Twin(jobs=1, account="210987654321") as twin:
        yield twin


@pytest.fixture(scope="module")
def maker(other: Twin) -> Iterator[Any]:
    """Yield a client of that twin."""
    client = connect(other)
    yield client
    client.close()


@pytest.fixture(scope="module")
def made(maker: Any) -> dict[str, str]:
    """Return the ARNs of one job of each kind that moto can make."""
    return {
        **maker.create_processing_job(**PROCESSING),
        **maker.create_training_job(**TRAINING),
        **maker.create_auto_ml_job_v2(**AUTOML),
    }


def test_created_jobs_are_described(maker: Any, made: dict[str, str]) -> None:
    """A created job is described by moto, completed with what moto forgets."""
    processing = maker.describe_processing_job(ProcessingJobName="made-here")
    training = maker.describe_training_job(TrainingJobName="made-here")
    automl = maker.describe_auto_ml_job_v2(AutoMLJobName="made-here")

    assert processing["ProcessingJobArn"] == made["ProcessingJobArn"]
    assert processing["ProcessingResources"] == PROCESSING["ProcessingResources"]
    assert processing["Environment"] == training["Environment"] == {"MODE": "test"}
    assert processing["ProcessingJobStatus"] == training["TrainingJobStatus"] == "Completed"
    assert training["TrainingJobArn"].split(":")[4] == "210987654321"
    assert automl["AutoMLProblemTypeConfigName"] == "ImageClassification"


def test_created_jobs_are_listed(maker: Any, made: dict[str, str]) -> None:
    """Lists and Search show created jobs among the seeded ones."""
    newest = {"SortBy": "CreationTime", "SortOrder": "Descending"}
    processing = all_pages(maker.list_processing_jobs, "ProcessingJobSummaries", **newest)
    automl = all_pages(maker.list_auto_ml_jobs, "AutoMLJobSummaries", SortBy="Status")
    equal = {"Name": "TrainingJobName", "Value": "made-here"}
    found = maker.search(Resource="TrainingJob", SearchExpression={"Filters": [equal]})

    assert made["ProcessingJobArn"] in {row["ProcessingJobArn"] for row in processing}
    assert len(processing) > 15
    assert made["AutoMLJobArn"] in {row["AutoMLJobArn"] for row in automl}
    assert len(automl) > 2
    assert [each["TrainingJob"]["TrainingJobName"] for each in found["Results"]] == ["made-here"]


def test_created_jobs_have_tags_and_regions(other: Twin, maker: Any, made: dict[str, str]) -> None:
    """Tags given at creation are listed; the job is in its region only."""
    abroad = connect(other, "us-east-1")
    missing = error_of(abroad.describe_training_job, TrainingJobName="made-here")
    abroad.close()

    assert maker.list_tags(ResourceArn=made["ProcessingJobArn"])["Tags"] == PROCESSING["Tags"]
    assert missing[0] == "ValidationException"


def test_names_are_taken_once(maker: Any, made: dict[str, str]) -> None:
    """A name that a seeded or created job has is ResourceInUse."""
    for name in ("made-here", "churn-model-quality-check"):
        params = PROCESSING | {"ProcessingJobName": name}

        assert error_of(maker.create_processing_job, **params)[0] == "ResourceInUse"
    assert made


def test_created_jobs_can_be_stopped(maker: Any) -> None:
    """Moto's other operations on a created job show in its description."""
    maker.create_processing_job(**PROCESSING | {"ProcessingJobName": "stop-me"})
    maker.stop_processing_job(ProcessingJobName="stop-me")
    job = maker.describe_processing_job(ProcessingJobName="stop-me")

    assert job["ProcessingJobStatus"] == "Stopped"


def test_bad_creations_are_refused(maker: Any) -> None:
    """Creating is checked against the service model before moto sees it."""
    params = PROCESSING | {"ProcessingJobName": "under_score"}

    assert error_of(maker.create_processing_job, **params)[0] == "ValidationException"


def test_other_services_are_motos(other: Twin) -> None:
    """STS says which account this is, and the call is counted."""
    sts = connect(other, service="sts")
    account = sts.get_caller_identity()["Account"]
    sts.close()

    assert account == "210987654321"
    assert other.calls()["GetCallerIdentity"] == 1


def test_other_sagemaker_resources_are_motos(maker: Any) -> None:
    """Operations that are not seeded, and searches and tags of other resources, go to moto."""
    model = maker.create_model(ModelName="m", ExecutionRoleArn=ROLE)["ModelArn"]

    assert maker.describe_model(ModelName="m")["ModelArn"] == model
    assert maker.list_tags(ResourceArn=model)["Tags"] == []
    assert maker.search(Resource="Pipeline")["Results"] == []


def test_what_moto_cannot_do_is_said(maker: Any) -> None:
    """An operation that nobody implements is an error, not a broken connection."""
    code, message, status = error_of(maker.list_spaces)

    assert (code, status) == ("NotImplemented", 501)
    assert "list_spaces" in message


def test_motos_mistakes_are_said_to_be_motos(maker: Any) -> None:
    """When moto trips over a request, the error says that it was moto."""
    params = AUTOML | {
        "AutoMLJobName": "trip",
        "AutoMLProblemTypeConfig": {"TabularJobConfig": {"TargetAttributeName": "y"}},
    }
    code, message, status = error_of(maker.create_auto_ml_job_v2, **params)

    assert (code, status) == ("InternalFailure", 500)
    assert "moto failed" in message


def test_stopping_empties_moto() -> None:
    """What one twin created, the next twin of the process does not know."""
    clock = MovableClock()
    for _ in range(2):
        with Twin(jobs=1, clock=clock, started=START) as twin:
            client = connect(twin, REGION)
            created = client.create_model(ModelName="again", ExecutionRoleArn=ROLE)
            client.close()

            assert created["ModelArn"]
