"""A hyperparameter tuning job, as DescribeHyperParameterTuningJob answers, and its rows."""

from datetime import datetime
from enum import Enum
from typing import Any, Final

import strawberry

from gateway.aws.call_budget import Cost
from gateway.aws.reader import Reader, named_by_aws
from gateway.aws.resources import JOB_ENDS, Child, Listing, Resource
from gateway.errors import CodedError
from gateway.schema.connections import Connection, connection_below
from gateway.schema.enums import OpenEnum, open_enum
from gateway.schema.fields import member, structure
from gateway.schema.identity import Node, child_type, console_url, root_type
from gateway.schema.links import link, reference_field, tags_of
from gateway.schema.list_arguments import ListFilter, ListOrder, OrderDirection, condition
from gateway.schema.references import Costs, Found, Reference, Target
from gateway.schema.root_fields import RootFields
from gateway.schema.selection import Selection
from gateway.schema.types.common import (
    Channel,
    CheckpointConfig,
    KeyValue,
    MetricDefinition,
    ObjectiveStatus,
    OutputDataConfig,
    ResourceConfig,
    RetryStrategy,
    StoppingCondition,
    TrainingInputMode,
    VpcConfig,
)
from gateway.schema.types.training_job import TrainingJob, TrainingJobStatus

_MOST_PARENTS: Final = 5
"""Tuning jobs that one may start from at most; the bound is AWS's."""

TUNED_TRAINING_JOB: Final = Child(
    type_name="HyperParameterTrainingJobSummary",
    scope="read:hyper-parameter-tuning-jobs",
    listing=Listing(
        "ListTrainingJobsForHyperParameterTuningJob",
        "TrainingJobSummaries",
        parent="HyperParameterTuningJobName",
    ),
    name="TrainingJobName",
    status="TrainingJobStatus",
    arn="TrainingJobArn",
    shows="TrainingJob",
)
_MEASURED: Final = frozenset({"Succeeded", "Failed"})
TUNING_JOB: Final = Resource(
    type_name="HyperParameterTuningJob",
    label="hyperparameter tuning job",
    arn_type="hyper-parameter-tuning-job",
    describe="DescribeHyperParameterTuningJob",
    name="HyperParameterTuningJobName",
    arn="HyperParameterTuningJobArn",
    status="HyperParameterTuningJobStatus",
    longest_name=32,
    final={
        "HyperParameterTuningJobStatus": JOB_ENDS,
        "TrainingJobStatusCounters.InProgress": frozenset({0}),
        "ObjectiveStatusCounters.Pending": frozenset({0}),
        "BestTrainingJob.TrainingJobStatus": JOB_ENDS,
        "BestTrainingJob.ObjectiveStatus": _MEASURED,
        # It may be of another tuning job, which this one started from.
        "OverallBestTrainingJob.TrainingJobStatus": JOB_ENDS,
        "OverallBestTrainingJob.ObjectiveStatus": _MEASURED,
    },
    listing=Listing(
        "ListHyperParameterTuningJobs",
        "HyperParameterTuningJobSummaries",
        frozenset(
            {"HyperParameterTuningEndTime", "ObjectiveStatusCounters", "TrainingJobStatusCounters"}
        ),
    ),
    children=(TUNED_TRAINING_JOB,),
)


@open_enum
class HyperParameterTuningJobStrategyType(OpenEnum):
    """How a tuning job picks the values it tries next, from chance to learning from results."""

    BAYESIAN = "Bayesian"
    RANDOM = "Random"
    HYPERBAND = "Hyperband"
    GRID = "Grid"
    UNKNOWN = "UNKNOWN"


@structure
class HyperbandStrategyConfig:
    """How many epochs Hyperband gives a training job before it is compared with the others."""

    min_resource: int | None = member(
        "Fewest epochs that a training job runs before it may be stopped."
    )
    max_resource: int | None = member("Most epochs that a training job runs.")


