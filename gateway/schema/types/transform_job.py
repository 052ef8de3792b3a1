"""A batch transform job, as DescribeTransformJob answers."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from gateway.aws.resources import JOB_ENDS, Listing, Resource
from gateway.schema.enums import OpenEnum, open_enum
from gateway.schema.fields import member, structure
from gateway.schema.identity import Node, console_url, root_type
from gateway.schema.links import link, tags_of
from gateway.schema.list_arguments import ListFilter, ListOrder, condition
from gateway.schema.root_fields import RootFields
from gateway.schema.types.common import CompressionType, ExperimentConfig, KeyValue, S3DataType

if TYPE_CHECKING:
    from gateway.schema.types.auto_ml_job import AutoMLJob

TRANSFORM_JOB: Final = Resource(
    type_name="TransformJob",
    label="transform job",
    arn_type="transform-job",
    describe="DescribeTransformJob",
    name="TransformJobName",
    arn="TransformJobArn",
    status="TransformJobStatus",
    longest_name=63,
    final={"TransformJobStatus": JOB_ENDS},
    listing=Listing(
        "ListTransformJobs",
        "TransformJobSummaries",
        frozenset({"TransformEndTime", "FailureReason"}),
    ),
)


@open_enum
class TransformJobStatus(OpenEnum):
    """How far a transform job has got and, once it is over, how it ended."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    UNKNOWN = "UNKNOWN"


@structure
class ModelClientConfig:
    """How long a transform job waits for the model and how often it asks again."""

    invocations_timeout_in_seconds: int | None = member(
        "Seconds that the model may take to answer one request."
    )
    invocations_max_retries: int | None = member(
        "How many times a request that failed is sent again at most."
    )


@open_enum
class BatchStrategy(OpenEnum):
    """Whether one request to the model holds a single record or as many as fit."""

    MULTI_RECORD = "MultiRecord"
    SINGLE_RECORD = "SingleRecord"
    UNKNOWN = "UNKNOWN"


@structure
class TransformS3DataSource:
    """Where in S3 a transform job's input lies, and how its URI is read."""

    s3_data_type: S3DataType | None = member(
        "Whether `s3Uri` is a key prefix or a manifest that lists object keys."
    )
    s3_uri: str | None = member("S3 URI of the data: a key prefix or a manifest object.")


@structure
class TransformDataSource:
    """The source of a transform job's input, which is always S3."""

    s3_data_source: TransformS3DataSource | None = member("Location in S3 of the input.")


@open_enum
class SplitType(OpenEnum):
    """How an input file is split into records: not at all, by line, or by a record format."""

    NONE = "None"
    LINE = "Line"
    RECORD_IO = "RecordIO"
    TF_RECORD = "TFRecord"
    UNKNOWN = "UNKNOWN"


@structure
class TransformInput:
    """The data that a transform job sends to its model, and how it is split."""

    data_source: TransformDataSource | None = member("Where the input is read from.")
    content_type: str | None = member(
        "MIME type of the data, such as `text/csv`; null where none was given."
    )
    compression_type: CompressionType | None = member(
        "How the stored data is compressed; NONE by default."
    )
    split_type: SplitType | None = member(
        "How each file is split into records; by default it is not split."
    )


@open_enum
class AssemblyType(OpenEnum):
    """How results are joined in an output file: as they are, or with a newline after each."""

    NONE = "None"
    LINE = "Line"
    UNKNOWN = "UNKNOWN"


@structure
class TransformOutput:
    """Where a transform job writes the model's answers, and in which form."""

    s3_output_path: str | None = member(
        "S3 URI under which each input file gets an output file, its name ending in `.out`."
    )
    accept: str | None = member(
        "MIME type asked of the model for its answers; null where none was given."
    )
    assemble_with: AssemblyType | None = member(
        "How the answers to one file's records are joined; NONE by default."
    )
    kms_key_id: str | None = member(
        "KMS key that encrypts the results in S3; null where none was named."
    )


@structure
class BatchDataCaptureConfig:
    """Where a transform job records what went into the model and came out, for monitoring."""

    destination_s3_uri: str | None = member("S3 URI under which the captured data is stored.")
    kms_key_id: str | None = member(
        "KMS key that encrypts the captured data; null where none was named."
    )
    generate_inference_id: bool | None = member(
        "Whether every captured record gets an ID, by which later labels can be matched."
    )


