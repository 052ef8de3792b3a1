"""Structures that more than one resource holds."""

from gateway.schema.enums import OpenEnum, open_enum
from gateway.schema.fields import member, structure
from gateway.schema.scalars import Long


@structure
class KeyValue:
    """One entry of an AWS map of strings."""

    key: str = member("Key of the entry, unique within its list.")
    value: str | None = member("Value of the entry.", named_by="key")


@open_enum
class ProcessingS3InputMode(OpenEnum):
    """Whether S3 data is copied to disk before the container starts or streamed through pipes."""

    PIPE = "Pipe"
    FILE = "File"
    UNKNOWN = "UNKNOWN"


@open_enum
class ProcessingS3DataDistributionType(OpenEnum):
    """Whether every instance gets all of the S3 data or a shard of it, split by key."""

    FULLY_REPLICATED = "FullyReplicated"
    SHARDED_BY_S3_KEY = "ShardedByS3Key"
    UNKNOWN = "UNKNOWN"


@open_enum
class ProcessingS3UploadMode(OpenEnum):
    """Whether results go to S3 while the job runs or once it ends."""

    CONTINUOUS = "Continuous"
    END_OF_JOB = "EndOfJob"
    UNKNOWN = "UNKNOWN"


@structure
class VpcConfig:
    """Private network (VPC) that a job is attached to."""

    security_group_ids: list[str] | None = member(
        "IDs of the VPC's security groups, such as sg-0123abcd, that filter the traffic."
    )
    subnets: list[str] | None = member(
        "IDs of the subnets, all in one VPC, that the job is connected to."
    )


@structure
class NetworkConfig:
    """How a job's containers reach each other and the network."""

    enable_inter_container_traffic_encryption: bool | None = member(
        "True where traffic between the job's containers is encrypted, which may slow the job."
    )
    enable_network_isolation: bool | None = member(
        "True where the containers can make and receive no network calls."
    )
    vpc_config: VpcConfig | None = member(
        "VPC that the job is attached to; null where it is attached to none."
    )


@structure
class ExperimentConfig:
    """Where a job is recorded in SageMaker Experiments."""

    experiment_name: str | None = member(
        "Existing experiment that the trial component joins; null where none was named."
    )
    trial_name: str | None = member(
        "Existing trial that the trial component joins; null where a new one is made."
    )
    trial_component_display_name: str | None = member(
        "Name shown for the trial component; null where its own name is shown."
    )
    run_name: str | None = member(
        "Experiment run that the trial component joins; null where none was named."
    )


@structure
class ModelAccessConfig:
    """Consent that a model may require before it can be used."""

    accept_eula: bool | None = member(
        "True where the model's end-user licence agreement has been accepted."
    )


@open_enum
class CompressionType(OpenEnum):
    """How input data is compressed in S3; a training job takes GZIP only in PIPE input mode."""

    NONE = "None"
    GZIP = "Gzip"
    UNKNOWN = "UNKNOWN"


@open_enum
class TrainingInputMode(OpenEnum):
    """How input reaches the container: FILE copies it first, PIPE and FAST_FILE stream it."""

    PIPE = "Pipe"
    FILE = "File"
    FAST_FILE = "FastFile"
    UNKNOWN = "UNKNOWN"


@structure
class MetricDefinition:
    """A metric that SageMaker picks out of the container's log lines."""

    name: str | None = member("Name under which the metric is published to CloudWatch.")
    regex: str | None = member(
        "Regular expression that captures the metric's value from the container's output."
    )


@open_enum
class S3DataType(OpenEnum):
    """What `s3Uri` points to: a key prefix, a manifest, an augmented manifest or Converse data."""

    MANIFEST_FILE = "ManifestFile"
    S3_PREFIX = "S3Prefix"
    AUGMENTED_MANIFEST_FILE = "AugmentedManifestFile"
    CONVERSE = "Converse"
    UNKNOWN = "UNKNOWN"


@open_enum
class S3DataDistribution(OpenEnum):
    """Whether each instance gets all the data or only its own share of the S3 objects."""

    FULLY_REPLICATED = "FullyReplicated"
    SHARDED_BY_S3_KEY = "ShardedByS3Key"
    UNKNOWN = "UNKNOWN"


@structure
class HubAccessConfig:
    """A model in your private hub that refers to one in the public JumpStart hub."""

    hub_content_arn: str | None = member("ARN of the model reference in the private hub.")


