"""An AutoML job, as DescribeAutoMLJobV2 answers."""

from datetime import datetime
from typing import Final

import strawberry

from gateway.aws.resources import JOB_ENDS, Listing, Resource
from gateway.schema.connections import Connection, connection_below
from gateway.schema.enums import OpenEnum, aws_word, open_enum
from gateway.schema.fields import member, structure
from gateway.schema.identity import Node, console_url, root_type
from gateway.schema.links import tags_of
from gateway.schema.list_arguments import ListFilter, ListOrder, condition
from gateway.schema.root_fields import RootFields
from gateway.schema.types.auto_ml_candidate import (
    AUTO_ML_CANDIDATE,
    AutoMLCandidate,
    AutoMLCandidateFilter,
    AutoMLCandidateOrder,
    AutoMLMetricEnum,
    metric_text,
)
from gateway.schema.types.common import (
    CompressionType,
    KeyValue,
    ModelAccessConfig,
    VpcConfig,
)

AUTO_ML_JOB: Final = Resource(
    type_name="AutoMLJob",
    label="AutoML job",
    arn_type="automl-job",
    # The V2 operation answers for both generations of AutoML jobs, the older one does not.
    describe="DescribeAutoMLJobV2",
    name="AutoMLJobName",
    arn="AutoMLJobArn",
    status="AutoMLJobStatus",
    longest_name=32,
    final={
        "AutoMLJobStatus": JOB_ENDS,
        "AutoMLJobSecondaryStatus": JOB_ENDS
        | {
            "CandidateDefinitionsGenerated",
            "ExplainabilityError",
            "MaxAutoMLJobRuntimeReached",
            "MaxCandidatesReached",
            "ModelDeploymentError",
            "ModelInsightsError",
        },
        "BestCandidate.CandidateStatus": JOB_ENDS,
        "BestCandidate.ObjectiveStatus": frozenset({"Succeeded", "Failed"}),
    },
    listing=Listing(
        "ListAutoMLJobs",
        "AutoMLJobSummaries",
        frozenset(
            {
                "AutoMLJobSecondaryStatus",
                "EndTime",
                "FailureReason",
                "PartialFailureReasons",
            }
        ),
    ),
    children=(AUTO_ML_CANDIDATE,),
)


@open_enum
class AutoMLChannelType(OpenEnum):
    """Whether a channel's data trains the candidates or validates them."""

    TRAINING = "training"
    VALIDATION = "validation"
    UNKNOWN = "UNKNOWN"


@open_enum
class AutoMLS3DataType(OpenEnum):
    """How an S3 URI is read: as a key prefix, a manifest or an augmented manifest."""

    MANIFEST_FILE = "ManifestFile"
    S3_PREFIX = "S3Prefix"
    AUGMENTED_MANIFEST_FILE = "AugmentedManifestFile"
    UNKNOWN = "UNKNOWN"


@structure
class AutoMLS3DataSource:
    """Where in S3 a channel's data lies, and how its URI is read."""

    s3_data_type: AutoMLS3DataType | None = member(
        "Whether `s3Uri` is a key prefix, a manifest of keys, or an augmented manifest."
    )
    s3_uri: str | None = member(
        "S3 URI of the data, or of the manifest that lists or holds it, as `s3DataType` says."
    )


@structure
class AutoMLDataSource:
    """The source of a channel's data, which for AutoML is always S3."""

    s3_data_source: AutoMLS3DataSource | None = member("Location in S3 of the channel's data.")


@structure
class AutoMLJobChannel:
    """One input of an AutoML job: a training or a validation dataset."""

    channel_type: AutoMLChannelType | None = member(
        "What the data is used for; training when the job's creator did not choose."
    )
    content_type: str | None = member(
        "Media type of the data, such as `text/csv;header=present` or `image/*`."
    )
    compression_type: CompressionType | None = member(
        "Compression of the data; `GZIP` is possible only for tabular data under an S3 prefix."
    )
    data_source: AutoMLDataSource | None = member("Where the channel's data is read from.")


@structure
class AutoMLOutputDataConfig:
    """Where an AutoML job writes its artifacts, and the key that encrypts them."""

    kms_key_id: str | None = member(
        "KMS key that encrypts the output in S3; null when none was given."
    )
    s3_output_path: str | None = member(
        "S3 URI under which the job writes its models, reports and other artifacts."
    )


