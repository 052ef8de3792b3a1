"""Answers of DescribeTransformJob for jobs of the scenario."""

from typing import Any

from gateway.twin.answers.context import AnswerContext
from gateway.twin.records import Answer, Description
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import to_datetime

# Content types of input and output, and how the input is split, by variant.
FORMATS: dict[str, tuple[str, str]] = {
    "csv": ("text/csv", "text/csv"),
    "json": ("application/jsonlines", "application/jsonlines"),
    "images": ("application/x-image", "application/json"),
    "recordio": ("application/x-recordio-protobuf", "application/json"),
    "labeling": ("application/jsonlines", "application/json"),
    "automl": ("text/csv", "text/csv"),
}


def describe_transform(context: AnswerContext) -> Description:
    """Return the answer at this time, and until when it holds."""
    record = context.record
    timeline = record.timeline
    phase = timeline.current(context.now)
    content_type, accept = FORMATS[record.variant]
    answer: Answer = {
        "TransformJobName": record.name,
        "TransformJobArn": record.arn,
        "TransformJobStatus": phase.status,
        "FailureReason": context.fact("failure") if phase.status == "Failed" else ABSENT,
        "ModelName": context.fact("model", f"{record.name[:50]}-model"),
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3Uri": context.s3("input")}},
            "ContentType": content_type,
        },
        "TransformOutput": {"S3OutputPath": context.s3("output"), "Accept": accept},
        "TransformResources": {"InstanceType": record.facts["instance"]},
        "CreationTime": to_datetime(timeline.created),
        "LabelingJobArn": context.fact("labeling_job_arn"),
        "AutoMLJobArn": context.fact("automl_job_arn"),
        **_times(context),
    }
    return Description(answer, timeline.next_change(context.now))


def _times(context: AnswerContext) -> dict[str, Any]:
    """Return when the instances began and ended their work."""
    phases = context.record.timeline.phases
    start = next((phase.at for phase in phases if phase.secondary == "Running"), None)
    return {
        "TransformStartTime": context.when(start),
        "TransformEndTime": to_datetime(context.record.modified(context.now))
        if context.is_over
        else ABSENT,
    }
