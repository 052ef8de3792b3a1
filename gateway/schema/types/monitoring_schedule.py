"""A monitoring schedule, as DescribeMonitoringSchedule answers."""

from datetime import datetime
from typing import Final

import strawberry

from gateway.aws.resources import Listing, Resource
from gateway.schema.connections import Connection, connection_below
from gateway.schema.enums import OpenEnum, open_enum
from gateway.schema.fields import member, structure
from gateway.schema.identity import Node, console_url, root_type
from gateway.schema.links import tags_of
from gateway.schema.list_arguments import ListFilter, ListOrder, condition
from gateway.schema.root_fields import RootFields
from gateway.schema.types.common import (
    KeyValue,
    NetworkConfig,
    ProcessingS3DataDistributionType,
    ProcessingS3InputMode,
    ProcessingS3UploadMode,
)
from gateway.schema.types.monitoring_execution import (
    MONITORING_EXECUTION,
    MonitoringExecutionFilter,
    MonitoringExecutionOrder,
    MonitoringExecutionSummary,
    MonitoringType,
)

MONITORING_SCHEDULE: Final = Resource(
    type_name="MonitoringSchedule",
    label="monitoring schedule",
    arn_type="monitoring-schedule",
    describe="DescribeMonitoringSchedule",
    name="MonitoringScheduleName",
    arn="MonitoringScheduleArn",
    status="MonitoringScheduleStatus",
    longest_name=63,
    # Nothing changes a stopped or failed schedule by itself, but somebody can start it again: it
    # ends a subscription, and is never final.
    ends=frozenset({"Failed", "Stopped"}),
    listing=Listing(
        "ListMonitoringSchedules",
        "MonitoringScheduleSummaries",
        frozenset({"EndpointName", "MonitoringType"}),
    ),
    children=(MONITORING_EXECUTION,),
)


@open_enum
class ScheduleStatus(OpenEnum):
    """Whether a monitoring schedule is being set up, active, stopped or has failed."""

    PENDING = "Pending"
    FAILED = "Failed"
    SCHEDULED = "Scheduled"
    STOPPED = "Stopped"
    UNKNOWN = "UNKNOWN"


@structure
class ScheduleConfig:
    """How often monitoring runs and which stretch of data each run covers."""

    schedule_expression: str | None = member(
        "Cron expression in UTC, such as `cron(0 * ? * * *)` for hourly, or NOW for a single run."
    )
    data_analysis_start_time: str | None = member(
        "Start of the data window as an ISO 8601 offset from the run, as in -PT5H; null if unset."
    )
    data_analysis_end_time: str | None = member(
        "End of the data window as an ISO 8601 offset from the run, as in -PT1H; null if unset."
    )


@structure
class MonitoringConstraintsResource:
    """File of baseline constraints that monitored data must meet."""

    s3_uri: str | None = member("S3 URI of the constraints file; null where none was named.")


@structure
class MonitoringStatisticsResource:
    """File of baseline statistics that monitored data is compared with."""

    s3_uri: str | None = member("S3 URI of the statistics file; null where none was named.")


@structure
class MonitoringBaselineConfig:
    """Baseline that each monitoring run compares fresh data with."""

    baselining_job_name: str | None = member(
        "Name of the processing job that produced the baseline; null where none was named."
    )
    constraints_resource: MonitoringConstraintsResource | None = member(
        "Constraints that the data must meet; null where no file was named."
    )
    statistics_resource: MonitoringStatisticsResource | None = member(
        "Statistics that the data is compared with; null where no file was named."
    )


@structure
class EndpointInput:
    """Monitoring input that is the captured traffic of an endpoint."""

    endpoint_name: str | None = member(
        "Name of the endpoint to monitor, which must have data capture enabled."
    )
    local_path: str | None = member("Container path where the captured data can be read.")
    s3_input_mode: ProcessingS3InputMode | None = member(
        "Whether data is copied to disk first (FILE, the default) or streamed, best when large."
    )
    s3_data_distribution_type: ProcessingS3DataDistributionType | None = member(
        "Whether every instance gets all of the data, the default, or its own shard."
    )
    features_attribute: str | None = member(
        "Where the input features are found in each record; null where unset."
    )
    inference_attribute: str | None = member(
        "Where the predicted label is found in each record; null where unset."
    )
    probability_attribute: str | None = member(
        "Where the class probability is found, for classification; null where unset."
    )
    probability_threshold_attribute: float | None = member(
        "Class probability, 0 to 1, at which a result counts as positive; null where unset."
    )
    start_time_offset: str | None = member(
        "Time taken off the start of the data window, such as -PT1H; null where unset."
    )
    end_time_offset: str | None = member(
        "Time taken off the end of the data window, such as -PT1H; null where unset."
    )
    exclude_features_attribute: str | None = member(
        "Features to leave out of the analysis; null where none are."
    )


