"""A processing job, as DescribeProcessingJob answers."""

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
from gateway.schema.types.common import (
    ExperimentConfig,
    KeyValue,
    NetworkConfig,
    ProcessingS3DataDistributionType,
    ProcessingS3InputMode,
    ProcessingS3UploadMode,
)
from gateway.schema.types.monitoring_execution import (
    MonitoringExecutionSummary,
    monitoring_execution,
)

if TYPE_CHECKING:
    from gateway.schema.types.auto_ml_job import AutoMLJob
    from gateway.schema.types.monitoring_schedule import MonitoringSchedule
    from gateway.schema.types.training_job import TrainingJob

PROCESSING_JOB: Final = Resource(
    type_name="ProcessingJob",
    label="processing job",
    arn_type="processing-job",
    describe="DescribeProcessingJob",
    name="ProcessingJobName",
    arn="ProcessingJobArn",
    status="ProcessingJobStatus",
    longest_name=63,
    final={"ProcessingJobStatus": JOB_ENDS},
    listing=Listing(
        "ListProcessingJobs",
        "ProcessingJobSummaries",
        frozenset({"ProcessingEndTime", "FailureReason", "ExitMessage"}),
    ),
)


@open_enum
class ProcessingS3DataType(OpenEnum):
    """Whether an S3 URI is a prefix that stands for many objects or a manifest listing keys."""

    MANIFEST_FILE = "ManifestFile"
    S3_PREFIX = "S3Prefix"
    UNKNOWN = "UNKNOWN"


@open_enum
class ProcessingS3CompressionType(OpenEnum):
    """Whether S3 data is unzipped on its way into the container; GZIP needs PIPE input mode."""

    NONE = "None"
    GZIP = "Gzip"
    UNKNOWN = "UNKNOWN"


@structure
class ProcessingS3Input:
    """Input that a processing job reads from S3."""

    s3_uri: str | None = member(
        "S3 URI of the data: a key prefix or a manifest file, as `s3DataType` says."
    )
    local_path: str | None = member(
        "Absolute container path the data lands in; may be null where `appManaged` is true."
    )
    s3_data_type: ProcessingS3DataType | None = member(
        "Whether `s3Uri` is a key prefix or a manifest that lists object keys."
    )
    s3_input_mode: ProcessingS3InputMode | None = member(
        "Whether the data is copied to disk before the container starts or streamed to it."
    )
    s3_data_distribution_type: ProcessingS3DataDistributionType | None = member(
        "Whether every instance gets all of the data or only its own shard."
    )
    s3_compression_type: ProcessingS3CompressionType | None = member(
        "Whether the data is unzipped as it is streamed; GZIP only in PIPE mode."
    )


@open_enum
class AthenaResultFormat(OpenEnum):
    """File format in which Athena writes the results of a query."""

    PARQUET = "PARQUET"
    ORC = "ORC"
    AVRO = "AVRO"
    JSON = "JSON"
    TEXTFILE = "TEXTFILE"
    UNKNOWN = "UNKNOWN"


@open_enum
class AthenaResultCompressionType(OpenEnum):
    """Compression that Athena applies to the results of a query."""

    GZIP = "GZIP"
    SNAPPY = "SNAPPY"
    ZLIB = "ZLIB"
    UNKNOWN = "UNKNOWN"


@structure
class AthenaDatasetDefinition:
    """Input that is made by running an Athena query."""

    catalog: str | None = member("Name of the Athena data catalogue that holds `database`.")
    database: str | None = member("Name of the database that the query runs against.")
    query_string: str | None = member("SQL that is run to produce the input data.", is_secret=True)
    work_group: str | None = member(
        "Athena workgroup that the query runs in; null where none was named."
    )
    output_s3_uri: str | None = member("S3 URI where Athena stores the query results.")
    kms_key_id: str | None = member(
        "KMS key that encrypts the query results; null where none was named."
    )
    output_format: AthenaResultFormat | None = member(
        "File format of the query results, as the container will read them."
    )
    output_compression: AthenaResultCompressionType | None = member(
        "Compression of the query results; null where none was asked for."
    )


@open_enum
class RedshiftResultFormat(OpenEnum):
    """File format in which Redshift writes the results of a query."""

    PARQUET = "PARQUET"
    CSV = "CSV"
    UNKNOWN = "UNKNOWN"


@open_enum
class RedshiftResultCompressionType(OpenEnum):
    """Compression that Redshift applies to the results of a query."""

    NONE = "None"
    GZIP = "GZIP"
    BZIP2 = "BZIP2"
    ZSTD = "ZSTD"
    SNAPPY = "SNAPPY"
    UNKNOWN = "UNKNOWN"


