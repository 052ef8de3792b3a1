"""What a processing job reads."""

from enum import Enum
from typing import Any, Self

import strawberry


@strawberry.enum
class S3DataType(Enum):
    """What an S3 URI names."""

    ManifestFile = "ManifestFile"
    S3Prefix = "S3Prefix"


@strawberry.enum
class InputMode(Enum):
    """How data reaches the container."""

    Pipe = "Pipe"
    File = "File"


@strawberry.enum
class DistributionType(Enum):
    """How data is shared out among instances."""

    FullyReplicated = "FullyReplicated"
    ShardedByS3Key = "ShardedByS3Key"


@strawberry.type
class S3Input:
    """Data in S3."""

    s3_uri: str
    local_path: str | None
    s3_data_type: S3DataType
    s3_input_mode: InputMode | None
    s3_data_distribution_type: DistributionType | None
    s3_compression_type: str | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        mode = answer.get("S3InputMode")
        distribution = answer.get("S3DataDistributionType")
        return cls(
            s3_uri=answer["S3Uri"],
            local_path=answer.get("LocalPath"),
            s3_data_type=S3DataType(answer["S3DataType"]),
            s3_input_mode=InputMode(mode) if mode else None,
            s3_data_distribution_type=DistributionType(distribution) if distribution else None,
            s3_compression_type=answer.get("S3CompressionType"),
        )


@strawberry.type
class AthenaDatasetDefinition:
    """Data that an Athena query makes."""

    catalog: str
    database: str
    query_string: str
    work_group: str | None
    output_s3_uri: str
    kms_key_id: str | None
    output_format: str
    output_compression: str | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            catalog=answer["Catalog"],
            database=answer["Database"],
            query_string=answer["QueryString"],
            work_group=answer.get("WorkGroup"),
            output_s3_uri=answer["OutputS3Uri"],
            kms_key_id=answer.get("KmsKeyId"),
            output_format=answer["OutputFormat"],
            output_compression=answer.get("OutputCompression"),
        )


@strawberry.type
class RedshiftDatasetDefinition:
    """Data that a Redshift query makes."""

    cluster_id: str
    database: str
    db_user: str
    query_string: str
    cluster_role_arn: str
    output_s3_uri: str
    kms_key_id: str | None
    output_format: str
    output_compression: str | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            cluster_id=answer["ClusterId"],
            database=answer["Database"],
            db_user=answer["DbUser"],
            query_string=answer["QueryString"],
            cluster_role_arn=answer["ClusterRoleArn"],
            output_s3_uri=answer["OutputS3Uri"],
            kms_key_id=answer.get("KmsKeyId"),
            output_format=answer["OutputFormat"],
            output_compression=answer.get("OutputCompression"),
        )


@strawberry.type
class DatasetDefinition:
    """Data that a query makes."""

    athena_dataset_definition: AthenaDatasetDefinition | None
    redshift_dataset_definition: RedshiftDatasetDefinition | None
    local_path: str | None
    data_distribution_type: DistributionType | None
    input_mode: InputMode | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        athena = answer.get("AthenaDatasetDefinition")
        redshift = answer.get("RedshiftDatasetDefinition")
        distribution = answer.get("DataDistributionType")
        mode = answer.get("InputMode")
        return cls(
            athena_dataset_definition=AthenaDatasetDefinition.of(athena) if athena else None,
            redshift_dataset_definition=RedshiftDatasetDefinition.of(redshift)
            if redshift
            else None,
            local_path=answer.get("LocalPath"),
            data_distribution_type=DistributionType(distribution) if distribution else None,
            input_mode=InputMode(mode) if mode else None,
        )


@strawberry.type
class ProcessingInput:
    """One input."""

    input_name: str
    app_managed: bool | None
    s3_input: S3Input | None
    dataset_definition: DatasetDefinition | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        s3_input = answer.get("S3Input")
        dataset = answer.get("DatasetDefinition")
        return cls(
            input_name=answer["InputName"],
            app_managed=answer.get("AppManaged"),
            s3_input=S3Input.of(s3_input) if s3_input else None,
            dataset_definition=DatasetDefinition.of(dataset) if dataset else None,
        )