@structure
class S3DataSource:
    """Channel data that lies in S3."""

    s3_data_type: S3DataType | None = member(
        "Tells how to read `s3Uri`: as a key prefix or as one of the manifest or data formats."
    )
    s3_uri: str | None = member(
        "S3 URI of the data: a key prefix or a manifest object, as `s3DataType` tells."
    )
    s3_data_distribution_type: S3DataDistribution | None = member(
        "Whether every instance gets the whole data set or about an equal share of its objects."
    )
    attribute_names: list[str] | None = member(
        "Attributes to read from an augmented manifest; not used with other data types."
    )
    instance_group_names: list[str] | None = member(
        "Instance groups that receive this data, where the job has several groups."
    )
    model_access_config: ModelAccessConfig | None = member(
        "Acceptance of the licence of a model read from S3; null when none was recorded."
    )
    hub_access_config: HubAccessConfig | None = member(
        "Private hub entry of a JumpStart model; null when the data is not such a model."
    )


@open_enum
class FileSystemAccessMode(OpenEnum):
    """Whether the container may write to the mounted directory (RW) or only read it (RO)."""

    RW = "rw"
    RO = "ro"
    UNKNOWN = "UNKNOWN"


@open_enum
class FileSystemType(OpenEnum):
    """Kind of shared file system: Amazon EFS or Amazon FSx for Lustre."""

    EFS = "EFS"
    F_SX_LUSTRE = "FSxLustre"
    UNKNOWN = "UNKNOWN"


@structure
class FileSystemDataSource:
    """Channel data that lies on a shared file system, mounted into the container."""

    file_system_id: str | None = member("ID of the EFS or FSx for Lustre file system.")
    file_system_access_mode: FileSystemAccessMode | None = member(
        "Whether the directory is mounted for reading only or for writing too."
    )
    file_system_type: FileSystemType | None = member("Which service the file system belongs to.")
    directory_path: str | None = member(
        "Full path of the directory, on the file system, that holds the data."
    )


@structure
class DatasetSource:
    """Channel data held as a data set resource in a SageMaker hub."""

    dataset_arn: str | None = member("ARN of the data set.")


@structure
class DataSource:
    """Where a channel's data lies; the kinds of source that it does not use are null."""

    s3_data_source: S3DataSource | None = member(
        "Data in S3; null when the channel reads from elsewhere."
    )
    file_system_data_source: FileSystemDataSource | None = member(
        "Data on EFS or FSx for Lustre; null when the channel reads from elsewhere."
    )
    dataset_source: DatasetSource | None = member(
        "Data set resource; null when the channel reads from elsewhere."
    )


@open_enum
class RecordWrapper(OpenEnum):
    """Whether SageMaker wraps each S3 object in a RecordIO record before the algorithm reads it."""

    NONE = "None"
    RECORD_IO = "RecordIO"
    UNKNOWN = "UNKNOWN"


@structure
class ShuffleConfig:
    """Shuffling of a channel's input; in PIPE mode it is done anew for every epoch."""

    seed: Long | None = member("Number that fixes the shuffled order.")


@structure
class Channel:
    """One named input of a job, such as `train` or `validation`."""

    channel_name: str | None = member(
        "Name by which the algorithm knows this input, such as `train` or `validation`."
    )
    data_source: DataSource | None = member("Where the data is read from.")
    content_type: str | None = member(
        "MIME type of the data, such as `text/csv`; null when none was given."
    )
    compression_type: CompressionType | None = member(
        "How the stored data is compressed; it matters only in PIPE mode."
    )
    record_wrapper_type: RecordWrapper | None = member(
        "RECORD_IO when raw input must be wrapped for the algorithm; not used in FILE mode."
    )
    input_mode: TrainingInputMode | None = member(
        "How this channel's data reaches the container; null means the algorithm's own mode."
    )
    shuffle_config: ShuffleConfig | None = member("How the input is shuffled; null when it is not.")


@open_enum
class OutputCompressionType(OpenEnum):
    """Whether the model is saved as a gzip archive or uncompressed, which suits large models."""

    GZIP = "GZIP"
    NONE = "NONE"
    UNKNOWN = "UNKNOWN"


@structure
class OutputDataConfig:
    """Where and how a job saves its model in S3."""

    kms_key_id: str | None = member(
        "KMS key that encrypts the saved model; without one, the account's default key for S3."
    )
    s3_output_path: str | None = member(
        "S3 URI under which SageMaker creates a folder for the job's model."
    )
    compression_type: OutputCompressionType | None = member(
        "How the saved model is compressed; gzip unless the job asked otherwise."
    )