@structure
class HyperParameterTuningJobStrategyConfig:
    """Settings that belong to one strategy: the field that applies is set."""

    hyperband_strategy_config: HyperbandStrategyConfig | None = member(
        "Settings of Hyperband; null for any other strategy, or where none were given."
    )


@open_enum
class HyperParameterTuningJobObjectiveType(OpenEnum):
    """Whether a tuning job looks for the highest or the lowest value of its metric."""

    MAXIMIZE = "Maximize"
    MINIMIZE = "Minimize"
    UNKNOWN = "UNKNOWN"


@structure
class HyperParameterTuningJobObjective:
    """The metric by which a tuning job compares its training jobs."""

    type: HyperParameterTuningJobObjectiveType | None = member(
        "Whether the metric is to be maximised or minimised."
    )
    metric_name: str | None = member("Name of the metric, such as `validation:auc`.")


@structure
class ResourceLimits:
    """How many training jobs a tuning job may launch, and how long it may run."""

    max_number_of_training_jobs: int | None = member(
        "Most training jobs in all; null where another limit ends the tuning job."
    )
    max_parallel_training_jobs: int | None = member("Most training jobs at the same time.")
    max_runtime_in_seconds: int | None = member(
        "Longest time the tuning job may run, in seconds; null where none was set."
    )


@open_enum
class HyperParameterScalingType(OpenEnum):
    """Scale on which the values of a range are searched."""

    AUTO = "Auto"
    LINEAR = "Linear"
    LOGARITHMIC = "Logarithmic"
    REVERSE_LOGARITHMIC = "ReverseLogarithmic"
    UNKNOWN = "UNKNOWN"


@structure
class IntegerParameterRange:
    """A range of whole numbers that one hyperparameter can take."""

    name: str | None = member("Name of the hyperparameter.")
    min_value: str | None = member("Least value, as text.")
    max_value: str | None = member("Greatest value, as text.")
    scaling_type: HyperParameterScalingType | None = member(
        "Scale on which the range is searched; null where none was chosen."
    )


@structure
class ContinuousParameterRange:
    """Numbers, fractions included, from which the value of one hyperparameter is picked."""

    name: str | None = member("Name of the hyperparameter.")
    min_value: str | None = member("Least value, as text.")
    max_value: str | None = member("Greatest value, as text.")
    scaling_type: HyperParameterScalingType | None = member(
        "Scale on which the range is searched; null where none was chosen."
    )


@structure
class CategoricalParameterRange:
    """A list of values that one hyperparameter can take."""

    name: str | None = member("Name of the hyperparameter.")
    values: list[str] | None = member("Values to choose from, each as text.")


@structure
class AutoParameter:
    """A hyperparameter whose range SageMaker works out by itself."""

    name: str | None = member("Name of the hyperparameter.")
    value_hint: str | None = member("A value, as text, near which SageMaker searches.")


@structure
class ParameterRanges:
    """The hyperparameters that a tuning job searches, by kind of range."""

    integer_parameter_ranges: list[IntegerParameterRange] | None = member(
        "Hyperparameters that take whole numbers; null where none do."
    )
    continuous_parameter_ranges: list[ContinuousParameterRange] | None = member(
        "Hyperparameters that take any number of a range; null where none do."
    )
    categorical_parameter_ranges: list[CategoricalParameterRange] | None = member(
        "Hyperparameters that take one of several listed values; null where none do."
    )
    auto_parameters: list[AutoParameter] | None = member(
        "Hyperparameters whose ranges Autotune works out; null where none are."
    )


@open_enum
class TrainingJobEarlyStoppingType(OpenEnum):
    """Whether training jobs that do worse than others before them are stopped early."""

    OFF = "Off"
    AUTO = "Auto"
    UNKNOWN = "UNKNOWN"


@structure
class BestObjectiveNotImproving:
    """Ends a tuning job once more training jobs bring nothing better."""

    max_number_of_training_jobs_not_improving: int | None = member(
        "Training jobs in a row, none better than the best, after which tuning ends."
    )


