"""The resources that a processing job leads to, as far as the workloads ask for them."""

from datetime import datetime
from typing import Any, Self

import strawberry


@strawberry.interface
class Node:
    """Whatever has an ARN."""

    id: strawberry.ID


@strawberry.type
class TrainingJob(Node):
    """A training job."""

    training_job_name: str
    training_job_status: str
    secondary_status: str | None
    creation_time: datetime
    role_arn: str | None
    failure_reason: str | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            id=strawberry.ID(answer["TrainingJobArn"]),
            training_job_name=answer["TrainingJobName"],
            training_job_status=answer["TrainingJobStatus"],
            secondary_status=answer.get("SecondaryStatus"),
            creation_time=answer["CreationTime"],
            role_arn=answer.get("RoleArn"),
            failure_reason=answer.get("FailureReason"),
        )


@strawberry.type
class AutoMLJob(Node):
    """An AutoML job."""

    auto_ml_job_name: str = strawberry.field(name="autoMLJobName")
    auto_ml_job_status: str = strawberry.field(name="autoMLJobStatus")
    creation_time: datetime
    role_arn: str | None
    failure_reason: str | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            id=strawberry.ID(answer["AutoMLJobArn"]),
            auto_ml_job_name=answer["AutoMLJobName"],
            auto_ml_job_status=answer["AutoMLJobStatus"],
            creation_time=answer["CreationTime"],
            role_arn=answer.get("RoleArn"),
            failure_reason=answer.get("FailureReason"),
        )


@strawberry.type
class MonitoringSchedule(Node):
    """A monitoring schedule."""

    monitoring_schedule_name: str
    monitoring_schedule_status: str
    creation_time: datetime
    monitoring_type: str | None
    failure_reason: str | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            id=strawberry.ID(answer["MonitoringScheduleArn"]),
            monitoring_schedule_name=answer["MonitoringScheduleName"],
            monitoring_schedule_status=answer["MonitoringScheduleStatus"],
            creation_time=answer["CreationTime"],
            monitoring_type=answer.get("MonitoringType"),
            failure_reason=answer.get("FailureReason"),
        )
