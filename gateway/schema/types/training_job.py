"""A training job, as DescribeTrainingJob answers."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from gateway.aws.resources import JOB_ENDS, Listing, Resource, SearchRecord
from gateway.schema.enums import OpenEnum, aws_word, open_enum
from gateway.schema.fields import member, structure
from gateway.schema.identity import Node, console_url, root_type
from gateway.schema.links import link, tags_of
from gateway.schema.list_arguments import ListFilter, ListOrder, condition
from gateway.schema.root_fields import RootFields
from gateway.schema.scalars import Long
from gateway.schema.types.common import (
    Channel,
    CheckpointConfig,
    ExperimentConfig,
    KeyValue,
    MetricDefinition,
    OutputDataConfig,
    ResourceConfig,
    RetryStrategy,
    StoppingCondition,
    TrainingInputMode,
    VpcConfig,
)

if TYPE_CHECKING:
    from gateway.schema.types.auto_ml_job import AutoMLJob
    from gateway.schema.types.hyper_parameter_tuning_job import HyperParameterTuningJob
    from gateway.schema.types.processing_job import ProcessingJob

_RULE_ENDS: Final = frozenset({"NoIssuesFound", "IssuesFound", "Error", "Stopped"})

TRAINING_JOB: Final = Resource(
    type_name="TrainingJob",
    label="training job",
    arn_type="training-job",
    describe="DescribeTrainingJob",
    name="TrainingJobName",
    arn="TrainingJobArn",
    status="TrainingJobStatus",
    longest_name=63,
    final={
        "TrainingJobStatus": JOB_ENDS,
        "SecondaryStatus": JOB_ENDS | {"MaxRuntimeExceeded", "MaxWaitTimeExceeded", "Interrupted"},
        "WarmPoolStatus.Status": frozenset({"Terminated", "Reused"}),
        "DebugRuleEvaluationStatuses.RuleEvaluationStatus": _RULE_ENDS,
        "ProfilerRuleEvaluationStatuses.RuleEvaluationStatus": _RULE_ENDS,
    },
    listing=Listing(
        "ListTrainingJobs",
        "TrainingJobSummaries",
        frozenset({"TrainingEndTime", "SecondaryStatus", "WarmPoolStatus"}),
    ),
    search=SearchRecord(
        "TrainingJob",
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
    ),
)


@structure
class ModelArtifacts:
    """Where the trained model ends up in S3."""

    s3_model_artifacts: str | None = member(
        "S3 URI of the trained model, such as a `model.tar.gz`; the object exists once uploaded."
    )


@open_enum
class TrainingJobStatus(OpenEnum):
    """Where a job stands overall; COMPLETED, FAILED and STOPPED mean that it has ended."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    DELETING = "Deleting"
    UNKNOWN = "UNKNOWN"


@open_enum
class SecondaryStatus(OpenEnum):
    """Finer step within the main status; AWS no longer uses some values and may add others."""

    STARTING = "Starting"
    LAUNCHING_ML_INSTANCES = "LaunchingMLInstances"
    PREPARING_TRAINING_STACK = "PreparingTrainingStack"
    DOWNLOADING = "Downloading"
    DOWNLOADING_TRAINING_IMAGE = "DownloadingTrainingImage"
    TRAINING = "Training"
    UPLOADING = "Uploading"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    MAX_RUNTIME_EXCEEDED = "MaxRuntimeExceeded"
    COMPLETED = "Completed"
    FAILED = "Failed"
    INTERRUPTED = "Interrupted"
    MAX_WAIT_TIME_EXCEEDED = "MaxWaitTimeExceeded"
    UPDATING = "Updating"
    RESTARTING = "Restarting"
    PENDING = "Pending"
    # AWS answers with it, and its model lacks it.
    QUEUED_FOR_CAPACITY = "QueuedForCapacity"
    UNKNOWN = "UNKNOWN"


@open_enum
class TrainingRepositoryAccessMode(OpenEnum):
    """How the job reaches the registry of its image; VPC is for a private Docker registry."""

    PLATFORM = "Platform"
    VPC = "Vpc"
    UNKNOWN = "UNKNOWN"


@structure
class TrainingRepositoryAuthConfig:
    """How the job logs in to a private Docker registry."""

    training_repository_credentials_provider_arn: str | None = member(
        "ARN of the Lambda function that hands SageMaker the registry's credentials."
    )


