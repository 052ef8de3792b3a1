"""The table of AWS's list operations: what their rows hold, and how a list is asked for."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from gateway.aws.resources import (
    AUTO_ML_JOB,
    CANDIDATE,
    EXECUTION,
    MONITORING_SCHEDULE,
    PROCESSING_JOB,
    TRAINING_JOB,
    Child,
    Resource,
)

ROWS_PER_CALL: Final = 100
"""Rows that AWS is asked for: its maximum, as it counts calls and not rows."""
BY_CREATION: Final = "CreationTime"


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """One list operation. All names of members are AWS's own."""

    kind: Resource | Child
    rows: str
    """The member of the answer that holds the rows."""
    members: frozenset[str] = frozenset()
    """The members of a row that mean the same in the answer that describes its resource."""

    def __repr__(self) -> str:
        return self.kind.list

    @property
    def resource(self) -> Resource:
        """What its rows are, where that can be described."""
        assert isinstance(self.kind, Resource)
        return self.kind


def _listing(resource: Resource, rows: str, *members: str) -> Listing:
    identity = {resource.arn, resource.name, resource.status}
    times = {"CreationTime", "LastModifiedTime"}
    return Listing(resource, rows, frozenset({*identity, *times, *members}))


PROCESSING_JOBS: Final = _listing(
    PROCESSING_JOB,
    "ProcessingJobSummaries",
    "ProcessingEndTime",
    "FailureReason",
    "ExitMessage",
)
TRAINING_JOBS: Final = _listing(
    TRAINING_JOB,
    "TrainingJobSummaries",
    "TrainingEndTime",
    "SecondaryStatus",
    "WarmPoolStatus",
)
AUTO_ML_JOBS: Final = _listing(
    AUTO_ML_JOB,
    "AutoMLJobSummaries",
    "AutoMLJobSecondaryStatus",
    "EndTime",
    "FailureReason",
    "PartialFailureReasons",
)
MONITORING_SCHEDULES: Final = _listing(
    MONITORING_SCHEDULE,
    "MonitoringScheduleSummaries",
    "EndpointName",
    "MonitoringType",
)

CANDIDATES: Final = Listing(CANDIDATE, "Candidates")
EXECUTIONS: Final = Listing(EXECUTION, "MonitoringExecutionSummaries")

LISTINGS: Final = (PROCESSING_JOBS, TRAINING_JOBS, AUTO_ML_JOBS, MONITORING_SCHEDULES)
"""Those of resources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Which list a client wants: all that decides which rows it has, and in which order."""

    listing: Listing
    region: str
    parent: str | None = None
    """The name of the resource that has the list, for the list of a `Child`."""
    parameters: tuple[tuple[str, Any], ...] = ()
    """AWS's own filters by name, sorted, but for those below."""
    statuses: tuple[str, ...] | None = None
    """The statuses that rows may have, sorted; `None` for all. AWS takes one per call."""
    fragments: tuple[str, ...] = ()
    """What each name must contain, the longest first. AWS takes one."""
    tags: tuple[tuple[str, str | None], ...] = ()
    """Keys that each resource must have as tags, with their values or `None` for any; sorted.

    AWS's lists know nothing of tags.
    """
    sort_by: str = BY_CREATION
    """`Name`, `CreationTime` or `Status`, as AWS says."""
    descending: bool = True

    @property
    def has_conditions(self) -> bool:
        """Whether AWS is sent values that a client wrote, which it may refuse."""
        return bool(self.parameters or self.fragments)

    def digest(self) -> bytes:
        """Return bytes that differ for different lists."""
        parts = (
            self.listing,
            self.region,
            [(name, str(value)) for name, value in self.parameters],
            self.statuses,
            self.fragments,
            self.sort_by,
            self.descending,
            *([self.parent] if self.parent else []),
            *([self.tags] if self.tags else []),
        )
        return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()

    def streams(self) -> tuple[str | None, ...]:
        """Return the status of each AWS list that this one is merged from."""
        return (None,) if self.statuses is None else self.statuses

    def call(self, status: str | None, token: str | None) -> dict[str, Any]:
        """Return the parameters of the AWS call for one page of one stream."""
        chosen = {
            "StatusEquals": status,
            "NameContains": self.fragments[0] if self.fragments else None,
            "NextToken": token,
        }
        kind = self.listing.kind
        return {
            **({kind.parent: self.parent} if isinstance(kind, Child) else {}),
            **dict(self.parameters),
            **{name: value for name, value in chosen.items() if value is not None},
            "SortBy": self.sort_by,
            "SortOrder": "Descending" if self.descending else "Ascending",
            "MaxResults": ROWS_PER_CALL,
        }
