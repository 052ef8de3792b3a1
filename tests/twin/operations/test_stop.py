"""Stopping jobs, stopping and starting schedules, of the scenario and created alike."""

from typing import Any

import pytest

from gateway.twin import Twin
from tests.twin.conftest import MovableClock, all_pages, connect, error_of
from tests.twin.operations.test_create import NAME, create_all

RUNNING = {
    "ProcessingJob": "clickstream-sessionize",
    "TrainingJob": "fraud-detector-training",
    "TransformJob": "returns-batch-scoring",
    "AutoMLJob": "returns-autopilot",
    "HyperParameterTuningJob": "fraud-xgboost-tuning",
}
METHODS = {
    "ProcessingJob": ("stop_processing_job", "DescribeProcessingJob"),
    "TrainingJob": ("stop_training_job", "DescribeTrainingJob"),
    "TransformJob": ("stop_transform_job", "DescribeTransformJob"),
    "AutoMLJob": ("stop_auto_ml_job", "DescribeAutoMLJobV2"),
    "HyperParameterTuningJob": (
        "stop_hyper_parameter_tuning_job",
        "DescribeHyperParameterTuningJob",
    ),
}


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize("created", [False, True], ids=["seeded", "created"])
# pytest passes parameters by name.
def test_jobs_stop(moving: Twin, clock: MovableClock, kind: str, created: bool) -> None:  # noqa: FBT001
    """A running job is stopping at once, then stopped for good; a second stop changes nothing."""
    client = connect(moving)
    if created:
        create_all(client)
    name = NAME if created else RUNNING[kind]
    stop, describe = METHODS[kind]
    statuses = []
    for seconds in (0, 0, 1, 20, 4000):
        clock.set(seconds=seconds)
        statuses.append(moving.answers(describe)[name][f"{kind}Status"])
        if len(statuses) in (1, 3):
            getattr(client, stop)(**{f"{kind}Name": name})
    client.close()

    assert statuses == ["InProgress", "Stopping", "Stopping", "Stopped", "Stopped"]


@pytest.mark.parametrize("kind", METHODS)
def test_jobs_that_have_ended_are_not_stopped(client: Any, kind: str) -> None:
    """Stopping a job that has ended is refused, with its status; that of none is not found."""
    names = {
        "ProcessingJob": "churn-model-quality-check",
        "TrainingJob": "churn-xgboost-training",
        "TransformJob": "churn-batch-scoring",
        "AutoMLJob": "churn-autopilot",
        "HyperParameterTuningJob": "churn-xgboost-tuning",
    }
    stop = getattr(client, METHODS[kind][0])
    code, message, _ = error_of(stop, **{f"{kind}Name": names[kind]})

    assert code == "ValidationException"
    assert message.endswith("is in status Completed.")
    assert error_of(stop, **{f"{kind}Name": "no-such-job"})[0] in (
        "ValidationException",
        "ResourceNotFound",
    )


def test_what_a_job_has_started_stops_with_it(moving: Twin, clock: MovableClock) -> None:
    """Training jobs of a tuning job, candidates, steps and rule jobs stop; none begins later."""
    client = connect(moving)
    client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="fraud-xgboost-tuning")
    client.stop_auto_ml_job(AutoMLJobName="returns-autopilot")
    client.stop_training_job(TrainingJobName="fraud-detector-training")
    clock.set(minutes=90)
    rows = client.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="fraud-xgboost-tuning"
    )["TrainingJobSummaries"]
    candidates = client.list_candidates_for_auto_ml_job(AutoMLJobName="returns-autopilot")
    training = client.describe_training_job(TrainingJobName="fraud-detector-training")
    rules = [
        *training["DebugRuleEvaluationStatuses"],
        *training["ProfilerRuleEvaluationStatuses"],
    ]
    client.close()

    assert {row["TrainingJobStatus"] for row in rows} == {"Completed", "Stopped"}
    assert {each["CandidateStatus"] for each in candidates["Candidates"]} == {"Stopped"}
    assert {rule["RuleEvaluationStatus"] for rule in rules} == {"Stopped"}


def test_stopped_schedules_start_no_executions(moving: Twin, clock: MovableClock) -> None:
    """A stopped schedule starts no executions until it is started again."""
    client = connect(moving)
    name = "churn-data-quality-monitor"
    call, rows = client.list_monitoring_executions, "MonitoringExecutionSummaries"
    counts = []
    for hours, operation in (
        (0, client.stop_monitoring_schedule),
        (3, client.start_monitoring_schedule),
        (5, client.describe_monitoring_schedule),
    ):
        clock.set(hours=hours)
        counts.append(len(all_pages(call, rows, MonitoringScheduleName=name)))
        operation(MonitoringScheduleName=name)
    status = moving.answers("DescribeMonitoringSchedule")[name]["MonitoringScheduleStatus"]
    client.close()

    assert counts == [3, 3, 5]
    assert status == "Scheduled"


def test_answers_that_tests_gave_cannot_be_stopped(twin: Twin, client: Any) -> None:
    """Stopping a resource that was put in says why it cannot be stopped."""
    twin.put("DescribeProcessingJob", {"ProcessingJobName": "put-in"})
    code, message, _ = error_of(client.stop_processing_job, ProcessingJobName="put-in")
    twin.remove("DescribeProcessingJob", "put-in")

    assert code == "ValidationException"
    assert "cannot be stopped" in message
