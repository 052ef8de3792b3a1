"""Tables of believable values: makers of strings, keys of maps, values of well-known keys."""

from collections.abc import Callable

from gateway.twin.seeded_random import Subject

Maker = Callable[[Subject, int], str]


def one_of(*options: str) -> Maker:
    """Return a maker that walks through options within a list, from a seeded start."""

    def make(subject: Subject, at: int) -> str:
        return options[(subject.choices.number(options[0], len(options)) + at) % len(options)]

    return make


def in_order(*options: str) -> Maker:
    """Return a maker that gives a list its items in this order."""
    return lambda _, at: options[at % len(options)]


def own(template: str) -> Maker:
    """Return a maker of texts about this record: `{name}`, `{region}`, `{account}`, `{bucket}`."""
    digits = {"hex8": 8, "hex17": 17}
    rolled = [name for name in digits if f"{{{name}}}" in template]
    has_uuid = "{uuid}" in template

    def make(subject: Subject, at: int) -> str:
        account, about = subject.account, f"{template}{at}"
        values = {name: subject.choices.hex(about, digits[name]) for name in rolled}
        if has_uuid:
            values["uuid"] = subject.choices.uuid(about)
        return template.format(
            name=subject.name,
            region=account.region,
            account=account.id,
            bucket=account.bucket,
            at=at,
            **values,
        )

    return make


def sagemaker(resource: str) -> Maker:
    """Return a maker of SageMaker ARNs."""
    return own("arn:aws:sagemaker:{region}:{account}:" + resource)