@structure
class TrainingImageConfig:
    """How the job fetches its image from a private Docker registry."""

    training_repository_access_mode: TrainingRepositoryAccessMode | None = member(
        "Whether the registry is reached through the job's VPC, as a private one must be."
    )
    training_repository_auth_config: TrainingRepositoryAuthConfig | None = member(
        "Login for the registry; null when none was given."
    )


@structure
class AlgorithmSpecification:
    """The code that a job runs: a container image or a named algorithm, and its settings."""

    training_image: str | None = member(
        "Registry path of the container image; null when `algorithmName` is used instead."
    )
    algorithm_name: str | None = member(
        "Name or ARN of an algorithm resource; null when `trainingImage` is used instead."
    )
    training_input_mode: TrainingInputMode | None = member(
        "How input reaches the container, for each channel that sets no mode of its own."
    )
    metric_definitions: list[MetricDefinition] | None = member(
        "Metrics to extract from the logs and publish to CloudWatch; null when none were defined."
    )
    enable_sage_maker_metrics_time_series: bool | None = member(
        "Whether metrics are saved as time series; built-in algorithms save them regardless."
    )
    container_entrypoint: list[str] | None = member(
        "Command that starts the container; null means the default, `train`.", is_secret=True
    )
    container_arguments: list[str] | None = member(
        "Arguments passed to the container's entrypoint; null when none were given.", is_secret=True
    )
    training_image_config: TrainingImageConfig | None = member(
        "Access to an image in a private Docker registry; null when none was set up."
    )


@open_enum
class WarmPoolResourceStatus(OpenEnum):
    """Whether instances kept warm are busy, free for a matching job, passed on or gone."""

    AVAILABLE = "Available"
    TERMINATED = "Terminated"
    REUSED = "Reused"
    IN_USE = "InUse"
    UNKNOWN = "UNKNOWN"


@structure
class WarmPoolStatus:
    """What became of the instances kept warm after a job for a matching next one."""

    status: WarmPoolResourceStatus | None = member(
        "Whether the warm pool is in use, available, reused or terminated."
    )
    resource_retained_billable_time_in_seconds: int | None = member(
        "Seconds billed for keeping the pool warm; multiply by the number of instances."
    )
    reused_by_job: str | None = member(
        "Name of the job that took over the pool; null when none has."
    )


@structure
class SecondaryStatusTransition:
    """One step of a job's history and how long it lasted."""

    status: SecondaryStatus | None = member("Which step the job entered.")
    status_text: str | None = aws_word(
        "status", "statusText", "AWS's own word for the step where it is UNKNOWN; null otherwise."
    )
    start_time: datetime | None = member("When the job entered this step.")
    end_time: datetime | None = member(
        "When the job left this step or ended; null while the step is going on."
    )
    status_message: str | None = member(
        "Progress within the step, for people to read; its wording changes, so do not parse it."
    )


@structure
class MetricData:
    """One metric value that the algorithm sent to CloudWatch."""

    metric_name: str | None = member("Name of the metric, such as `validation:accuracy`.")
    value: float | None = member("Value of the metric, in whatever unit the algorithm uses.")
    timestamp: datetime | None = member("When the algorithm emitted the value.")


@structure
class CollectionConfiguration:
    """A named group of tensors that Debugger saves during training."""

    collection_name: str | None = member(
        "Name of the tensor collection, such as `losses` or `gradients`."
    )
    collection_parameters: list[KeyValue] | None = member(
        "Which tensors are saved and how, under keys such as `include_regex` or `save_config`."
    )


@structure
class DebugHookConfig:
    """Which tensors Debugger saves during training, and where."""

    local_path: str | None = member(
        "Directory in the container for saved tensors, by default `/opt/ml/output/tensors/`."
    )
    s3_output_path: str | None = member(
        "S3 URI under which the saved metrics and tensors are stored."
    )
    hook_parameters: list[KeyValue] | None = member(
        "Settings for Debugger's hook in the training code, such as `save_interval`."
    )
    collection_configurations: list[CollectionConfiguration] | None = member(
        "Tensor collections to save; null when none were listed."
    )