@structure
class AutoMLJobObjective:
    """The metric by which an AutoML job compares its candidates."""

    metric_name: AutoMLMetricEnum | None = member(
        "Metric measured on the validation data and optimised in training."
    )
    metric_name_text: str | None = metric_text()


@structure
class AutoMLJobCompletionCriteria:
    """Limits that end an AutoML job: how many candidates, and how long."""

    max_candidates: int | None = member(
        "Most training runs allowed: up to 750 for tabular problems, 1 for all others."
    )
    max_runtime_per_training_job_in_seconds: int | None = member(
        "Longest time one candidate may run, in seconds; 259200 unless set for text generation."
    )
    max_auto_ml_job_runtime_in_seconds: int | None = member(
        "Longest time the whole job may run, in seconds; then it keeps the best model so far.",
        aws="MaxAutoMLJobRuntimeInSeconds",
    )


@structure
class ImageClassificationJobConfig:
    """Settings of an AutoML job that sorts images into classes."""

    completion_criteria: AutoMLJobCompletionCriteria | None = member(
        "Limits on the job's running time; it trains a single candidate."
    )


@structure
class TextClassificationJobConfig:
    """Settings of an AutoML job that sorts sentences into classes."""

    completion_criteria: AutoMLJobCompletionCriteria | None = member(
        "Limits on the job's running time; it trains a single candidate."
    )
    content_column: str | None = member("Column that holds the sentences to classify.")
    target_label_column: str | None = member(
        "Column that holds the right class of each sentence, which the model learns to predict."
    )


@open_enum
class FillingType(OpenEnum):
    """Stretches of a time series whose gaps are filled; `_VALUE` keys hold a constant for one."""

    FRONTFILL = "frontfill"
    MIDDLEFILL = "middlefill"
    BACKFILL = "backfill"
    FUTUREFILL = "futurefill"
    FRONTFILL_VALUE = "frontfill_value"
    MIDDLEFILL_VALUE = "middlefill_value"
    BACKFILL_VALUE = "backfill_value"
    FUTUREFILL_VALUE = "futurefill_value"
    UNKNOWN = "UNKNOWN"


@open_enum
class AggregationTransformationValue(OpenEnum):
    """How several records that fall in one forecast interval become a single value."""

    SUM = "sum"
    AVG = "avg"
    FIRST = "first"
    MIN = "min"
    MAX = "max"
    UNKNOWN = "UNKNOWN"


@structure
class FillingValue:
    """One entry of a column's filling rules: a stretch of the series and how it is filled."""

    key: FillingType = member(
        "Stretch of the series that is filled, or the `_VALUE` key that holds the constant for it."
    )
    value: str | None = member(
        "Filling method, such as `zero` or `mean`; under a `_VALUE` key, the constant as text."
    )


@structure
class FillingTransformation:
    """One entry of the map from column to filling rules."""

    key: str = member("Column whose missing values are filled.")
    value: list[FillingValue] | None = member(
        "Rules for the column: which stretches of the series are filled, and how."
    )


@structure
class AggregationTransformation:
    """One entry of the map from column to aggregation method."""

    key: str = member("Column to aggregate, which can only be the target column.")
    value: AggregationTransformationValue | None = member(
        "Method that reduces the records of one forecast interval to one; AWS's default is the sum."
    )


@structure
class TimeSeriesTransformations:
    """Changes made to a time series before training: gaps filled, records aggregated."""

    filling: list[FillingTransformation] | None = member(
        "Columns whose missing values are filled, each with its rules; null when none were set."
    )
    aggregation: list[AggregationTransformation] | None = member(
        "Columns whose records are combined to fit the forecast frequency; null when none were set."
    )


@structure
class TimeSeriesConfig:
    """Which columns of the dataset make up the time series."""

    target_attribute_name: str | None = member("Numeric column whose future values are forecast.")
    timestamp_attribute_name: str | None = member(
        "Column that says when each target value was recorded."
    )
    item_identifier_attribute_name: str | None = member(
        "Column that names the item, such as a product, that each forecast is for."
    )
    grouping_attribute_names: list[str] | None = member(
        "Up to five columns that identify a series together with the item's; null when none do."
    )


