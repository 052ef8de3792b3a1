"""One run of a monitoring schedule, as AWS lists the runs and describes the last one."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry

from gateway.aws.call_budget import Cost
from gateway.aws.pagination.lookup import MAX_PAGES, RowKey
from gateway.aws.reader import Reader
from gateway.aws.resources import Child, Listing
from gateway.schema.enums import OpenEnum, open_enum
from gateway.schema.fields import member
from gateway.schema.identity import child_type
from gateway.schema.links import link, reference_field
from gateway.schema.list_arguments import OrderDirection, condition
from gateway.schema.references import Costs, Found, Reference, Target
from gateway.schema.selection import Selection

if TYPE_CHECKING:
    from gateway.schema.types.processing_job import ProcessingJob

MONITORING_EXECUTION: Final = Child(
    type_name="MonitoringExecutionSummary",
    scope="read:monitoring-schedules",
    listing=Listing(
        "ListMonitoringExecutions",
        "MonitoringExecutionSummaries",
        parent="MonitoringScheduleName",
    ),
    name="ScheduledTime",
    status="MonitoringExecutionStatus",
    arn="ProcessingJobArn",
)


@open_enum
class MonitoringType(OpenEnum):
    """What a monitoring job watches: data quality, model quality, bias or explainability."""

    DATA_QUALITY = "DataQuality"
    MODEL_QUALITY = "ModelQuality"
    MODEL_BIAS = "ModelBias"
    MODEL_EXPLAINABILITY = "ModelExplainability"
    UNKNOWN = "UNKNOWN"


@open_enum
class ExecutionStatus(OpenEnum):
    """How far one monitoring run has got and whether it found violations."""

    PENDING = "Pending"
    COMPLETED = "Completed"
    COMPLETED_WITH_VIOLATIONS = "CompletedWithViolations"
    IN_PROGRESS = "InProgress"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    UNKNOWN = "UNKNOWN"


@child_type(MONITORING_EXECUTION)
class MonitoringExecutionSummary:
    """One run of a monitoring schedule and how it went."""

    monitoring_schedule_name: str | None = member("Name of the schedule that the run belongs to.")
    scheduled_time: datetime | None = member(
        "When the run was due, which may be before it was created."
    )
    creation_time: datetime | None = member("When the run was created.")
    last_modified_time: datetime | None = member(
        "When the run's record last changed, such as its status."
    )
    monitoring_execution_status: ExecutionStatus | None = member(
        "Where the run stands; COMPLETED_WITH_VIOLATIONS means the data broke a constraint."
    )
    processing_job_arn: str | None = member(
        "ARN of the processing job that does the run's work; null where there is none."
    )
    processing_job: (
        Annotated["ProcessingJob", strawberry.lazy("gateway.schema.types.processing_job")] | None
    ) = link("processing_job_arn", "The processing job that does the run's work.")
    endpoint_name: str | None = member(
        "Name of the monitored endpoint; null where no endpoint is monitored."
    )
    failure_reason: str | None = member("Why the run failed; null unless it failed.")
    monitoring_job_definition_name: str | None = member(
        "Name of the job definition that the run used; null where it has none."
    )
    monitoring_type: MonitoringType | None = member(
        "What the run monitored, such as DATA_QUALITY; null where unknown."
    )


class ExecutionOfJob(Reference):
    """Leads from a processing job to the execution whose work the job does."""

    attributes = ("id", "creation_time", "monitoring_schedule_arn")

    def find(
        self, reader: Reader, root: Any, arguments: None, selections: tuple[Selection, ...]
    ) -> Found:
        """Return where the execution is found; nothing where the job belongs to no schedule."""
        job, created, schedule = (getattr(root, attribute) for attribute in self.attributes)
        if not schedule or schedule.isspace():
            return None
        owner = reader.key_of_aws_arn(schedule)
        key = RowKey(MONITORING_EXECUTION, owner.region, owner.name, job, created)
        return Target(key, selections[0], owner=owner)

    def cost(self, arguments: None, selection: Selection, costs: Costs) -> Cost:
        """Return the pages of executions read for one job at most, and the calls below."""
        calls = Cost.of(MONITORING_EXECUTION.listing.operation, MAX_PAGES)
        check = costs.check(selection)
        if check.calls:
            # Whose tags decide is the schedule, which is described for them.
            check += Cost.of("DescribeMonitoringSchedule", 1)
        return calls + check + costs.below(selection)


def monitoring_execution(description: str) -> Any:
    """Declare a processing job's field that holds the execution whose work the job does.

    It costs AWS calls of its own, and is null where the job belongs to no schedule, or AWS has
    forgotten the execution.
    """
    return reference_field(ExecutionOfJob(), description)


@strawberry.input(description="Conditions on executions, all of which must hold.")
class MonitoringExecutionFilter:
    """What ListMonitoringExecutions takes."""

    creation_time_after: datetime | None = condition("Created after this instant.")
    creation_time_before: datetime | None = condition("Created before this instant.")
    last_modified_time_after: datetime | None = condition("Last changed after this instant.")
    last_modified_time_before: datetime | None = condition("Last changed before this instant.")
    scheduled_time_after: datetime | None = condition("Due after this instant.")
    scheduled_time_before: datetime | None = condition("Due before this instant.")
    status_equals: ExecutionStatus | None = condition("The one status that executions may have.")
    endpoint_name: str | None = condition("Name of the endpoint that the executions monitor.")
    monitoring_job_definition_name: str | None = condition(
        "Name of the job definition that the executions use."
    )
    monitoring_type_equals: MonitoringType | None = condition(
        "What the executions monitor, such as DATA_QUALITY."
    )


@strawberry.enum(description="What the executions of a list are sorted by.")
class MonitoringExecutionOrderField(Enum):
    """The values are AWS's."""

    CREATION_TIME = "CreationTime"
    SCHEDULED_TIME = "ScheduledTime"
    STATUS = "Status"


@strawberry.input(description="The order of a list of executions.")
class MonitoringExecutionOrder:
    """As AWS's `SortBy` and `SortOrder`."""

    field: MonitoringExecutionOrderField | None = condition(
        "What the executions are sorted by; CREATION_TIME when it is not given."
    )
    direction: OrderDirection | None = condition(
        "Whether the least or the greatest comes first; DESCENDING when it is not given."
    )
