"""Processing jobs without links: preparing, loading, evaluating, and new ones every minute."""

from collections.abc import Mapping, Sequence

from gateway.twin.account import Account
from gateway.twin.kinds import PROCESSING
from gateway.twin.records import JobRecord
from gateway.twin.scenario.builder import ScenarioBuilder
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIFECYCLES,
    Step,
    finished_timeline,
    running_timeline,
)
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
VARIANTS = (
    *("sklearn", "athena", "redshift", "spark", "athena", "redshift"),
    *("feature-store", "evaluation", "athena", "redshift", "clarify", "pytorch"),
)
# How these jobs end, in turn; two in ten have not ended.
MOST_ARRIVALS = 24 * 60
ENDINGS = (
    *("Completed", "Failed", "Completed", "running", "Completed"),
    *("Stopped", "Completed", "stopping", "Failed", "Completed"),
)


def add_standalone(builder: ScenarioBuilder, number: int) -> JobRecord:
    """Add the `number`th job without links."""
    variant = VARIANTS[number % len(VARIANTS)]
    # Shifted once per round of variants, or each variant would always end the same way.
    ending = ENDINGS[(number + number // len(VARIANTS)) % len(ENDINGS)]
    timeline = standalone_timeline(builder, ending)
    name = builder.name(PROCESSING, f"{builder.project()}-{TASKS[variant]}", timeline.created)
    return add_processing(builder, variant, name, timeline)


def standalone_timeline(
    builder: ScenarioBuilder,
    ending: str,
    lifecycles: Mapping[str, Sequence[Step]] = PROCESSING_LIFECYCLES,
) -> Timeline:
    """Return the timeline of a job with this ending, or of one that runs or stops for hours."""
    before, ends_in = builder.length(), builder.length(HOUR, 12 * HOUR)
    if ending == "running":
        outcome = builder.rng.choice(("Completed", "Completed", "Failed"))
        return running_timeline(lifecycles[outcome], 1, builder.started, before, ends_in)
    if ending == "stopping":
        return running_timeline(lifecycles["Stopped"], 2, builder.started, before, ends_in)
    return finished_timeline(lifecycles[ending], builder.past(before), before)


def add_processing(
    builder: ScenarioBuilder,
    variant: str,
    name: str,
    timeline: Timeline,
    account: Account | None = None,
    **facts: object,
) -> JobRecord:
    """Add a processing job; if it will fail, it gets its reasons here."""
    choices = builder.choices(name)
    where = account or builder.home
    if timeline.last.status == "Failed" and "failure" not in facts:
        reason = choices.choice("failure", PROCESSING_FAILURES)
        facts["failure"] = reason.format(bucket=where.bucket, name=name)
        if reason.startswith("AlgorithmError"):
            facts.setdefault("exit_message", choices.choice("exit", EXIT_MESSAGES))
    if "instances" not in facts:
        facts["instances"] = builder.processing_types.take()
    return builder.add(PROCESSING, variant, name, timeline, account, **facts)


class ArrivingJobs:
    """Adds a job every minute of the first day, which ends within two minutes."""

    def __init__(self, builder: ScenarioBuilder) -> None:
        self._builder = builder
        self._count = 0
        builder.store.schedule_action(builder.started + 45 * SECOND, self.arrive)

    def arrive(self, at: int) -> int:
        """Add the next job; return when the one after it comes."""
        self._count += 1
        choices = self._builder.choices(f"newcomer {self._count}")
        ending = choices.choice("ending", ("Completed", "Completed", "Completed", "Failed"))
        length = choices.between("length", 30, 110) * SECOND
        name = f"stream-scoring-{self._count:05d}"
        add_processing(
            self._builder,
            "sklearn",
            name,
            finished_timeline(PROCESSING_LIFECYCLES[ending], at, length),
        )
        return at + MINUTE if self._count < MOST_ARRIVALS else NEVER
