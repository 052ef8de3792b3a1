"""The jobs that the clients ask for, and what they are expected to get."""

from typing import TYPE_CHECKING, Any, Final

from tests.aws_answers import arn

if TYPE_CHECKING:
    from gateway.twin import Twin

WRONG_NAME: Final = "not a name"


def linked_job(twin: "Twin") -> tuple[str, dict[str, Any]]:
    """Return the name of a processing job with a training job, and the data it is to give."""
    schedules = twin.answers("DescribeMonitoringSchedule")
    trainings = twin.answers("DescribeTrainingJob")
    for name, job in twin.answers("DescribeProcessingJob").items():
        training = trainings.get(job.get("TrainingJobArn", "").rpartition("/")[2])
        schedule = schedules.get(job.get("MonitoringScheduleArn", "").rpartition("/")[2])
        if training and job["ProcessingJobStatus"] == "Completed":
            return name, {
                "id": job["ProcessingJobArn"],
                "processingJobName": name,
                "processingJobStatus": "COMPLETED",
                "trainingJob": {
                    "id": training["TrainingJobArn"],
                    "trainingJobName": training["TrainingJobName"],
                    "trainingJobStatus": training["TrainingJobStatus"].upper(),
                },
                "monitoringSchedule": schedule
                and {
                    "id": schedule["MonitoringScheduleArn"],
                    "monitoringScheduleName": schedule["MonitoringScheduleName"],
                },
            }
    raise AssertionError("the twin has no such job")


def deferred_part(name: str) -> dict[str, Any]:
    """Return what the clients' operation defers, of the jobs of the fixture `unread`."""
    training = {"id": arn("training-job", name), "trainingJobName": name}
    return {"processingJobStatus": "COMPLETED", "trainingJob": training}


def deferred_data(name: str) -> dict[str, Any]:
    """Return the data of that operation, put together."""
    return {"processingJob": {"id": arn("processing-job", name), **deferred_part(name)}}


def without_typename(value: Any) -> Any:
    """Return data without the `__typename` that some clients add to every selection."""
    if isinstance(value, dict):
        return {k: without_typename(v) for k, v in value.items() if k != "__typename"}
    return [without_typename(item) for item in value] if isinstance(value, list) else value
