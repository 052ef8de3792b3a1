"""The candidates of an AutoML job: each a chain of processing, training and transform jobs."""

from typing import NamedTuple

from gateway.twin.account import Place
from gateway.twin.records import SeededRecord
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIVES,
    TRAINING_LIVES,
    TRANSFORM_LIVES,
    between,
    lived,
)
from gateway.twin.scenario.standalone import add_processing
from gateway.twin.scenario.training import add_training
from gateway.twin.scenario.transform import add_transform
from gateway.twin.seeded_random import Dice
from gateway.twin.timeline import Phase, Timeline

STEP_TYPE = "AWS::SageMaker::{}"
ENDINGS = {"Failed": "Failed", "Stopped": "Stopped"}
TRAINING_LIFE = {"Completed": "completed", "Failed": "failed", "Stopped": "stopped"}


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


def add_candidates(stage: Stage, job: SeededRecord, count: int, begin: int, end: int) -> None:
    """Add candidates that were tried between `begin` and `end`, the best one first."""
    place = Place(stage.home.account, job.region)
    ending = ENDINGS.get(job.timeline.last.status, "Completed")
    for number in range(count):
        first = begin + (end - begin) * number // (2 * max(1, count))
        add_candidate(stage, job, place, number, first, end, ending)


def add_candidate(
    stage: Stage,
    job: SeededRecord,
    place: Place,
    number: int,
    begin: int,
    end: int,
    ending: str,
) -> Candidate:
    """Add one candidate with the jobs of its steps; the second shares the first one's data."""
    dice = stage.dice(f"{job.name} candidate {number}")
    # The last step is still at work if the candidate is; the others were over before that.
    known = min(end, stage.started) if begin < stage.started else end
    marks = [begin + (known - begin) * share // 10 for share in (0, 3, 5, 7)]
    existing: list[Candidate] = job.facts["candidates"]
    steps = existing[0].steps[:1] if existing else []
    if not steps:
        steps.append(_data_step(stage, job, place, dice, marks))
    steps.append(_training_step(stage, job, place, f"dpp{number}-rpb", marks[1], marks[2]))
    steps.append(_transform_step(stage, job, place, f"dpp{number}-csv-{dice.hex('csv', 8)}", marks))
    steps.append(_training_step(stage, job, place, f"tuning-{number:03d}", marks[3], end, ending))
    name = f"{job.name}-{number + 1:03d}-{dice.hex('name', 8)}"
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
    stage: Stage, job: SeededRecord, place: Place, dice: Dice, marks: list[int]
) -> CandidateStep:
    timeline = lived(PROCESSING_LIVES["Completed"], marks[0], marks[1] - marks[0])
    record = add_processing(
        stage,
        "automl",
        f"{job.name}-dpp-1-{dice.hex('dpp', 12)}",
        timeline,
        place,
        automl_job_arn=job.arn,
        automl_job=job.name,
    )
    return CandidateStep(STEP_TYPE.format("ProcessingJob"), record.arn, record.created)


def _transform_step(
    stage: Stage, job: SeededRecord, place: Place, part: str, marks: list[int]
) -> CandidateStep:
    timeline = lived(TRANSFORM_LIVES["Completed"], marks[2], marks[3] - marks[2])
    name = f"{job.name}-{part}"
    record = add_transform(stage, "automl", name, timeline, place, automl_job_arn=job.arn)
    return CandidateStep(STEP_TYPE.format("TransformJob"), record.arn, record.created)


def _training_step(
    stage: Stage,
    job: SeededRecord,
    place: Place,
    part: str,
    begin: int,
    end: int,
    ending: str = "Completed",
) -> CandidateStep:
    name = f"{job.name}-{part}-{stage.dice(job.name).hex(part, 10)}"
    steps = TRAINING_LIVES[TRAINING_LIFE[ending]]
    stopping = next((p.at for p in job.timeline.phases if p.status == "Stopping"), None)
    stops_now = stopping is not None and stopping <= stage.started
    timeline = between(steps, begin, end, stage.started, "Stopping" if stops_now else "Training")
    record = add_training(stage, "automl", name, timeline, place, automl_job_arn=job.arn)
    return CandidateStep(STEP_TYPE.format("TrainingJob"), record.arn, record.created)
