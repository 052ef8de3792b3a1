"""Answers of DescribeMonitoringSchedule for schedules of the scenario, and their executions."""

from typing import Any

from gateway.twin.answers.context import AnswerContext
from gateway.twin.records import Answer, Description
from gateway.twin.scenario.monitoring import DAILY, Execution
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import HOUR, NEVER, to_datetime

FORMATS: tuple[Answer, ...] = (
    {"Csv": ABSENT, "Json": {}, "Parquet": ABSENT},
    {"Csv": {}, "Json": ABSENT, "Parquet": ABSENT},
    {"Csv": ABSENT, "Json": ABSENT, "Parquet": {}},
)


def describe_schedule(context: AnswerContext) -> Description:
    """Return the answer at this time, and until when it holds."""
    record = context.record
    timeline = record.timeline
    phase = timeline.current(context.now)
    last = last_execution(context)
    answer: Answer = {
        "MonitoringScheduleArn": record.arn,
        "MonitoringScheduleName": record.name,
        "MonitoringScheduleStatus": phase.status,
        "MonitoringType": record.facts["monitoring_type"],
        "FailureReason": context.fact("failure") if phase.status == "Failed" else ABSENT,
        "CreationTime": to_datetime(timeline.created),
        "LastModifiedTime": to_datetime(phase.at),
        "MonitoringScheduleConfig": config(context),
        "EndpointName": record.facts["endpoint"] or ABSENT,
        "LastMonitoringExecutionSummary": summary(context, last) if last else ABSENT,
    }
    return Description(answer, min(timeline.next_change(context.now), _executions_change(context)))


def last_execution(context: AnswerContext) -> Execution | None:
    """Return the newest execution that exists by now."""
    executions: list[Execution] = context.record.facts["executions"]
    return next((one for one in reversed(executions) if one.created <= context.now), None)


def summary(context: AnswerContext, execution: Execution) -> Answer:
    """Return a MonitoringExecutionSummary."""
    status = execution.status(context.now)
    begun = execution.job is None or execution.job.created <= context.now
    facts = context.record.facts
    return {
        "MonitoringScheduleName": context.name,
        "ScheduledTime": to_datetime(execution.scheduled),
        "CreationTime": to_datetime(execution.created),
        "LastModifiedTime": to_datetime(execution.modified(context.now)),
        "MonitoringExecutionStatus": status,
        "ProcessingJobArn": execution.job_arn if begun else ABSENT,
        "EndpointName": facts["endpoint"] or ABSENT,
        "FailureReason": execution.failure if status == "Failed" else ABSENT,
        "MonitoringJobDefinitionName": ABSENT if facts["inline"] else definition_name(context),
        "MonitoringType": facts["monitoring_type"],
    }


def definition_name(context: AnswerContext) -> str:
    """Return the name of the job definition that schedules without an inline one use."""
    return f"{context.name[:50]}-definition"


def config(context: AnswerContext) -> dict[str, Any]:
    """When the schedule runs, and what: an inline definition or the name of one."""
    facts = context.record.facts
    hour = context.record.created // HOUR % 24
    cron = f"cron(0 {hour} ? * * *)" if facts["period"] == DAILY else "cron(0 * ? * * *)"
    return {
        "ScheduleConfig": {"ScheduleExpression": cron},
        "MonitoringType": facts["monitoring_type"],
        "MonitoringJobDefinition": definition(context) if facts["inline"] else ABSENT,
        "MonitoringJobDefinitionName": ABSENT if facts["inline"] else definition_name(context),
    }


def definition(context: AnswerContext) -> Answer:
    """Return what each execution reads, runs and writes."""
    return {
        "MonitoringInputs": [_source(context)],
        "MonitoringOutputConfig": {
            "MonitoringOutputs": [
                {
                    "S3Output": {
                        "S3Uri": context.s3("reports"),
                        "LocalPath": "/opt/ml/processing/output",
                    }
                }
            ]
        },
        "MonitoringAppSpecification": {
            "ImageUri": context.account.image("sagemaker-model-monitor-analyzer", "latest"),
        },
    }


def _source(context: AnswerContext) -> Answer:
    endpoint = context.record.facts["endpoint"]
    local = "/opt/ml/processing/input/monitored"
    if endpoint:
        source = {"EndpointName": endpoint, "LocalPath": local}
        return {"EndpointInput": source, "BatchTransformInput": ABSENT}
    batch = {
        "LocalPath": local,
        "DatasetFormat": FORMATS[context.record.ordinal // 2 % len(FORMATS)],
    }
    return {"EndpointInput": ABSENT, "BatchTransformInput": batch}


def _executions_change(context: AnswerContext) -> int:
    """When an execution begins, ends or is added next; new ones arrive a period after the last."""
    executions: list[Execution] = context.record.facts["executions"]
    moments = [context.now + 1] if not executions else []
    for execution in executions:
        if execution.created > context.now:
            moments.append(execution.created)
        elif execution.job is not None:
            moments.append(execution.job.timeline.next_change(context.now))
            if execution.job.created > context.now:
                moments.append(execution.job.created)
    if executions and executions[-1].created <= context.now:
        moments.append(
            max(context.now + 1, executions[-1].created + context.record.facts["period"])
        )
    return min(moments, default=NEVER)
