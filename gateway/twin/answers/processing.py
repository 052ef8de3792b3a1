"""Answers of DescribeProcessingJob for jobs of the scenario."""

from typing import Any

from gateway.twin.answers.context import AnswerContext
from gateway.twin.answers.processing_variants import VARIANTS
from gateway.twin.records import Answer, Description
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import to_datetime


def describe_processing(context: AnswerContext) -> Description:
    """Return the answer at this time, and until when it holds."""
    record = context.record
    timeline = record.timeline
    phase = timeline.current(context.now)
    failed = phase.status == "Failed"
    answer: Answer = {
        "ProcessingJobName": record.name,
        "ProcessingJobArn": record.arn,
        "ProcessingJobStatus": phase.status,
        "CreationTime": to_datetime(timeline.created),
        "LastModifiedTime": to_datetime(phase.at),
        "ProcessingStartTime": context.when(_start(context)),
        "ProcessingEndTime": to_datetime(phase.at) if context.is_over else ABSENT,
        "FailureReason": context.fact("failure") if failed else ABSENT,
        "ExitMessage": context.fact("exit_message") if context.is_over else ABSENT,
        "TrainingJobArn": context.fact("training_job_arn"),
        "AutoMLJobArn": context.fact("automl_job_arn"),
        "MonitoringScheduleArn": context.fact("schedule_arn"),
        "ProcessingResources": {"ClusterConfig": cluster(context)},
        "RoleArn": context.account.role("service-role/AmazonSageMaker-ExecutionRole"),
        **VARIANTS[record.variant](context),
    }
    return Description(answer, timeline.next_change(context.now))


def cluster(context: AnswerContext) -> dict[str, Any]:
    """Return the instances: one type, or preferences, one of them selected at the start."""
    types = context.record.facts["instances"]
    count = context.choices.between("instances", 1, 4)
    if len(types) == 1:
        return {
            "InstanceType": types[0],
            "InstanceCount": count,
            "InstancePreferences": ABSENT,
            "SelectedInstanceType": ABSENT,
            "SelectedInstanceCount": ABSENT,
        }
    begun = _start(context)
    selected = begun is not None and begun <= context.now
    return {
        "InstanceType": ABSENT,
        "InstanceCount": ABSENT,
        "InstancePreferences": [
            {"InstanceType": instance, "InstanceCount": count} for instance in types
        ],
        "SelectedInstanceType": context.choices.choice("selected", types) if selected else ABSENT,
        "SelectedInstanceCount": count if selected else ABSENT,
    }


def _start(context: AnswerContext) -> int | None:
    """When the container started: a job that AWS could not start never has that time."""
    failure = context.fact("failure", "")
    if isinstance(failure, str) and failure.startswith(("CapacityError", "ClientError: Cannot")):
        return None
    phases = context.record.timeline.phases
    return next((phase.at for phase in phases if phase.secondary == "Running"), None)
