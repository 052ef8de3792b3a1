"""What a processing job writes."""

from enum import Enum
from typing import Any, Self

import strawberry


@strawberry.enum
class S3UploadMode(Enum):
    """When results are uploaded."""

    Continuous = "Continuous"
    EndOfJob = "EndOfJob"


@strawberry.type
class S3Output:
    """Results in S3."""

    s3_uri: str
    local_path: str | None
    s3_upload_mode: S3UploadMode

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            s3_uri=answer["S3Uri"],
            local_path=answer.get("LocalPath"),
            s3_upload_mode=S3UploadMode(answer["S3UploadMode"]),
        )


@strawberry.type
class FeatureStoreOutput:
    """Results in a feature group."""

    feature_group_name: str

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(feature_group_name=answer["FeatureGroupName"])


@strawberry.type
class ProcessingOutput:
    """One output."""

    output_name: str
    s3_output: S3Output | None
    feature_store_output: FeatureStoreOutput | None
    app_managed: bool | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        s3_output = answer.get("S3Output")
        features = answer.get("FeatureStoreOutput")
        return cls(
            output_name=answer["OutputName"],
            s3_output=S3Output.of(s3_output) if s3_output else None,
            feature_store_output=FeatureStoreOutput.of(features) if features else None,
            app_managed=answer.get("AppManaged"),
        )


@strawberry.type
class ProcessingOutputConfig:
    """All outputs."""

    outputs: list[ProcessingOutput]
    kms_key_id: str | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            outputs=[ProcessingOutput.of(output) for output in answer["Outputs"]],
            kms_key_id=answer.get("KmsKeyId"),
        )
