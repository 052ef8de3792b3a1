"""Batch transform jobs that stand alone: a model applied to a data set."""

from gateway.twin.account import Place
from gateway.twin.kinds import TRANSFORM
from gateway.twin.records import SeededRecord
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.lifecycles import TRANSFORM_LIVES
from gateway.twin.scenario.standalone import plain_timeline
from gateway.twin.scenario.vocabulary import TRANSFORM_FAILURES
from gateway.twin.timeline import Timeline

TASKS = {
    "csv": "batch-scoring",
    "json": "batch-inference",
    "images": "image-batch",
    "recordio": "recordio-scoring",
    "labeling": "auto-labels",
}
FLAVOURS = tuple(TASKS)
# How these jobs end, in turn; two in twelve are not over yet.
ENDINGS = (
    *("Completed", "Failed", "Completed", "running", "Completed", "Completed"),
    *("Stopped", "Completed", "stopping", "Failed", "Completed", "Completed"),
)


def add_standalone_transform(stage: Stage, number: int) -> SeededRecord:
    """Add the `number`th transform job that stands alone."""
    flavour = FLAVOURS[number % len(FLAVOURS)]
    # Shifted once per round of flavours, or each flavour would always end the same way.
    ending = ENDINGS[(number + number // len(FLAVOURS)) % len(ENDINGS)]
    timeline = plain_timeline(stage, ending, TRANSFORM_LIVES)
    name = stage.name(TRANSFORM, f"{stage.project()}-{TASKS[flavour]}", timeline.created)
    return add_transform(stage, flavour, name, timeline)


def add_transform(
    stage: Stage,
    flavour: str,
    name: str,
    timeline: Timeline,
    place: Place | None = None,
    **facts: object,
) -> SeededRecord:
    """Add a transform job; if it will fail, it gets its reason here."""
    where = place or stage.home
    if timeline.last.status == "Failed":
        reason = stage.dice(name).choice("failure", TRANSFORM_FAILURES)
        facts.setdefault("failure", reason.format(bucket=where.bucket, name=name))
    if flavour == "labeling":
        facts["labeling_job_arn"] = where.arn("labeling-job", f"{name[:20]}-labels")
    facts.setdefault("instance", stage.transform_types.hand()[0])
    return stage.add(TRANSFORM, flavour, name, timeline, place, **facts)
