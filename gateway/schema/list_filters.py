"""The inputs that choose and order the rows of the lists of resources."""

from datetime import datetime
from enum import Enum

import strawberry

from gateway.schema.list_arguments import OrderDirection, condition
from gateway.schema.types.auto_ml_job import AutoMLJobStatus
from gateway.schema.types.monitoring_execution import MonitoringType
from gateway.schema.types.monitoring_schedule import ScheduleStatus
from gateway.schema.types.processing_job import ProcessingJobStatus
from gateway.schema.types.training_job import TrainingJobStatus, WarmPoolResourceStatus


@strawberry.enum(description="What the rows of a list are sorted by.")
class ListOrderField(Enum):
    """The values are AWS's."""

    NAME = "Name"
    CREATION_TIME = "CreationTime"
    STATUS = "Status"


@strawberry.input(description="The order of a list.")
class ListOrder:
    """As AWS's `SortBy` and `SortOrder`, but the newest first by default."""

    field: ListOrderField | None = condition(
        "What the rows are sorted by; CREATION_TIME when it is not given."
    )
    direction: OrderDirection | None = condition(
        "Whether the least or the greatest row comes first; DESCENDING when it is not given."
    )


@strawberry.input(description="A tag that a resource has.")
class TagCondition:
    """A key, and its value or any."""

    key: str = strawberry.field(description="Key of the tag, in its letter case.")
    value: str | None = condition("Value of the tag, in its letter case; any when it is not given.")


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
    tags: list[TagCondition] | None = condition(
        "Tags, all of which the resource has; each row that is looked at costs a call of ListTags."
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
