"""Jobs and schedules that callers create: described, listed, tagged, and over by the clock."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.twin import Twin
from gateway.twin.kinds import KINDS
from gateway.twin.model import output_shape
from tests.twin.conftest import MovableClock, all_pages, connect, error_of
from tests.twin.shapes import problems

ROLE = "arn:aws:iam::123456789012:role/made-here"
NAME = "made-here"
OUTPUT = {"S3OutputPath": "s3://bucket/output"}
RESOURCES = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
TRAINING = {
    "AlgorithmSpecification": {"TrainingImage": "image:1", "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": OUTPUT,
    "ResourceConfig": RESOURCES,
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}
SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/data"}}
CHANNEL = {"ChannelType": "training", "DataSource": SOURCE}
RANGES = {
    "IntegerParameterRanges": [{"Name": "depth", "MinValue": "2", "MaxValue": "9"}],
    "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}],
    "CategoricalParameterRanges": [{"Name": "loss", "Values": ["l1", "l2"]}],
}
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "create_processing_job": (
        "ProcessingJobName",
        {
            "ProcessingResources": {"ClusterConfig": RESOURCES},
            "AppSpecification": {"ImageUri": "image:1"},
            "Environment": {"MODE": "test"},
            "RoleArn": ROLE,
            "Tags": [{"Key": "made", "Value": "here"}],
        },
    ),
    "create_training_job": ("TrainingJobName", {**TRAINING, "Environment": {"MODE": "test"}}),
    "create_transform_job": (
        "TransformJobName",
        {
            "ModelName": "model",
            "TransformInput": {"DataSource": SOURCE},
            "TransformOutput": OUTPUT,
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
    ),
    "create_auto_ml_job_v2": (
        "AutoMLJobName",
        {
            "AutoMLJobInputDataConfig": [CHANNEL],
            "OutputDataConfig": OUTPUT,
            "AutoMLProblemTypeConfig": {
                "ImageClassificationJobConfig": {"CompletionCriteria": {"MaxCandidates": 5}}
            },
            "RoleArn": ROLE,
        },
    ),
    "create_hyper_parameter_tuning_job": (
        "HyperParameterTuningJobName",
        {
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 1},
                "ParameterRanges": RANGES,
            },
            "TrainingJobDefinition": {**TRAINING, "StaticHyperParameters": {"rounds": "9"}},
        },
    ),
    "create_monitoring_schedule": (
        "MonitoringScheduleName",
        {
            "MonitoringScheduleConfig": {
                "MonitoringJobDefinitionName": "definition",
                "MonitoringType": "DataQuality",
            }
        },
    ),
}
FIRST_GENERATION = {
    "AutoMLJobName": "first-generation",
    "InputDataConfig": [{**CHANNEL, "TargetAttributeName": "price"}],
    "OutputDataConfig": OUTPUT,
    "ProblemType": "Regression",
    "AutoMLJobObjective": {"MetricName": "MSE"},
    "AutoMLJobConfig": {"CompletionCriteria": {"MaxCandidates": 5}},
    "RoleArn": ROLE,
}


@pytest.fixture
def empty(clock: MovableClock) -> Iterator[Twin]:
    """Yield an empty twin whose created jobs take 100 seconds."""
    with Twin(jobs=0, clock=clock, job_seconds=100) as twin:
        yield twin


@pytest.fixture
def maker(empty: Twin) -> Iterator[Any]:
    """Yield a client of that twin."""
    client = connect(empty)
    yield client
    client.close()


def create_all(client: Any, name: str = NAME) -> dict[str, str]:
    """Create one resource of each kind; return the ARNs by operation."""
    return {
        operation: next(
            value
            for key, value in getattr(client, operation)(**{member: name}, **request).items()
            if key.endswith("Arn")
        )
        for operation, (member, request) in REQUESTS.items()
    }


@pytest.mark.parametrize("seconds", [0, 30, 99, 100])
def test_answers_fit_their_shapes(
    empty: Twin, maker: Any, clock: MovableClock, seconds: int
) -> None:
    """At every time each answer fits botocore's model, and says what the request said."""
    create_all(maker)
    clock.set(seconds=seconds)
    statuses = []
    for kind in KINDS:
        for answer in empty.answers(kind.describe).values():
            statuses.append(answer[kind.status])

            assert list(problems(output_shape(kind.describe), answer)) == []
    processing = empty.answers("DescribeProcessingJob")[NAME]
    request = REQUESTS["create_processing_job"][1]
    assert processing.items() >= {name: request[name] for name in request if name != "Tags"}.items()
    if seconds in (0, 100):
        over = {"Completed", "Scheduled"} if seconds else {"InProgress", "Pending"}
        assert set(statuses) == over


def test_jobs_complete_by_the_clock(empty: Twin, maker: Any, clock: MovableClock) -> None:
    """A training job passes through its secondary statuses and has results at the end."""
    create_all(maker)
    found = []
    for seconds in (0, 10, 50, 99, 100):
        clock.set(seconds=seconds)
        job = empty.answers("DescribeTrainingJob")[NAME]
        found.append(job["SecondaryStatus"])
        assert ("TrainingEndTime" in job) is (seconds == 100)

    assert found == ["Starting", "Downloading", "Training", "Uploading", "Completed"]


def test_jobs_can_complete_at_once(clock: MovableClock) -> None:
    """With 0 seconds a job is completed when it is created, and each call sees it."""
    with Twin(jobs=0, clock=clock, job_seconds=0) as twin:
        client = connect(twin)
        create_all(client)
        job = client.describe_training_job(TrainingJobName=NAME)
        tuning = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=NAME)
        client.close()

    assert job["TrainingJobStatus"] == "Completed"
    assert job["SecondaryStatusTransitions"][-1]["Status"] == "Completed"
    assert tuning["TrainingJobStatusCounters"]["Completed"] == 3


