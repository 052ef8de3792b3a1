"""The jobs that the clients ask for, and what they are expected to get."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gateway.twin import Twin

WRONG_NAME: Final = "not a name"
RUNNING: Final = "InProgress"


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


def without_typename(value: Any) -> Any:
    """Return data without the `__typename` that some clients add to every selection."""
    if isinstance(value, dict):
        return {k: without_typename(v) for k, v in value.items() if k != "__typename"}
    return [without_typename(item) for item in value] if isinstance(value, list) else value