@structure
class DebugRuleConfiguration:
    """A Debugger rule that watches a job's saved tensors for training problems."""

    rule_configuration_name: str | None = member(
        "Name of this rule, unique within the job; its evaluation status repeats it."
    )
    local_path: str | None = member(
        "Rule container's output directory, by default `/opt/ml/processing/output/rule/`."
    )
    s3_output_path: str | None = member(
        "S3 URI under which the rule's output is stored; null when none was given."
    )
    rule_evaluator_image: str | None = member(
        "Registry path of the container image that evaluates the rule."
    )
    instance_type: str | None = member(
        "Instance type that evaluates a custom rule, such as `ml.t3.medium`."
    )
    volume_size_in_gb: int | None = member(
        "Size in GB of the storage volume of the instance that evaluates the rule.",
        aws="VolumeSizeInGB",
    )
    rule_parameters: list[KeyValue] | None = member(
        "Settings passed to the rule's container, such as `rule_to_invoke` and its thresholds.",
        is_secret=True,
    )


@structure
class TensorBoardOutputConfig:
    """Where Debugger writes files for viewing in TensorBoard."""

    local_path: str | None = member(
        "Directory in the container for the files, by default `/opt/ml/output/tensorboard`."
    )
    s3_output_path: str | None = member(
        "S3 URI under which the files are stored, for TensorBoard to open."
    )


@open_enum
class RuleEvaluationStatus(OpenEnum):
    """How far a rule's evaluation has got and whether it found a problem in the job."""

    IN_PROGRESS = "InProgress"
    NO_ISSUES_FOUND = "NoIssuesFound"
    ISSUES_FOUND = "IssuesFound"
    ERROR = "Error"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    UNKNOWN = "UNKNOWN"


@structure
class DebugRuleEvaluationStatus:
    """What one debugging rule has found so far."""

    rule_configuration_name: str | None = member("Name of the rule, as given in its configuration.")
    rule_evaluation_job_arn: str | None = member(
        "ARN of the processing job that evaluates the rule."
    )
    rule_evaluation_job: (
        Annotated["ProcessingJob", strawberry.lazy("gateway.schema.types.processing_job")] | None
    ) = link("rule_evaluation_job_arn", "The processing job that evaluates the rule.")
    rule_evaluation_status: RuleEvaluationStatus | None = member(
        "Whether the rule is still watching, found a problem, found none or broke down."
    )
    status_details: str | None = member(
        "Explanation of the status in words, such as what the rule found; may be null."
    )
    last_modified_time: datetime | None = member("When the rule's status last changed.")


@structure
class ProfilerConfig:
    """How Debugger measures a job's use of its instances and of the framework."""

    s3_output_path: str | None = member("S3 URI under which the measurements are stored.")
    profiling_interval_in_milliseconds: Long | None = member(
        "Milliseconds between two system measurements, from 100 to 60000; 500 by default."
    )
    profiling_parameters: list[KeyValue] | None = member(
        "Settings for framework profiling, under keys such as `DetailedProfilingConfig`."
    )
    disable_profiler: bool | None = member("Whether monitoring and profiling are turned off.")


@structure
class ProfilerRuleConfiguration:
    """A Debugger rule that watches a job's profile for wasted time or resources."""

    rule_configuration_name: str | None = member(
        "Name of this rule, unique within the job; its evaluation status repeats it."
    )
    local_path: str | None = member(
        "Rule container's output directory, by default `/opt/ml/processing/output/rule/`."
    )
    s3_output_path: str | None = member(
        "S3 URI under which the rule's output is stored; null when none was given."
    )
    rule_evaluator_image: str | None = member(
        "Registry path of the container image that evaluates the rule."
    )
    instance_type: str | None = member(
        "Instance type that evaluates a custom rule, such as `ml.t3.medium`."
    )
    volume_size_in_gb: int | None = member(
        "Size in GB of the storage volume of the instance that evaluates the rule.",
        aws="VolumeSizeInGB",
    )
    rule_parameters: list[KeyValue] | None = member(
        "Settings passed to the rule's container, such as `rule_to_invoke` and its thresholds.",
        is_secret=True,
    )


