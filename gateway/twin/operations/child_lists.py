"""Lists below a resource: candidates, monitoring executions, training jobs of a tuning job."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from gateway.twin.call import Call
from gateway.twin.kinds import AUTOML, SCHEDULE, TUNING
from gateway.twin.operations.filters import after, all_of, before, equals
from gateway.twin.operations.pagination import Page, cut_page
from gateway.twin.records import Answer, Record
from gateway.twin.store import Entry, Key, Store, key_of
from gateway.twin.timeline import to_millis

PAGE = 10
# Sorts candidates without a metric below all others, as a JSON number.
NO_METRIC = -1e300


def list_candidates(store: Store, call: Call) -> Answer:
    """ListCandidatesForAutoMLJob."""
    name = call.params["AutoMLJobName"]
    job = store.find(call.region, AUTOML, name, call.now)
    if job is None:
        raise AUTOML.missing(name)
    candidates = job.children(call.now)
    sort_by = CANDIDATE_KEYS[call.params.get("SortBy", "CreationTime")]
    passes = all_of(
        call,
        {
            "StatusEquals": (equals, lambda one: one.get("CandidateStatus")),
            "CandidateNameEquals": (equals, lambda one: one.get("CandidateName")),
        },
    )
    order = call.params.get("SortOrder", "Ascending")
    entries = [Entry((sort_by(one), f"{number:04d}"), one) for number, one in enumerate(candidates)]
    return _page("Candidates", sorted_page(call, entries, passes, order))


def list_executions(store: Store, call: Call) -> Answer:
    """ListMonitoringExecutions, of one schedule or of all in the region."""
    schedules: Iterable[Record]
    name = call.params.get("MonitoringScheduleName")
    if name is None:
        schedules = store.existing(call.region, SCHEDULE, call.now)
    else:
        schedule = store.find(call.region, SCHEDULE, name, call.now)
        schedules = [schedule] if schedule is not None else []
    sort_by = EXECUTION_KEYS[call.params.get("SortBy", "CreationTime")]
    order = call.params.get("SortOrder", "Descending")
    entries = [
        Entry(_key(sort_by(one), one), one)
        for schedule in schedules
        for one in schedule.children(call.now)
    ]
    return _page("MonitoringExecutionSummaries", sorted_page(call, entries, _test(call), order))


def list_tuned_training_jobs(store: Store, call: Call) -> Answer:
    """ListTrainingJobsForHyperParameterTuningJob."""
    name = call.params["HyperParameterTuningJobName"]
    job = store.find(call.region, TUNING, name, call.now)
    if job is None:
        raise TUNING.missing(name)
    rows = job.children(call.now)
    sort_by = call.params.get("SortBy", "Name")
    if sort_by == "FinalObjectiveMetricValue":
        # AWS leaves out training jobs that have not reported the metric.
        rows = [row for row in rows if TUNED_METRIC in row]
    read = TUNED_KEYS[sort_by]
    passes = all_of(call, {"StatusEquals": (equals, lambda row: row.get("TrainingJobStatus"))})
    entries = [Entry((read(row), row["TrainingJobName"]), row) for row in rows]
    order = call.params.get("SortOrder", "Ascending")
    return _page("TrainingJobSummaries", sorted_page(call, entries, passes, order))


def sorted_page(
    call: Call, entries: list[Entry[Answer]], passes: Callable[[Answer], bool], order: str
) -> Page[Answer]:
    """Return the page of unsorted entries that a call asks for."""
    return cut_page(
        call, sorted(entries, key=key_of), passes, PAGE, descending=order == "Descending"
    )


def _test(call: Call) -> Callable[[Answer], bool]:
    return all_of(
        call,
        {
            "StatusEquals": (equals, lambda one: one.get("MonitoringExecutionStatus")),
            "EndpointName": (equals, lambda one: one.get("EndpointName")),
            "MonitoringTypeEquals": (equals, lambda one: one.get("MonitoringType")),
            "MonitoringJobDefinitionName": (
                equals,
                lambda one: one.get("MonitoringJobDefinitionName"),
            ),
            "ScheduledTimeAfter": (after, time_of("ScheduledTime")),
            "ScheduledTimeBefore": (before, time_of("ScheduledTime")),
            "CreationTimeAfter": (after, time_of("CreationTime")),
            "CreationTimeBefore": (before, time_of("CreationTime")),
            "LastModifiedTimeAfter": (after, time_of("LastModifiedTime")),
            "LastModifiedTimeBefore": (before, time_of("LastModifiedTime")),
        },
    )


def time_of(member: str) -> Callable[[Answer], int]:
    """Read a timestamp of a row in milliseconds, 0 if it has none."""

    def read(one: Answer) -> int:
        value = one.get(member)
        if isinstance(value, datetime):
            return to_millis(value)
        return int(value * 1000) if isinstance(value, int | float) else 0

    return read


def _metric(one: Answer) -> float:
    return float((one.get("FinalAutoMLJobObjectiveMetric") or {}).get("Value", NO_METRIC))


def _key(value: Any, one: Answer) -> Key:
    created = time_of("CreationTime")(one)
    return value, f"{created:015d}/{one.get('MonitoringScheduleName')}"


def _page(member: str, page: Page[Answer]) -> Answer:
    result: Answer = {member: page.items}
    return result | ({"NextToken": page.token} if page.token else {})


TUNED_METRIC = "FinalHyperParameterTuningJobObjectiveMetric"
TUNED_KEYS: dict[str, Callable[[Answer], Any]] = {
    "Name": lambda row: row["TrainingJobName"],
    "CreationTime": time_of("CreationTime"),
    "Status": lambda row: row["TrainingJobStatus"],
    "FinalObjectiveMetricValue": lambda row: row[TUNED_METRIC]["Value"],
}
CANDIDATE_KEYS: dict[str, Callable[[Answer], Any]] = {
    "CreationTime": time_of("CreationTime"),
    "Status": lambda one: one.get("CandidateStatus", ""),
    "FinalObjectiveMetricValue": _metric,
}
EXECUTION_KEYS: dict[str, Callable[[Answer], Any]] = {
    "CreationTime": time_of("CreationTime"),
    "ScheduledTime": time_of("ScheduledTime"),
    "Status": lambda one: one.get("MonitoringExecutionStatus", ""),
}