# By "Parent.Member", by member name, or by shape name; the first that is found is asked.
TEXTS: dict[str, Maker] = {
    "Accept": one_of("text/csv", "application/json"),
    "AlgorithmName": sagemaker("algorithm/demand-forecast-{hex8}"),
    "AttributeNames": one_of("source-ref", "category", "category-metadata", "bounding-box"),
    "BaseModelName": one_of("Falcon7BInstruct", "MPT7BInstruct", "Dolly20", "Flan-T5-XL"),
    "CandidateStepName": own("{name}-step-{at}"),
    "ChannelName": one_of("train", "validation", "test", "model"),
    "CollectionName": one_of("losses", "gradients", "weights", "metrics", "feature_importance"),
    "Catalog": one_of("AwsDataCatalog", "lakehouse"),
    "AthenaDatabase": one_of("sales_mart", "clickstream", "crm", "logistics"),
    "ClusterId": one_of("analytics-prod", "dwh-eu"),
    "ContainerArguments": in_order("--epochs", "30", "--learning-rate", "0.001", "--verbose"),
    "ContainerEntrypoint": in_order("python3", "/opt/ml/code/main.py"),
    "ContentColumn": one_of("review_body", "message", "ticket_text"),
    "ContentType": one_of("text/csv", "application/x-parquet", "application/x-recordio"),
    "CountryCode": one_of("IE", "DE", "FR", "US"),
    "DataAnalysisEndTime": one_of("-PT0H"),
    "DataAnalysisStartTime": one_of("-PT1H", "-P1D"),
    "DataCapturedDestinationS3Uri": own("s3://{bucket}/datacapture/{name}"),
    "DatasetArn": sagemaker("hub-content/private-hub/DataSet/support-dialogues/1.2.0"),
    "DbUser": one_of("etl_reader", "ml_reader"),
    "DestinationS3Uri": own("s3://{bucket}/{name}/captured"),
    "DirectoryPath": one_of("/fsx/datasets/imagenet", "/exports/corpus"),
    "EndTimeOffset": one_of("-PT0H", "-PT1H"),
    "EndpointName": own("{name}"),
    "EvaluatorArn": sagemaker("hub-content/private-hub/JsonDoc/answer-judge/1.0.0"),
    "ExcludeFeaturesAttribute": one_of("0,1,5", "3,7"),
    "ExperimentName": one_of("churn-2026", "demand-forecast", "fraud-detection", "ranking"),
    "FeaturesAttribute": one_of("features", "instances[*].features"),
    "FileSystemId": own("fs-{hex17}"),
    "FillingTransformationValue": one_of("nan", "zero", "median", "mean"),
    "ForecastFrequency": one_of("1D", "1H", "1W", "15min"),
    "ForecastQuantiles": one_of("p10", "p50", "p90"),
    "FeatureGroupName": one_of("customer-profile", "order-history", "session-features"),
    "GroupingAttributeNames": one_of("store", "region", "category"),
    "HubContentArn": own(
        "arn:aws:sagemaker:{region}:aws:hub-content/SageMakerPublicHub/Model/"
        "meta-textgeneration-llama-3-8b/2.11.0"
    ),
    "BaseModelArn": own(
        "arn:aws:sagemaker:{region}:aws:hub-content/SageMakerPublicHub/Model/"
        "meta-textgeneration-llama-3-8b-instruct/2.11.0"
    ),
    "InferenceAttribute": one_of("prediction", "predictions[0].label"),
    "ProbabilityAttribute": one_of("probability", "predictions[0].score"),
    "InputFilter": one_of("$[1:]", "$.features"),
    "InputName": one_of("input-1", "code", "config", "reference"),
    "InstanceGroupName": one_of("gpu-workers", "cpu-loaders", "parameter-servers", "g4", "g5"),
    "InstanceGroupNames": one_of("gpu-workers", "cpu-loaders", "parameter-servers", "g4", "g5"),
    "ItemIdentifierAttributeName": one_of("item_id", "sku", "store_id"),
    "KmsKeyId": own("arn:aws:kms:{region}:{account}:key/{uuid}"),
    "LocalPath": one_of("/opt/ml/processing/input", "/opt/ml/processing/aux"),
    "CheckpointConfig.LocalPath": one_of("/opt/ml/checkpoints"),
    "DebugHookConfig.LocalPath": one_of("/opt/ml/output/tensors"),
    "TensorBoardOutputConfig.LocalPath": one_of("/opt/ml/output/tensorboard"),
    "MetricDefinitions.Name": in_order("train:loss", "validation:auc", "validation:rmse"),
    "MetricRegex": in_order(r"loss: ([0-9\.]+)", r"#quality_metric.*auc=(\S+)", r"rmse=([0-9\.]+)"),
    "MlflowExperimentId": one_of("12", "31"),
    "MlflowExperimentName": one_of("llm-tuning", "support-assistant"),
    "MlflowResourceArn": sagemaker("mlflow-tracking-server/ml-platform"),
    "MlflowRunId": own("{hex8}{hex17}"),
    "MlflowRunName": own("run-{hex8}"),
    "ModelPackageGroupArn": sagemaker("model-package-group/support-assistant"),
    "ModelPackageArn": sagemaker("model-package/support-assistant/7"),
    "MonitoringJobDefinitionName": own("{name}"),
    "MonitoringS3Uri": own("s3://{bucket}/model-monitor/{name}"),
    "OutputFilter": one_of("$[0,-1]", "$.prediction"),
    "OutputName": one_of("output-1", "metrics", "report"),
    "RoleArn": own("arn:aws:iam::{account}:role/service-role/AmazonSageMaker-ExecutionRole"),
    "ClusterRoleArn": own("arn:aws:iam::{account}:role/RedshiftUnload"),
    "RunName": own("run-{hex8}"),
    "S3Uri": own("s3://{bucket}/{name}/data"),
    "CheckpointConfig.S3Uri": own("s3://{bucket}/{name}/checkpoints"),
    "ConstraintsResource.S3Uri": own("s3://{bucket}/baselines/{name}/constraints.json"),
    "StatisticsResource.S3Uri": own("s3://{bucket}/baselines/{name}/statistics.json"),
    "FeatureSpecificationS3Uri": own("s3://{bucket}/{name}/feature_specification.json"),
    "RecordPreprocessorSourceUri": own("s3://{bucket}/monitoring/preprocessor.py"),
    "PostAnalyticsProcessorSourceUri": own("s3://{bucket}/monitoring/postprocessor.py"),
    "S3OutputPath": own("s3://{bucket}/{name}/output"),
    "OutputS3Uri": own("s3://{bucket}/{name}/unload"),
    "SampleWeightAttributeName": one_of("weight", "sample_weight"),
    "SecurityGroupIds": own("sg-0{hex8}{hex8}"),
    "SequenceLength": one_of("4K", "8K", "32K"),
    "StartTimeOffset": one_of("-PT1H", "-P1D"),
    "Subnets": own("subnet-0{hex8}{hex8}"),
    "TargetAttributeName": one_of("churned", "demand", "is_fraud", "price"),
    "TargetLabelColumn": one_of("label", "stars", "intent"),
    "TextGenerationHyperParameterValue": one_of("3", "0.0001", "8"),
    "TimestampAttributeName": one_of("timestamp", "order_date"),
    "TrainingPlanArn": sagemaker("training-plan/p5-reservation-2026-q4"),
    "TrainingRepositoryCredentialsProviderArn": own(
        "arn:aws:lambda:{region}:{account}:function:registry-credentials"
    ),
    "TransformAmiVersion": one_of(
        "al2-ami-sagemaker-batch-gpu-470", "al2-ami-sagemaker-batch-gpu-535"
    ),
    "TrialComponentDisplayName": own("{name}"),
    "TrialName": own("trial-{hex8}"),
    "UltraServerId": own("us-{hex17}"),
    "WorkGroup": one_of("primary", "ml-readers"),
    "BaseliningJobName": own("baseline-{hex8}"),
    "ExplainabilityLocation": own("s3://{bucket}/{name}/explainability"),
    "ModelInsightsLocation": own("s3://{bucket}/{name}/model-insights"),
    "BacktestResultsLocation": own("s3://{bucket}/{name}/backtest"),
    "CandidateDefinitionNotebookLocation": own(
        "s3://{bucket}/{name}/notebooks/SageMakerAutopilotCandidateDefinitionNotebook.ipynb"
    ),
    "DataExplorationNotebookLocation": own(
        "s3://{bucket}/{name}/notebooks/SageMakerAutopilotDataExplorationNotebook.ipynb"
    ),
    "Url": own("s3://{bucket}/{name}/model.tar.gz"),
    "ContainerImage": own("763104351884.dkr.ecr.{region}.amazonaws.com/autogluon-inference:1.1"),
}

