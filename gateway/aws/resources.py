"""The table of SageMaker resources: how each is named, described and recognised as finished."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One kind of SageMaker resource. All names of members are AWS's own."""

    type_name: str
    """The GraphQL type, also the kind in cache keys and messages."""
    label: str
    """What a message calls it."""
    arn_type: str
    """The part of its ARN between the account and the name."""
    describe: str
    """The operation that answers with the whole resource; also its IAM action."""
    list: str
    """The operation that lists such resources in pages of rows; also its IAM action."""
    name: str
    arn: str
    status: str
    finished: frozenset[str]
    """Statuses that do not change any more."""
    longest_name: int

    def accepts(self, name: str) -> bool:
        """Tell whether AWS's own pattern allows `name`, so that no call is spent on one it bars."""
        return len(name) <= self.longest_name and _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True, eq=False)
class TagList:
    """The tags of any resource, which AWS keeps beside it and lists by its ARN."""

    type_name: str
    """The GraphQL type of one tag."""
    operation: str


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """What a resource has a list of, and what AWS tells in rows of that list only."""

    type_name: str
    """The GraphQL type of a row."""
    list: str
    """The operation that lists them; also its IAM action."""
    parent: str
    """The parameter that names the resource whose list it is."""
    arn: str | None
    """The member that holds the ARN of the job that does a row's work."""
    name: str
    """The member that tells the rows of one list apart."""
    status: str


_NAME: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_JOB_ENDS: Final = frozenset({"Completed", "Failed", "Stopped"})

PROCESSING_JOB: Final = Resource(
    type_name="ProcessingJob",
    label="processing job",
    arn_type="processing-job",
    describe="DescribeProcessingJob",
    list="ListProcessingJobs",
    name="ProcessingJobName",
    arn="ProcessingJobArn",
    status="ProcessingJobStatus",
    finished=_JOB_ENDS,
    longest_name=63,
)
TRAINING_JOB: Final = Resource(
    type_name="TrainingJob",
    label="training job",
    arn_type="training-job",
    describe="DescribeTrainingJob",
    list="ListTrainingJobs",
    name="TrainingJobName",
    arn="TrainingJobArn",
    status="TrainingJobStatus",
    finished=_JOB_ENDS,
    longest_name=63,
)
AUTO_ML_JOB: Final = Resource(
    type_name="AutoMLJob",
    label="AutoML job",
    arn_type="automl-job",
    # The V2 operation answers for both generations of AutoML jobs, the older one does not.
    describe="DescribeAutoMLJobV2",
    list="ListAutoMLJobs",
    name="AutoMLJobName",
    arn="AutoMLJobArn",
    status="AutoMLJobStatus",
    finished=_JOB_ENDS,
    longest_name=32,
)
MONITORING_SCHEDULE: Final = Resource(
    type_name="MonitoringSchedule",
    label="monitoring schedule",
    arn_type="monitoring-schedule",
    describe="DescribeMonitoringSchedule",
    list="ListMonitoringSchedules",
    name="MonitoringScheduleName",
    arn="MonitoringScheduleArn",
    status="MonitoringScheduleStatus",
    # A stopped or failed schedule can be started again, but not without somebody's doing.
    finished=frozenset({"Failed", "Stopped"}),
    longest_name=63,
)


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """What Search holds of a kind of resource, which is less than describing it tells."""

    resource: Resource
    members: frozenset[str]
    """The members that are the same in both, once the resource has finished."""

    @property
    def type_name(self) -> str:
        """The GraphQL type."""
        return self.resource.type_name


SEARCH: Final = "Search"
SEARCHED_TRAINING_JOB: Final = Searched(
    TRAINING_JOB,
    frozenset(
        {
            "AlgorithmSpecification",
            "AutoMLJobArn",
            "BillableTimeInSeconds",
            "CheckpointConfig",
            "CreationTime",
            "DebugHookConfig",
            "DebugRuleConfigurations",
            "DebugRuleEvaluationStatuses",
            "EnableInterContainerTrafficEncryption",
            "EnableManagedSpotTraining",
            "EnableNetworkIsolation",
            "Environment",
            "ExperimentConfig",
            "FailureReason",
            "FinalMetricDataList",
            "HyperParameters",
            "InputDataConfig",
            "LabelingJobArn",
            "LastModifiedTime",
            "ModelArtifacts",
            "ModelPackageConfig",
            "OutputDataConfig",
            "OutputModelPackageArn",
            "ProfilerConfig",
            "ResourceConfig",
            "RetryStrategy",
            "RoleArn",
            "SecondaryStatus",
            "SecondaryStatusTransitions",
            "StoppingCondition",
            "TensorBoardOutputConfig",
            "TrainingEndTime",
            "TrainingJobArn",
            "TrainingJobName",
            "TrainingJobStatus",
            "TrainingStartTime",
            "TrainingTimeInSeconds",
            "TuningJobArn",
            "VpcConfig",
        }
    ),
)

TAGS: Final = TagList(type_name="KeyValue", operation="ListTags")

CANDIDATE: Final = Child(
    type_name="AutoMLCandidate",
    list="ListCandidatesForAutoMLJob",
    parent=AUTO_ML_JOB.name,
    arn=None,
    name="CandidateName",
    status="CandidateStatus",
)
EXECUTION: Final = Child(
    type_name="MonitoringExecutionSummary",
    list="ListMonitoringExecutions",
    parent=MONITORING_SCHEDULE.name,
    arn=PROCESSING_JOB.arn,
    name="ScheduledTime",
    status="MonitoringExecutionStatus",
)

RESOURCES: Final = (PROCESSING_JOB, TRAINING_JOB, AUTO_ML_JOB, MONITORING_SCHEDULE)
BY_ARN_TYPE: Final = {resource.arn_type: resource for resource in RESOURCES}

OPERATIONS: Final = (
    *(resource.describe for resource in RESOURCES),
    *(resource.list for resource in RESOURCES),
    CANDIDATE.list,
    EXECUTION.list,
    TAGS.operation,
    SEARCH,
)
"""Every SageMaker operation that the gateway calls; the IAM policy is printed from it."""