@open_enum
class CompleteOnConvergence(OpenEnum):
    """Whether a tuning job ends when SageMaker expects no better result any more."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"
    UNKNOWN = "UNKNOWN"


@structure
class ConvergenceDetected:
    """Ends a tuning job once SageMaker expects no better result."""

    complete_on_convergence: CompleteOnConvergence | None = member(
        "Whether convergence ends the tuning job; DISABLED by default."
    )


@structure
class TuningJobCompletionCriteria:
    """What ends a tuning job before its limits do."""

    target_objective_metric_value: float | None = member(
        "Value of the objective metric that is good enough; null where none was set."
    )
    best_objective_not_improving: BestObjectiveNotImproving | None = member(
        "How long tuning goes on without a better result; null where it is not limited."
    )
    convergence_detected: ConvergenceDetected | None = member(
        "Whether convergence ends the tuning job; null where nothing was set."
    )


@structure
class HyperParameterTuningJobConfig:
    """How a tuning job searches: its strategy, objective, ranges and limits."""

    strategy: HyperParameterTuningJobStrategyType | None = member(
        "How the values to try next are picked."
    )
    strategy_config: HyperParameterTuningJobStrategyConfig | None = member(
        "Settings of the strategy; null where none were given."
    )
    hyper_parameter_tuning_job_objective: HyperParameterTuningJobObjective | None = member(
        "Metric to optimise; null where each training job definition has its own."
    )
    resource_limits: ResourceLimits | None = member(
        "How many training jobs may be launched, and for how long."
    )
    parameter_ranges: ParameterRanges | None = member(
        "Hyperparameters to search; null where each training job definition has its own."
    )
    training_job_early_stopping_type: TrainingJobEarlyStoppingType | None = member(
        "Whether training jobs that do badly are stopped early."
    )
    tuning_job_completion_criteria: TuningJobCompletionCriteria | None = member(
        "What ends the tuning job before its limits do; null where nothing was set."
    )
    random_seed: int | None = member(
        "Number that makes the picked values repeatable; null where none was given."
    )


@structure
class HyperParameterAlgorithmSpecification:
    """The code that a tuning job's training jobs run, and its metrics."""

    training_image: str | None = member(
        "Registry path of the container image; null when `algorithmName` is used instead."
    )
    training_input_mode: TrainingInputMode | None = member(
        "How input reaches the container, for each channel that sets no mode of its own."
    )
    algorithm_name: str | None = member(
        "Name or ARN of an algorithm resource; null when `trainingImage` is used instead."
    )
    metric_definitions: list[MetricDefinition] | None = member(
        "Metrics to extract from the logs, the objective among them; null for built-in ones."
    )


@open_enum
class HyperParameterTuningAllocationStrategy(OpenEnum):
    """How one of several instance configurations is chosen: PRIORITIZED takes their order."""

    PRIORITIZED = "Prioritized"
    UNKNOWN = "UNKNOWN"


@structure
class HyperParameterTuningInstanceConfig:
    """One kind of cluster that a tuning job's training jobs may run on."""

    instance_type: str | None = member("Instance type, such as `ml.m5.xlarge`.")
    instance_count: int | None = member("Number of instances of each training job.")
    volume_size_in_gb: int | None = member(
        "Size in GB of each instance's storage volume.", aws="VolumeSizeInGB"
    )


