"""The seed shows everything that the describe answers can hold."""

import pytest
from botocore.session import get_session

from gateway.twin import Twin
from tests.twin.conftest import START, MovableClock
from tests.twin.shapes import Element, occurring, possible

OPERATIONS = (
    "DescribeProcessingJob",
    "DescribeTrainingJob",
    "DescribeAutoMLJobV2",
    "DescribeMonitoringSchedule",
    "DescribeTransformJob",
    "DescribeHyperParameterTuningJob",
)

# The best training job of a tuning job has not failed; ListTrainingJobsForHyperParameterTuningJob
# shows those that have.
NEVER = {("HyperParameterTrainingJobSummary", "FailureReason")}


@pytest.mark.parametrize(("jobs", "seed"), [(200, 7), (100, 1), (117, 23)])
def test_every_member_and_enum_value_occurs(jobs: int, seed: int) -> None:
    """Every structure member and every enum value of botocore's model occurs at the start."""
    model = get_session().get_service_model("sagemaker")
    twin = Twin(jobs=jobs, seed=seed, clock=MovableClock(), started=START)
    wanted: set[Element] = set()
    found: set[Element] = set()
    for operation in OPERATIONS:
        shape = model.operation_model(operation).output_shape
        wanted |= set(possible(shape))
        for region in twin.regions():
            for answer in twin.answers(operation, region).values():
                found |= set(occurring(shape, answer))

    # The figure is shown beside the verdict.
    print(f"{jobs} jobs, seed {seed}: {len(found & wanted)} of {len(wanted)} occur")  # noqa: T201
    assert sorted(wanted - found - NEVER) == []


def test_jobs_counts_the_processing_jobs_at_home() -> None:
    """The number asked for is the number of processing jobs in the home region at the start."""
    for jobs in (100, 137):
        twin = Twin(jobs=jobs, clock=MovableClock())

        assert len(twin.answers("DescribeProcessingJob")) == jobs


def test_named_jobs_are_always_there() -> None:
    """Even a tiny scenario has the examples, and their links."""
    twin = Twin(jobs=1, clock=MovableClock())
    examples = twin.examples()
    job = twin.answers("DescribeProcessingJob")[examples["processingJob"]]

    assert job["TrainingJobArn"].endswith(f"/{examples['trainingJob']}")
    assert job["AutoMLJobArn"].endswith(f"/{examples['autoMLJob']}")
    assert job["MonitoringScheduleArn"].endswith(f"/{examples['monitoringSchedule']}")
    assert examples["trainingJob"] in twin.answers("DescribeTrainingJob")
    assert examples["autoMLJob"] in twin.answers("DescribeAutoMLJobV2")
    assert examples["monitoringSchedule"] in twin.answers("DescribeMonitoringSchedule")
    failed = twin.answers("DescribeProcessingJob")[examples["failedProcessingJob"]]
    assert failed["ProcessingJobStatus"] == "Failed"
    assert failed["FailureReason"]
    assert failed["ExitMessage"]


def test_fewer_than_no_jobs_are_refused() -> None:
    """A negative number of jobs is refused with the reason."""
    with pytest.raises(ValueError, match="at least 0, not -1"):
        Twin(jobs=-1)


def test_no_jobs_are_an_empty_account() -> None:
    """With 0 jobs nothing exists in any region, then or later, and there are no examples."""
    clock = MovableClock()
    twin = Twin(jobs=0, clock=clock)
    clock.set(days=1)

    assert twin.regions() == ("eu-west-1",)
    assert [twin.answers(operation) for operation in OPERATIONS] == [{}] * len(OPERATIONS)
    assert twin.examples() == {}
