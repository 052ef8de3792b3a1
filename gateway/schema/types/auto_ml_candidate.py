"""A candidate of an AutoML job: the model it built, and the jobs that built it."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from gateway.aws.resources import Child, Listing
from gateway.schema.enums import OpenEnum, aws_word, open_enum
from gateway.schema.fields import member, structure
from gateway.schema.identity import child_type
from gateway.schema.links import link
from gateway.schema.list_arguments import OrderDirection, condition
from gateway.schema.types.common import KeyValue, ObjectiveStatus
from gateway.schema.types.processing_job import ProcessingJob
from gateway.schema.types.training_job import TrainingJob
from gateway.schema.types.transform_job import TransformJob

AUTO_ML_CANDIDATE: Final = Child(
    type_name="AutoMLCandidate",
    scope="read:automl-jobs",
    listing=Listing("ListCandidatesForAutoMLJob", "Candidates", parent="AutoMLJobName"),
    name="CandidateName",
    status="CandidateStatus",
)


@open_enum
class AutoMLMetricEnum(OpenEnum):
    """Metrics that an AutoML job can optimise; which ones apply depends on the problem type."""

    ACCURACY = "Accuracy"
    MSE = "MSE"
    F1 = "F1"
    F1MACRO = "F1macro"
    AUC = "AUC"
    RMSE = "RMSE"
    BALANCED_ACCURACY = "BalancedAccuracy"
    R2 = "R2"
    RECALL = "Recall"
    RECALL_MACRO = "RecallMacro"
    PRECISION = "Precision"
    PRECISION_MACRO = "PrecisionMacro"
    MAE = "MAE"
    MAPE = "MAPE"
    MASE = "MASE"
    WAPE = "WAPE"
    AVERAGE_WEIGHTED_QUANTILE_LOSS = "AverageWeightedQuantileLoss"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def member_for(cls, value: str) -> str | None:
        """Return the member for the words of older AutoML jobs: `validation:auc` is `AUC`."""
        part, _, metric = value.partition(":")
        word = metric.replace("_", "").lower()
        named = {member.value.lower(): member.name for member in cls}
        return named.get(word) if part == "validation" else None


def metric_text() -> Any:
    """Declare the text field beside `metricName`."""
    return aws_word(
        "metric_name",
        "metricNameText",
        "AWS's own word for the metric where it is not that of the enum, as in `validation:auc`.",
    )


@open_enum
class AutoMLJobObjectiveType(OpenEnum):
    """Whether a higher or a lower value of the metric is better."""

    MAXIMIZE = "Maximize"
    MINIMIZE = "Minimize"
    UNKNOWN = "UNKNOWN"


@structure
class FinalAutoMLJobObjectiveMetric:
    """The score a candidate reached on the job's objective metric."""

    type: AutoMLJobObjectiveType | None = member(
        "Whether the metric is to be maximised or minimised; null when AWS does not say."
    )
    metric_name: AutoMLMetricEnum | None = member("Metric that `value` measures.")
    metric_name_text: str | None = metric_text()
    value: float | None = member(
        "Score the candidate reached; whether more or less is better depends on the metric."
    )
    standard_metric_name: AutoMLMetricEnum | None = member(
        "AWS's standard name for the same metric; null when AWS gives none."
    )


CandidateStepJob = Annotated[
    ProcessingJob | TrainingJob | TransformJob,
    strawberry.union(
        "CandidateStepJob", description="The job of any kind that carries out a candidate's step."
    ),
]


@structure
class AutoMLCandidateStep:
    """One underlying SageMaker job that was run to build a candidate."""

    candidate_step_type: str | None = member(
        "Kind of job: `AWS::SageMaker::TrainingJob`, or the same with `TransformJob` or "
        "`ProcessingJob`."
    )
    candidate_step_arn: str | None = member(
        "ARN of the training, transform or processing job that carries out the step."
    )
    candidate_step_name: str | None = member("Name of the job that carries out the step.")
    candidate_step_job: CandidateStepJob | None = link(
        "candidate_step_arn", "The job that carries out the step."
    )


@open_enum
class CandidateStatus(OpenEnum):
    """How far a candidate has come, from being in progress to completed, failed or stopped."""

    COMPLETED = "Completed"
    IN_PROGRESS = "InProgress"
    FAILED = "Failed"
    STOPPED = "Stopped"
    STOPPING = "Stopping"
    UNKNOWN = "UNKNOWN"


@structure
class AutoMLContainerDefinition:
    """One of the containers that serve a candidate's predictions."""

    image: str | None = member("Amazon ECR path of the container's image.")
    model_data_url: str | None = member("S3 URI of the model artifacts that the container loads.")
    environment: list[KeyValue] | None = member(
        "Environment variables set in the container; null when there are none.", is_secret=True
    )


@structure
class CandidateArtifactLocations:
    """Where in S3 the reports on a candidate lie."""

    explainability: str | None = member(
        "S3 prefix of the report on what sways the predictions; null when there is none."
    )
    model_insights: str | None = member(
        "S3 prefix of the report on the quality of the model; null when there is none."
    )
    backtest_results: str | None = member(
        "S3 prefix of accuracy and predictions over the test window; forecasting jobs only."
    )


