"""How and on what a processing job runs."""

from typing import Any, Self

import strawberry


@strawberry.type
class InstancePreference:
    """One instance type that would do."""

    instance_type: str
    instance_count: int | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(instance_type=answer["InstanceType"], instance_count=answer.get("InstanceCount"))


@strawberry.type
class ClusterConfig:
    """Instances and storage."""

    instance_count: int | None
    instance_type: str | None
    volume_size_in_gb: int = strawberry.field(name="volumeSizeInGB")
    volume_kms_key_id: str | None
    instance_preferences: list[InstancePreference] | None
    selected_instance_type: str | None
    selected_instance_count: int | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        preferences = answer.get("InstancePreferences")
        return cls(
            instance_count=answer.get("InstanceCount"),
            instance_type=answer.get("InstanceType"),
            volume_size_in_gb=answer["VolumeSizeInGB"],
            volume_kms_key_id=answer.get("VolumeKmsKeyId"),
            instance_preferences=[InstancePreference.of(each) for each in preferences]
            if preferences
            else None,
            selected_instance_type=answer.get("SelectedInstanceType"),
            selected_instance_count=answer.get("SelectedInstanceCount"),
        )


@strawberry.type
class ProcessingResources:
    """Compute."""

    cluster_config: ClusterConfig

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(cluster_config=ClusterConfig.of(answer["ClusterConfig"]))


@strawberry.type
class StoppingCondition:
    """Time limit."""

    max_runtime_in_seconds: int

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(max_runtime_in_seconds=answer["MaxRuntimeInSeconds"])


@strawberry.type
class AppSpecification:
    """Container and command."""

    image_uri: str
    container_entrypoint: list[str] | None
    container_arguments: list[str] | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            image_uri=answer["ImageUri"],
            container_entrypoint=answer.get("ContainerEntrypoint"),
            container_arguments=answer.get("ContainerArguments"),
        )


@strawberry.type
class EnvironmentVariable:
    """One environment variable."""

    key: str
    value: str


@strawberry.type
class VpcConfig:
    """Private network."""

    security_group_ids: list[str]
    subnets: list[str]

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(security_group_ids=answer["SecurityGroupIds"], subnets=answer["Subnets"])


@strawberry.type
class NetworkConfig:
    """Isolation and encryption."""

    enable_inter_container_traffic_encryption: bool | None
    enable_network_isolation: bool | None
    vpc_config: VpcConfig | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        vpc_config = answer.get("VpcConfig")
        return cls(
            enable_inter_container_traffic_encryption=answer.get(
                "EnableInterContainerTrafficEncryption"
            ),
            enable_network_isolation=answer.get("EnableNetworkIsolation"),
            vpc_config=VpcConfig.of(vpc_config) if vpc_config else None,
        )


@strawberry.type
class ExperimentConfig:
    """Place in SageMaker Experiments."""

    experiment_name: str | None
    trial_name: str | None
    trial_component_display_name: str | None
    run_name: str | None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Self:
        """Return what AWS tells as an object."""
        return cls(
            experiment_name=answer.get("ExperimentName"),
            trial_name=answer.get("TrialName"),
            trial_component_display_name=answer.get("TrialComponentDisplayName"),
            run_name=answer.get("RunName"),
        )
