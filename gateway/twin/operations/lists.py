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
from gateway.twin.operations.pagination import cut_page
from gateway.twin.records import Answer, Record
from gateway.twin.store import Entry, Store, key_of
from gateway.twin.timeline import to_datetime

PAGE = 10


class ListOperation(NamedTuple):
    """One list operation: its kind, and the order that AWS documents as the default."""

    kind: Kind
    sort_by: str = "CreationTime"
    sort_order: str = "Ascending"

    def answer(self, store: Store, call: Call) -> bytes:
        """Return a page of rows as JSON."""
        order = call.params.get("SortOrder", self.sort_order)
        page = cut_page(
            call,
            self._entries(store, call),
            self._test(store, call),
            PAGE,
            descending=order == "Descending",
            exists=lambda record: record.created <= call.now,
        )
        view = ROWS[self.kind]
        rows = b", ".join(store.rendered(record, call.now, view) for record in page.items)
        token = b', "NextToken": ' + to_json(page.token) if page.token else b""
        return b'{"%s": [%s]%s}' % (self.kind.rows.encode(), rows, token)

    def _entries(self, store: Store, call: Call) -> Sequence[Entry[Record]]:
        table = store.table(call.region, self.kind)
        sort_by = call.params.get("SortBy", self.sort_by)
        if sort_by == "Name":
            return table.by_name()
        if sort_by == "CreationTime":
            return table.by_creation()
        entries = (Entry((record.status(call.now), record.name), record) for record in table)
        return sorted(entries, key=key_of)

    def _test(self, store: Store, call: Call) -> Callable[[Record], bool]:
        now = call.now
        tests: dict[str, tuple[Comparison, Callable[[Record], Any]]] = {
            "StatusEquals": (equals, lambda record: record.status(now)),
            "NameContains": (contains, lambda record: record.name),
            "CreationTimeAfter": (after, lambda record: record.created),
            "CreationTimeBefore": (before, lambda record: record.created),
            "LastModifiedTimeAfter": (after, lambda record: record.modified(now)),
            "LastModifiedTimeBefore": (before, lambda record: record.modified(now)),
            **{
                name: (equals, partial(_part, store, now, path))
                for name, path in NESTED_FILTERS.items()
            },
        }
        return all_of(call, tests)


# Filters on a part of the describe answer: parameter -> path.
NESTED_FILTERS: dict[str, tuple[str, ...]] = {
    "WarmPoolStatusEquals": ("WarmPoolStatus", "Status"),
    "TrainingPlanArnEquals": ("ResourceConfig", "TrainingPlanArn"),
    "EndpointName": ("EndpointName",),
    "MonitoringTypeEquals": ("MonitoringType",),
    "MonitoringJobDefinitionName": ("MonitoringScheduleConfig", "MonitoringJobDefinitionName"),
}
# Members of rows that are nested in the describe answer.
NESTED_MEMBERS: dict[Kind, dict[str, tuple[str, ...]]] = {
    TRAINING: {"TrainingPlanArn": NESTED_FILTERS["TrainingPlanArnEquals"]},
    SCHEDULE: {"MonitoringJobDefinitionName": NESTED_FILTERS["MonitoringJobDefinitionName"]},
    TUNING: {
        "Strategy": ("HyperParameterTuningJobConfig", "Strategy"),
        "ResourceLimits": ("HyperParameterTuningJobConfig", "ResourceLimits"),
    },
}


def row(kind: Kind, record: Record, answer: Answer, now: int) -> Answer:
    """Return the part of a describe answer that a list row holds."""
    members = structure(kind.row_shape).members
    result = {name: answer[name] for name in members if name in answer}
    if kind is TRANSFORM:
        # DescribeTransformJob does not have it.
        result["LastModifiedTime"] = to_datetime(record.modified(now))
    for name, path in NESTED_MEMBERS.get(kind, {}).items():
        if (value := read_path(answer, path)) is not None:
            result[name] = value
    return result


def read_path(answer: Any, path: Sequence[str]) -> Any:
    """Return the value at a path, None if there is none."""
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _part(store: Store, now: int, path: tuple[str, ...], record: Record) -> Any:
    return read_path(store.answer(record, now), path)


ROWS = {kind: partial(row, kind) for kind in KINDS}
LIST_OPERATIONS = {
    listing.kind.list: listing
    for listing in (
        ListOperation(PROCESSING),
        ListOperation(TRAINING),
        ListOperation(AUTOML, "Name", "Descending"),
        ListOperation(SCHEDULE, "CreationTime", "Descending"),
        ListOperation(TRANSFORM, "CreationTime", "Descending"),
        ListOperation(TUNING, "Name"),
    )
}