@open_enum
class AutoMLMetricExtendedEnum(OpenEnum):
    """Metrics a candidate may be measured on, including some that no job can take as objective."""

    ACCURACY = "Accuracy"
    MSE = "MSE"
    F1 = "F1"
    F1MACRO = "F1macro"
    AUC = "AUC"
    RMSE = "RMSE"
    MAE = "MAE"
    R2 = "R2"
    BALANCED_ACCURACY = "BalancedAccuracy"
    PRECISION = "Precision"
    PRECISION_MACRO = "PrecisionMacro"
    RECALL = "Recall"
    RECALL_MACRO = "RecallMacro"
    LOG_LOSS = "LogLoss"
    INFERENCE_LATENCY = "InferenceLatency"
    MAPE = "MAPE"
    MASE = "MASE"
    WAPE = "WAPE"
    AVERAGE_WEIGHTED_QUANTILE_LOSS = "AverageWeightedQuantileLoss"
    ROUGE1 = "Rouge1"
    ROUGE2 = "Rouge2"
    ROUGE_L = "RougeL"
    ROUGE_L_SUM = "RougeLSum"
    PERPLEXITY = "Perplexity"
    VALIDATION_LOSS = "ValidationLoss"
    TRAINING_LOSS = "TrainingLoss"
    UNKNOWN = "UNKNOWN"


@open_enum
class MetricSetSource(OpenEnum):
    """The part of the dataset that a metric was measured on."""

    TRAIN = "Train"
    VALIDATION = "Validation"
    TEST = "Test"
    UNKNOWN = "UNKNOWN"


@structure
class MetricDatum:
    """One metric of a candidate, measured on one part of the dataset."""

    metric_name: AutoMLMetricEnum | None = member(
        "Metric's name among those a job can optimise; the fuller list is in `standardMetricName`."
    )
    metric_name_text: str | None = metric_text()
    standard_metric_name: AutoMLMetricExtendedEnum | None = member(
        "Metric's name in the fuller list, which adds log loss, latency, ROUGE and others."
    )
    value: float | None = member("Measured value, on the metric's own scale.")
    set: MetricSetSource | None = member(
        "Part of the dataset the metric was measured on: train, validation or test."
    )


@structure
class CandidateProperties:
    """Reports and metrics that describe a candidate."""

    candidate_artifact_locations: CandidateArtifactLocations | None = member(
        "S3 prefixes of the candidate's reports; null when none were written."
    )
    candidate_metrics: list[MetricDatum] | None = member(
        "Metrics measured for the candidate, each on one part of the dataset."
    )


@open_enum
class AutoMLProcessingUnit(OpenEnum):
    """The hardware a serving container is built for: CPU or GPU."""

    CPU = "CPU"
    GPU = "GPU"
    UNKNOWN = "UNKNOWN"


@structure
class InferenceContainerDefinitions:
    """One entry of the map from processing unit to the containers that serve on it."""

    key: AutoMLProcessingUnit = member("Hardware that these containers are meant for.")
    value: list[AutoMLContainerDefinition] | None = member(
        "Containers to deploy, five at most, to serve the candidate on that hardware."
    )


@child_type(AUTO_ML_CANDIDATE)
class AutoMLCandidate:
    """A model, with its data processing, that an AutoML job built and scored."""

    candidate_name: str | None = member("Name of the candidate within its job.")
    final_auto_ml_job_objective_metric: FinalAutoMLJobObjectiveMetric | None = member(
        "Score on the job's objective metric; null until it has been measured.",
        aws="FinalAutoMLJobObjectiveMetric",
    )
    objective_status: ObjectiveStatus | None = member(
        "Whether the objective metric has been measured yet."
    )
    candidate_steps: list[AutoMLCandidateStep] | None = member(
        "SageMaker jobs that were run to build the candidate.",
        # AWS's model has no bound; Autopilot runs a handful.
        most=10,
    )
    candidate_status: CandidateStatus | None = member(
        "Whether the candidate is still being built, or how it ended."
    )
    inference_containers: list[AutoMLContainerDefinition] | None = member(
        "Containers that AWS recommends for serving the candidate; null when it gives none."
    )
    creation_time: datetime | None = member("When the candidate was created.")
    end_time: datetime | None = member("When work on the candidate ended; null while it goes on.")
    last_modified_time: datetime | None = member("When the candidate's record last changed.")
    failure_reason: str | None = member("Why the candidate failed; null unless it did.")
    candidate_properties: CandidateProperties | None = member(
        "Further metrics, and where the reports lie; null when there are none."
    )
    inference_container_definitions: list[InferenceContainerDefinitions] | None = member(
        "Serving containers per processing unit; null unless classifying images or text."
    )


@strawberry.input(description="Conditions on candidates, all of which must hold.")
class AutoMLCandidateFilter:
    """What ListCandidatesForAutoMLJob takes."""

    candidate_name_equals: str | None = condition("The name that the candidate has.")
    status_equals: CandidateStatus | None = condition("The one status that candidates may have.")


@strawberry.enum(description="What the candidates of a list are sorted by.")
class AutoMLCandidateOrderField(Enum):
    """The values are AWS's."""

    CREATION_TIME = "CreationTime"
    STATUS = "Status"
    FINAL_OBJECTIVE_METRIC_VALUE = "FinalObjectiveMetricValue"


@strawberry.input(description="The order of a list of candidates.")
class AutoMLCandidateOrder:
    """As AWS's `SortBy` and `SortOrder`, but the newest first by default."""

    field: AutoMLCandidateOrderField | None = condition(
        "What the candidates are sorted by; CREATION_TIME when it is not given."
    )
    direction: OrderDirection | None = condition(
        "Whether the least or the greatest comes first; DESCENDING when it is not given."
    )
