"""Answers are a function of seed and time: jobs run, finish and fail as the clock moves."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from gateway.twin import Twin
from gateway.twin.scenario.monitoring import MOST_EXECUTIONS
from gateway.twin.scenario.processing import MOST_ARRIVALS
from tests.twin.conftest import START, MovableClock

OVER = {"Completed", "Failed", "Stopped", "Deleting"}
OPERATIONS = (
    "DescribeProcessingJob",
    "DescribeTrainingJob",
    "DescribeAutoMLJobV2",
    "DescribeMonitoringSchedule",
)
PREFIXES = {
    "DescribeProcessingJob": ("ProcessingJob", "Processing"),
    "DescribeTrainingJob": ("TrainingJob", "Training"),
    "DescribeAutoMLJobV2": ("AutoMLJob", ""),
}


def everything(twin: Twin) -> dict[str, dict[str, Any]]:
    """Return all answers of the home region by operation."""
    return {operation: twin.answers(operation) for operation in OPERATIONS}


@pytest.fixture
def twin(clock: MovableClock) -> Twin:
    """Return a twin that is not served."""
    return Twin(jobs=100, clock=clock)


def test_same_seed_and_time_give_the_same_answers(clock: MovableClock) -> None:
    """Two twins with the same seed, start and clock give the same answers."""
    one, other = (Twin(jobs=100, clock=clock, started=START) for _ in range(2))

    assert everything(one) == everything(other)
    clock.set(minutes=75)
    assert everything(one) == everything(other)


def test_order_of_questions_does_not_matter(twin: Twin, clock: MovableClock) -> None:
    """A time gives the same answers again after others have been asked for."""
    before = everything(twin)
    clock.set(hours=3)
    later = everything(twin)
    clock.set(seconds=0)

    assert everything(twin) == before
    clock.set(hours=3)
    assert everything(twin) == later
    assert later != before


def test_cached_answers_are_never_stale(clock: MovableClock) -> None:
    """Cached answers are given only as long as a new twin would give the same."""
    old = Twin(jobs=1, clock=clock, started=START)
    for seconds in (*range(0, 130, 11), 1_800, 3_639, 3_640, 3_671, 9_000, 50, 20):
        clock.set(seconds=seconds)

        assert everything(old) == everything(Twin(jobs=1, clock=clock, started=START)), seconds


def test_other_seeds_give_other_jobs(clock: MovableClock) -> None:
    """Only the jobs of fixed names are the same for two seeds."""
    names = [set(Twin(seed=seed, clock=clock).answers(OPERATIONS[0])) for seed in (1, 2)]

    assert "churn-model-quality-check" in names[0] & names[1]
    assert len(names[0] & names[1]) < 20


@pytest.mark.parametrize("seconds", [0, 61, 7_200])
@pytest.mark.parametrize("operation", PREFIXES)
def test_times_fit_statuses(
    twin: Twin, clock: MovableClock, operation: str, seconds: float
) -> None:
    """Only jobs that are over have an end, only failed ones a reason, and times are in order."""
    clock.set(seconds=seconds)
    job, prefix = PREFIXES[operation]
    for name, answer in twin.answers(operation).items():
        status = answer[f"{job}Status"]
        times = [answer["CreationTime"]]
        times += [answer[m] for m in (f"{prefix}StartTime", f"{prefix}EndTime") if m in answer]

        assert (f"{prefix}EndTime" in answer) == (status in OVER), name
        assert ("FailureReason" in answer) == (status == "Failed"), name
        assert all(early <= late for early, late in pairwise([*times, clock.now])), name
        assert answer["CreationTime"] <= answer["LastModifiedTime"] <= clock.now, name


def test_running_jobs_end_while_somebody_watches(twin: Twin, clock: MovableClock) -> None:
    """Jobs at work complete, fail and stop within 90 seconds, and say when."""
    expected = {
        "clickstream-sessionize": ("Completed", 35),
        "invoice-ocr-batch": ("Failed", 50),
        "fraud-score-backfill": ("Stopped", 60),
    }
    for name, (status, seconds) in expected.items():
        clock.set(seconds=seconds - 1)
        before = twin.answers(OPERATIONS[0])[name]
        clock.set(seconds=seconds)
        after = twin.answers(OPERATIONS[0])[name]

        assert before["ProcessingJobStatus"] in {"InProgress", "Stopping"}
        assert "ProcessingEndTime" not in before
        assert after["ProcessingJobStatus"] == status
        assert after["ProcessingEndTime"] == clock.now == after["LastModifiedTime"]
        assert before["LastModifiedTime"] < after["LastModifiedTime"]


def test_training_and_automl_jobs_end_too(twin: Twin, clock: MovableClock) -> None:
    """A training job with its rules, and an AutoML job with its candidates, come to their end."""
    clock.set(seconds=100)
    training = twin.answers("DescribeTrainingJob")["fraud-detector-training"]
    automl = twin.answers("DescribeAutoMLJobV2")["returns-autopilot"]

    assert training["TrainingJobStatus"] == "Completed"
    assert training["SecondaryStatusTransitions"][-1]["Status"] == "Completed"
    assert {each["RuleEvaluationStatus"] for each in training["DebugRuleEvaluationStatuses"]} <= {
        "NoIssuesFound",
        "IssuesFound",
        "Error",
        "Stopped",
    }
    assert automl["AutoMLJobStatus"] == "Completed"
    assert automl["BestCandidate"]["CandidateStatus"] == "Completed"


def test_progress_moves_every_few_seconds(twin: Twin, clock: MovableClock) -> None:
    """A serverless training job shows its steps while it runs."""
    name = "support-assistant-tuning"
    first = twin.answers("DescribeTrainingJob")[name]["ProgressInfo"]
    clock.set(seconds=10)
    second = twin.answers("DescribeTrainingJob")[name]["ProgressInfo"]

    assert first != second
    assert first["TotalStepCountPerEpoch"] == second["TotalStepCountPerEpoch"]


def test_schedules_keep_executing(twin: Twin, clock: MovableClock) -> None:
    """A schedule's next execution begins, is pending, runs and ends."""
    statuses = []
    for seconds in (0, 45, 90, 1_200):
        clock.set(seconds=seconds)
        schedule = twin.answers("DescribeMonitoringSchedule")["churn-data-quality-monitor"]
        statuses.append(schedule["LastMonitoringExecutionSummary"]["MonitoringExecutionStatus"])
    clock.set(hours=5)
    last = twin.answers("DescribeMonitoringSchedule")["churn-data-quality-monitor"][
        "LastMonitoringExecutionSummary"
    ]

    assert statuses[:3] == ["CompletedWithViolations", "Pending", "InProgress"]
    assert statuses[3] in {"Completed", "CompletedWithViolations", "Failed"}
    assert clock.now - last["CreationTime"] < timedelta(hours=1)


def test_new_jobs_arrive(twin: Twin, clock: MovableClock) -> None:
    """New processing jobs appear while the scenario runs, and none before their creation."""
    before = set(twin.answers(OPERATIONS[0]))
    clock.set(minutes=10)
    arrived = {name: job for name, job in twin.answers(OPERATIONS[0]).items() if name not in before}
    clock.set(minutes=0)

    assert len(arrived) >= 10
    assert all(job["CreationTime"] > START for job in arrived.values())
    assert set(twin.answers(OPERATIONS[0])) == before


def test_jumping_clocks_add_a_limited_number_of_jobs(twin: Twin, clock: MovableClock) -> None:
    """A clock that jumps by years adds the jobs of 60 days for each schedule, and no more."""
    before = len(twin.answers(OPERATIONS[0]))
    schedules = twin.answers("DescribeMonitoringSchedule").values()
    running = [one for one in schedules if one["MonitoringScheduleStatus"] != "Stopped"]
    clock.set(days=4_000)
    after = twin.answers(OPERATIONS[0])
    clock.set(minutes=0)

    assert before + MOST_EXECUTIONS < len(after)
    assert len(after) <= before + len(running) * MOST_EXECUTIONS + MOST_ARRIVALS