@structure
class HolidayConfigAttributes:
    """A national holiday calendar that a forecasting model takes into account."""

    country_code: str | None = member(
        "Two-letter code of the country whose public holidays are used, such as `GB`."
    )


@structure
class AutoMLAlgorithmConfig:
    """A choice of algorithms for an AutoML job to train."""

    auto_ml_algorithms: list[str] | None = member(
        "Algorithms to train, such as `xgboost` or `deepar`; empty for all that apply.",
        aws="AutoMLAlgorithms",
    )


@structure
class CandidateGenerationConfig:
    """How an AutoML job comes by its candidates."""

    algorithms_config: list[AutoMLAlgorithmConfig] | None = member(
        "At most one choice of algorithms; null when the job tries every algorithm that applies."
    )


@structure
class TimeSeriesForecastingJobConfig:
    """Settings of an AutoML job that forecasts time series."""

    feature_specification_s3_uri: str | None = member(
        "S3 URI of a JSON file that names the extra columns to use; null when all columns are used."
    )
    completion_criteria: AutoMLJobCompletionCriteria | None = member(
        "Limits on the job's running time; `maxCandidates` can only be 1."
    )
    forecast_frequency: str | None = member(
        "Time between predictions, as a number and a unit: `15min`, `1H`, `1D`, `1W`, `1M` or `1Y`."
    )
    forecast_horizon: int | None = member(
        "Time steps predicted ahead, at most 500 or a quarter of the dataset's, whichever is less."
    )
    forecast_quantiles: list[str] | None = member(
        "Up to five quantiles to forecast, from `p1` to `p99`; p10, p50 and p90 when none are set."
    )
    transformations: TimeSeriesTransformations | None = member(
        "How gaps are filled and records aggregated before training; null when nothing was set."
    )
    time_series_config: TimeSeriesConfig | None = member(
        "Columns that hold the target, the timestamp, the item and any groups."
    )
    holiday_config: list[HolidayConfigAttributes] | None = member(
        "Holiday calendar added to the data, one at most; null when holidays are not considered."
    )
    candidate_generation_config: CandidateGenerationConfig | None = member(
        "Choice of algorithms to train; null when all that suit forecasting are tried."
    )


@open_enum
class AutoMLMode(OpenEnum):
    """How tabular models are made: several combined, one tuned, or whichever AWS picks."""

    AUTO = "AUTO"
    ENSEMBLING = "ENSEMBLING"
    HYPERPARAMETER_TUNING = "HYPERPARAMETER_TUNING"
    UNKNOWN = "UNKNOWN"


@open_enum
class ProblemType(OpenEnum):
    """What a tabular model predicts: one of two classes, one of several, or a number."""

    BINARY_CLASSIFICATION = "BinaryClassification"
    MULTICLASS_CLASSIFICATION = "MulticlassClassification"
    REGRESSION = "Regression"
    UNKNOWN = "UNKNOWN"


@structure
class TabularJobConfig:
    """Settings of an AutoML job that predicts one column of a table from the others."""

    candidate_generation_config: CandidateGenerationConfig | None = member(
        "Choice of algorithms to train; null when all that the training mode knows are tried."
    )
    completion_criteria: AutoMLJobCompletionCriteria | None = member(
        "Limits on the number of candidates and on running time."
    )
    feature_specification_s3_uri: str | None = member(
        "S3 URI of a JSON file that selects the columns to learn from or gives their types."
    )
    mode: AutoMLMode | None = member(
        "How models are made; `AUTO` means `ENSEMBLING` below 100 MB of data, else tuning."
    )
    generate_candidate_definitions_only: bool | None = member(
        "True when the job only proposes candidates, without training any model."
    )
    problem_type: ProblemType | None = member(
        "Kind of prediction asked for; when null, `resolvedAttributes` tells the one in use."
    )
    target_attribute_name: str | None = member("Column that the model learns to predict.")
    sample_weight_attribute_name: str | None = member(
        "Numeric column that weighs each row in the metric; null when all rows count alike."
    )