@structure
class HyperParameterTuningResourceConfig:
    """The instances and storage that a tuning job's training jobs may run on."""

    instance_type: str | None = member(
        "Instance type, such as `ml.m5.xlarge`; null where `instanceConfigs` lists several."
    )
    instance_count: int | None = member(
        "Number of instances of each training job; null where `instanceConfigs` lists several."
    )
    volume_size_in_gb: int | None = member(
        "Size in GB of each instance's storage volume; null where `instanceConfigs` gives it.",
        aws="VolumeSizeInGB",
    )
    volume_kms_key_id: str | None = member(
        "KMS key that encrypts the storage volumes; null where none was named."
    )
    allocation_strategy: HyperParameterTuningAllocationStrategy | None = member(
        "How one of `instanceConfigs` is chosen; null where none was set."
    )
    instance_configs: list[HyperParameterTuningInstanceConfig] | None = member(
        "Configurations to try for capacity, best first; null where there is only one."
    )


@structure
class HyperParameterTrainingJobDefinition:
    """What a tuning job launches its training jobs with."""

    definition_name: str | None = member(
        "Name that tells this definition from others; null where it is the only one."
    )
    tuning_objective: HyperParameterTuningJobObjective | None = member(
        "Metric to optimise; null where the tuning job has one for all."
    )
    hyper_parameter_ranges: ParameterRanges | None = member(
        "Hyperparameters to search; null where the tuning job has one set for all."
    )
    static_hyper_parameters: list[KeyValue] | None = member(
        "Hyperparameters that are the same for every training job, each value as text.",
        is_secret=True,
    )
    algorithm_specification: HyperParameterAlgorithmSpecification | None = member(
        "Code that the training jobs run, with its input mode and metrics."
    )
    role_arn: str | None = member(
        "ARN of the IAM role that SageMaker assumes to run the training jobs."
    )
    input_data_config: list[Channel] | None = member(
        "Inputs of the training jobs, one per channel; null where they have none."
    )
    vpc_config: VpcConfig | None = member(
        "VPC that the training jobs are attached to; null where they are attached to none."
    )
    output_data_config: OutputDataConfig | None = member(
        "Where the models are saved and how they are encrypted and compressed."
    )
    resource_config: ResourceConfig | None = member(
        "Instances and storage; null where `hyperParameterTuningResourceConfig` is set."
    )
    hyper_parameter_tuning_resource_config: HyperParameterTuningResourceConfig | None = member(
        "Instance configurations to choose from; null where `resourceConfig` is set."
    )
    stopping_condition: StoppingCondition | None = member("Time limits of each training job.")
    enable_network_isolation: bool | None = member(
        "Whether the containers are cut off from the network, save for others of the same job."
    )
    enable_inter_container_traffic_encryption: bool | None = member(
        "Whether traffic between a job's instances is encrypted, which can slow training."
    )
    enable_managed_spot_training: bool | None = member(
        "Whether the jobs run on spare capacity, cheaper but open to interruption."
    )
    checkpoint_config: CheckpointConfig | None = member(
        "Where checkpoints are kept for resuming; null where there is no place for them."
    )
    retry_strategy: RetryStrategy | None = member(
        "How often a training job is retried after an internal server error; null when not set."
    )
    environment: list[KeyValue] | None = member(
        "Environment variables set in the containers; null where none were given.", is_secret=True
    )


@open_enum
class HyperParameterTuningJobStatus(OpenEnum):
    """How far a tuning job has got and, once it is over, how it ended."""

    COMPLETED = "Completed"
    IN_PROGRESS = "InProgress"
    FAILED = "Failed"
    STOPPED = "Stopped"
    STOPPING = "Stopping"
    DELETING = "Deleting"
    DELETE_FAILED = "DeleteFailed"
    UNKNOWN = "UNKNOWN"


@structure
class TrainingJobStatusCounters:
    """How many of a tuning job's training jobs are in each status."""

    completed: int | None = member("Training jobs that completed.")
    in_progress: int | None = member("Training jobs that are running.")
    retryable_error: int | None = member("Training jobs that failed and may be tried again.")
    non_retryable_error: int | None = member("Training jobs that failed for good.")
    stopped: int | None = member("Training jobs that were stopped.")