MAP_KEYS: dict[str, tuple[str, ...]] = {
    "AggregationTransformations": ("demand", "price", "promotion"),
    "CollectionParameters": ("save_interval", "start_step", "end_step"),
    "EnvironmentMap": ("SAGEMAKER_PROGRAM", "MAX_CONTENT_LENGTH", "SAGEMAKER_INFERENCE_OUTPUT"),
    "FillingTransformations": ("demand", "price", "promotion"),
    "HookParameters": ("save_interval", "hook_path"),
    "HyperParameters": ("epochs", "learning_rate", "batch_size"),
    "MonitoringEnvironmentMap": ("publish_cloudwatch_metrics", "LOG_LEVEL"),
    "ProcessingEnvironmentMap": ("LOG_LEVEL", "AWS_DEFAULT_REGION", "PYTHONUNBUFFERED"),
    "ProfilingParameters": ("DataloaderProfilingConfig", "DetailedProfilingConfig"),
    "RuleParameters": ("rule_to_invoke", "threshold"),
    "TextGenerationHyperParameters": ("epochCount", "learningRate", "batchSize"),
    "TrainingEnvironmentMap": ("NCCL_DEBUG", "LOG_LEVEL", "HF_HUB_OFFLINE"),
}

VALUES_BY_KEY: dict[str, str] = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "DataloaderProfilingConfig": '{"StartStep": 5, "NumSteps": 3}',
    "DetailedProfilingConfig": '{"StartStep": 5, "NumSteps": 3}',
    "HF_HUB_OFFLINE": "1",
    "LOG_LEVEL": "INFO",
    "MAX_CONTENT_LENGTH": "20971520",
    "NCCL_DEBUG": "WARN",
    "PYTHONUNBUFFERED": "1",
    "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label,probability",
    "SAGEMAKER_PROGRAM": "sagemaker_serve",
    "batchSize": "8",
    "batch_size": "128",
    "end_step": "10000",
    "epochCount": "3",
    "epochs": "30",
    "hook_path": "/opt/ml/output/tensors",
    "learningRate": "0.0001",
    "learning_rate": "0.001",
    "publish_cloudwatch_metrics": "Enabled",
    "rule_to_invoke": "LossNotDecreasing",
    "save_interval": "100",
    "start_step": "0",
    "threshold": "0.2",
}
