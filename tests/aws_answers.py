"""AWS's answers that tests put into the twin: valid, with no more than the required members."""

from typing import Any, Final

from .clocks import NOW

ACCOUNT: Final = "123456789012"
STRANGER: Final = "210987654321"
"""Another account."""

PROCESSING: Final = "DescribeProcessingJob"
TRAINING: Final = "DescribeTrainingJob"
AUTO_ML: Final = "DescribeAutoMLJobV2"
SCHEDULE: Final = "DescribeMonitoringSchedule"
TRANSFORM: Final = "DescribeTransformJob"
TUNING: Final = "DescribeHyperParameterTuningJob"


def arn(
    type_: str,
    name: str,
    *,
    region: str = "eu-west-1",
    account: str = ACCOUNT,
    service: str = "sagemaker",
    partition: str = "aws",
) -> str:
    """Return an ARN."""
    return f"arn:{partition}:{service}:{region}:{account}:{type_}/{name}"


def processing_job(
    name: str, status: str = "Completed", region: str = "eu-west-1", **members: Any
) -> dict[str, Any]:
    """Return an answer of DescribeProcessingJob."""
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
    return {
        "ProcessingJobName": name,
        "ProcessingJobArn": arn("processing-job", name, region=region),
        "ProcessingJobStatus": status,
        "ProcessingResources": {"ClusterConfig": cluster},
        "AppSpecification": {"ImageUri": "123.dkr.ecr.eu-west-1.amazonaws.com/image:1"},
        "CreationTime": NOW,
        **members,
    }


def training_job(
    name: str, status: str = "Completed", region: str = "eu-west-1", **members: Any
) -> dict[str, Any]:
    """Return an answer of DescribeTrainingJob."""
    return {
        "TrainingJobName": name,
        "TrainingJobArn": arn("training-job", name, region=region),
        "ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/model.tar.gz"},
        "TrainingJobStatus": status,
        "SecondaryStatus": status,
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "ResourceConfig": {"VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "CreationTime": NOW,
        **members,
    }


def transform_job(name: str, status: str = "Completed", **members: Any) -> dict[str, Any]:
    """Return an answer of DescribeTransformJob."""
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}}
    return {
        "TransformJobName": name,
        "TransformJobArn": arn("transform-job", name),
        "TransformJobStatus": status,
        "ModelName": "model",
        "TransformInput": {"DataSource": source},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "CreationTime": NOW,
        **members,
    }


def tuning_job(name: str, status: str = "Completed", **members: Any) -> dict[str, Any]:
    """Return an answer of DescribeHyperParameterTuningJob."""
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobArn": arn("hyper-parameter-tuning-job", name),
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "ResourceLimits": {"MaxParallelTrainingJobs": 1},
        },
        "HyperParameterTuningJobStatus": status,
        "CreationTime": NOW,
        "TrainingJobStatusCounters": {},
        "ObjectiveStatusCounters": {},
        **members,
    }


def auto_ml_job(name: str, status: str = "Completed", **members: Any) -> dict[str, Any]:
    """Return an answer of DescribeAutoMLJobV2."""
    return {
        "AutoMLJobName": name,
        "AutoMLJobArn": arn("automl-job", name),
        "AutoMLJobInputDataConfig": [],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/autopilot",
        "CreationTime": NOW,
        "LastModifiedTime": NOW,
        "AutoMLJobStatus": status,
        "AutoMLJobSecondaryStatus": status,
        **members,
    }


def schedule(name: str, status: str = "Scheduled", **members: Any) -> dict[str, Any]:
    """Return an answer of DescribeMonitoringSchedule."""
    return {
        "MonitoringScheduleName": name,
        "MonitoringScheduleArn": arn("monitoring-schedule", name),
        "MonitoringScheduleStatus": status,
        "CreationTime": NOW,
        "LastModifiedTime": NOW,
        "MonitoringScheduleConfig": {},
        **members,
    }
