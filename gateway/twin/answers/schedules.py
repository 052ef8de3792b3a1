"""What DescribeMonitoringSchedule says about a seeded schedule, and about its executions."""

from typing import Any

from gateway.twin.answers.context import Pen
from gateway.twin.records import Answer, Told
from gateway.twin.scenario.executions import DAILY, Execution
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import HOUR, NEVER, moment

FORMATS: tuple[Answer, ...] = (
    {"Csv": ABSENT, "Json": {}, "Parquet": ABSENT},
    {"Csv": {}, "Json": ABSENT, "Parquet": ABSENT},
    {"Csv": ABSENT, "Json": ABSENT, "Parquet": {}},
)


def tell_schedule(pen: Pen) -> Told:
    """Return the answer as far as the story goes, and until when it holds."""
    record = pen.record
    timeline = record.timeline
    phase = timeline.current(pen.now)
    last = last_execution(pen)
    answer: Answer = {
        "MonitoringScheduleArn": record.arn,
        "MonitoringScheduleName": record.name,
        "MonitoringScheduleStatus": phase.status,
        "MonitoringType": record.facts["monitoring_type"],
        "FailureReason": pen.fact("failure") if phase.status == "Failed" else ABSENT,
        "CreationTime": moment(timeline.created),
        "LastModifiedTime": moment(phase.at),
        "MonitoringScheduleConfig": config(pen),
        "EndpointName": record.facts["endpoint"] or ABSENT,
        "LastMonitoringExecutionSummary": summary(pen, last) if last else ABSENT,
    }
    return Told(answer, min(timeline.next_change(pen.now), _executions_change(pen)))


def last_execution(pen: Pen) -> Execution | None:
    """Return the newest execution that exists by now."""
    executions: list[Execution] = pen.record.facts["executions"]
    return next((one for one in reversed(executions) if one.created <= pen.now), None)


def summary(pen: Pen, execution: Execution) -> Answer:
    """Return a MonitoringExecutionSummary."""
    status = execution.status(pen.now)
    begun = execution.job is None or execution.job.created <= pen.now
    facts = pen.record.facts
    return {
        "MonitoringScheduleName": pen.name,
        "ScheduledTime": moment(execution.scheduled),
        "CreationTime": moment(execution.created),
        "LastModifiedTime": moment(execution.modified(pen.now)),
        "MonitoringExecutionStatus": status,
        "ProcessingJobArn": execution.job_arn if begun else ABSENT,
        "EndpointName": facts["endpoint"] or ABSENT,
        "FailureReason": execution.failure if status == "Failed" else ABSENT,
        "MonitoringJobDefinitionName": ABSENT if facts["inline"] else definition_name(pen),
        "MonitoringType": facts["monitoring_type"],
    }


def definition_name(pen: Pen) -> str:
    """Return the name of the job definition that schedules without an inline one use."""
    return f"{pen.name[:50]}-definition"


def config(pen: Pen) -> dict[str, Any]:
    """When the schedule runs, and what: an inline definition or the name of one."""
    facts = pen.record.facts
    hour = pen.record.created // HOUR % 24
    cron = f"cron(0 {hour} ? * * *)" if facts["period"] == DAILY else "cron(0 * ? * * *)"
    return {
        "ScheduleConfig": {"ScheduleExpression": cron},
        "MonitoringType": facts["monitoring_type"],
        "MonitoringJobDefinition": definition(pen) if facts["inline"] else ABSENT,
        "MonitoringJobDefinitionName": ABSENT if facts["inline"] else definition_name(pen),
    }


def definition(pen: Pen) -> Answer:
    """Return what each execution reads, runs and writes."""
    return {
        "MonitoringInputs": [_source(pen)],
        "MonitoringOutputConfig": {
            "MonitoringOutputs": [
                {
                    "S3Output": {
                        "S3Uri": pen.s3("reports"),
                        "LocalPath": "/opt/ml/processing/output",
                    }
                }
            ]
        },
        "MonitoringAppSpecification": {
            "ImageUri": pen.place.image("sagemaker-model-monitor-analyzer", "latest"),
        },
    }


def _source(pen: Pen) -> Answer:
    endpoint = pen.record.facts["endpoint"]
    local = "/opt/ml/processing/input/monitored"
    if endpoint:
        source = {"EndpointName": endpoint, "LocalPath": local}
        return {"EndpointInput": source, "BatchTransformInput": ABSENT}
    batch = {"LocalPath": local, "DatasetFormat": FORMATS[pen.record.turn // 2 % len(FORMATS)]}
    return {"EndpointInput": ABSENT, "BatchTransformInput": batch}


def _executions_change(pen: Pen) -> int:
    """When an execution begins, ends or is added next; new ones arrive a period after the last."""
    executions: list[Execution] = pen.record.facts["executions"]
    moments = [pen.now + 1] if not executions else []
    for execution in executions:
        if execution.created > pen.now:
            moments.append(execution.created)
        elif execution.job is not None:
            moments.append(execution.job.timeline.next_change(pen.now))
            if execution.job.created > pen.now:
                moments.append(execution.job.created)
    if executions and executions[-1].created <= pen.now:
        moments.append(max(pen.now + 1, executions[-1].created + pen.record.facts["period"]))
    return min(moments, default=NEVER)
