"""Processing jobs that stand alone: preparing, loading, evaluating, and new ones every minute."""

from collections.abc import Mapping, Sequence

from gateway.twin.account import Place
from gateway.twin.kinds import PROCESSING
from gateway.twin.records import SeededRecord
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.lifecycles import PROCESSING_LIVES, Step, lived, living
from gateway.twin.scenario.vocabulary import EXIT_MESSAGES, PROCESSING_FAILURES
from gateway.twin.timeline import HOUR, MINUTE, NEVER, SECOND, Timeline

TASKS = {
    "sklearn": "preprocess",
    "athena": "athena-extract",
    "redshift": "redshift-unload",
    "spark": "spark-sessionize",
    "feature-store": "feature-ingest",
    "evaluation": "evaluate",
    "clarify": "bias-report",
    "pytorch": "batch-embed",
}
FLAVOURS = (
    *("sklearn", "athena", "redshift", "spark", "athena", "redshift"),
    *("feature-store", "evaluation", "athena", "redshift", "clarify", "pytorch"),
)
# How these jobs end, in turn; two in ten are not over yet.
MOST_NEWCOMERS = 24 * 60
ENDINGS = (
    *("Completed", "Failed", "Completed", "running", "Completed"),
    *("Stopped", "Completed", "stopping", "Failed", "Completed"),
)


def tell_plain(stage: Stage, number: int) -> SeededRecord:
    """Return the `number`th job that stands alone."""
    flavour = FLAVOURS[number % len(FLAVOURS)]
    # Shifted once per round of flavours, or each flavour would always end the same way.
    ending = ENDINGS[(number + number // len(FLAVOURS)) % len(ENDINGS)]
    timeline = plain_timeline(stage, ending)
    name = stage.name(PROCESSING, f"{stage.project()}-{TASKS[flavour]}", timeline.created)
    return add_processing(stage, flavour, name, timeline)


def plain_timeline(
    stage: Stage, ending: str, lives: Mapping[str, Sequence[Step]] = PROCESSING_LIVES
) -> Timeline:
    """Return the life of a job that ends like this, or is running or stopping for hours to come."""
    before, ends_in = stage.length(), stage.length(HOUR, 12 * HOUR)
    if ending == "running":
        outcome = stage.rng.choice(("Completed", "Completed", "Failed"))
        return living(lives[outcome], 1, stage.started, before, ends_in)
    if ending == "stopping":
        return living(lives["Stopped"], 2, stage.started, before, ends_in)
    return lived(lives[ending], stage.past(before), before)


def add_processing(
    stage: Stage,
    flavour: str,
    name: str,
    timeline: Timeline,
    place: Place | None = None,
    **facts: object,
) -> SeededRecord:
    """Add a processing job; if it will fail, it gets its reasons here."""
    dice = stage.dice(name)
    where = place or stage.home
    if timeline.last.status == "Failed" and "failure" not in facts:
        reason = dice.choice("failure", PROCESSING_FAILURES)
        facts["failure"] = reason.format(bucket=where.bucket, name=name)
        if reason.startswith("AlgorithmError"):
            facts.setdefault("exit_message", dice.choice("exit", EXIT_MESSAGES))
    if "instances" not in facts:
        facts["instances"] = stage.processing_types.hand()
    return stage.add(PROCESSING, flavour, name, timeline, place, **facts)


class Newcomers:
    """A new job every minute of the scenario's first day, over within two minutes."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._count = 0
        stage.world.expect(stage.started + 45 * SECOND, self.arrive)

    def arrive(self, at: int) -> int:
        """Add the next job; says when the one after it comes."""
        self._count += 1
        dice = self._stage.dice(f"newcomer {self._count}")
        ending = dice.choice("ending", ("Completed", "Completed", "Completed", "Failed"))
        length = dice.between("length", 30, 110) * SECOND
        name = f"stream-scoring-{self._count:05d}"
        add_processing(self._stage, "sklearn", name, lived(PROCESSING_LIVES[ending], at, length))
        return at + MINUTE if self._count < MOST_NEWCOMERS else NEVER