@structure
class MonitoringCsvDatasetFormat:
    """How to read CSV data for monitoring."""

    header: bool | None = member("True where the first row holds column names rather than data.")


@structure
class MonitoringJsonDatasetFormat:
    """How to read JSON data for monitoring."""

    line: bool | None = member("True where each line of the file is a JSON object of its own.")


@structure
class MonitoringDatasetFormat:
    """File format of the batch transform data to monitor."""

    csv: MonitoringCsvDatasetFormat | None = member(
        "How to read the data as CSV; null where it is in another format."
    )
    json: MonitoringJsonDatasetFormat | None = member(
        "How to read the data as JSON; null where it is in another format."
    )
    parquet: bool | None = member(
        "True where the data is Parquet, which has no settings of its own; null where it is not."
    )


@structure
class BatchTransformInput:
    """Monitoring input that is the captured data of batch transform jobs."""

    data_captured_destination_s3_uri: str | None = member(
        "S3 URI where the transform jobs store the data they capture."
    )
    dataset_format: MonitoringDatasetFormat | None = member(
        "File format of the captured data: CSV, JSON or Parquet."
    )
    local_path: str | None = member("Container path where the captured data can be read.")
    s3_input_mode: ProcessingS3InputMode | None = member(
        "Whether data is copied to disk first (FILE, the default) or streamed, best when large."
    )
    s3_data_distribution_type: ProcessingS3DataDistributionType | None = member(
        "Whether every instance gets all of the data, the default, or its own shard."
    )
    features_attribute: str | None = member(
        "Where the input features are found in each record; null where unset."
    )
    inference_attribute: str | None = member(
        "Where the predicted label is found in each record; null where unset."
    )
    probability_attribute: str | None = member(
        "Where the class probability is found, for classification; null where unset."
    )
    probability_threshold_attribute: float | None = member(
        "Class probability, 0 to 1, at which a result counts as positive; null where unset."
    )
    start_time_offset: str | None = member(
        "Time taken off the start of the data window, such as -PT1H; null where unset."
    )
    end_time_offset: str | None = member(
        "Time taken off the end of the data window, such as -PT1H; null where unset."
    )
    exclude_features_attribute: str | None = member(
        "Features to leave out of the analysis; null where none are."
    )


@structure
class MonitoringInput:
    """One source of data to monitor: an endpoint or batch transform jobs."""

    endpoint_input: EndpointInput | None = member(
        "Endpoint whose traffic is monitored; null where batch transform is."
    )
    batch_transform_input: BatchTransformInput | None = member(
        "Batch transform data that is monitored; null where an endpoint is."
    )


@structure
class MonitoringS3Output:
    """Directory of the container that is uploaded to S3 as monitoring results."""

    s3_uri: str | None = member("S3 URI that the monitoring results are saved under.")
    local_path: str | None = member(
        "Absolute container path of the directory that holds the results."
    )
    s3_upload_mode: ProcessingS3UploadMode | None = member(
        "Whether results are uploaded while the job runs or once it ends."
    )


@structure
class MonitoringOutput:
    """One output of a monitoring job."""

    s3_output: MonitoringS3Output | None = member("Where in S3 the results go.")


@structure
class MonitoringOutputConfig:
    """Where monitoring results go and how they are encrypted."""

    monitoring_outputs: list[MonitoringOutput] | None = member(
        "Outputs that every run uploads, each with its own destination."
    )
    kms_key_id: str | None = member(
        "KMS key that encrypts the results in S3; null where none was named."
    )


@structure
class MonitoringClusterConfig:
    """Instances and storage that each monitoring run uses."""

    instance_count: int | None = member(
        "Number of instances in a run, 1 unless the work is distributed."
    )
    instance_type: str | None = member("Instance type of a run, such as ml.m5.xlarge.")
    volume_size_in_gb: int | None = member("Storage volume asked for, in GB.", aws="VolumeSizeInGB")
    volume_kms_key_id: str | None = member(
        "KMS key that encrypts the storage volume; null where none was named."
    )


@structure
class MonitoringResources:
    """Compute that each monitoring run asks for."""

    cluster_config: MonitoringClusterConfig | None = member(
        "Instances and storage volume that a run uses."
    )


@structure
class MonitoringAppSpecification:
    """Container image that monitoring runs, its command and its helper scripts."""

    image_uri: str | None = member("Registry address of the container image.")
    container_entrypoint: list[str] | None = member(
        "Command, one word an item, run in place of the image's own entrypoint; null where unset.",
        is_secret=True,
    )
    container_arguments: list[str] | None = member(
        "Arguments passed to the entrypoint; null where none were given.", is_secret=True
    )
    record_preprocessor_source_uri: str | None = member(
        "S3 URI of a script run on each row before analysis, for AWS's own images; null where none."
    )
    post_analytics_processor_source_uri: str | None = member(
        "S3 URI of a script run after analysis, for AWS's own images; null where none."
    )


