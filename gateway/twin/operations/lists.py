"""The list operations of all kinds: filtered, sorted, in pages."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from gateway.twin.call import Call
from gateway.twin.kinds import (
    AUTOML,
    KINDS,
    PROCESSING,
    SCHEDULE,
    TRAINING,
    TRANSFORM,
    TUNING,
    Kind,
)
from gateway.twin.model import structure, to_json
from gateway.twin.operations.filters import Comparison, after, all_of, before, contains, equals
from gateway.twin.operations.pagination import turn_page
from gateway.twin.ordering import Entry, key_of
from gateway.twin.records import Answer, Record
from gateway.twin.store import World
from gateway.twin.timeline import moment

PAGE = 10


class Listing(NamedTuple):
    """One list operation: its kind, and the order that AWS documents as the default."""

    kind: Kind
    sort_by: str = "CreationTime"
    sort_order: str = "Ascending"

    def answer(self, world: World, call: Call) -> bytes:
        """Return a page of rows as JSON."""
        order = call.params.get("SortOrder", self.sort_order)
        page = turn_page(
            call,
            self._entries(world, call),
            self._test(world, call),
            PAGE,
            descending=order == "Descending",
            exists=lambda record: record.created <= call.now,
        )
        view = ROWS[self.kind]
        rows = b", ".join(world.rendered(record, call.now, view) for record in page.items)
        token = b', "NextToken": ' + to_json(page.token) if page.token else b""
        return b'{"%s": [%s]%s}' % (self.kind.rows.encode(), rows, token)

    def _entries(self, world: World, call: Call) -> Sequence[Entry[Record]]:
        shelf = world.shelf(call.region, self.kind)
        sort_by = call.params.get("SortBy", self.sort_by)
        if sort_by == "Name":
            return shelf.by_name()
        if sort_by == "CreationTime":
            return shelf.by_creation()
        entries = (Entry((record.status(call.now), record.name), record) for record in shelf)
        return sorted(entries, key=key_of)

    def _test(self, world: World, call: Call) -> Callable[[Record], bool]:
        now = call.now
        tests: dict[str, tuple[Comparison, Callable[[Record], Any]]] = {
            "StatusEquals": (equals, lambda record: record.status(now)),
            "NameContains": (contains, lambda record: record.name),
            "CreationTimeAfter": (after, lambda record: record.created),
            "CreationTimeBefore": (before, lambda record: record.created),
            "LastModifiedTimeAfter": (after, lambda record: record.modified(now)),
            "LastModifiedTimeBefore": (before, lambda record: record.modified(now)),
            **{
                name: (equals, partial(_part, world, now, path))
                for name, path in EQUAL_PARTS.items()
            },
        }
        return all_of(call, tests)


# Filters on a part of the describe answer: parameter -> path.
EQUAL_PARTS: dict[str, tuple[str, ...]] = {
    "WarmPoolStatusEquals": ("WarmPoolStatus", "Status"),
    "TrainingPlanArnEquals": ("ResourceConfig", "TrainingPlanArn"),
    "EndpointName": ("EndpointName",),
    "MonitoringTypeEquals": ("MonitoringType",),
    "MonitoringJobDefinitionName": ("MonitoringScheduleConfig", "MonitoringJobDefinitionName"),
}
# Members of rows that stand deeper in the describe answer.
DEEPER: dict[Kind, dict[str, tuple[str, ...]]] = {
    TRAINING: {"TrainingPlanArn": EQUAL_PARTS["TrainingPlanArnEquals"]},
    SCHEDULE: {"MonitoringJobDefinitionName": EQUAL_PARTS["MonitoringJobDefinitionName"]},
    TUNING: {
        "Strategy": ("HyperParameterTuningJobConfig", "Strategy"),
        "ResourceLimits": ("HyperParameterTuningJobConfig", "ResourceLimits"),
    },
}


def row(kind: Kind, record: Record, answer: Answer, now: int) -> Answer:
    """Return the part of a describe answer that a list row holds."""
    members = structure(kind.row_shape).members
    told = {name: answer[name] for name in members if name in answer}
    if kind is TRANSFORM:
        # DescribeTransformJob does not have it.
        told["LastModifiedTime"] = moment(record.modified(now))
    for name, path in DEEPER.get(kind, {}).items():
        if (value := dig(answer, path)) is not None:
            told[name] = value
    return told


def dig(answer: Any, path: Sequence[str]) -> Any:
    """Return what stands at a path, None if the path ends before."""
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _part(world: World, now: int, path: tuple[str, ...], record: Record) -> Any:
    return dig(world.answer(record, now), path)


ROWS = {kind: partial(row, kind) for kind in KINDS}
LISTINGS = {
    listing.kind.list: listing
    for listing in (
        Listing(PROCESSING),
        Listing(TRAINING),
        Listing(AUTOML, "Name", "Descending"),
        Listing(SCHEDULE, "CreationTime", "Descending"),
        Listing(TRANSFORM, "CreationTime", "Descending"),
        Listing(TUNING, "Name"),
    )
}
