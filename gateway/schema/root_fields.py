"""The root fields: a resource by name, or by its ARN."""

import asyncio
from typing import Annotated, Any, Final

import strawberry

from gateway.aws.errors import named_by_caller
from gateway.aws.loader import OperationContext
from gateway.aws.pagination.query import (
    AUTO_ML_JOBS,
    MONITORING_SCHEDULES,
    PROCESSING_JOBS,
    TRAINING_JOBS,
)
from gateway.aws.resources import (
    AUTO_ML_JOB,
    MONITORING_SCHEDULE,
    PROCESSING_JOB,
    TRAINING_JOB,
    Resource,
)
from gateway.errors import BadUserInput
from gateway.schema.connections import Connection, Region, connection
from gateway.schema.fields import SOURCE, ByArn, ByName
from gateway.schema.list_filters import (
    AutoMLJobFilter,
    ListOrder,
    MonitoringScheduleFilter,
    ProcessingJobFilter,
    TrainingJobFilter,
)
from gateway.schema.naming import field_name
from gateway.schema.node import Node
from gateway.schema.types.auto_ml_job import AutoMLJob
from gateway.schema.types.monitoring_schedule import MonitoringSchedule
from gateway.schema.types.processing_job import ProcessingJob
from gateway.schema.types.training_job import TrainingJob

MOST_NODES: Final = 100
"""How many `ids` one `nodes` field takes; GitHub's API allows as many."""

Info = strawberry.Info[OperationContext, None]
Name = Annotated[str, strawberry.argument(description="Name as AWS knows it.")]
Id = Annotated[strawberry.ID, strawberry.argument(description="ARN of the resource.")]
Ids = Annotated[
    list[strawberry.ID],
    strawberry.argument(description=f"ARNs of the resources, {MOST_NODES} at the most."),
]


def _by_name(resource: Resource) -> Any:
    async def read(info: Info, name: Name, region: Region = None) -> Any:
        key = info.context.reader.key_of_name(resource, name, region)
        with named_by_caller():
            return await info.context.read(key)

    return strawberry.field(
        resolver=read,
        name=field_name(resource.type_name),
        description=f"The {resource.label} of that name; null when there is none.",
        metadata={SOURCE: ByName(resource)},
    )


async def read_node(context: OperationContext, id_: str) -> Any:
    """Return the object whose ARN is `id_`, `None` when there is none. Raises `CodedError`."""
    key = context.reader.key_of_arn(id_)
    with named_by_caller():
        return await context.read(key, id_)


def check_ids(ids: list[strawberry.ID]) -> None:
    """Raise `BadUserInput` when there are more than `MOST_NODES`."""
    if len(ids) > MOST_NODES:
        raise BadUserInput(f"At most {MOST_NODES} ids at once, not {len(ids)}.")


async def _node(info: Info, id: Id) -> Any:  # noqa: A002  # the argument's name is Relay's
    return await read_node(info.context, id)


async def _nodes(info: Info, ids: Ids) -> Any:
    check_ids(ids)
    # An exception among the results is the error of that item alone.
    return await asyncio.gather(
        *(read_node(info.context, id_) for id_ in ids), return_exceptions=True
    )


@strawberry.type(description="Where every query starts.")
class Query:
    """Declared like the other types: each field names its source."""

    processing_job: ProcessingJob | None = _by_name(PROCESSING_JOB)
    training_job: TrainingJob | None = _by_name(TRAINING_JOB)
    auto_ml_job: AutoMLJob | None = _by_name(AUTO_ML_JOB)
    monitoring_schedule: MonitoringSchedule | None = _by_name(MONITORING_SCHEDULE)
    node: Node | None = strawberry.field(
        resolver=_node,
        description="The resource with that ARN, in the ARN's own region; null when there is none.",
        metadata={SOURCE: ByArn(many=False)},
    )
    nodes: list[Node | None] | None = strawberry.field(
        resolver=_nodes,
        description="The resources with those ARNs, in the same order; null where there is none.",
        metadata={SOURCE: ByArn(many=True)},
    )
    processing_jobs: Connection[ProcessingJob] | None = connection(
        PROCESSING_JOBS,
        ProcessingJobFilter,
        ListOrder,
        "The processing jobs of a region, in pages.",
    )
    training_jobs: Connection[TrainingJob] | None = connection(
        TRAINING_JOBS, TrainingJobFilter, ListOrder, "The training jobs of a region, in pages."
    )
    auto_ml_jobs: Connection[AutoMLJob] | None = connection(
        AUTO_ML_JOBS,
        AutoMLJobFilter,
        ListOrder,
        "The AutoML jobs of a region, in pages.",
        name="autoMLJobs",
    )
    monitoring_schedules: Connection[MonitoringSchedule] | None = connection(
        MONITORING_SCHEDULES,
        MonitoringScheduleFilter,
        ListOrder,
        "The monitoring schedules of a region, in pages.",
    )
