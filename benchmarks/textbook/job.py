"""A processing job."""

from datetime import datetime
from enum import Enum
from typing import Any, Self

import strawberry

from benchmarks.textbook import data
from benchmarks.textbook.inputs import ProcessingInput
from benchmarks.textbook.linked import AutoMLJob, MonitoringSchedule, Node, TrainingJob
from benchmarks.textbook.outputs import ProcessingOutputConfig
from benchmarks.textbook.settings import (
    AppSpecification,
    EnvironmentVariable,
    ExperimentConfig,
    NetworkConfig,
    ProcessingResources,
    StoppingCondition,
)


@strawberry.enum
class ProcessingJobStatus(Enum):
    """How far a job is."""

    InProgress = "InProgress"
    Completed = "Completed"
    Failed = "Failed"
    Stopping = "Stopping"
    Stopped = "Stopped"


@strawberry.type
class ProcessingJob(Node):
    """A processing job, made whole from AWS's answer."""

    processing_job_name: str
    processing_job_arn: str
    processing_job_status: ProcessingJobStatus
    exit_message: str | None
    failure_reason: str | None
    creation_time: datetime
    processing_start_time: datetime | None
    processing_end_time: datetime | None
    last_modified_time: datetime | None
    role_arn: str | None
    monitoring_schedule_arn: str | None
    auto_ml_job_arn: str | None = strawberry.field(name="autoMLJobArn")
    training_job_arn: str | None
    processing_inputs: list[ProcessingInput] | None
    processing_output_config: ProcessingOutputConfig | None
    processing_resources: ProcessingResources
    stopping_condition: StoppingCondition | None
    app_specification: AppSpecification
    environment: list[EnvironmentVariable] | None
    network_config: NetworkConfig | None
    experiment_config: ExperimentConfig | None

    @strawberry.field
    async def training_job(self) -> TrainingJob | None:
        """Follow the link."""
        if not self.training_job_arn:
            return None
        return TrainingJob.of(await data.training_job(data.name_of(self.training_job_arn)))

    # To mypy this overload of the decorator is untyped.
    @strawberry.field(name="autoMLJob")  # type: ignore[untyped-decorator]
    async def auto_ml_job(self) -> AutoMLJob | None:
        """Follow the link."""
        if not self.auto_ml_job_arn:
            return None
        return AutoMLJob.of(await data.auto_ml_job(data.name_of(self.auto_ml_job_arn)))

    @strawberry.field
    async def monitoring_schedule(self) -> MonitoringSchedule | None:
        """Follow the link."""
        if not self.monitoring_schedule_arn:
            return None
        name = data.name_of(self.monitoring_schedule_arn)
        return MonitoringSchedule.of(await data.monitoring_schedule(name))

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            id=strawberry.ID(answer["ProcessingJobArn"]),
            processing_job_name=answer["ProcessingJobName"],
            processing_job_arn=answer["ProcessingJobArn"],
            processing_job_status=ProcessingJobStatus(answer["ProcessingJobStatus"]),
            exit_message=answer.get("ExitMessage"),
            failure_reason=answer.get("FailureReason"),
            creation_time=answer["CreationTime"],
            processing_start_time=answer.get("ProcessingStartTime"),
            processing_end_time=answer.get("ProcessingEndTime"),
            last_modified_time=answer.get("LastModifiedTime"),
            role_arn=answer.get("RoleArn"),
            monitoring_schedule_arn=answer.get("MonitoringScheduleArn"),
            auto_ml_job_arn=answer.get("AutoMLJobArn"),
            training_job_arn=answer.get("TrainingJobArn"),
            **_parts(answer),
        )


def _parts(answer: dict[str, Any]) -> dict[str, Any]:
    inputs = answer.get("ProcessingInputs")
    outputs = answer.get("ProcessingOutputConfig")
    stopping = answer.get("StoppingCondition")
    environment = answer.get("Environment")
    network = answer.get("NetworkConfig")
    experiment = answer.get("ExperimentConfig")
    return {
        "processing_inputs": [ProcessingInput.of(each) for each in inputs] if inputs else None,
        "processing_output_config": ProcessingOutputConfig.of(outputs) if outputs else None,
        "processing_resources": ProcessingResources.of(answer["ProcessingResources"]),
        "stopping_condition": StoppingCondition.of(stopping) if stopping else None,
        "app_specification": AppSpecification.of(answer["AppSpecification"]),
        "environment": [EnvironmentVariable(key=k, value=v) for k, v in environment.items()]
        if environment
        else None,
        "network_config": NetworkConfig.of(network) if network else None,
        "experiment_config": ExperimentConfig.of(experiment) if experiment else None,
    }