@structure
class ProfilerRuleEvaluationStatus:
    """What one profiling rule has found so far."""

    rule_configuration_name: str | None = member("Name of the rule, as given in its configuration.")
    rule_evaluation_job_arn: str | None = member(
        "ARN of the processing job that evaluates the rule."
    )
    rule_evaluation_job: (
        Annotated["ProcessingJob", strawberry.lazy("gateway.schema.types.processing_job")] | None
    ) = link("rule_evaluation_job_arn", "The processing job that evaluates the rule.")
    rule_evaluation_status: RuleEvaluationStatus | None = member(
        "Whether the rule is still watching, found a problem, found none or broke down."
    )
    status_details: str | None = member(
        "Explanation of the status in words, such as what the rule found; may be null."
    )
    last_modified_time: datetime | None = member("When the rule's status last changed.")


@open_enum
class ProfilingStatus(OpenEnum):
    """Whether profiling is on for a job."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    UNKNOWN = "UNKNOWN"


@structure
class RemoteDebugConfig:
    """Whether people may open a session in the running container to debug it."""

    enable_remote_debug: bool | None = member(
        "Whether the container can be entered through AWS Systems Manager."
    )


@structure
class InfraCheckConfig:
    """Whether the health of a job's infrastructure is checked."""

    enable_infra_check: bool | None = member("Whether the infrastructure health check is on.")


@open_enum
class ServerlessJobType(OpenEnum):
    """What a serverless job does with its model: fine-tune it or evaluate it."""

    FINE_TUNING = "FineTuning"
    EVALUATION = "Evaluation"
    UNKNOWN = "UNKNOWN"


@open_enum
class CustomizationTechnique(OpenEnum):
    """Fine-tuning method: supervised (SFT), by preference (DPO) or by reward (RLVR, RLAIF)."""

    SFT = "SFT"
    DPO = "DPO"
    RLVR = "RLVR"
    RLAIF = "RLAIF"
    UNKNOWN = "UNKNOWN"


@open_enum
class Peft(OpenEnum):
    """Fine-tuning that trains few parameters: LORA adds small adapters to a frozen model."""

    LORA = "LORA"
    UNKNOWN = "UNKNOWN"


@open_enum
class EvaluationType(OpenEnum):
    """How a model is evaluated: by another model as judge, a custom scorer or a benchmark."""

    LLMAJ_EVALUATION = "LLMAJEvaluation"
    CUSTOM_SCORER_EVALUATION = "CustomScorerEvaluation"
    BENCHMARK_EVALUATION = "BenchmarkEvaluation"
    UNKNOWN = "UNKNOWN"


@structure
class ServerlessJobConfig:
    """A fine-tuning or evaluation job that runs without instances of your choosing."""

    base_model_arn: str | None = member(
        "ARN of the model to start from, in the public hub; its latest version is always used."
    )
    accept_eula: bool | None = member("Whether the base model's end-user licence was accepted.")
    job_type: ServerlessJobType | None = member(
        "Whether the job fine-tunes the model or evaluates it."
    )
    customization_technique: CustomizationTechnique | None = member(
        "How the model is fine-tuned; null when the job does not fine-tune."
    )
    peft: Peft | None = member(
        "Which parameter-efficient method is used; null when none was chosen."
    )
    evaluation_type: EvaluationType | None = member(
        "How the model is evaluated; set for every job of type EVALUATION."
    )
    evaluator_arn: str | None = member(
        "ARN of the evaluator that serves as reward function or reward prompt; may be null."
    )
    sequence_length: str | None = member(
        "Longest sequence in tokens, such as `32K`; null leaves the choice to SageMaker."
    )


@structure
class MlflowConfig:
    """Where a job records its run in SageMaker's managed MLflow."""

    mlflow_resource_arn: str | None = member("ARN of the MLflow resource that receives the run.")
    mlflow_experiment_name: str | None = member(
        "Name of the MLflow experiment that the run belongs to."
    )
    mlflow_run_name: str | None = member("Name of the job's run in MLflow.")


@structure
class ModelPackageConfig:
    """Model packages that a job starts from and registers its result in."""

    model_package_group_arn: str | None = member(
        "ARN of the group in which the resulting model package is registered."
    )
    source_model_package_arn: str | None = member(
        "ARN of the model package that the job tunes further or evaluates; may be null."
    )


@structure
class MlflowDetails:
    """IDs with which to find a job's run in MLflow."""

    mlflow_experiment_id: str | None = member(
        "ID of the MLflow experiment that the run belongs to."
    )
    mlflow_run_id: str | None = member("ID of the job's run in MLflow.")


