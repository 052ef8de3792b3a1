"""Hyperparameter tuning jobs, each with the training jobs that it starts."""

from typing import NamedTuple

from gateway.twin.account import Place
from gateway.twin.kinds import TUNING
from gateway.twin.records import SeededRecord
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.lifecycles import TRAINING_LIVES, TUNING_LIVES, between, lived, living
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


class TuningStory(NamedTuple):
    """A tuning job: what it tunes and how, how it ends, how each of its training jobs ends.

    `now` names the status that it is in when the scenario starts; empty: it is over.
    """

    family: str
    strategy: str
    life: str
    trainings: tuple[str, ...]
    now: str = ""
    definitions: int = 1
    warm_start: str = ""
    autotune: bool = False


GOOD = ("completed", "completed", "completed", "completed")
STORIES = (
    TuningStory("xgboost", "Bayesian", "Completed", (*GOOD, "failed", "stopped")),
    TuningStory("xgboost", "Random", "Completed", GOOD, warm_start="IdenticalDataAndAlgorithm"),
    TuningStory("xgboost", "Bayesian", "Completed", (*GOOD, *GOOD), "InProgress"),
    TuningStory("pytorch", "Hyperband", "Completed", ("completed", "stopped", "completed")),
    TuningStory("xgboost", "Grid", "Completed", GOOD, definitions=2),
    TuningStory("pytorch", "Bayesian", "Failed", ("failed", "failed", "no-capacity")),
    TuningStory("xgboost", "Random", "Stopped", ("completed", "stopped")),
    TuningStory("pytorch", "Bayesian", "Stopped", ("completed", "stopped"), "Stopping"),
    TuningStory("xgboost", "Bayesian", "Completed", GOOD, warm_start="TransferLearning"),
    TuningStory("linear", "Bayesian", "Completed", GOOD, autotune=True),
    TuningStory("pytorch", "Random", "Deleting", ("completed",), "Deleting"),
    TuningStory("xgboost", "Random", "DeleteFailed", ("completed", "completed")),
)


def add_tuning_stories(stage: Stage, count: int) -> None:
    """Add tuning jobs with their training jobs; warm starts build on those that are over."""
    named = stage.world.find(stage.home.region, TUNING, NAMED, stage.started)
    added = [named] if isinstance(named, SeededRecord) else []
    for number in range(count):
        story = STORIES[number % len(STORIES)]
        timeline = tuning_timeline(stage, story)
        name = stage.name(TUNING, stage.project(), timeline.created)
        added.append(add_tuning(stage, story, name, timeline, earlier=added))


def tuning_timeline(stage: Stage, story: TuningStory) -> Timeline:
    """Return the job's life, over or at work as the story says."""
    steps = TUNING_LIVES[story.life]
    length = stage.length(HOUR, 10 * HOUR)
    if story.warm_start:
        # Recent, so that there are tuning jobs to start from.
        return lived(steps, stage.started - length - 10 * MINUTE, length)
    if not story.now:
        return lived(steps, stage.past(length), length)
    at = next(number for number, step in enumerate(steps) if step.status == story.now)
    return living(steps, at, stage.started, length, stage.length(2 * HOUR, 12 * HOUR))


def add_tuning(
    stage: Stage,
    story: TuningStory,
    name: str,
    timeline: Timeline,
    place: Place | None = None,
    earlier: list[SeededRecord] | None = None,
    **facts: object,
) -> SeededRecord:
    """Add a tuning job and its training jobs, both ends of each link."""
    dice = stage.dice(name)
    # A warm start takes over what tuning jobs of the same algorithm found before.
    finished = [
        job
        for job in earlier or ()
        if job.flavour == story.family and job.timeline.last.at < timeline.created
    ]
    parents = finished[-2:] if story.warm_start else []
    if timeline.last.status == "Failed":
        facts.setdefault("failure", dice.choice("failure", TUNING_FAILURES))
    record = stage.add(
        TUNING,
        story.family,
        name,
        timeline,
        place,
        strategy=story.strategy,
        definitions=story.definitions,
        parallel=2 if len(story.trainings) > 3 else 1,
        limit=len(story.trainings),
        stops_early="stopped" in story.trainings and story.life != "Stopped",
        warm_start=story.warm_start if parents else "",
        parents=parents,
        autotune=story.autotune,
        instances=stage.training_types.hand(),
        training_jobs=[],
        **facts,
    )
    _add_training_jobs(stage, record, story, place)
    return record


def _add_training_jobs(
    stage: Stage, job: SeededRecord, story: TuningStory, place: Place | None
) -> None:
    begin = job.created + PREPARING
    end = next(phase.at for phase in job.timeline.phases if phase.status in ENDS) - SECOND
    stopping = next((p.at for p in job.timeline.phases if p.status == "Stopping"), None)
    count = len(story.trainings)
    for number, life in enumerate(story.trainings):
        first = begin + (end - begin) * number // count
        last = begin + (end - begin) * (number + 1) // count
        steps = TRAINING_LIVES[life]
        is_stopping = stopping is not None and stopping <= stage.started
        at = "Stopping" if is_stopping and life == "stopped" else "Training"
        timeline = between(steps, first, last, stage.started, at)
        name = f"{job.name}-{number + 1:03d}-{stage.dice(job.name).hex(str(number), 8)}"
        flavour = TRAINING_FLAVOURS[story.family]
        types = job.facts["instances"]
        facts = {"tuning_job_arn": job.arn, "instances": [types[number % len(types)]]}
        training = add_training(stage, flavour, name, timeline, place, **facts)
        job.facts["training_jobs"].append(training)


# A tuning job in one of these has no training job at work.
ENDS = ("Completed", "Failed", "Stopped")


def add_named_tunings(stage: Stage) -> None:
    """Add tuning jobs with fixed names: one that is over, one at work that ends soon."""
    done = TuningStory("xgboost", "Bayesian", "Completed", (*GOOD, "failed", "stopped"))
    timeline = lived(TUNING_LIVES["Completed"], stage.started - DAY, 5 * HOUR)
    first = add_tuning(stage, done, NAMED, timeline)
    warm = done._replace(trainings=GOOD, warm_start="IdenticalDataAndAlgorithm")
    steps = TUNING_LIVES["Completed"]
    at_work = living(steps, 0, stage.started, 30 * MINUTE, 70 * SECOND)
    add_tuning(stage, warm, "fraud-xgboost-tuning", at_work, earlier=[first])