@structure
class ObjectiveStatusCounters:
    """How many of a tuning job's training jobs have been measured by the objective metric."""

    succeeded: int | None = member("Training jobs whose metric has been measured.")
    pending: int | None = member("Training jobs whose metric is still awaited.")
    failed: int | None = member("Training jobs whose metric could not be measured.")


@structure
class FinalHyperParameterTuningJobObjectiveMetric:
    """The value that a training job reached on the tuning job's objective metric."""

    type: HyperParameterTuningJobObjectiveType | None = member(
        "Whether the metric is to be maximised or minimised; null when AWS does not say."
    )
    metric_name: str | None = member("Name of the metric, such as `validation:auc`.")
    value: float | None = member("Value reached, in whatever unit the algorithm uses.")


def _target(reader: Reader, arn: str, name: str, selection: Selection) -> Target:
    """Return where the tuning job of that name is found, in the region of `arn`.

    Raises `Unavailable`.
    """
    region = reader.key_of_aws_arn(arn).region
    with named_by_aws("AWS named a tuning job as none can be named."):
        return Target(reader.key_of_name(TUNING_JOB, name, region), selection)


class TuningJobOfRow(Reference):
    """Leads from a training job's row to the tuning job whose name AWS gives there."""

    attributes = ("training_job_arn", "tuning_job_name")

    def find(
        self, reader: Reader, root: Any, arguments: None, selections: tuple[Selection, ...]
    ) -> Found:
        """Return where the tuning job is found; nothing where AWS does not name it."""
        arn, name = (getattr(root, attribute) for attribute in self.attributes)
        return _target(reader, arn, name, selections[0]) if arn and name else None

    def cost(self, arguments: None, selection: Selection, costs: Costs) -> Cost:
        """Return one describe and what is below."""
        return costs.describe(selection) + costs.check(selection) + costs.below(selection)


class ParentTuningJobs(Reference):
    """Leads from a tuning job to those whose results it started from, of which AWS gives names."""

    attributes = ("id", "warm_start_config")

    def find(
        self, reader: Reader, root: Any, arguments: None, selections: tuple[Selection, ...]
    ) -> Found | list[Found]:
        """Return where the parents are found, in AWS's order; nothing where there are none."""
        arn, config = (getattr(root, attribute) for attribute in self.attributes)
        parents = (config and config.parent_hyper_parameter_tuning_jobs) or []
        names = (parent.hyper_parameter_tuning_job_name for parent in parents)
        return [_found(reader, arn, name, selections[0]) for name in names] or None

    def cost(self, arguments: None, selection: Selection, costs: Costs) -> Cost:
        """Return a describe for each parent that there can be, and what is below."""
        return (
            costs.describe(selection) + costs.check(selection) + costs.below(selection)
        ) * _MOST_PARENTS


def _found(reader: Reader, arn: str, name: str | None, selection: Selection) -> Found:
    try:
        return _target(reader, arn, name, selection) if name else None
    except CodedError as error:
        return error


@child_type(TUNED_TRAINING_JOB)
class HyperParameterTrainingJobSummary:
    """A training job that a tuning job launched, with the values it tried and how it did."""

    training_job_definition_name: str | None = member(
        "Name of the definition that the job was launched with; null where there is only one."
    )
    training_job_name: str | None = member("Name of the training job.")
    training_job_arn: str | None = member("ARN of the training job.")
    tuning_job_name: str | None = member(
        "Name of the tuning job that launched the training job; null when AWS does not say."
    )
    creation_time: datetime | None = member("When the training job was created.")
    training_start_time: datetime | None = member(
        "When the training job started on its instances; null until then."
    )
    training_end_time: datetime | None = member(
        "When the training job ended, as billing sees it; null until then."
    )
    training_job_status: TrainingJobStatus | None = member(
        "Where the training job stands; `failureReason` tells more of a FAILED one."
    )
    tuned_hyper_parameters: list[KeyValue] | None = member(
        "Hyperparameters that the tuning job picked for the training job, each value as text.",
        is_secret=True,
    )
    failure_reason: str | None = member("Why the training job failed; null unless it did.")
    final_hyper_parameter_tuning_job_objective_metric: (
        FinalHyperParameterTuningJobObjectiveMetric | None
    ) = member("Value of the objective metric; null until it has been measured.")
    objective_status: ObjectiveStatus | None = member(
        "Whether the objective metric has been measured yet."
    )
    training_job: TrainingJob | None = link("training_job_arn", "The training job itself.")
    tuning_job: "HyperParameterTuningJob | None" = reference_field(
        TuningJobOfRow(),
        "The tuning job that launched the training job; null when AWS does not name it.",
    )


