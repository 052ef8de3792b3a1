"""Answers of DescribeTrainingJob for jobs of the scenario."""

from typing import Any

from gateway.twin.answers.context import FINAL_STATUSES, AnswerContext
from gateway.twin.answers.training_variants import VARIANTS
from gateway.twin.records import Answer, Description, JobRecord
from gateway.twin.scenario.training import Rule
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import NEVER, SECOND, Phase, next_change_of, to_datetime

# The container runs in these; before them AWS has not started to bill.
WORKING = ("Downloading", "DownloadingTrainingImage", "Training")
TICK = 5 * SECOND

# Members that only some variants have; left out unless the variant gives them.
VARIANT_MEMBERS = (
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


def describe_training(context: AnswerContext) -> Description:
    """Return the answer at this time, and until when it holds."""
    record = context.record
    timeline = record.timeline
    phase = timeline.current(context.now)
    answer: Answer = {
        **dict.fromkeys(VARIANT_MEMBERS, ABSENT),
        "TrainingJobName": record.name,
        "TrainingJobArn": record.arn,
        "TrainingJobStatus": phase.status,
        "SecondaryStatus": phase.secondary,
        "CreationTime": to_datetime(timeline.created),
        "LastModifiedTime": to_datetime(phase.at),
        "FailureReason": context.fact("failure") if phase.status == "Failed" else ABSENT,
        "SecondaryStatusTransitions": transitions(timeline.past(context.now)),
        "RoleArn": context.account.role("service-role/AmazonSageMaker-ExecutionRole"),
        "TuningJobArn": context.fact("tuning_job_arn"),
        "LabelingJobArn": context.fact("labeling_job_arn"),
        "AutoMLJobArn": context.fact("automl_job_arn"),
        **times(context),
        **rule_members(context),
    }
    answer |= VARIANTS[record.variant](context)
    until = min(next_change_of(context.now, [timeline]), rules_change(context))
    if not context.is_over and answer["ProgressInfo"] is not ABSENT:
        until = min(until, context.now - context.now % TICK + TICK)
    return Description(answer, until)


def transitions(phases: tuple[Phase, ...]) -> list[Answer]:
    """Return the secondary statuses passed through, each ended by the next one."""
    found = []
    for number, phase in enumerate(phases):
        if phase.status == "Deleting":
            continue
        ended = phases[number + 1].at if number + 1 < len(phases) else NEVER
        if phase.status in FINAL_STATUSES:
            ended = phase.at
        found.append(
            {
                "Status": phase.secondary,
                "StartTime": to_datetime(phase.at),
                "EndTime": to_datetime(ended) if ended != NEVER else ABSENT,
                "StatusMessage": MESSAGES.get(phase.secondary, phase.secondary),
            }
        )
    return found


def times(context: AnswerContext) -> dict[str, Any]:
    """Return start, end and the durations between them."""
    phases = context.record.timeline.phases
    start = next((phase.at for phase in phases if phase.secondary in WORKING), None)
    end = next((phase.at for phase in phases if phase.status in FINAL_STATUSES), None)
    spent = (
        (end - start) // SECOND if context.is_over and start is not None and end is not None else 0
    )
    spot = any(phase.secondary == "Interrupted" for phase in phases)
    return {
        "TrainingStartTime": context.when(start),
        "TrainingEndTime": context.when(end),
        "TrainingTimeInSeconds": spent or ABSENT,
        "BillableTimeInSeconds": max(1, spent * 4 // 10 if spot else spent) if spent else ABSENT,
        "EnableManagedSpotTraining": spot,
    }


DETAILS = {
    "IssuesFound": "RuleEvaluationConditionMet: Evaluation of the rule {rule} at step 500 "
    "resulted in the condition being met",
    "Error": "InternalServerError: We encountered an internal error. Please try again.",
}


def rule_members(context: AnswerContext) -> Answer:
    """Return configurations and statuses of all rules; ABSENT for jobs that have none."""
    rules: list[Rule] = context.fact("rules", [])
    members: dict[str, Any] = {}
    for kind, profiler in (("Debug", False), ("Profiler", True)):
        chosen = [rule for rule in rules if rule.profiler is profiler]
        configurations = [_configuration(context, rule) for rule in chosen]
        members[f"{kind}RuleConfigurations"] = configurations or ABSENT
        members[f"{kind}RuleEvaluationStatuses"] = [
            _evaluation(context, rule) for rule in chosen
        ] or ABSENT
    if not rules:
        members |= {"DebugHookConfig": ABSENT, "ProfilerConfig": ABSENT}
    members["ProfilingStatus"] = "Enabled" if rules else "Disabled"
    return members


def rules_change(context: AnswerContext) -> int:
    """Return when the status of a rule changes next."""
    rules: list[Rule] = context.fact("rules", [])
    return min(
        next_change_of(context.now, [rule.job.timeline for rule in rules if rule.job]), NEVER
    )


def _configuration(context: AnswerContext, rule: Rule) -> Answer:
    return {
        "RuleConfigurationName": rule.name,
        "RuleEvaluatorImage": context.account.image("sagemaker-debugger-rules", "latest"),
        "RuleParameters": {"rule_to_invoke": rule.name},
        "S3OutputPath": context.s3("rule-output"),
        "LocalPath": "/opt/ml/processing/output/rule",
    }


def _evaluation(context: AnswerContext, rule: Rule) -> Answer:
    job = rule.job
    status = rule_status(job, context.now) if job else "NoIssuesFound"
    begun = job is None or job.created <= context.now
    modified = job.modified(context.now) if job and begun else context.record.modified(context.now)
    details = DETAILS.get(status)
    return {
        "RuleConfigurationName": rule.name,
        "RuleEvaluationJobArn": rule.job_arn if begun else ABSENT,
        "RuleEvaluationStatus": status,
        "StatusDetails": details.format(rule=rule.name) if details else ABSENT,
        "LastModifiedTime": to_datetime(modified),
    }


def rule_status(job: JobRecord, now: int) -> str:
    """Return the status of a rule, given its processing job."""
    status = job.status(now)
    if status == "Completed":
        return str(job.facts.get("outcome", "NoIssuesFound"))
    return "Error" if status == "Failed" else status
