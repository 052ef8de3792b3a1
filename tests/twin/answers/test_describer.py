"""Every answer at every time is one that AWS could give."""

from contextlib import suppress
from typing import Any

import pytest
from botocore.session import get_session

from gateway.twin import Twin
from gateway.twin.kinds import KINDS
from gateway.twin.model import output_shape
from tests.twin.conftest import MovableClock, all_pages
from tests.twin.shapes import problems

TIMES: tuple[dict[str, float], ...] = (
    {"hours": -2},
    {"seconds": 0},
    {"seconds": 95},
    {"minutes": 70},
    {"hours": 3},
)
LISTS = (
    ("list_processing_jobs", "ProcessingJobSummaries"),
    ("list_training_jobs", "TrainingJobSummaries"),
    ("list_auto_ml_jobs", "AutoMLJobSummaries"),
    ("list_monitoring_schedules", "MonitoringScheduleSummaries"),
    ("list_transform_jobs", "TransformJobSummaries"),
    ("list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries"),
    ("list_monitoring_executions", "MonitoringExecutionSummaries"),
)
DESCRIBED = {
    "ProcessingJobSummaries": ("DescribeProcessingJob", "ProcessingJobName"),
    "TrainingJobSummaries": ("DescribeTrainingJob", "TrainingJobName"),
    "AutoMLJobSummaries": ("DescribeAutoMLJobV2", "AutoMLJobName"),
    "MonitoringScheduleSummaries": ("DescribeMonitoringSchedule", "MonitoringScheduleName"),
    "TransformJobSummaries": ("DescribeTransformJob", "TransformJobName"),
    "HyperParameterTuningJobSummaries": (
        "DescribeHyperParameterTuningJob",
        "HyperParameterTuningJobName",
    ),
}


@pytest.mark.parametrize("after", TIMES, ids=str)
def test_describe_answers_fit_their_shapes(after: dict[str, float]) -> None:
    """All describe answers have the types, members, values and patterns of botocore's model."""
    clock = MovableClock()
    # Enough for every spec to occur once.
    twin = Twin(jobs=85, clock=clock)
    clock.set(**after)
    found = [
        f"{kind.describe} {name}: {problem}"
        for kind in KINDS
        for region in twin.regions()
        for name, answer in twin.answers(kind.describe, region).items()
        for problem in problems(output_shape(kind.describe), answer)
    ]

    assert found == []


@pytest.mark.parametrize(("operation", "rows"), LISTS)
def test_list_rows_fit_their_shapes(client: Any, operation: str, rows: str) -> None:
    """All list rows have the types, members, values and patterns of botocore's model."""
    name = client.meta.method_to_api_mapping[operation]
    shape = get_session().get_service_model("sagemaker").operation_model(name).output_shape
    found = all_pages(getattr(client, operation), rows, MaxResults=100)

    assert found
    assert list(problems(shape, {rows: found})) == []


@pytest.mark.parametrize("rows", DESCRIBED)
def test_rows_say_what_describe_says(twin: Twin, client: Any, rows: str) -> None:
    """What a row says of a job is what the describe operation says."""
    operation, name = DESCRIBED[rows]
    listing = next(method for method, member in LISTS if member == rows)
    answers = twin.answers(operation)
    found = all_pages(getattr(client, listing), rows, MaxResults=100)

    assert {row[name] for row in found} == set(answers)
    for row in found:
        answer = answers[row[name]]
        answer = {**answer.get("ResourceConfig", {}), **answer}
        answer = {**answer.get("MonitoringScheduleConfig", {}), **answer}
        answer = {**answer.get("HyperParameterTuningJobConfig", {}), **answer}
        if "TransformJobName" in row:
            # The row alone has it.
            assert answer["CreationTime"] <= row.pop("LastModifiedTime")
        assert row == {member: answer[member] for member in row}


def test_candidates_fit_their_shape(twin: Twin, client: Any) -> None:
    """All candidates fit the model, and the best one is as its job shows it."""
    shape = get_session().get_service_model("sagemaker").shape_for("AutoMLCandidate")
    for name, job in twin.answers("DescribeAutoMLJobV2").items():
        call = client.list_candidates_for_auto_ml_job
        candidates = all_pages(call, "Candidates", AutoMLJobName=name)

        assert [list(problems(shape, each)) for each in candidates] == [[]] * len(candidates)
        assert candidates[:1] == [job[best] for best in ("BestCandidate",) if best in job]


def test_first_generation_fits_its_shape(twin: Twin, client: Any) -> None:
    """What DescribeAutoMLJob says of its generation's jobs fits its own shape."""
    shape = output_shape("DescribeAutoMLJob")
    described = 0
    for name in twin.answers("DescribeAutoMLJobV2"):
        with suppress(client.exceptions.ClientError):
            answer = client.describe_auto_ml_job(AutoMLJobName=name)
            described += 1
            del answer["ResponseMetadata"]
            assert list(problems(shape, answer)) == []

    assert described > 1


def test_searched_jobs_fit_their_shape(twin: Twin, client: Any) -> None:
    """Search returns training jobs with the members of its shape, and their tags."""
    shape: Any = get_session().get_service_model("sagemaker").shape_for("SearchRecord")
    found = all_pages(client.search, "Results", Resource="TrainingJob", MaxResults=100)
    answers = twin.answers("DescribeTrainingJob")

    assert len(found) == len(answers)
    for result in found:
        job = result["TrainingJob"]
        assert list(problems(shape, result)) == []
        job.pop("Tags", None)
        answer = answers[job["TrainingJobName"]]
        known = shape.members["TrainingJob"].members
        assert job == {member: answer[member] for member in answer if member in known}