@strawberry.input(description="Conditions on a tuning job's training jobs, all of which must hold.")
class HyperParameterTrainingJobFilter:
    """What ListTrainingJobsForHyperParameterTuningJob takes."""

    status_equals: TrainingJobStatus | None = condition(
        "The one status that training jobs may have."
    )


@strawberry.enum(description="What the training jobs of a tuning job are sorted by.")
class HyperParameterTrainingJobOrderField(Enum):
    """The values are AWS's."""

    NAME = "Name"
    CREATION_TIME = "CreationTime"
    STATUS = "Status"
    FINAL_OBJECTIVE_METRIC_VALUE = "FinalObjectiveMetricValue"


@strawberry.input(description="The order of a list of a tuning job's training jobs.")
class HyperParameterTrainingJobOrder:
    """As AWS's `SortBy` and `SortOrder`, but the newest first by default."""

    field: HyperParameterTrainingJobOrderField | None = condition(
        "What the training jobs are sorted by; CREATION_TIME when it is not given."
    )
    direction: OrderDirection | None = condition(
        "Whether the least or the greatest comes first; DESCENDING when it is not given."
    )


@structure
class ParentHyperParameterTuningJob:
    """An earlier tuning job whose results another one starts from."""

    hyper_parameter_tuning_job_name: str | None = member(
        "Name of the earlier tuning job; `parentTuningJobs` leads to it."
    )


@open_enum
class HyperParameterTuningJobWarmStartType(OpenEnum):
    """Whether the earlier tuning jobs are alike but for ranges and limits, or may differ more."""

    IDENTICAL_DATA_AND_ALGORITHM = "IdenticalDataAndAlgorithm"
    TRANSFER_LEARNING = "TransferLearning"
    UNKNOWN = "UNKNOWN"


@structure
class HyperParameterTuningJobWarmStartConfig:
    """Which earlier tuning jobs a tuning job learns from, and how much it is like them."""

    parent_hyper_parameter_tuning_jobs: list[ParentHyperParameterTuningJob] | None = member(
        "Earlier tuning jobs whose results are used, at most 5."
    )
    warm_start_type: HyperParameterTuningJobWarmStartType | None = member(
        "Whether data and algorithm are the same as the earlier jobs'."
    )


@open_enum
class AutotuneMode(OpenEnum):
    """Whether SageMaker picks ranges and settings by itself."""

    ENABLED = "Enabled"
    UNKNOWN = "UNKNOWN"


@structure
class Autotune:
    """Settings of Autotune, which picks ranges, strategy and limits that were not given."""

    mode: AutotuneMode | None = member("Whether Autotune is on.")


@structure
class HyperParameterTuningJobCompletionDetails:
    """How near a tuning job is to results that get no better."""

    number_of_training_jobs_objective_not_improving: int | None = member(
        "Training jobs in a row that brought no better result."
    )
    convergence_detected_time: datetime | None = member(
        "When SageMaker last found that no better result is to be expected; null until then."
    )


@structure
class HyperParameterTuningJobConsumedResources:
    """What a tuning job's training jobs have used in all."""

    runtime_in_seconds: int | None = member(
        "Seconds that the training jobs have run, all of them added up."
    )


