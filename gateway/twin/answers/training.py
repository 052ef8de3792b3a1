"""What DescribeTrainingJob says about a seeded job."""

from typing import TYPE_CHECKING, Any

from gateway.twin.answers.context import OVER, Pen
from gateway.twin.answers.rules import rule_members, rules_change
from gateway.twin.answers.training_variants import FLAVOURS
from gateway.twin.records import Answer, Told
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import NEVER, SECOND, Phase, moment, soonest

if TYPE_CHECKING:
    from datetime import datetime

# The container runs in these; before them AWS has not started to bill.
WORKING = ("Downloading", "DownloadingTrainingImage", "Training")
TICK = 5 * SECOND

# Members that only some flavours have; left out unless the flavour gives them.
RARE = (
    "AutoMLJobArn",
    "BillableTokenCount",
    "LabelingJobArn",
    "MlflowConfig",
    "MlflowDetails",
    "ModelPackageConfig",
    "OutputModelPackageArn",
    "ProgressInfo",
    "ServerlessJobConfig",
    "TuningJobArn",
    "WarmPoolStatus",
)
MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Pending": "Training job waiting for capacity",
    "LaunchingMLInstances": "Launching requested ML instances",
    "PreparingTrainingStack": "Preparing the training stack",
    "Downloading": "Downloading the training image",
    "DownloadingTrainingImage": "Training image download in progress",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "Managed spot training job was interrupted; waiting for capacity",
    "Restarting": "Restarting after an instance failure",
    "Updating": "Updating the profiler configuration",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds",
    "MaxWaitTimeExceeded": "Training job exceeded MaxWaitTimeInSeconds",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
}


def tell_training(pen: Pen) -> Told:
    """Return the answer as far as the story goes, and until when it holds."""
    record = pen.record
    timeline = record.timeline
    phase = timeline.current(pen.now)
    answer: Answer = {
        **dict.fromkeys(RARE, ABSENT),
        "TrainingJobName": record.name,
        "TrainingJobArn": record.arn,
        "TrainingJobStatus": phase.status,
        "SecondaryStatus": phase.secondary,
        "CreationTime": moment(timeline.created),
        "LastModifiedTime": moment(phase.at),
        "FailureReason": pen.fact("failure") if phase.status == "Failed" else ABSENT,
        "SecondaryStatusTransitions": transitions(timeline.past(pen.now)),
        "RoleArn": pen.place.role("service-role/AmazonSageMaker-ExecutionRole"),
        "TuningJobArn": pen.fact("tuning_job_arn"),
        "LabelingJobArn": pen.fact("labeling_job_arn"),
        "AutoMLJobArn": pen.fact("automl_job_arn"),
        **times(pen),
        **rule_members(pen),
    }
    answer |= FLAVOURS[record.flavour](pen)
    until = min(soonest(pen.now, [timeline]), rules_change(pen))
    if not pen.over and answer["ProgressInfo"] is not ABSENT:
        until = min(until, pen.now - pen.now % TICK + TICK)
    return Told(answer, until)


def transitions(phases: tuple[Phase, ...]) -> list[Answer]:
    """Return the secondary statuses passed through, each ended by the next one."""
    told = []
    for number, phase in enumerate(phases):
        if phase.status == "Deleting":
            continue
        ended = phases[number + 1].at if number + 1 < len(phases) else NEVER
        if phase.status in OVER:
            ended = phase.at
        told.append(
            {
                "Status": phase.secondary,
                "StartTime": moment(phase.at),
                "EndTime": moment(ended) if ended != NEVER else ABSENT,
                "StatusMessage": MESSAGES.get(phase.secondary, phase.secondary),
            }
        )
    return told


def times(pen: Pen) -> dict[str, Any]:
    """Start, end and the durations that follow from them."""
    phases = pen.record.timeline.phases
    start = next((phase.at for phase in phases if phase.secondary in WORKING), None)
    end = next((phase.at for phase in phases if phase.status in OVER), None)
    started: datetime | Any = pen.when(start)
    spent = (end - start) // SECOND if pen.over and start is not None and end is not None else 0
    spot = any(phase.secondary == "Interrupted" for phase in phases)
    return {
        "TrainingStartTime": started,
        "TrainingEndTime": pen.when(end),
        "TrainingTimeInSeconds": spent or ABSENT,
        "BillableTimeInSeconds": max(1, spent * 4 // 10 if spot else spent) if spent else ABSENT,
        "EnableManagedSpotTraining": spot,
    }
