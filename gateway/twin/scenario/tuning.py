"""Hyperparameter tuning jobs, each with the training jobs that it starts."""

from typing import Any, NamedTuple

from gateway.twin.account import Account
from gateway.twin.kinds import TUNING
from gateway.twin.records import JobRecord
from gateway.twin.scenario.builder import ScenarioBuilder
from gateway.twin.scenario.lifecycles import (
    TRAINING_LIFECYCLES,
    TUNING_LIFECYCLES,
    between,
    finished_timeline,
    running_timeline,
)
from gateway.twin.scenario.training import add_training
from gateway.twin.scenario.vocabulary import TUNING_FAILURES
from gateway.twin.timeline import DAY, HOUR, MINUTE, SECOND, Timeline

# From its creation until its first training job is created.
PREPARING = 20 * SECOND
TRAINING_FLAVOURS = {
    "xgboost": "tuning",
    "pytorch": "tuning-pytorch",
    "linear": "tuning-marketplace",
}
NAMED = "churn-xgboost-tuning"


class TuningSpec(NamedTuple):
    """A tuning job: what it tunes and how, how it ends, how each of its training jobs ends.

    `now` is its status when the scenario starts, empty for a job that has ended.
    """

    family: str
    strategy: str
    lifecycle: str
    trainings: tuple[str, ...]
    now: str = ""
    definitions: int = 1
    warm_start: str = ""
    autotune: bool = False


GOOD = ("completed", "completed", "completed", "completed")
SPECS = (
    TuningSpec("xgboost", "Bayesian", "Completed", (*GOOD, "failed", "stopped")),
    TuningSpec("xgboost", "Random", "Completed", GOOD, warm_start="IdenticalDataAndAlgorithm"),
    TuningSpec("xgboost", "Bayesian", "Completed", (*GOOD, *GOOD), "InProgress"),
    TuningSpec("pytorch", "Hyperband", "Completed", ("completed", "stopped", "completed")),
    TuningSpec("xgboost", "Grid", "Completed", GOOD, definitions=2),
    TuningSpec("pytorch", "Bayesian", "Failed", ("failed", "failed", "no-capacity")),
    TuningSpec("xgboost", "Random", "Stopped", ("completed", "stopped")),
    TuningSpec("pytorch", "Bayesian", "Stopped", ("completed", "stopped"), "Stopping"),
    TuningSpec("xgboost", "Bayesian", "Completed", GOOD, warm_start="TransferLearning"),
    TuningSpec("linear", "Bayesian", "Completed", GOOD, autotune=True),
    TuningSpec("pytorch", "Random", "Deleting", ("completed",), "Deleting"),
    TuningSpec("xgboost", "Random", "DeleteFailed", ("completed", "completed")),
)


def add_tuning_specs(builder: ScenarioBuilder, count: int) -> None:
    """Add tuning jobs with their training jobs; warm starts use those that have ended."""
    named = builder.store.find(builder.home.region, TUNING, NAMED, builder.started)
    added = [named] if isinstance(named, JobRecord) else []
    for number in range(count):
        spec = SPECS[number % len(SPECS)]
        timeline = tuning_timeline(builder, spec)
        name = builder.name(TUNING, builder.project(), timeline.created)
        added.append(add_tuning(builder, spec, name, timeline, earlier=added))


def tuning_timeline(builder: ScenarioBuilder, spec: TuningSpec) -> Timeline:
    """Return the job's timeline, ended or running as the spec says."""
    steps = TUNING_LIFECYCLES[spec.lifecycle]
    length = builder.length(HOUR, 10 * HOUR)
    if spec.warm_start:
        # Recent, so that there are tuning jobs to start from.
        return finished_timeline(steps, builder.started - length - 10 * MINUTE, length)
    if not spec.now:
        return finished_timeline(steps, builder.past(length), length)
    at = next(number for number, step in enumerate(steps) if step.status == spec.now)
    return running_timeline(steps, at, builder.started, length, builder.length(2 * HOUR, 12 * HOUR))


def add_tuning(
    builder: ScenarioBuilder,
    spec: TuningSpec,
    name: str,
    timeline: Timeline,
    account: Account | None = None,
    earlier: list[JobRecord] | None = None,
    **facts: object,
) -> JobRecord:
    """Add a tuning job and its training jobs, both ends of each link."""
    # A warm start takes over what tuning jobs of the same algorithm found before.
    finished = [
        job
        for job in earlier or ()
        if job.variant == spec.family and job.timeline.last.at < timeline.created
    ]
    parents = finished[-2:] if spec.warm_start else []
    if timeline.last.status == "Failed":
        facts.setdefault("failure", builder.choices(name).choice("failure", TUNING_FAILURES))
    record = builder.add(
        TUNING,
        spec.family,
        name,
        timeline,
        account,
        **_facts(spec),
        parents=parents,
        instances=builder.training_types.take(),
        training_jobs=[],
        **facts,
    )
    _add_training_jobs(builder, record, spec, account)
    return record


def _facts(spec: TuningSpec) -> dict[str, Any]:
    return {
        "strategy": spec.strategy,
        "definitions": spec.definitions,
        "parallel": 2 if len(spec.trainings) > 3 else 1,
        "limit": len(spec.trainings),
        "stops_early": "stopped" in spec.trainings and spec.lifecycle != "Stopped",
        "warm_start": spec.warm_start,
        "autotune": spec.autotune,
    }


def _add_training_jobs(
    builder: ScenarioBuilder, job: JobRecord, spec: TuningSpec, account: Account | None
) -> None:
    begin = job.created + PREPARING
    end = next(phase.at for phase in job.timeline.phases if phase.status in ENDS) - SECOND
    stopping = next((p.at for p in job.timeline.phases if p.status == "Stopping"), None)
    count = len(spec.trainings)
    for number, lifecycle in enumerate(spec.trainings):
        first = begin + (end - begin) * number // count
        last = begin + (end - begin) * (number + 1) // count
        steps = TRAINING_LIFECYCLES[lifecycle]
        is_stopping = stopping is not None and stopping <= builder.started
        at = "Stopping" if is_stopping and lifecycle == "stopped" else "Training"
        timeline = between(steps, first, last, builder.started, at)
        name = f"{job.name}-{number + 1:03d}-{builder.choices(job.name).hex(str(number), 8)}"
        variant = TRAINING_FLAVOURS[spec.family]
        types = job.facts["instances"]
        facts = {"tuning_job_arn": job.arn, "instances": [types[number % len(types)]]}
        training = add_training(builder, variant, name, timeline, account, **facts)
        job.facts["training_jobs"].append(training)


# A tuning job in one of these has no training job running.
ENDS = ("Completed", "Failed", "Stopped")


def add_named_tunings(builder: ScenarioBuilder) -> None:
    """Add tuning jobs with fixed names: one that has ended, one that ends soon."""
    done = TuningSpec("xgboost", "Bayesian", "Completed", (*GOOD, "failed", "stopped"))
    timeline = finished_timeline(TUNING_LIFECYCLES["Completed"], builder.started - DAY, 5 * HOUR)
    first = add_tuning(builder, done, NAMED, timeline)
    warm = done._replace(trainings=GOOD, warm_start="IdenticalDataAndAlgorithm")
    steps = TUNING_LIFECYCLES["Completed"]
    at_work = running_timeline(steps, 0, builder.started, 30 * MINUTE, 70 * SECOND)
    add_tuning(builder, warm, "fraud-xgboost-tuning", at_work, earlier=[first])