@structure
class TextGenerationJobConfig:
    """Settings of an AutoML job that fine-tunes a large language model."""

    completion_criteria: AutoMLJobCompletionCriteria | None = member(
        "Limits on the fine-tuning time, 259200 seconds (72 hours) unless set."
    )
    base_model_name: str | None = member(
        "Language model to fine-tune; `Falcon7BInstruct` when the job's creator named none."
    )
    text_generation_hyper_parameters: list[KeyValue] | None = member(
        "Settings of the fine-tuning, such as `epochCount` or `batchSize`, each value as text.",
        is_secret=True,
    )
    model_access_config: ModelAccessConfig | None = member(
        "Whether the licence (EULA) of the base model was accepted; null when nothing was said."
    )


@structure
class AutoMLProblemTypeConfig:
    """Settings for the job's problem type: the one field that applies is set, the rest null."""

    image_classification_job_config: ImageClassificationJobConfig | None = member(
        "Set when the job classifies images, otherwise null."
    )
    text_classification_job_config: TextClassificationJobConfig | None = member(
        "Set when the job classifies text, otherwise null."
    )
    time_series_forecasting_job_config: TimeSeriesForecastingJobConfig | None = member(
        "Set when the job forecasts time series, otherwise null."
    )
    tabular_job_config: TabularJobConfig | None = member(
        "Set when the job predicts one column of a table, otherwise null."
    )
    text_generation_job_config: TextGenerationJobConfig | None = member(
        "Set when the job fine-tunes a language model, otherwise null."
    )


@open_enum
class AutoMLProblemTypeConfigName(OpenEnum):
    """The kinds of problem an AutoML job can solve, from tables and images to language models."""

    IMAGE_CLASSIFICATION = "ImageClassification"
    TEXT_CLASSIFICATION = "TextClassification"
    TIME_SERIES_FORECASTING = "TimeSeriesForecasting"
    TABULAR = "Tabular"
    TEXT_GENERATION = "TextGeneration"
    UNKNOWN = "UNKNOWN"


@structure
class AutoMLPartialFailureReason:
    """Why one part of an AutoML job failed."""

    partial_failure_message: str | None = member(
        "AWS's own words on what failed, up to 1024 characters."
    )


@open_enum
class AutoMLJobStatus(OpenEnum):
    """Whether an AutoML job is running, being stopped, or over, and how it ended."""

    COMPLETED = "Completed"
    IN_PROGRESS = "InProgress"
    FAILED = "Failed"
    STOPPED = "Stopped"
    STOPPING = "Stopping"
    UNKNOWN = "UNKNOWN"


@open_enum
class AutoMLJobSecondaryStatus(OpenEnum):
    """The stage an AutoML job is at, or the finer reason why it ended."""

    STARTING = "Starting"
    MAX_CANDIDATES_REACHED = "MaxCandidatesReached"
    FAILED = "Failed"
    STOPPED = "Stopped"
    MAX_AUTO_ML_JOB_RUNTIME_REACHED = "MaxAutoMLJobRuntimeReached"
    STOPPING = "Stopping"
    CANDIDATE_DEFINITIONS_GENERATED = "CandidateDefinitionsGenerated"
    COMPLETED = "Completed"
    EXPLAINABILITY_ERROR = "ExplainabilityError"
    DEPLOYING_MODEL = "DeployingModel"
    MODEL_DEPLOYMENT_ERROR = "ModelDeploymentError"
    GENERATING_MODEL_INSIGHTS_REPORT = "GeneratingModelInsightsReport"
    MODEL_INSIGHTS_ERROR = "ModelInsightsError"
    ANALYZING_DATA = "AnalyzingData"
    FEATURE_ENGINEERING = "FeatureEngineering"
    MODEL_TUNING = "ModelTuning"
    GENERATING_EXPLAINABILITY_REPORT = "GeneratingExplainabilityReport"
    TRAINING_MODELS = "TrainingModels"
    PRE_TRAINING = "PreTraining"
    UNKNOWN = "UNKNOWN"


@structure
class AutoMLJobArtifacts:
    """Notebooks that an AutoML job wrote about its data and its candidates."""

    candidate_definition_notebook_location: str | None = member(
        "S3 URI of a notebook that sets out the proposed candidates; null when there is none."
    )
    data_exploration_notebook_location: str | None = member(
        "S3 URI of a notebook with findings about the input data; null when there is none."
    )