@structure
class InstanceGroup:
    """Identical instances within a cluster that mixes several instance types."""

    instance_type: str | None = member(
        "Instance type of every instance in the group, such as `ml.p4d.24xlarge`."
    )
    instance_count: int | None = member("Number of instances in the group.")
    instance_group_name: str | None = member(
        "Name by which channels refer to the group in `instanceGroupNames`."
    )


@structure
class PlacementSpecification:
    """How many of a job's instances go on one particular UltraServer."""

    ultra_server_id: str | None = member("ID of the UltraServer that hosts the instances.")
    instance_count: int | None = member(
        "Number of instances to place together on this UltraServer, at least 1."
    )


@structure
class InstancePlacementConfig:
    """How a job's instances are spread over UltraServers; other capacity has no use for it."""

    enable_multiple_jobs: bool | None = member(
        "Whether other jobs may share the job's UltraServers; false, the default, keeps them out."
    )
    placement_specifications: list[PlacementSpecification] | None = member(
        "Share of the instances that goes on each UltraServer, 10 entries at most."
    )


@structure
class InstancePreference:
    """One acceptable instance type for a job, in a list tried in order."""

    instance_type: str | None = member(
        "Instance type to try, such as `ml.p5.48xlarge`; each appears only once in the list."
    )
    instance_count: int | None = member(
        "Instances to launch if this type is picked; null when the job sets one count for all."
    )
    training_plan_arns: list[str] | None = member(
        "ARN of the plan that reserves this type, at most one; null means on-demand capacity."
    )


@structure
class ResourceConfig:
    """The instances and storage that a job runs on."""

    instance_type: str | None = member(
        "Instance type, such as `ml.m5.xlarge`; null when groups or preferences name it instead."
    )
    instance_count: int | None = member(
        "Number of instances, above 1 for distributed training; groups may set their own."
    )
    volume_size_in_gb: int | None = member(
        "Storage volume size in GB; instance types with NVMe disks use those instead.",
        aws="VolumeSizeInGB",
    )
    volume_kms_key_id: str | None = member(
        "KMS key that encrypts the storage volumes; null when none was given."
    )
    keep_alive_period_in_seconds: int | None = member(
        "Seconds that the instances are kept warm for a next job; null when not asked for."
    )
    instance_groups: list[InstanceGroup] | None = member(
        "Groups of differing instance types; null when all instances are alike."
    )
    training_plan_arn: str | None = member(
        "ARN of the training plan whose reserved capacity the job uses; null when it has none."
    )
    instance_placement_config: InstancePlacementConfig | None = member(
        "Placement of the instances on UltraServers; null for other capacity."
    )
    instance_preferences: list[InstancePreference] | None = member(
        "Acceptable instance types, best first; the first with free capacity runs the job."
    )
    selected_instance_type: str | None = member(
        "Instance type picked from `instancePreferences` and billed; null until one is picked."
    )
    selected_instance_count: int | None = member(
        "Number of instances launched of the picked type and billed; null until one is picked."
    )


@structure
class StoppingCondition:
    """Time limits, in seconds, after which SageMaker stops a job; they cap its cost."""

    max_runtime_in_seconds: int | None = member(
        "Most seconds the job may run, all retries counted together; 86400 by default."
    )
    max_wait_time_in_seconds: int | None = member(
        "Most seconds a spot job may take, waiting and running together; null for other jobs."
    )
    max_pending_time_in_seconds: int | None = member(
        "Most seconds the job may wait for capacity; has no effect on CPU-only instance types."
    )


@structure
class CheckpointConfig:
    """Where a job keeps checkpoints, from which an interrupted spot job can resume."""

    s3_uri: str | None = member("S3 URI under which the checkpoints are stored.")
    local_path: str | None = member(
        "Directory in the container for checkpoints, by default `/opt/ml/checkpoints/`."
    )


@structure
class RetryStrategy:
    """How often SageMaker retries a job that fails from an internal server error."""

    maximum_retry_attempts: int | None = member(
        "Most retries allowed; the job goes back to STARTING for each."
    )


@open_enum
class ObjectiveStatus(OpenEnum):
    """Whether an objective metric has been measured, is awaited, or could not be measured."""

    SUCCEEDED = "Succeeded"
    PENDING = "Pending"
    FAILED = "Failed"
    UNKNOWN = "UNKNOWN"
