"""Batch transform jobs that stand alone: a model applied to a data set."""

from gateway.twin.account import Account
from gateway.twin.kinds import TRANSFORM
from gateway.twin.records import JobRecord
from gateway.twin.scenario.builder import ScenarioBuilder
from gateway.twin.scenario.lifecycles import TRANSFORM_LIFECYCLES
from gateway.twin.scenario.processing import standalone_timeline
from gateway.twin.scenario.vocabulary import TRANSFORM_FAILURES
from gateway.twin.timeline import Timeline

TASKS = {
    "csv": "batch-scoring",
    "json": "batch-inference",
    "images": "image-batch",
    "recordio": "recordio-scoring",
    "labeling": "auto-labels",
}
VARIANTS = tuple(TASKS)
# How these jobs end, in turn; two in twelve have not ended.
ENDINGS = (
    *("Completed", "Failed", "Completed", "running", "Completed", "Completed"),
    *("Stopped", "Completed", "stopping", "Failed", "Completed", "Completed"),
)


def add_standalone_transform(builder: ScenarioBuilder, number: int) -> JobRecord:
    """Add the `number`th transform job that stands alone."""
    variant = VARIANTS[number % len(VARIANTS)]
    # Shifted once per round of variants, or each variant would always end the same way.
    ending = ENDINGS[(number + number // len(VARIANTS)) % len(ENDINGS)]
    timeline = standalone_timeline(builder, ending, TRANSFORM_LIFECYCLES)
    name = builder.name(TRANSFORM, f"{builder.project()}-{TASKS[variant]}", timeline.created)
    return add_transform(builder, variant, name, timeline)


def add_transform(
    builder: ScenarioBuilder,
    variant: str,
    name: str,
    timeline: Timeline,
    account: Account | None = None,
    **facts: object,
) -> JobRecord:
    """Add a transform job; if it will fail, it gets its reason here."""
    where = account or builder.home
    if timeline.last.status == "Failed":
        reason = builder.choices(name).choice("failure", TRANSFORM_FAILURES)
        facts.setdefault("failure", reason.format(bucket=where.bucket, name=name))
    if variant == "labeling":
        facts["labeling_job_arn"] = where.arn("labeling-job", f"{name[:20]}-labels")
    facts.setdefault("instance", builder.transform_types.take()[0])
    return builder.add(TRANSFORM, variant, name, timeline, account, **facts)