@structure
class TrainingProgressInfo:
    """How far a serverless job has got, in steps and epochs."""

    total_step_count_per_epoch: Long | None = member(
        "Number of training steps that make up one epoch."
    )
    current_step: Long | None = member("Number of the step that the job is at.")
    current_epoch: Long | None = member("Number of the epoch that the job is at.")
    max_epoch: Long | None = member("Most epochs that the job will train for.")


@root_type(TRAINING_JOB)
class TrainingJob(Node):
    """A SageMaker job that trains a model or, when serverless, fine-tunes or evaluates one."""

    id: strawberry.ID = member(
        "ARN of the job; what `node(id:)` takes.", aws="TrainingJobArn", name="id"
    )
    training_job_name: str = member("Name of the job, unique within its account and region.")
    training_job_arn: str = member("ARN of the job, the same value as `id`.")
    tuning_job_arn: str | None = member(
        "ARN of the hyperparameter tuning job that launched this job; null when none did."
    )
    labeling_job_arn: str | None = member(
        "ARN of the Ground Truth labelling job that launched this job; null when none did."
    )
    auto_ml_job_arn: str | None = member(
        "ARN of the AutoML job that launched this job; null when none did.", aws="AutoMLJobArn"
    )
    model_artifacts: ModelArtifacts | None = member("Where the trained model is stored.")
    training_job_status: TrainingJobStatus = member(
        "Where the job stands overall; `secondaryStatus` tells more."
    )
    secondary_status: SecondaryStatus | None = member("Step that the job is at, or how it ended.")
    secondary_status_text: str | None = aws_word(
        "secondary_status",
        "secondaryStatusText",
        "AWS's own word for the secondary status where it is UNKNOWN; null otherwise.",
    )
    failure_reason: str | None = member("Why the job failed; null unless it did.")
    hyper_parameters: list[KeyValue] | None = member(
        "Settings of the algorithm, such as the learning rate, each value as text.", is_secret=True
    )
    algorithm_specification: AlgorithmSpecification | None = member(
        "Code that the job runs, with its input mode and metrics; may be null if serverless."
    )
    role_arn: str | None = member(
        "ARN of the IAM role that SageMaker assumes to run the job and reach its data."
    )
    input_data_config: list[Channel] | None = member(
        "Inputs of the job, one per channel; null when it has none."
    )
    output_data_config: OutputDataConfig | None = member(
        "Where the model is to be saved and how it is encrypted and compressed."
    )
    resource_config: ResourceConfig | None = member(
        "Instances and storage that the job runs on; may be null if serverless."
    )
    warm_pool_status: WarmPoolStatus | None = member(
        "State of instances kept warm for a next job; null when no pool was asked for."
    )
    vpc_config: VpcConfig | None = member(
        "Subnets and security groups that the job runs with; null when it uses no VPC of yours."
    )
    stopping_condition: StoppingCondition | None = member(
        "Time limits after which SageMaker stops the job."
    )
    creation_time: datetime = member("When the job was created, before any wait for instances.")
    training_start_time: datetime | None = member(
        "When the job started on its instances and billing began; null until then."
    )
    training_end_time: datetime | None = member(
        "When billing ended: model uploaded or failure detected; null until then."
    )
    last_modified_time: datetime | None = member("When the job's status last changed.")
    secondary_status_transitions: list[SecondaryStatusTransition] | None = member(
        "History of the steps that the job has gone through, with times and messages."
    )
    final_metric_data_list: list[MetricData] | None = member(
        "Final values of the metrics that the algorithm sent to CloudWatch."
    )
    enable_network_isolation: bool | None = member(
        "Whether the container is cut off from the network, save for others of the same job."
    )
    enable_inter_container_traffic_encryption: bool | None = member(
        "Whether traffic between the job's instances is encrypted, which can slow training."
    )
    enable_managed_spot_training: bool | None = member(
        "Whether the job runs on spare capacity, cheaper but open to interruption."
    )
    checkpoint_config: CheckpointConfig | None = member(
        "Where checkpoints are kept for resuming; null when the job sets no place for them."
    )
    training_time_in_seconds: int | None = member(
        "Seconds spent training, billed or not; a spot job may be billed for fewer."
    )
    billable_time_in_seconds: int | None = member(
        "Wall-clock seconds billed per instance; multiply by the number of instances."
    )
    billable_token_count: Long | None = member(
        "Tokens billed, for serverless jobs that are billed by token; null for other jobs."
    )
    debug_hook_config: DebugHookConfig | None = member(
        "Which tensors Debugger saves, and where; null when not configured."
    )
    experiment_config: ExperimentConfig | None = member(
        "Experiment and trial that the job is recorded under; null when it is in none."
    )
    debug_rule_configurations: list[DebugRuleConfiguration] | None = member(
        "Rules that watch the saved tensors for training problems; null when there are none."
    )
    tensor_board_output_config: TensorBoardOutputConfig | None = member(
        "Where files for TensorBoard are written; null when the job writes none."
    )
    debug_rule_evaluation_statuses: list[DebugRuleEvaluationStatus] | None = member(
        "Findings of the debugging rules, one per rule; null when there are no rules.",
        most=20,
    )
    profiler_config: ProfilerConfig | None = member(
        "How system and framework use is measured; null when not configured."
    )
    profiler_rule_configurations: list[ProfilerRuleConfiguration] | None = member(
        "Rules that watch the profile for bottlenecks; null when there are none."
    )
    profiler_rule_evaluation_statuses: list[ProfilerRuleEvaluationStatus] | None = member(
        "Findings of the profiling rules, one per rule; null when there are no rules.",
        most=20,
    )
    profiling_status: ProfilingStatus | None = member("Whether profiling is on for the job.")
    environment: list[KeyValue] | None = member(
        "Environment variables set in the container, readable by all who may see the job.",
        is_secret=True,
    )
    retry_strategy: RetryStrategy | None = member(
        "How often the job is retried after an internal server error; null when not set."
    )
    remote_debug_config: RemoteDebugConfig | None = member(
        "Whether the running container may be entered for debugging; null when not set."
    )
    infra_check_config: InfraCheckConfig | None = member(
        "Whether the infrastructure's health is checked; null when not set."
    )
    serverless_job_config: ServerlessJobConfig | None = member(
        "Model and method of a serverless job; null for a job that runs on chosen instances."
    )
    mlflow_config: MlflowConfig | None = member(
        "Where the job's run is recorded in MLflow; null when it is not."
    )
    model_package_config: ModelPackageConfig | None = member(
        "Model packages that the job starts from and registers; null when it uses none."
    )
    mlflow_details: MlflowDetails | None = member(
        "IDs of the job's MLflow experiment and run; null when the job has none."
    )
    progress_info: TrainingProgressInfo | None = member(
        "Steps and epochs reached; reported only for serverless jobs."
    )
    output_model_package_arn: str | None = member(
        "ARN of the model package that holds the resulting weights or checkpoints; may be null."
    )
    auto_ml_job: (
        Annotated["AutoMLJob", strawberry.lazy("gateway.schema.types.auto_ml_job")] | None
    ) = link("auto_ml_job_arn", "The AutoML job that launched this job.", name="autoMLJob")
    tuning_job: (
        Annotated[
            "HyperParameterTuningJob",
            strawberry.lazy("gateway.schema.types.hyper_parameter_tuning_job"),
        ]
        | None
    ) = link("tuning_job_arn", "The hyperparameter tuning job that launched this job.")
    console_url: str | None = console_url(
        "jobs",
        "training_job_name",
        "Page of the job in AWS's console; null outside of aws, aws-cn and aws-us-gov.",
    )
    tags: list[KeyValue] | None = tags_of("id", "Tags of the job, sorted by key.")


@strawberry.input(description="Conditions on training jobs, all of which must hold.")
class TrainingJobFilter(ListFilter):
    """What ListTrainingJobs takes."""

    status_equals: TrainingJobStatus | None = condition("The one status that jobs may have.")
    status_in: list[TrainingJobStatus] | None = condition(
        "The statuses that jobs may have; each is an AWS list of its own."
    )
    warm_pool_status_equals: WarmPoolResourceStatus | None = condition(
        "The status that the jobs' warm pools have."
    )
    training_plan_arn_equals: str | None = condition(
        "ARN of the training plan whose capacity the jobs use."
    )


ROOT_FIELDS: Final = RootFields(TRAINING_JOB, TrainingJob, TrainingJobFilter, ListOrder)
