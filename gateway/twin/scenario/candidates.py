"""The candidates of an AutoML job: each a chain of processing, training and transform jobs."""

from typing import NamedTuple

from gateway.twin.account import Account
from gateway.twin.records import JobRecord
from gateway.twin.scenario.builder import ScenarioBuilder
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIFECYCLES,
    TRAINING_LIFECYCLES,
    TRANSFORM_LIFECYCLES,
    between,
    finished_timeline,
)
from gateway.twin.scenario.processing import add_processing
from gateway.twin.scenario.training import add_training
from gateway.twin.scenario.transform import add_transform
from gateway.twin.seeded_random import SeededChoices
from gateway.twin.timeline import Phase, Timeline

STEP_TYPE = "AWS::SageMaker::{}"
ENDINGS = {"Failed": "Failed", "Stopped": "Stopped"}
TRAINING_LIFECYCLE = {"Completed": "completed", "Failed": "failed", "Stopped": "stopped"}


class CandidateStep(NamedTuple):
    """One job of a candidate; it is listed from `created` on."""

    type: str
    arn: str
    created: int


class Candidate(NamedTuple):
    """One model that was tried."""

    name: str
    timeline: Timeline
    steps: list[CandidateStep]
    # The objective metric goes down by this much from the best candidate to this one.
    loss: float


def add_candidates(
    builder: ScenarioBuilder, job: JobRecord, count: int, begin: int, end: int
) -> None:
    """Add candidates that were tried between `begin` and `end`, the best one first."""
    account = Account(builder.home.id, job.region)
    ending = ENDINGS.get(job.timeline.last.status, "Completed")
    for number in range(count):
        first = begin + (end - begin) * number // (2 * max(1, count))
        add_candidate(builder, job, account, number, first, end, ending)


def add_candidate(
    builder: ScenarioBuilder,
    job: JobRecord,
    account: Account,
    number: int,
    begin: int,
    end: int,
    ending: str,
) -> Candidate:
    """Add one candidate with the jobs of its steps; the second shares the first one's data."""
    choices = builder.choices(f"{job.name} candidate {number}")
    # The last step is running if the candidate is; the others ended before that.
    known = min(end, builder.started) if begin < builder.started else end
    marks = [begin + (known - begin) * share // 10 for share in (0, 3, 5, 7)]
    existing: list[Candidate] = job.facts["candidates"]
    steps = existing[0].steps[:1] if existing else []
    if not steps:
        steps.append(_data_step(builder, job, account, choices, marks))
    steps.append(_training_step(builder, job, account, f"dpp{number}-rpb", marks[1], marks[2]))
    steps.append(
        _transform_step(builder, job, account, f"dpp{number}-csv-{choices.hex('csv', 8)}", marks)
    )
    steps.append(
        _training_step(builder, job, account, f"tuning-{number:03d}", marks[3], end, ending)
    )
    name = f"{job.name}-{number + 1:03d}-{choices.hex('name', 8)}"
    timeline = candidate_timeline(job.timeline, begin, end, ending)
    candidate = Candidate(name, timeline, steps, 0.01 * number)
    existing.append(candidate)
    return candidate


def candidate_timeline(job: Timeline, begin: int, end: int, ending: str) -> Timeline:
    """In progress, perhaps stopping with its job, then at its end."""
    phases = [Phase(begin, "InProgress")]
    stopping = next((phase.at for phase in job.phases if phase.status == "Stopping"), None)
    if ending == "Stopped" and stopping is not None:
        phases.append(Phase(stopping, "Stopping"))
    return Timeline((*phases, Phase(end, ending)))


def _data_step(
    builder: ScenarioBuilder,
    job: JobRecord,
    account: Account,
    choices: SeededChoices,
    marks: list[int],
) -> CandidateStep:
    timeline = finished_timeline(PROCESSING_LIFECYCLES["Completed"], marks[0], marks[1] - marks[0])
    record = add_processing(
        builder,
        "automl",
        f"{job.name}-dpp-1-{choices.hex('dpp', 12)}",
        timeline,
        account,
        automl_job_arn=job.arn,
        automl_job=job.name,
    )
    return CandidateStep(STEP_TYPE.format("ProcessingJob"), record.arn, record.created)


def _transform_step(
    builder: ScenarioBuilder, job: JobRecord, account: Account, part: str, marks: list[int]
) -> CandidateStep:
    timeline = finished_timeline(TRANSFORM_LIFECYCLES["Completed"], marks[2], marks[3] - marks[2])
    name = f"{job.name}-{part}"
    record = add_transform(builder, "automl", name, timeline, account, automl_job_arn=job.arn)
    return CandidateStep(STEP_TYPE.format("TransformJob"), record.arn, record.created)


def _training_step(
    builder: ScenarioBuilder,
    job: JobRecord,
    account: Account,
    part: str,
    begin: int,
    end: int,
    ending: str = "Completed",
) -> CandidateStep:
    name = f"{job.name}-{part}-{builder.choices(job.name).hex(part, 10)}"
    steps = TRAINING_LIFECYCLES[TRAINING_LIFECYCLE[ending]]
    stopping = next((p.at for p in job.timeline.phases if p.status == "Stopping"), None)
    stops_now = stopping is not None and stopping <= builder.started
    timeline = between(steps, begin, end, builder.started, "Stopping" if stops_now else "Training")
    record = add_training(builder, "automl", name, timeline, account, automl_job_arn=job.arn)
    return CandidateStep(STEP_TYPE.format("TrainingJob"), record.arn, record.created)
