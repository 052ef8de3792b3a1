"""What DescribeProcessingJob says about a seeded job."""

from typing import Any

from gateway.twin.answers.context import Pen
from gateway.twin.answers.processing_variants import FLAVOURS
from gateway.twin.records import Answer, Told
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import moment


def tell_processing(pen: Pen) -> Told:
    """Return the answer as far as the story goes, and until when it holds."""
    record = pen.record
    timeline = record.timeline
    phase = timeline.current(pen.now)
    failed = phase.status == "Failed"
    answer: Answer = {
        "ProcessingJobName": record.name,
        "ProcessingJobArn": record.arn,
        "ProcessingJobStatus": phase.status,
        "CreationTime": moment(timeline.created),
        "LastModifiedTime": moment(phase.at),
        "ProcessingStartTime": pen.when(_start(pen)),
        "ProcessingEndTime": moment(phase.at) if pen.over else ABSENT,
        "FailureReason": pen.fact("failure") if failed else ABSENT,
        "ExitMessage": pen.fact("exit_message") if pen.over else ABSENT,
        "TrainingJobArn": pen.fact("training_job_arn"),
        "AutoMLJobArn": pen.fact("automl_job_arn"),
        "MonitoringScheduleArn": pen.fact("schedule_arn"),
        "ProcessingResources": {"ClusterConfig": cluster(pen)},
        "RoleArn": pen.place.role("service-role/AmazonSageMaker-ExecutionRole"),
        **FLAVOURS[record.flavour](pen),
    }
    return Told(answer, timeline.next_change(pen.now))


def cluster(pen: Pen) -> dict[str, Any]:
    """Return the instances: one type, or preferences, one of them selected at the start."""
    types = pen.record.facts["instances"]
    count = pen.dice.between("instances", 1, 4)
    if len(types) == 1:
        return {
            "InstanceType": types[0],
            "InstanceCount": count,
            "InstancePreferences": ABSENT,
            "SelectedInstanceType": ABSENT,
            "SelectedInstanceCount": ABSENT,
        }
    begun = _start(pen)
    selected = begun is not None and begun <= pen.now
    return {
        "InstanceType": ABSENT,
        "InstanceCount": ABSENT,
        "InstancePreferences": [
            {"InstanceType": instance, "InstanceCount": count} for instance in types
        ],
        "SelectedInstanceType": pen.dice.choice("selected", types) if selected else ABSENT,
        "SelectedInstanceCount": count if selected else ABSENT,
    }


def _start(pen: Pen) -> int | None:
    """When the container started: a job that AWS could not start never has that moment."""
    failure = pen.fact("failure", "")
    if isinstance(failure, str) and failure.startswith(("CapacityError", "ClientError: Cannot")):
        return None
    phases = pen.record.timeline.phases
    return next((phase.at for phase in phases if phase.secondary == "Running"), None)
