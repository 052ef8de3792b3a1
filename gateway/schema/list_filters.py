"""The inputs that choose and order the rows of a list, and what they ask of AWS.

Fields are named after the parameters of AWS's list calls by the naming rule; `statusIn` and
`nameContainsAll` are the gateway's own.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

import strawberry

from gateway.aws.listings import Listing, ListQuery
from gateway.errors import BadUserInput
from gateway.schema.auto_ml_job import AutoMLJobStatus
from gateway.schema.enums import OpenEnum
from gateway.schema.monitoring_schedule import MonitoringType, ScheduleStatus
from gateway.schema.naming import aws_member, field_name
from gateway.schema.processing_job import ProcessingJobStatus
from gateway.schema.training_job import TrainingJobStatus, WarmPoolResourceStatus

_FRAGMENT: Final = re.compile(r"[a-zA-Z0-9-]{1,63}")
_OWN: Final = frozenset({"status_equals", "status_in", "name_contains", "name_contains_all"})


@strawberry.enum(description="What the rows of a list are sorted by.")
class ListOrderField(Enum):
    """The values are AWS's."""

    NAME = "Name"
    CREATION_TIME = "CreationTime"
    STATUS = "Status"


@strawberry.enum(description="Which end of an order comes first.")
class OrderDirection(Enum):
    """The values are AWS's."""

    ASCENDING = "Ascending"
    DESCENDING = "Descending"


def condition(description: str) -> Any:
    """Declare a field of an input that has no effect when it is not given, or null."""
    return strawberry.field(default=strawberry.UNSET, description=description)


@strawberry.input(description="The order of a list.")
class ListOrder:
    """As AWS's `SortBy` and `SortOrder`, but the newest first by default."""

    field: ListOrderField | None = condition(
        "What the rows are sorted by; CREATION_TIME when it is not given."
    )
    direction: OrderDirection | None = condition(
        "Whether the least or the greatest row comes first; DESCENDING when it is not given."
    )


@strawberry.input
class _Common:
    creation_time_after: datetime | None = condition("Created after this instant.")
    creation_time_before: datetime | None = condition("Created before this instant.")
    last_modified_time_after: datetime | None = condition("Last changed after this instant.")
    last_modified_time_before: datetime | None = condition("Last changed before this instant.")
    name_contains: str | None = condition("A text that the name contains.")
    name_contains_all: list[str] | None = condition(
        "Several texts, all of which the name contains."
    )


@strawberry.input(description="Conditions on processing jobs, all of which must hold.")
class ProcessingJobFilter(_Common):
    """What ListProcessingJobs takes."""

    status_equals: ProcessingJobStatus | None = condition("The one status that jobs may have.")
    status_in: list[ProcessingJobStatus] | None = condition(
        "The statuses that jobs may have; each is an AWS list of its own."
    )


@strawberry.input(description="Conditions on training jobs, all of which must hold.")
class TrainingJobFilter(_Common):
    """What ListTrainingJobs takes."""

    status_equals: TrainingJobStatus | None = condition("The one status that jobs may have.")
    status_in: list[TrainingJobStatus] | None = condition(
        "The statuses that jobs may have; each is an AWS list of its own."
    )
    warm_pool_status_equals: WarmPoolResourceStatus | None = condition(
        "The status that the jobs' warm pools have."
    )
    training_plan_arn_equals: str | None = condition(
        "ARN of the training plan whose capacity the jobs use."
    )


@strawberry.input(description="Conditions on AutoML jobs, all of which must hold.")
class AutoMLJobFilter(_Common):
    """What ListAutoMLJobs takes."""

    status_equals: AutoMLJobStatus | None = condition("The one status that jobs may have.")
    status_in: list[AutoMLJobStatus] | None = condition(
        "The statuses that jobs may have; each is an AWS list of its own."
    )


@strawberry.input(description="Conditions on monitoring schedules, all of which must hold.")
class MonitoringScheduleFilter(_Common):
    """What ListMonitoringSchedules takes."""

    status_equals: ScheduleStatus | None = condition("The one status that schedules may have.")
    status_in: list[ScheduleStatus] | None = condition(
        "The statuses that schedules may have; each is an AWS list of its own."
    )
    endpoint_name: str | None = condition("Name of the endpoint that the schedules monitor.")
    monitoring_job_definition_name: str | None = condition(
        "Name of the job definition that the schedules run."
    )
    monitoring_type_equals: MonitoringType | None = condition("What the schedules watch.")


def list_query(
    listing: Listing, region: str, given: _Common | None, order: ListOrder | None
) -> ListQuery:
    """Return which list the arguments mean. Raises `BadUserInput`."""
    field = (order and order.field) or ListOrderField.CREATION_TIME
    direction = (order and order.direction) or OrderDirection.DESCENDING
    return ListQuery(
        listing=listing,
        region=region,
        parameters=() if given is None else tuple(sorted(_parameters(given))),
        statuses=None if given is None else _statuses(given),
        fragments=() if given is None else _fragments(given),
        sort_by=field.value,
        descending=direction is OrderDirection.DESCENDING,
    )


def _parameters(given: _Common) -> Iterator[tuple[str, Any]]:
    for each in fields(given):
        value = getattr(given, each.name)
        if each.name not in _OWN and value is not None and value is not strawberry.UNSET:
            yield aws_member(each.name), _aws_value(each.name, value)


def _aws_value(attribute: str, value: Any) -> Any:
    if isinstance(value, OpenEnum):
        return _known(attribute, value)
    return _in_utc(attribute, value) if isinstance(value, datetime) else value


def _known(attribute: str, value: OpenEnum) -> str:
    if value.name == "UNKNOWN":
        name = field_name(aws_member(attribute))
        raise BadUserInput(f"`{name}` cannot be UNKNOWN, which is no value of AWS's.")
    text: str = value.value
    return text


def _in_utc(attribute: str, value: datetime) -> datetime:
    # boto3 takes what stands before the offset for UTC.
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        name = field_name(aws_member(attribute))
        raise BadUserInput(f"`{name}` is an instant that AWS cannot hold.") from error


def _statuses(given: Any) -> tuple[str, ...] | None:
    chosen: list[set[str]] = []
    if given.status_equals:
        chosen.append({_known("status_equals", given.status_equals)})
    if isinstance(given.status_in, list):
        chosen.append({_known("status_in", status) for status in given.status_in})
    return tuple(sorted(set.intersection(*chosen))) if chosen else None


def _fragments(given: _Common) -> tuple[str, ...]:
    fragments = set(given.name_contains_all or ())
    if isinstance(given.name_contains, str):
        fragments.add(given.name_contains)
    # Every name contains it.
    fragments.discard("")
    for fragment in fragments:
        if not _FRAGMENT.fullmatch(fragment):
            raise BadUserInput(
                "What a name contains must be 1 to 63 letters, digits and hyphens, as in a name."
            )
    return tuple(sorted(fragments, key=lambda fragment: (-len(fragment), fragment)))
