"""Properties of training jobs as Search names them: `TrainingJobName`, `Tags.team`, `A.B.C`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from gateway.twin.errors import invalid
from gateway.twin.model import structure
from gateway.twin.records import Record
from gateway.twin.store import World
from gateway.twin.timeline import millis, moment


class Job(NamedTuple):
    """A training job at a moment."""

    world: World
    record: Record
    now: int


# Read from the record itself: these need no answer to be told.
CHEAP: dict[str, Callable[[Job], Any]] = {
    "TrainingJobName": lambda job: job.record.name,
    "TrainingJobArn": lambda job: job.record.arn,
    "TrainingJobStatus": lambda job: job.record.status(job.now),
    "CreationTime": lambda job: moment(job.record.created),
    "LastModifiedTime": lambda job: moment(job.record.modified(job.now)),
}


def check_property(name: str) -> None:
    """Refuse names that a training job cannot have."""
    first = name.partition(".")[0]
    if first not in structure("TrainingJob").members and first != "Metrics":
        raise invalid(f"Unknown property: {name}")


def read_property(job: Job, name: str) -> Any:
    """Return the value of a property, None if the job has none."""
    if name in CHEAP:
        return CHEAP[name](job)
    first, _, rest = name.partition(".")
    if first == "Tags":
        return job.record.tags().get(rest)
    answer = job.world.answer(job.record, job.now)
    if first == "Metrics":
        metrics = answer.get("FinalMetricDataList") or ()
        return next((each["Value"] for each in metrics if each["MetricName"] == rest), None)
    return descend(answer, name)


def descend(value: Any, path: str) -> Any:
    """Follow a dotted path; map keys may hold dots themselves."""
    if not path:
        return value
    if not isinstance(value, dict):
        return None
    if path in value:
        return value[path]
    name, _, rest = path.partition(".")
    return descend(value.get(name), rest)


def comparable(value: Any) -> Any:
    """Return timestamps as numbers, flags as texts, the rest as it is."""
    if isinstance(value, datetime):
        return millis(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value