@root_type(TUNING_JOB)
class HyperParameterTuningJob(Node):
    """A SageMaker job that finds good hyperparameters by launching many training jobs."""

    id: strawberry.ID = member(
        "ARN of the job; what `node(id:)` takes.", aws="HyperParameterTuningJobArn", name="id"
    )
    hyper_parameter_tuning_job_name: str = member(
        "Name of the job, unique within its account and region."
    )
    hyper_parameter_tuning_job_arn: str = member("ARN of the job, the same value as `id`.")
    hyper_parameter_tuning_job_config: HyperParameterTuningJobConfig | None = member(
        "How the job searches: strategy, objective, ranges and limits."
    )
    training_job_definition: HyperParameterTrainingJobDefinition | None = member(
        "What training jobs are launched with; null where `trainingJobDefinitions` is set."
    )
    training_job_definitions: list[HyperParameterTrainingJobDefinition] | None = member(
        "Several definitions that training jobs are launched with; null where there is one."
    )
    hyper_parameter_tuning_job_status: HyperParameterTuningJobStatus = member(
        "Where the job stands; `failureReason` tells more of a FAILED one."
    )
    creation_time: datetime = member("When the job was created.")
    hyper_parameter_tuning_end_time: datetime | None = member(
        "When the job ended; null until then."
    )
    last_modified_time: datetime | None = member("When the job's record last changed.")
    training_job_status_counters: TrainingJobStatusCounters | None = member(
        "How many training jobs are in each status."
    )
    objective_status_counters: ObjectiveStatusCounters | None = member(
        "How many training jobs have been measured by the objective metric."
    )
    best_training_job: HyperParameterTrainingJobSummary | None = member(
        "Training job of this tuning job that did best; null while none has been measured."
    )
    overall_best_training_job: HyperParameterTrainingJobSummary | None = member(
        "Training job that did best, those of the parents counted; null unless data and "
        "algorithm are identical."
    )
    warm_start_config: HyperParameterTuningJobWarmStartConfig | None = member(
        "Earlier tuning jobs that this one learns from; null where there are none."
    )
    autotune: Autotune | None = member("Settings of Autotune; null where it is off.")
    failure_reason: str | None = member("Why the job failed; null unless it did.")
    tuning_job_completion_details: HyperParameterTuningJobCompletionDetails | None = member(
        "How near the job is to results that get no better; null when AWS does not say."
    )
    consumed_resources: HyperParameterTuningJobConsumedResources | None = member(
        "What the training jobs have used in all; null when AWS does not say."
    )
    training_jobs: Connection[HyperParameterTrainingJobSummary] | None = connection_below(
        TUNED_TRAINING_JOB,
        HyperParameterTrainingJobFilter,
        HyperParameterTrainingJobOrder,
        "All training jobs that the tuning job has launched, in pages.",
        parent="hyper_parameter_tuning_job_name",
    )
    parent_tuning_jobs: list["HyperParameterTuningJob | None"] | None = reference_field(
        ParentTuningJobs(),
        "The tuning jobs that this one learns from, in AWS's order; a deleted one is null.",
    )
    console_url: str | None = console_url(
        "hyper-tuning-jobs",
        "hyper_parameter_tuning_job_name",
        "Page of the job in AWS's console; null outside of aws, aws-cn and aws-us-gov.",
    )
    tags: list[KeyValue] | None = tags_of("id", "Tags of the job, sorted by key.")


@strawberry.input(description="Conditions on tuning jobs, all of which must hold.")
class HyperParameterTuningJobFilter(ListFilter):
    """What ListHyperParameterTuningJobs takes."""

    status_equals: HyperParameterTuningJobStatus | None = condition(
        "The one status that jobs may have."
    )
    status_in: list[HyperParameterTuningJobStatus] | None = condition(
        "The statuses that jobs may have; each is an AWS list of its own."
    )


ROOT_FIELDS: Final = RootFields(
    TUNING_JOB, HyperParameterTuningJob, HyperParameterTuningJobFilter, ListOrder
)
