"""Lifecycles of jobs: the statuses that they pass through, and timelines made of them."""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.twin.timeline import Phase, Timeline


class Step(NamedTuple):
    """One status in a lifecycle, and its share of the time."""

    status: str
    secondary: str
    weight: int = 0


STARTING = Step("InProgress", "Starting", 3)
RUNNING = Step("InProgress", "Running", 20)

PROCESSING_LIFECYCLES: dict[str, tuple[Step, ...]] = {
    "Completed": (STARTING, RUNNING, Step("Completed", "")),
    "Failed": (STARTING, RUNNING, Step("Failed", "")),
    "Stopped": (STARTING, RUNNING, Step("Stopping", "", 2), Step("Stopped", "")),
}

TRANSFORM_LIFECYCLES = PROCESSING_LIFECYCLES
WORKING = Step("InProgress", "", 20)
TUNING_LIFECYCLES: dict[str, tuple[Step, ...]] = {
    "Completed": (WORKING, Step("Completed", "")),
    "Failed": (WORKING, Step("Failed", "")),
    "Stopped": (WORKING, Step("Stopping", "", 1), Step("Stopped", "")),
    "Deleting": (WORKING, Step("Completed", "", 20), Step("Deleting", "")),
    "DeleteFailed": (WORKING, Step("Completed", "", 20), Step("DeleteFailed", "")),
}

SCHEDULE_LIFECYCLE = (Step("Pending", "", 1), Step("Scheduled", ""))

# Shares of time of the secondary statuses, for training and AutoML jobs.
WEIGHTS = {
    "Starting": 2,
    "Pending": 2,
    "LaunchingMLInstances": 2,
    "PreparingTrainingStack": 1,
    "DownloadingTrainingImage": 1,
    "Downloading": 2,
    "Training": 20,
    "Interrupted": 3,
    "Restarting": 1,
    "Updating": 1,
    "Uploading": 2,
    "Stopping": 1,
}
STATUS_OF_SECONDARY = {
    "Stopping": "Stopping",
    "Stopped": "Stopped",
    "MaxRuntimeExceeded": "Stopped",
    "MaxWaitTimeExceeded": "Stopped",
    "Completed": "Completed",
    "Failed": "Failed",
}


def training_lifecycle(*secondaries: str) -> tuple[Step, ...]:
    """Return the steps of a training job with these secondary statuses."""
    return tuple(
        Step(STATUS_OF_SECONDARY.get(name, "InProgress"), name, WEIGHTS.get(name, 1))
        for name in secondaries
    )


TRAINING_LIFECYCLES: dict[str, tuple[Step, ...]] = {
    "completed": training_lifecycle(
        "Starting", "Downloading", "Training", "Uploading", "Completed"
    ),
    "queued": training_lifecycle(
        "Pending", "Starting", "Downloading", "Training", "Uploading", "Completed"
    ),
    "spot": training_lifecycle(
        *("Starting", "Downloading", "Training", "Interrupted", "Starting", "Training"),
        *("Uploading", "Completed"),
    ),
    "restarted": training_lifecycle(
        *("Starting", "Downloading", "Training", "Restarting", "Training", "Uploading"),
        "Completed",
    ),
    "classic": training_lifecycle(
        *("Starting", "LaunchingMLInstances", "PreparingTrainingStack", "Downloading"),
        *("DownloadingTrainingImage", "Training", "Uploading", "Completed"),
    ),
    "updated": training_lifecycle(
        *("Starting", "Downloading", "Training", "Updating", "Training", "Uploading"), "Completed"
    ),
    "failed": training_lifecycle("Starting", "Downloading", "Training", "Failed"),
    "no-data": training_lifecycle("Starting", "Downloading", "Failed"),
    "no-capacity": training_lifecycle("Starting", "Failed"),
    "stopped": training_lifecycle(
        "Starting", "Downloading", "Training", "Stopping", "Uploading", "Stopped"
    ),
    "too-long": training_lifecycle(
        "Starting", "Downloading", "Training", "Stopping", "Uploading", "MaxRuntimeExceeded"
    ),
    "waited-too-long": training_lifecycle(
        "Starting", "Downloading", "Training", "Interrupted", "MaxWaitTimeExceeded"
    ),
    "deleted": (
        *training_lifecycle("Starting", "Downloading", "Training", "Uploading", "Completed"),
        Step("Deleting", "Completed"),
    ),
}
# AWS keeps uploading artifacts under the status "Stopping", not "InProgress".
for _lifecycle in ("stopped", "too-long"):
    TRAINING_LIFECYCLES[_lifecycle] = tuple(
        Step("Stopping", step.secondary, step.weight) if step.secondary == "Uploading" else step
        for step in TRAINING_LIFECYCLES[_lifecycle]
    )


def finished_timeline(steps: Sequence[Step], created: int, length: int) -> Timeline:
    """Return the timeline of a job that reached its last status `length` after `created`."""
    total = sum(step.weight for step in steps[:-1]) or 1
    passed = 0
    phases = []
    for step in steps[:-1]:
        phases.append(Phase(created + length * passed // total, step.status, step.secondary))
        passed += step.weight
    phases.append(Phase(created + length, steps[-1].status, steps[-1].secondary))
    return Timeline(phases)


def running_timeline(
    steps: Sequence[Step], current: int, started: int, before: int, ends_in: int
) -> Timeline:
    """Return the timeline of a job that is at step `current` at `started`.

    It began `before` milliseconds earlier, and ends `ends_in` milliseconds later.
    .
    """
    upto = sum(step.weight for step in steps[: current + 1]) or 1
    rest = len(steps) - current - 1
    passed = 0
    phases = []
    for number, step in enumerate(steps):
        if number <= current:
            at = started - before + before * passed // upto
        else:
            at = started + ends_in * (number - current) // rest
        phases.append(Phase(at, step.status, step.secondary))
        passed += step.weight
    return Timeline(phases)


def between(steps: Sequence[Step], begin: int, end: int, started: int, current: str) -> Timeline:
    """Return a timeline from `begin` to `end`, at `current` at `started` if that lies between."""
    if not begin < started < end:
        return finished_timeline(steps, begin, end - begin)
    return running_timeline(
        steps, index_of(steps, current), started, started - begin, end - started
    )


def index_of(steps: Sequence[Step], secondary: str) -> int:
    """Return the first step with this secondary status."""
    return next(n for n, step in enumerate(steps) if step.secondary == secondary)
