"""Links are held from both ends: forward edges equal backward edges, at every time."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from gateway.twin import Twin
from tests.twin.conftest import MovableClock, all_pages, connect

Edge = tuple[str, str]
OPERATIONS = {
    "processing-job": "DescribeProcessingJob",
    "training-job": "DescribeTrainingJob",
    "automl-job": "DescribeAutoMLJobV2",
    "monitoring-schedule": "DescribeMonitoringSchedule",
    "transform-job": "DescribeTransformJob",
    "hyper-parameter-tuning-job": "DescribeHyperParameterTuningJob",
}


class Edges(NamedTuple):
    """Edges from the job that started something to what it started, read from either end."""

    forward: set[Edge]
    backward: set[Edge]
    existing: set[str]

    def whole(self, edges: set[Edge]) -> set[Edge]:
        """Return the edges whose two ends exist."""
        return {edge for edge in edges if set(edge) <= self.existing}


def rules_of(job: dict[str, Any]) -> Iterator[str]:
    """Yield the ARNs of the jobs that evaluate a training job's rules."""
    for member in ("DebugRuleEvaluationStatuses", "ProfilerRuleEvaluationStatuses"):
        for status in job.get(member, ()):
            if "RuleEvaluationJobArn" in status:
                yield status["RuleEvaluationJobArn"]


def read_edges(twin: Twin) -> Edges:
    """Return all edges of all regions."""
    edges = Edges(set(), set(), set())
    for region in twin.regions():
        client = connect(twin, region)
        _read_region(twin, client, region, edges)
        client.close()
    return edges


def _read_region(twin: Twin, client: Any, region: str, edges: Edges) -> None:
    jobs = {kind: twin.answers(operation, region) for kind, operation in OPERATIONS.items()}
    for job in jobs["processing-job"].values():
        edges.existing.add(job["ProcessingJobArn"])
        links = ("TrainingJobArn", "AutoMLJobArn", "MonitoringScheduleArn")
        edges.backward.update((job[m], job["ProcessingJobArn"]) for m in links if m in job)
    for job in jobs["training-job"].values():
        edges.existing.add(job["TrainingJobArn"])
        edges.forward.update((job["TrainingJobArn"], arn) for arn in rules_of(job))
        owners = ("AutoMLJobArn", "TuningJobArn")
        edges.backward.update((job[m], job["TrainingJobArn"]) for m in owners if m in job)
    for job in jobs["transform-job"].values():
        edges.existing.add(job["TransformJobArn"])
        if "AutoMLJobArn" in job:
            edges.backward.add((job["AutoMLJobArn"], job["TransformJobArn"]))
    _read_children(client, jobs, edges)


def _read_children(client: Any, jobs: dict[str, dict[str, Any]], edges: Edges) -> None:
    for name, job in jobs["automl-job"].items():
        edges.existing.add(job["AutoMLJobArn"])
        call = client.list_candidates_for_auto_ml_job
        for candidate in all_pages(call, "Candidates", AutoMLJobName=name):
            for step in candidate["CandidateSteps"]:
                edges.forward.add((job["AutoMLJobArn"], step["CandidateStepArn"]))
    for name, job in jobs["hyper-parameter-tuning-job"].items():
        edges.existing.add(job["HyperParameterTuningJobArn"])
        call, rows = (
            client.list_training_jobs_for_hyper_parameter_tuning_job,
            "TrainingJobSummaries",
        )
        for row in all_pages(call, rows, HyperParameterTuningJobName=name):
            edges.forward.add((job["HyperParameterTuningJobArn"], row["TrainingJobArn"]))
    for name, schedule in jobs["monitoring-schedule"].items():
        edges.existing.add(schedule["MonitoringScheduleArn"])
        call, rows = client.list_monitoring_executions, "MonitoringExecutionSummaries"
        for one in all_pages(call, rows, MonitoringScheduleName=name):
            if "ProcessingJobArn" in one:
                edges.forward.add((schedule["MonitoringScheduleArn"], one["ProcessingJobArn"]))


@pytest.mark.parametrize("seconds", [0, 3_700])
def test_forward_edges_equal_backward_edges(
    moving: Twin, clock: MovableClock, seconds: float
) -> None:
    """Whatever points to an existing job is pointed to by it, none missing, none extra."""
    clock.set(seconds=seconds)
    edges = read_edges(moving)
    forward, backward = edges.whole(edges.forward), edges.whole(edges.backward)

    assert forward == backward
    assert len(forward) > len(moving.answers("DescribeAutoMLJobV2"))


@pytest.fixture
def named_jobs() -> Iterator[Twin]:
    """Yield a twin with nothing but the jobs of fixed names."""
    with Twin(jobs=1, clock=MovableClock()) as twin:
        yield twin


def test_edges_cross_regions(named_jobs: Twin) -> None:
    """Some edges lead from one region to another, in both directions."""
    edges = read_edges(named_jobs)
    crossing = {
        (start.split(":")[3], end.split(":")[3]) for start, end in edges.whole(edges.forward)
    }

    home, other = named_jobs.regions()
    assert {(home, other), (other, home), (other, other)} <= crossing


def test_some_edges_lead_to_deleted_jobs(named_jobs: Twin) -> None:
    """For each kind of link there is one whose other end is gone."""
    edges = read_edges(named_jobs)
    dangling = {
        tuple(arn.split(":")[5].partition("/")[0] for arn in edge)
        for edge in (edges.forward | edges.backward) - edges.whole(edges.forward | edges.backward)
    }

    assert dangling >= {
        ("training-job", "processing-job"),
        ("automl-job", "processing-job"),
        ("automl-job", "training-job"),
        ("automl-job", "transform-job"),
        ("hyper-parameter-tuning-job", "training-job"),
        ("monitoring-schedule", "processing-job"),
    }


def test_last_execution_is_in_the_list(moving: Twin) -> None:
    """A schedule's last execution is the newest of its listed ones."""
    client = connect(moving)
    call, rows = client.list_monitoring_executions, "MonitoringExecutionSummaries"
    for name, schedule in moving.answers("DescribeMonitoringSchedule").items():
        listed = all_pages(call, rows, MonitoringScheduleName=name)

        assert listed[:1] == [
            schedule[last] for last in ("LastMonitoringExecutionSummary",) if last in schedule
        ]
    client.close()