@structure
class RedshiftDatasetDefinition:
    """Input that is made by running a query on a Redshift cluster."""

    cluster_id: str | None = member("Identifier of the Redshift cluster that runs the query.")
    database: str | None = member("Name of the Redshift database that the query runs against.")
    db_user: str | None = member("Database user that the query runs as.")
    query_string: str | None = member("SQL that is run to produce the input data.", is_secret=True)
    cluster_role_arn: str | None = member(
        "ARN of the IAM role on the cluster that SageMaker uses to produce the data."
    )
    output_s3_uri: str | None = member("S3 URI where Redshift stores the query results.")
    kms_key_id: str | None = member(
        "KMS key that encrypts the query results; null where none was named."
    )
    output_format: RedshiftResultFormat | None = member(
        "File format of the query results, as the container will read them."
    )
    output_compression: RedshiftResultCompressionType | None = member(
        "Compression of the query results; null where none was asked for."
    )


@open_enum
class DataDistributionType(OpenEnum):
    """Whether every instance gets the whole query result or only its own shard of it."""

    FULLY_REPLICATED = "FullyReplicated"
    SHARDED_BY_S3_KEY = "ShardedByS3Key"
    UNKNOWN = "UNKNOWN"


@open_enum
class InputMode(OpenEnum):
    """Whether data is copied to disk before the container starts or streamed as it runs."""

    PIPE = "Pipe"
    FILE = "File"
    UNKNOWN = "UNKNOWN"


@structure
class DatasetDefinition:
    """Input that is made by an Athena or Redshift query when the job runs."""

    athena_dataset_definition: AthenaDatasetDefinition | None = member(
        "Athena query that produces the data; null where Athena is not the source."
    )
    redshift_dataset_definition: RedshiftDatasetDefinition | None = member(
        "Redshift query that produces the data; null where Redshift is not the source."
    )
    local_path: str | None = member(
        "Absolute container path the data lands in; may be null where `appManaged` is true."
    )
    data_distribution_type: DataDistributionType | None = member(
        "Whether instances get all of the data or a shard each; by default a shard each."
    )
    input_mode: InputMode | None = member(
        "Whether the data is copied to disk first (FILE, the default) or streamed."
    )


@structure
class ProcessingInput:
    """One input of a processing job, from either S3 or a query."""

    input_name: str | None = member("Name of the input, unique among the job's inputs.")
    app_managed: bool | None = member(
        "True where the job's own code fetches the input; false, the default, where SageMaker does."
    )
    s3_input: ProcessingS3Input | None = member(
        "Where in S3 the input comes from; null where `datasetDefinition` is set."
    )
    dataset_definition: DatasetDefinition | None = member(
        "Query that produces the input; null where `s3Input` is set."
    )


@structure
class ProcessingS3Output:
    """Directory of the container that is uploaded to S3 as a result of the job."""

    s3_uri: str | None = member("S3 URI that the results are saved under.")
    local_path: str | None = member(
        "Absolute container path of the directory to upload; SageMaker creates it beforehand."
    )
    s3_upload_mode: ProcessingS3UploadMode | None = member(
        "Whether results are uploaded while the job runs or once it ends."
    )


@structure
class ProcessingFeatureStoreOutput:
    """Feature Store destination of results, which the job's own code must write."""

    feature_group_name: str | None = member(
        "Name of the feature group that the job's code puts records into."
    )


@structure
class ProcessingOutput:
    """One output of a processing job, to either S3 or Feature Store."""

    output_name: str | None = member("Name of the output, unique among the job's outputs.")
    s3_output: ProcessingS3Output | None = member(
        "Where in S3 the results go; null where `featureStoreOutput` is set."
    )
    feature_store_output: ProcessingFeatureStoreOutput | None = member(
        "Feature group that the results go to; null where `s3Output` is set."
    )
    app_managed: bool | None = member(
        "True where the job's own code stores the output; false, the default, where SageMaker does."
    )


@structure
class ProcessingOutputConfig:
    """Where a processing job's results go and how they are encrypted."""

    outputs: list[ProcessingOutput] | None = member(
        "Outputs of the job, each with its own destination."
    )
    kms_key_id: str | None = member(
        "KMS key, as ID, ARN or alias, that encrypts every output; null where none was named."
    )


@structure
class ProcessingInstancePreference:
    """One instance type that a processing job may run on."""

    instance_type: str | None = member(
        "Instance type to try, such as ml.m5.xlarge; no two preferences share one."
    )
    instance_count: int | None = member(
        "Instances to launch of this type; null where one count covers the whole list."
    )


@structure
class ProcessingClusterConfig:
    """Instances and storage that a processing job runs on."""

    instance_count: int | None = member(
        "Number of instances asked for; null where each preference gives its own count."
    )
    instance_type: str | None = member(
        "Instance type asked for, such as ml.m5.xlarge; null where a preference list is used."
    )
    volume_size_in_gb: int | None = member("Storage volume asked for, in GB.", aws="VolumeSizeInGB")
    volume_kms_key_id: str | None = member(
        "KMS key that encrypts the storage volume; null where none was named."
    )
    instance_preferences: list[ProcessingInstancePreference] | None = member(
        "Instance types to try in order until one has capacity; null where `instanceType` is set."
    )
    selected_instance_type: str | None = member(
        "Type chosen from the preferences; null before the choice or where there are none."
    )
    selected_instance_count: int | None = member(
        "Number of instances launched of the chosen type; null until a type is chosen."
    )