@structure
class MonitoringStoppingCondition:
    """Time limit of each monitoring run."""

    max_runtime_in_seconds: int | None = member(
        "Longest time one run may take, in seconds, never above the schedule's interval."
    )


@structure
class MonitoringJobDefinition:
    """Everything that a monitoring run needs: data, baseline, container and compute."""

    baseline_config: MonitoringBaselineConfig | None = member(
        "Baseline that fresh data is compared with; null where none was set."
    )
    monitoring_inputs: list[MonitoringInput] | None = member(
        "Endpoint or batch transform data that is monitored."
    )
    monitoring_output_config: MonitoringOutputConfig | None = member(
        "Where results are stored and how they are encrypted."
    )
    monitoring_resources: MonitoringResources | None = member(
        "Instances and storage that each run uses."
    )
    monitoring_app_specification: MonitoringAppSpecification | None = member(
        "Container image that each run starts and its command."
    )
    stopping_condition: MonitoringStoppingCondition | None = member(
        "Time limit of each run; null where none was set."
    )
    environment: list[KeyValue] | None = member(
        "Environment variables set in the container; null where none were given.", is_secret=True
    )
    network_config: NetworkConfig | None = member(
        "Network isolation, encryption and VPC of each run; null where none were set."
    )
    role_arn: str | None = member("ARN of the IAM role that SageMaker assumes for each run.")


@structure
class MonitoringScheduleConfig:
    """When monitoring runs and what it runs."""

    schedule_config: ScheduleConfig | None = member(
        "How often the job runs; null where no timing was set."
    )
    monitoring_job_definition: MonitoringJobDefinition | None = member(
        "Job written out in full; null where the schedule names a definition instead."
    )
    monitoring_job_definition_name: str | None = member(
        "Name of a separate job definition; null where the job is written out in full."
    )
    monitoring_type: MonitoringType | None = member(
        "What the scheduled job watches, such as DATA_QUALITY; null where unset."
    )


@root_type(MONITORING_SCHEDULE)
class MonitoringSchedule(Node):
    """A plan that runs a monitoring job, again and again or once, on a model's data."""

    id: strawberry.ID = member(
        "ARN of the schedule; what `node(id:)` takes.", aws="MonitoringScheduleArn", name="id"
    )
    monitoring_schedule_arn: str = member("ARN of the schedule, the same value as `id`.")
    monitoring_schedule_name: str = member("Name that the schedule was created with.")
    monitoring_schedule_status: ScheduleStatus = member(
        "Whether the schedule is active; a run's own status is in its execution summary."
    )
    monitoring_type: MonitoringType | None = member(
        "What the schedule's jobs watch, such as DATA_QUALITY; null where unset."
    )
    failure_reason: str | None = member(
        "Why monitoring failed, in up to 1 KB of text; null unless it failed."
    )
    creation_time: datetime = member("When the schedule was created.")
    last_modified_time: datetime | None = member("When the schedule was last changed.")
    monitoring_schedule_config: MonitoringScheduleConfig | None = member(
        "When the job runs and what it runs."
    )
    endpoint_name: str | None = member(
        "Name of the monitored endpoint; null where no endpoint is monitored."
    )
    last_monitoring_execution_summary: MonitoringExecutionSummary | None = member(
        "The most recent run; null where none has taken place."
    )
    executions: Connection[MonitoringExecutionSummary] | None = connection_below(
        MONITORING_EXECUTION,
        MonitoringExecutionFilter,
        MonitoringExecutionOrder,
        "All runs of the schedule that AWS remembers, in pages.",
        parent="monitoring_schedule_name",
    )
    console_url: str | None = console_url(
        None,
        "monitoring_schedule_name",
        "Page of the schedule in AWS's console; null, as the console has none outside of Studio.",
    )
    tags: list[KeyValue] | None = tags_of("id", "Tags of the schedule, sorted by key.")


@strawberry.input(description="Conditions on monitoring schedules, all of which must hold.")
class MonitoringScheduleFilter(ListFilter):
    """What ListMonitoringSchedules takes."""

    status_equals: ScheduleStatus | None = condition("The one status that schedules may have.")
    status_in: list[ScheduleStatus] | None = condition(
        "The statuses that schedules may have; each is an AWS list of its own."
    )
    endpoint_name: str | None = condition("Name of the endpoint that the schedules monitor.")
    monitoring_job_definition_name: str | None = condition(
        "Name of the job definition that the schedules run."
    )
    monitoring_type_equals: MonitoringType | None = condition(
        "What the schedules monitor, such as DATA_QUALITY."
    )


ROOT_FIELDS: Final = RootFields(
    MONITORING_SCHEDULE, MonitoringSchedule, MonitoringScheduleFilter, ListOrder
)