def test_tuning_jobs_start_training_jobs(maker: Any, clock: MovableClock) -> None:
    """A tuning job starts its training jobs one after the other; the best one is among them."""
    create_all(maker)
    call = maker.list_training_jobs_for_hyper_parameter_tuning_job
    counts = []
    for seconds in (0, 40, 100):
        clock.set(seconds=seconds)
        counts.append(len(call(HyperParameterTuningJobName=NAME)["TrainingJobSummaries"]))
    rows = call(HyperParameterTuningJobName=NAME)["TrainingJobSummaries"]
    tuning = maker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=NAME)
    metric = "FinalHyperParameterTuningJobObjectiveMetric"

    assert counts == [1, 2, 3]
    assert tuning["BestTrainingJob"][metric]["Value"] == min(row[metric]["Value"] for row in rows)
    for row in rows:
        job = maker.describe_training_job(TrainingJobName=row["TrainingJobName"])
        tuned = row["TunedHyperParameters"]
        assert job["TuningJobArn"] == tuning["HyperParameterTuningJobArn"]
        assert job["HyperParameters"]["rounds"] == "9"
        assert 2 <= int(tuned["depth"]) <= 9
        assert 0.1 <= float(tuned["eta"]) <= 0.5
        assert tuned["loss"] in ("l1", "l2")


def test_created_jobs_are_listed_and_found(maker: Any) -> None:
    """Lists and Search show created jobs in the order in which they were created."""
    for number in (3, 1, 2):
        create_all(maker, f"job-{number}")
    processing = all_pages(maker.list_processing_jobs, "ProcessingJobSummaries")
    automl = all_pages(maker.list_auto_ml_jobs, "AutoMLJobSummaries", SortBy="Name")
    equal = {"Name": "TrainingJobName", "Value": "job-2"}
    found = maker.search(Resource="TrainingJob", SearchExpression={"Filters": [equal]})

    assert [row["ProcessingJobName"] for row in processing] == ["job-3", "job-1", "job-2"]
    assert [row["AutoMLJobName"] for row in automl] == ["job-3", "job-2", "job-1"]
    assert [each["TrainingJob"]["TrainingJobName"] for each in found["Results"]] == ["job-2"]


def test_candidates_of_created_jobs(maker: Any, clock: MovableClock) -> None:
    """An AutoML job has a candidate once it trains models, the best one of the list."""
    create_all(maker)
    before = maker.list_candidates_for_auto_ml_job(AutoMLJobName=NAME)["Candidates"]
    clock.set(seconds=100)
    after = maker.list_candidates_for_auto_ml_job(AutoMLJobName=NAME)["Candidates"]

    assert before == []
    assert after == [maker.describe_auto_ml_job_v2(AutoMLJobName=NAME)["BestCandidate"]]
    assert after[0]["CandidateStatus"] == "Completed"


def test_jobs_of_the_first_generation(empty: Twin, maker: Any) -> None:
    """CreateAutoMLJob's jobs are described by both generations' operations."""
    maker.create_auto_ml_job(**FIRST_GENERATION)
    first = maker.describe_auto_ml_job(AutoMLJobName="first-generation")
    del first["ResponseMetadata"]
    second = maker.describe_auto_ml_job_v2(AutoMLJobName="first-generation")
    tabular = second["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    answer = empty.answers("DescribeAutoMLJobV2")["first-generation"]

    assert list(problems(output_shape("DescribeAutoMLJob"), first)) == []
    assert list(problems(output_shape("DescribeAutoMLJobV2"), answer)) == []
    assert first["InputDataConfig"] == FIRST_GENERATION["InputDataConfig"]
    assert tabular["TargetAttributeName"] == "price"
    assert tabular["CompletionCriteria"] == {"MaxCandidates": 5}


def test_created_jobs_have_tags_and_a_region(empty: Twin, maker: Any) -> None:
    """Tags given at creation are listed; the job is in its region only."""
    arns = create_all(maker)
    elsewhere = connect(empty, "us-east-1")
    missing = error_of(elsewhere.describe_training_job, TrainingJobName=NAME)
    elsewhere.close()
    tags = maker.list_tags(ResourceArn=arns["create_processing_job"])["Tags"]

    assert tags == [{"Key": "made", "Value": "here"}]
    assert arns["create_training_job"].split(":")[3:5] == ["eu-west-1", "123456789012"]
    assert missing[0] == "ValidationException"


@pytest.mark.parametrize("operation", REQUESTS)
def test_names_are_taken_once(maker: Any, operation: str) -> None:
    """A name that exists is ResourceInUse."""
    create_all(maker)
    member, request = REQUESTS[operation]

    assert error_of(getattr(maker, operation), **{member: NAME}, **request)[0] == "ResourceInUse"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ProcessingJobName": "under_score"}, "regular expression"),
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, "Duplicate tag keys"),
    ],
)
def test_bad_requests_are_refused(maker: Any, change: dict[str, Any], words: str) -> None:
    """What AWS would refuse creates nothing."""
    request = {"ProcessingJobName": NAME, **REQUESTS["create_processing_job"][1], **change}
    code, message, _ = error_of(maker.create_processing_job, **request)

    assert code == "ValidationException"
    assert words in message
    assert maker.list_processing_jobs()["ProcessingJobSummaries"] == []