@structure
class ProcessingResources:
    """Compute that a processing job asks for."""

    cluster_config: ProcessingClusterConfig | None = member(
        "Instances and storage volume that the job runs on."
    )


@structure
class ProcessingStoppingCondition:
    """Time limit of a processing job."""

    max_runtime_in_seconds: int | None = member("Longest time the job may run, in seconds.")


@structure
class AppSpecification:
    """Container image that a processing job runs and the command it is given."""

    image_uri: str | None = member("Registry address of the container image.")
    container_entrypoint: list[str] | None = member(
        "Command, one word an item, run in place of the image's own entrypoint; null where unset.",
        is_secret=True,
    )
    container_arguments: list[str] | None = member(
        "Arguments passed to the entrypoint; null where none were given.", is_secret=True
    )


@open_enum
class ProcessingJobStatus(OpenEnum):
    """How far a processing job has got and, once it is over, how it ended."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    UNKNOWN = "UNKNOWN"


@root_type(PROCESSING_JOB)
class ProcessingJob(Node):
    """A SageMaker job that runs a container over data, such as to prepare it or check a model."""

    id: strawberry.ID = member(
        "ARN of the job; what `node(id:)` takes.", aws="ProcessingJobArn", name="id"
    )
    processing_inputs: list[ProcessingInput] | None = member(
        "Data that is made available to the container; null where the job has no inputs."
    )
    processing_output_config: ProcessingOutputConfig | None = member(
        "Where results are stored; null where no outputs were set up."
    )
    processing_job_name: str = member("Name of the job, unique within its account and region.")
    processing_resources: ProcessingResources | None = member(
        "Instances and storage that the job asked for."
    )
    stopping_condition: ProcessingStoppingCondition | None = member(
        "Time limit of the job; null where none was set."
    )
    app_specification: AppSpecification | None = member(
        "Container image that the job runs and its command."
    )
    environment: list[KeyValue] | None = member(
        "Environment variables set in the container; null where none were given.", is_secret=True
    )
    network_config: NetworkConfig | None = member(
        "Network isolation, encryption and VPC of the job; null where none were set."
    )
    role_arn: str | None = member("ARN of the IAM role that SageMaker assumes to run the job.")
    experiment_config: ExperimentConfig | None = member(
        "Experiment that the job is recorded in; null where it is in none."
    )
    processing_job_arn: str = member("ARN of the job, the same value as `id`.")
    processing_job_status: ProcessingJobStatus = member(
        "Where the job stands; `failureReason` tells more of a FAILED one."
    )
    exit_message: str | None = member(
        "Text of up to 1 KB that the container left as it exited; null where it left none."
    )
    failure_reason: str | None = member(
        "Why the job failed, in up to 1 KB of text; null unless it failed."
    )
    processing_end_time: datetime | None = member("When the job finished; null until then.")
    processing_start_time: datetime | None = member("When the job began to run; null until then.")
    last_modified_time: datetime | None = member(
        "When the job's record last changed, such as its status."
    )
    creation_time: datetime = member(
        "When the job was requested, which is before it starts to run."
    )
    monitoring_schedule_arn: str | None = member(
        "ARN of the monitoring schedule tied to the job; null where there is none."
    )
    auto_ml_job_arn: str | None = member(
        "ARN of the AutoML job tied to this job; null where there is none.", aws="AutoMLJobArn"
    )
    training_job_arn: str | None = member(
        "ARN of the training job tied to this job; null where there is none."
    )
    training_job: (
        Annotated["TrainingJob", strawberry.lazy("gateway.schema.types.training_job")] | None
    ) = link("training_job_arn", "The training job that this job debugs, profiles or feeds.")
    auto_ml_job: (
        Annotated["AutoMLJob", strawberry.lazy("gateway.schema.types.auto_ml_job")] | None
    ) = link("auto_ml_job_arn", "The AutoML job that launched this job.", name="autoMLJob")
    monitoring_schedule: (
        Annotated["MonitoringSchedule", strawberry.lazy("gateway.schema.types.monitoring_schedule")]
        | None
    ) = link("monitoring_schedule_arn", "The monitoring schedule that this job is a run of.")
    monitoring_execution: MonitoringExecutionSummary | None = monitoring_execution(
        "The execution whose work this job does; it tells of violations when the job completed."
    )
    console_url: str | None = console_url(
        "processing-jobs",
        "processing_job_name",
        "Page of the job in AWS's console; null outside of aws, aws-cn and aws-us-gov.",
    )
    tags: list[KeyValue] | None = tags_of("id", "Tags of the job, sorted by key.")


@strawberry.input(description="Conditions on processing jobs, all of which must hold.")
class ProcessingJobFilter(ListFilter):
    """What ListProcessingJobs takes."""

    status_equals: ProcessingJobStatus | None = condition("The one status that jobs may have.")
    status_in: list[ProcessingJobStatus] | None = condition(
        "The statuses that jobs may have; each is an AWS list of its own."
    )


ROOT_FIELDS: Final = RootFields(
    PROCESSING_JOB, ProcessingJob, ProcessingJobFilter, ListOrder, has_subscription=True
)
