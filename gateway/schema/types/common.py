"""Structures that more than one resource holds."""

from gateway.schema.enums import OpenEnum, open_enum
from gateway.schema.fields import member, structure


@structure
class KeyValue:
    """One entry of an AWS map of strings."""

    key: str = member("Key of the entry, unique within its list.")
    value: str | None = member("Value of the entry.")


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
