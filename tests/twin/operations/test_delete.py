"""The delete operations through boto3."""

from typing import Any

import pytest

from gateway.twin import Twin
from tests.twin.conftest import connect, error_of

DELETES = {
    "delete_processing_job": ("ProcessingJobName", "churn-model-quality-check"),
    "delete_training_job": ("TrainingJobName", "churn-xgboost-training"),
    "delete_hyper_parameter_tuning_job": ("HyperParameterTuningJobName", "churn-xgboost-tuning"),
    "delete_monitoring_schedule": ("MonitoringScheduleName", "churn-data-quality-monitor"),
}


@pytest.mark.parametrize("operation", DELETES)
def test_deleted_resources_are_gone(moving: Twin, operation: str) -> None:
    """A deleted resource is not found, by a second delete too."""
    client = connect(moving)
    member, name = DELETES[operation]
    getattr(client, operation)(**{member: name})
    describe = getattr(client, operation.replace("delete", "describe"))
    codes = {error_of(call, **{member: name})[0] for call in (describe, getattr(client, operation))}
    client.close()

    assert codes <= {"ValidationException", "ResourceNotFound"}


def test_running_jobs_are_in_use(client: Any) -> None:
    """A running job is not deleted."""
    name = "fraud-detector-training"

    assert error_of(client.delete_training_job, TrainingJobName=name)[0] == "ResourceInUse"
    assert client.describe_training_job(TrainingJobName=name)["TrainingJobName"] == name