@structure
class TabularResolvedAttributes:
    """What the job settled on for a tabular problem."""

    problem_type: ProblemType | None = member(
        "Kind of prediction in use, worked out from the data when the job's creator set none."
    )


@structure
class TextGenerationResolvedAttributes:
    """What the job settled on for text generation."""

    base_model_name: str | None = member(
        "Language model that is fine-tuned, the default one when the job's creator named none."
    )


@structure
class AutoMLProblemTypeResolvedAttributes:
    """What the job settled on, by problem type: only the field that applies is set."""

    tabular_resolved_attributes: TabularResolvedAttributes | None = member(
        "Set for a tabular problem, otherwise null."
    )
    text_generation_resolved_attributes: TextGenerationResolvedAttributes | None = member(
        "Set for text generation, otherwise null."
    )


@structure
class AutoMLResolvedAttributes:
    """The settings an AutoML job works with, its defaults filled in."""

    auto_ml_job_objective: AutoMLJobObjective | None = member(
        "Objective metric in use, the problem type's default when none was set.",
        aws="AutoMLJobObjective",
    )
    completion_criteria: AutoMLJobCompletionCriteria | None = member(
        "Limits in use on the number of candidates and on running time."
    )
    auto_ml_problem_type_resolved_attributes: AutoMLProblemTypeResolvedAttributes | None = member(
        "Settings in use that belong to one problem type; null when it has none.",
        aws="AutoMLProblemTypeResolvedAttributes",
    )


@structure
class ModelDeployConfig:
    """How an AutoML job names the endpoint to which it deploys its best model by itself."""

    auto_generate_endpoint_name: bool | None = member(
        "True when AWS makes up the endpoint's name; false (default) when `endpointName` is it."
    )
    endpoint_name: str | None = member("Name chosen for the endpoint; null when AWS makes one up.")


@structure
class ModelDeployResult:
    """The outcome of an automatic deployment."""

    endpoint_name: str | None = member(
        "Name of the endpoint that now serves the model; null when the deployment failed."
    )


@structure
class AutoMLDataSplitConfig:
    """How the training data is divided when a part is held back for validation."""

    validation_fraction: float | None = member(
        "Share of the training data held back, between 0 and 1; 0.2 (20 percent) when not set."
    )


@structure
class AutoMLSecurityConfig:
    """Encryption and network settings of an AutoML job."""

    volume_kms_key_id: str | None = member(
        "KMS key that encrypts the data the job stores; null when none was given."
    )
    enable_inter_container_traffic_encryption: bool | None = member(
        "True when traffic between the job's containers is encrypted."
    )
    vpc_config: VpcConfig | None = member(
        "Subnets and security groups that the job runs in; null when it was given no VPC."
    )


@structure
class EmrServerlessComputeConfig:
    """Permission for an AutoML job to use EMR Serverless when its dataset is large."""

    execution_role_arn: str | None = member(
        "ARN of the IAM role with which the job lists, reaches and manages EMR Serverless jobs.",
        aws="ExecutionRoleARN",
    )


@structure
class AutoMLComputeConfig:
    """Extra computing power that an AutoML job may call on."""

    emr_serverless_compute_config: EmrServerlessComputeConfig | None = member(
        "Set when large tabular or time series datasets may go to EMR Serverless, else null."
    )


