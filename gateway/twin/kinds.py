"""The kinds of resource that the twin seeds, as one row each."""

from dataclasses import dataclass

from gateway.twin.errors import AwsError, invalid


@dataclass(frozen=True)
class Kind:
    """What AWS calls the parts of one kind of resource."""

    describe: str
    list: str
    rows: str
    row_shape: str
    name: str
    arn: str
    arn_type: str
    status: str
    missing_code: str
    missing_message: str

    def missing(self, name: str) -> AwsError:
        """Return the error that AWS gives for a name it does not know, in its own words."""
        message = self.missing_message.format(name=name)
        if self.missing_code == "ValidationException":
            return invalid(message)
        return AwsError(self.missing_code, message)


PROCESSING = Kind(
    describe="DescribeProcessingJob",
    list="ListProcessingJobs",
    rows="ProcessingJobSummaries",
    row_shape="ProcessingJobSummary",
    name="ProcessingJobName",
    arn="ProcessingJobArn",
    arn_type="processing-job",
    status="ProcessingJobStatus",
    missing_code="ValidationException",
    missing_message="Could not find requested job with name: {name}",
)
TRAINING = Kind(
    describe="DescribeTrainingJob",
    list="ListTrainingJobs",
    rows="TrainingJobSummaries",
    row_shape="TrainingJobSummary",
    name="TrainingJobName",
    arn="TrainingJobArn",
    arn_type="training-job",
    status="TrainingJobStatus",
    missing_code="ValidationException",
    missing_message="Requested resource not found.",
)
AUTOML = Kind(
    describe="DescribeAutoMLJobV2",
    list="ListAutoMLJobs",
    rows="AutoMLJobSummaries",
    row_shape="AutoMLJobSummary",
    name="AutoMLJobName",
    arn="AutoMLJobArn",
    arn_type="automl-job",
    status="AutoMLJobStatus",
    missing_code="ResourceNotFound",
    missing_message="Amazon SageMaker can't find an AutoML job called {name}.",
)
SCHEDULE = Kind(
    describe="DescribeMonitoringSchedule",
    list="ListMonitoringSchedules",
    rows="MonitoringScheduleSummaries",
    row_shape="MonitoringScheduleSummary",
    name="MonitoringScheduleName",
    arn="MonitoringScheduleArn",
    arn_type="monitoring-schedule",
    status="MonitoringScheduleStatus",
    missing_code="ResourceNotFound",
    missing_message="Could not find monitoring schedule with name: {name}",
)

TRANSFORM = Kind(
    describe="DescribeTransformJob",
    list="ListTransformJobs",
    rows="TransformJobSummaries",
    row_shape="TransformJobSummary",
    name="TransformJobName",
    arn="TransformJobArn",
    arn_type="transform-job",
    status="TransformJobStatus",
    missing_code="ValidationException",
    missing_message="Could not find requested job with name: {name}",
)
TUNING = Kind(
    describe="DescribeHyperParameterTuningJob",
    list="ListHyperParameterTuningJobs",
    rows="HyperParameterTuningJobSummaries",
    row_shape="HyperParameterTuningJobSummary",
    name="HyperParameterTuningJobName",
    arn="HyperParameterTuningJobArn",
    arn_type="hyper-parameter-tuning-job",
    status="HyperParameterTuningJobStatus",
    missing_code="ResourceNotFound",
    missing_message="Amazon SageMaker can't find a tuning job called {name}. Type another name.",
)

KINDS = (PROCESSING, TRAINING, AUTOML, SCHEDULE, TRANSFORM, TUNING)
BY_DESCRIBE = {kind.describe: kind for kind in KINDS} | {"DescribeAutoMLJob": AUTOML}
BY_ARN_TYPE = {kind.arn_type: kind for kind in KINDS}


def kind_of(operation: str) -> Kind:
    """Return the kind that a describe operation answers for."""
    try:
        return BY_DESCRIBE[operation]
    except KeyError:
        known = ", ".join(BY_DESCRIBE)
        raise ValueError(f"{operation} is not seeded; seeded are {known}") from None
