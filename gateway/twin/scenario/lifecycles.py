"""How jobs live: the statuses that they pass through, stretched over time."""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.twin.timeline import Phase, Timeline


class Step(NamedTuple):
    """One status in a life, and its share of the time."""

    status: str
    secondary: str
    weight: int = 0


STARTING = Step("InProgress", "Starting", 3)
RUNNING = Step("InProgress", "Running", 20)

PROCESSING_LIVES: dict[str, tuple[Step, ...]] = {
    "Completed": (STARTING, RUNNING, Step("Completed", "")),
    "Failed": (STARTING, RUNNING, Step("Failed", "")),
    "Stopped": (STARTING, RUNNING, Step("Stopping", "", 2), Step("Stopped", "")),
}

TRANSFORM_LIVES = PROCESSING_LIVES
WORKING = Step("InProgress", "", 20)
TUNING_LIVES: dict[str, tuple[Step, ...]] = {
    "Completed": (WORKING, Step("Completed", "")),
    "Failed": (WORKING, Step("Failed", "")),
    "Stopped": (WORKING, Step("Stopping", "", 1), Step("Stopped", "")),
    "Deleting": (WORKING, Step("Completed", "", 20), Step("Deleting", "")),
    "DeleteFailed": (WORKING, Step("Completed", "", 20), Step("DeleteFailed", "")),
}

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


def training_life(*secondaries: str) -> tuple[Step, ...]:
    """Return a training job's life from its secondary statuses."""
    return tuple(
        Step(STATUS_OF_SECONDARY.get(name, "InProgress"), name, WEIGHTS.get(name, 1))
        for name in secondaries
    )


TRAINING_LIVES: dict[str, tuple[Step, ...]] = {
    "completed": training_life("Starting", "Downloading", "Training", "Uploading", "Completed"),
    "queued": training_life(
        "Pending", "Starting", "Downloading", "Training", "Uploading", "Completed"
    ),
    "spot": training_life(
        *("Starting", "Downloading", "Training", "Interrupted", "Starting", "Training"),
        *("Uploading", "Completed"),
    ),
    "restarted": training_life(
        *("Starting", "Downloading", "Training", "Restarting", "Training", "Uploading"),
        "Completed",
    ),
    "classic": training_life(
        *("Starting", "LaunchingMLInstances", "PreparingTrainingStack", "Downloading"),
        *("DownloadingTrainingImage", "Training", "Uploading", "Completed"),
    ),
    "updated": training_life(
        *("Starting", "Downloading", "Training", "Updating", "Training", "Uploading"), "Completed"
    ),
    "failed": training_life("Starting", "Downloading", "Training", "Failed"),
    "no-data": training_life("Starting", "Downloading", "Failed"),
    "no-capacity": training_life("Starting", "Failed"),
    "stopped": training_life(
        "Starting", "Downloading", "Training", "Stopping", "Uploading", "Stopped"
    ),
    "too-long": training_life(
        "Starting", "Downloading", "Training", "Stopping", "Uploading", "MaxRuntimeExceeded"
    ),
    "waited-too-long": training_life(
        "Starting", "Downloading", "Training", "Interrupted", "MaxWaitTimeExceeded"
    ),
    "deleted": (
        *training_life("Starting", "Downloading", "Training", "Uploading", "Completed"),
        Step("Deleting", "Completed"),
    ),
}
# AWS keeps uploading artifacts under the status "Stopping", not "InProgress".
for _life in ("stopped", "too-long"):
    TRAINING_LIVES[_life] = tuple(
        Step("Stopping", step.secondary, step.weight) if step.secondary == "Uploading" else step
        for step in TRAINING_LIVES[_life]
    )


def lived(steps: Sequence[Step], created: int, length: int) -> Timeline:
    """Return a life that began at `created` and came to its last status after `length`."""
    total = sum(step.weight for step in steps[:-1]) or 1
    passed = 0
    phases = []
    for step in steps[:-1]:
        phases.append(Phase(created + length * passed // total, step.status, step.secondary))
        passed += step.weight
    phases.append(Phase(created + length, steps[-1].status, steps[-1].secondary))
    return Timeline(phases)


def living(
    steps: Sequence[Step], current: int, started: int, before: int, ends_in: int
) -> Timeline:
    """Return a life at its step `current` at `started`: begun `before`, over after `ends_in`."""
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
    """Return a life from `begin` to `end`; if `started` lies between, it is at `current` then."""
    if not begin < started < end:
        return lived(steps, begin, end - begin)
    return living(steps, index_of(steps, current), started, started - begin, end - started)


def index_of(steps: Sequence[Step], secondary: str) -> int:
    """Return the first step with this secondary status."""
    return next(n for n, step in enumerate(steps) if step.secondary == secondary)