@structure
class TransformResources:
    """The instances that a transform job runs on."""

    instance_type: str | None = member("Instance type, such as `ml.m5.xlarge`.")
    instance_count: int | None = member("Number of instances that share the input files.")
    volume_kms_key_id: str | None = member(
        "KMS key that encrypts the storage volumes; null where none was named."
    )
    transform_ami_version: str | None = member(
        "Version of the machine image with its GPU drivers; null where SageMaker picks it."
    )


@open_enum
class JoinSource(OpenEnum):
    """Whether the model's answers are joined with the input records that they belong to."""

    INPUT = "Input"
    NONE = "None"
    UNKNOWN = "UNKNOWN"


@structure
class DataProcessing:
    """Which parts of the records the model sees, and which parts the output holds."""

    input_filter: str | None = member(
        "JSONPath that picks the part of a record the model gets; null for the whole record."
    )
    output_filter: str | None = member(
        "JSONPath that picks the part of the joined data to write; null for all of it."
    )
    join_source: JoinSource | None = member(
        "Whether the output holds the input next to the answers; NONE by default."
    )


@root_type(TRANSFORM_JOB)
class TransformJob(Node):
    """A SageMaker job that sends a whole data set to a model and stores its answers."""

    id: strawberry.ID = member(
        "ARN of the job; what `node(id:)` takes.", aws="TransformJobArn", name="id"
    )
    transform_job_name: str = member("Name of the job, unique within its account and region.")
    transform_job_arn: str = member("ARN of the job, the same value as `id`.")
    transform_job_status: TransformJobStatus = member(
        "Where the job stands; `failureReason` tells more of a FAILED one."
    )
    failure_reason: str | None = member("Why the job failed; null unless it did.")
    model_name: str | None = member("Name of the SageMaker model that the job runs.")
    max_concurrent_transforms: int | None = member(
        "Most requests at once to the model on each instance; null or 0 lets SageMaker choose."
    )
    model_client_config: ModelClientConfig | None = member(
        "Time limit and retries of requests to the model; null where none were set."
    )
    max_payload_in_mb: int | None = member(
        "Largest request to the model, in MB; 0 means that input is streamed without a limit.",
        aws="MaxPayloadInMB",
    )
    batch_strategy: BatchStrategy | None = member(
        "How many records one request to the model holds; null where it was not set."
    )
    environment: list[KeyValue] | None = member(
        "Environment variables set in the model's container; null where none were given.",
        is_secret=True,
    )
    transform_input: TransformInput | None = member("Data that is sent to the model.")
    transform_output: TransformOutput | None = member("Where the model's answers are stored.")
    data_capture_config: BatchDataCaptureConfig | None = member(
        "Where input and answers are captured for monitoring; null where they are not."
    )
    transform_resources: TransformResources | None = member("Instances that the job runs on.")
    creation_time: datetime = member(
        "When the job was requested, which is before it starts to run."
    )
    transform_start_time: datetime | None = member(
        "When the job began to run and billing started; null until then."
    )
    transform_end_time: datetime | None = member(
        "When the job ended and billing stopped; null until then."
    )
    labeling_job_arn: str | None = member(
        "ARN of the Ground Truth labelling job that launched this job; null when none did."
    )
    auto_ml_job_arn: str | None = member(
        "ARN of the AutoML job that launched this job; null when none did.", aws="AutoMLJobArn"
    )
    data_processing: DataProcessing | None = member(
        "What is filtered out and joined on the way; null where nothing was set."
    )
    experiment_config: ExperimentConfig | None = member(
        "Experiment that the job is recorded in; null where it is in none."
    )
    auto_ml_job: (
        Annotated["AutoMLJob", strawberry.lazy("gateway.schema.types.auto_ml_job")] | None
    ) = link("auto_ml_job_arn", "The AutoML job that launched this job.", name="autoMLJob")
    console_url: str | None = console_url(
        "transform-jobs",
        "transform_job_name",
        "Page of the job in AWS's console; null outside of aws, aws-cn and aws-us-gov.",
    )
    tags: list[KeyValue] | None = tags_of("id", "Tags of the job, sorted by key.")


@strawberry.input(description="Conditions on transform jobs, all of which must hold.")
class TransformJobFilter(ListFilter):
    """What ListTransformJobs takes."""

    status_equals: TransformJobStatus | None = condition("The one status that jobs may have.")
    status_in: list[TransformJobStatus] | None = condition(
        "The statuses that jobs may have; each is an AWS list of its own."
    )


ROOT_FIELDS: Final = RootFields(TRANSFORM_JOB, TransformJob, TransformJobFilter, ListOrder)
