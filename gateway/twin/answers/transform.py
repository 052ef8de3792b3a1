"""What DescribeTransformJob answers for a seeded job."""

from typing import Any

from gateway.twin.answers.context import Pen
from gateway.twin.records import Answer, Told
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import moment

# Content types of input and output, and how the input is split, by flavour.
FORMATS: dict[str, tuple[str, str]] = {
    "csv": ("text/csv", "text/csv"),
    "json": ("application/jsonlines", "application/jsonlines"),
    "images": ("application/x-image", "application/json"),
    "recordio": ("application/x-recordio-protobuf", "application/json"),
    "labeling": ("application/jsonlines", "application/json"),
    "automl": ("text/csv", "text/csv"),
}


def describe_transform(pen: Pen) -> Told:
    """Return the answer at this moment, and until when it holds."""
    record = pen.record
    timeline = record.timeline
    phase = timeline.current(pen.now)
    content_type, accept = FORMATS[record.flavour]
    answer: Answer = {
        "TransformJobName": record.name,
        "TransformJobArn": record.arn,
        "TransformJobStatus": phase.status,
        "FailureReason": pen.fact("failure") if phase.status == "Failed" else ABSENT,
        "ModelName": pen.fact("model", f"{record.name[:50]}-model"),
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3Uri": pen.s3("input")}},
            "ContentType": content_type,
        },
        "TransformOutput": {"S3OutputPath": pen.s3("output"), "Accept": accept},
        "TransformResources": {"InstanceType": record.facts["instance"]},
        "CreationTime": moment(timeline.created),
        "LabelingJobArn": pen.fact("labeling_job_arn"),
        "AutoMLJobArn": pen.fact("automl_job_arn"),
        **_times(pen),
    }
    return Told(answer, timeline.next_change(pen.now))


def _times(pen: Pen) -> dict[str, Any]:
    """Return when the instances began and ended their work."""
    phases = pen.record.timeline.phases
    start = next((phase.at for phase in phases if phase.secondary == "Running"), None)
    return {
        "TransformStartTime": pen.when(start),
        "TransformEndTime": moment(pen.record.modified(pen.now)) if pen.over else ABSENT,
    }