@root_type(AUTO_ML_JOB)
class AutoMLJob(Node):
    """A SageMaker Autopilot job, which builds models from a dataset and picks the best one."""

    id: strawberry.ID = member(
        "ARN of the job; what `node(id:)` takes.", aws="AutoMLJobArn", name="id"
    )
    auto_ml_job_name: str = member(
        "Name given at creation, unique within the account whatever its letter case.",
        aws="AutoMLJobName",
    )
    auto_ml_job_arn: str = member("ARN of the job, the same value as `id`.", aws="AutoMLJobArn")
    auto_ml_job_input_data_config: list[AutoMLJobChannel] | None = member(
        "Input channels, two at most: the training data and, if given, separate validation data.",
        aws="AutoMLJobInputDataConfig",
    )
    output_data_config: AutoMLOutputDataConfig | None = member(
        "Where the job writes its artifacts, and how they are encrypted."
    )
    role_arn: str | None = member(
        "ARN of the IAM role that SageMaker assumes to read input from and write output to S3."
    )
    auto_ml_job_objective: AutoMLJobObjective | None = member(
        "Metric the job was asked to optimise; when null, see `resolvedAttributes`.",
        aws="AutoMLJobObjective",
    )
    auto_ml_problem_type_config: AutoMLProblemTypeConfig | None = member(
        "Settings as given at creation, held in the one field that matches the problem type.",
        aws="AutoMLProblemTypeConfig",
    )
    auto_ml_problem_type_config_name: AutoMLProblemTypeConfigName | None = member(
        "Problem type, and so which field of `autoMLProblemTypeConfig` is set.",
        aws="AutoMLProblemTypeConfigName",
    )
    creation_time: datetime = member("When the job was created.")
    end_time: datetime | None = member("When the job ended; null while it runs.")
    last_modified_time: datetime | None = member("When the job's record last changed.")
    failure_reason: str | None = member("Why the job failed; null unless it did.")
    partial_failure_reasons: list[AutoMLPartialFailureReason] | None = member(
        "Parts of the job that failed without failing it as a whole; null when there are none."
    )
    best_candidate: AutoMLCandidate | None = member(
        "Best model found, with its score and containers; null while there is none."
    )
    auto_ml_job_status: AutoMLJobStatus = member(
        "Whether the job is running, being stopped, or over, and how it ended.",
        aws="AutoMLJobStatus",
    )
    auto_ml_job_secondary_status: AutoMLJobSecondaryStatus | None = member(
        "Stage the job is at, or finer detail on how it ended.", aws="AutoMLJobSecondaryStatus"
    )
    auto_ml_job_secondary_status_text: str | None = aws_word(
        "auto_ml_job_secondary_status",
        "autoMLJobSecondaryStatusText",
        "AWS's own word for the secondary status where it is UNKNOWN; null otherwise.",
    )
    auto_ml_job_artifacts: AutoMLJobArtifacts | None = member(
        "Notebooks the job wrote about its data and candidates; null when it wrote none.",
        aws="AutoMLJobArtifacts",
    )
    resolved_attributes: AutoMLResolvedAttributes | None = member(
        "Settings the job works with, its defaults filled in; null when AWS gives none."
    )
    model_deploy_config: ModelDeployConfig | None = member(
        "How the best model's endpoint is named; null when no automatic deployment was asked for."
    )
    model_deploy_result: ModelDeployResult | None = member(
        "Outcome of the automatic deployment; null when there is none to tell of."
    )
    data_split_config: AutoMLDataSplitConfig | None = member(
        "How validation data is split off; null for time series, which the job splits by itself."
    )
    security_config: AutoMLSecurityConfig | None = member(
        "Encryption and network settings; null when none were set."
    )
    auto_ml_compute_config: AutoMLComputeConfig | None = member(
        "Extra computing power the job may call on; null when none was set.",
        aws="AutoMLComputeConfig",
    )
    candidates: Connection[AutoMLCandidate] | None = connection_below(
        AUTO_ML_CANDIDATE,
        AutoMLCandidateFilter,
        AutoMLCandidateOrder,
        "All candidates that the job has built or is building, in pages.",
        parent="auto_ml_job_name",
    )
    console_url: str | None = console_url(
        None,
        "auto_ml_job_name",
        "Page of the job in AWS's console; null, as the console has none outside of Studio.",
    )
    tags: list[KeyValue] | None = tags_of("id", "Tags of the job, sorted by key.")


@strawberry.input(description="Conditions on AutoML jobs, all of which must hold.")
class AutoMLJobFilter(ListFilter):
    """What ListAutoMLJobs takes."""

    status_equals: AutoMLJobStatus | None = condition("The one status that jobs may have.")
    status_in: list[AutoMLJobStatus] | None = condition(
        "The statuses that jobs may have; each is an AWS list of its own."
    )


ROOT_FIELDS: Final = RootFields(AUTO_ML_JOB, AutoMLJob, AutoMLJobFilter, ListOrder)
