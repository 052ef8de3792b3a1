"""What training jobs train and on which data: one function per variant of job."""

from collections.abc import Callable
from typing import Any

from gateway.twin.answers.context import AnswerContext
from gateway.twin.records import Answer
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import SECOND, to_datetime

GROUPS = ("gpu-workers", "cpu-loaders", "parameter-servers", "evaluators", "spare")


def resources(context: AnswerContext, *, reserved: bool = False) -> Answer:
    """Return a ResourceConfig; `reserved` jobs run on a training plan."""
    types = context.record.facts["instances"]
    count = context.choices.between("instances", 1, 4)
    config: Answer = {
        "InstanceType": ABSENT,
        "InstanceCount": ABSENT,
        "InstanceGroups": ABSENT,
        "InstancePreferences": ABSENT,
        "SelectedInstanceType": ABSENT,
        "SelectedInstanceCount": ABSENT,
        "KeepAlivePeriodInSeconds": ABSENT,
    }
    if not reserved:
        config |= {"TrainingPlanArn": ABSENT, "InstancePlacementConfig": ABSENT}
    if len(types) == 1:
        return config | {"InstanceType": types[0], "InstanceCount": count}
    if context.record.ordinal % 4 > 1:
        groups = [
            {"InstanceType": instance, "InstanceCount": count, "InstanceGroupName": name}
            for instance, name in zip(types, GROUPS, strict=False)
        ]
        return config | {"InstanceGroups": groups}
    return config | _preferences(context, types, count, reserved=reserved)


def _preferences(context: AnswerContext, types: list[str], count: int, *, reserved: bool) -> Answer:
    plans = {} if reserved else {"TrainingPlanArns": ABSENT}
    chosen: Answer = {
        "InstancePreferences": [
            {"InstanceType": instance, "InstanceCount": count, **plans} for instance in types
        ]
    }
    waiting = context.record.timeline.current(context.now).secondary in ("Starting", "Pending")
    if not waiting:
        chosen["SelectedInstanceType"] = context.choices.choice("selected", types)
        chosen["SelectedInstanceCount"] = count
    return chosen


def warm_pool(context: AnswerContext) -> Answer:
    """Return the state of the warm pool; a running job uses it."""
    states = ("Available", "Reused", "Terminated")
    status = states[context.record.ordinal % len(states)] if context.is_over else "InUse"
    pool: Answer = {"Status": status, "ReusedByJob": ABSENT}
    if status == "Reused":
        pool["ReusedByJob"] = f"{context.name[:50]}-again"
    if not context.is_over:
        pool["ResourceRetainedBillableTimeInSeconds"] = ABSENT
    return {
        "WarmPoolStatus": pool,
        "ResourceConfig": resources(context) | {"KeepAlivePeriodInSeconds": 1800},
    }


HYPER_PARAMETERS: dict[str, dict[str, tuple[str, ...]]] = {
    "xgboost": {
        "objective": ("binary:logistic", "reg:squarederror", "multi:softprob"),
        "num_round": ("100", "300", "800"),
        "max_depth": ("4", "6", "8"),
        "eta": ("0.05", "0.1", "0.2"),
        "subsample": ("0.7", "0.8", "1.0"),
        "eval_metric": ("auc", "rmse", "mlogloss"),
    },
    "pytorch": {
        "epochs": ("10", "30", "90"),
        "batch-size": ("64", "256", "512"),
        "learning-rate": ("0.001", "0.0003", "0.01"),
        "backbone": ('"resnet50"', '"efficientnet_b3"', '"vit_b_16"'),
        "sagemaker_program": ('"train.py"',),
        "sagemaker_submit_directory": ('"s3://sagemaker-code/source.tar.gz"',),
    },
    "linear": {
        "predictor_type": ("binary_classifier", "regressor"),
        "mini_batch_size": ("100", "1000"),
        "l1": ("0.0", "0.0001"),
        "feature_dim": ("auto", "54"),
    },
    "llm": {
        "model_id": ("meta-llama/Meta-Llama-3-8B", "mistralai/Mistral-7B-v0.3"),
        "lora_r": ("8", "16", "64"),
        "per_device_train_batch_size": ("1", "2", "4"),
        "gradient_accumulation_steps": ("4", "8"),
        "bf16": ("true",),
    },
}
METRICS = {
    "xgboost": ("train:auc", "validation:auc"),
    "pytorch": ("train:loss", "validation:accuracy"),
    "linear": ("train:objective_loss", "validation:objective_loss"),
    "llm": ("train:loss", "eval:perplexity"),
}


# What a tuning job chooses: the kind of range, and its values.
TUNED_PARAMETERS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "xgboost": {
        "num_round": ("Integer", HYPER_PARAMETERS["xgboost"]["num_round"]),
        "max_depth": ("Integer", HYPER_PARAMETERS["xgboost"]["max_depth"]),
        "eta": ("Continuous", HYPER_PARAMETERS["xgboost"]["eta"]),
        "subsample": ("Continuous", HYPER_PARAMETERS["xgboost"]["subsample"]),
    },
    "pytorch": {
        "epochs": ("Integer", HYPER_PARAMETERS["pytorch"]["epochs"]),
        "learning-rate": ("Continuous", ("0.0003", "0.001", "0.01")),
        "batch-size": ("Categorical", HYPER_PARAMETERS["pytorch"]["batch-size"]),
        "backbone": ("Categorical", HYPER_PARAMETERS["pytorch"]["backbone"]),
    },
    "linear": {
        "mini_batch_size": ("Integer", HYPER_PARAMETERS["linear"]["mini_batch_size"]),
        "l1": ("Continuous", HYPER_PARAMETERS["linear"]["l1"]),
    },
}
STATIC_PARAMETERS: dict[str, tuple[str, ...]] = {
    family: tuple(name for name in HYPER_PARAMETERS[family] if name not in tuned)
    for family, tuned in TUNED_PARAMETERS.items()
}
# The metric that tuning jobs optimize, and which way.
OBJECTIVES = {
    "xgboost": ("validation:auc", "Maximize"),
    "pytorch": ("train:loss", "Minimize"),
    "linear": ("validation:objective_loss", "Minimize"),
}


def hyper_parameters(context: AnswerContext, family: str) -> dict[str, str]:
    """Return settings as that family of algorithms names them."""
    table = HYPER_PARAMETERS[family]
    return {name: context.choices.choice(name, options) for name, options in table.items()}


def final_metrics(context: AnswerContext, family: str) -> Any:
    """Return the last values of the metrics, once the job has ended."""
    if not context.is_over or context.record.status(context.now) == "Failed":
        return ABSENT
    at = to_datetime(context.record.timeline.last.at)
    return [
        {"MetricName": name, "Value": context.choices.fraction(name), "Timestamp": at}
        for name in METRICS[family]
    ]


def common(context: AnswerContext, family: str, image: str, channels: tuple[str, ...]) -> Answer:
    """Return the members that every job with a container has."""
    return {
        "HyperParameters": hyper_parameters(context, family),
        "AlgorithmSpecification": {"TrainingImage": image, "AlgorithmName": ABSENT},
        "InputDataConfig": [channel(context, name) for name in channels],
        "OutputDataConfig": {"S3OutputPath": context.s3("output")},
        "ModelArtifacts": {"S3ModelArtifacts": context.s3("output/model.tar.gz")},
        "ResourceConfig": resources(context),
        "FinalMetricDataList": final_metrics(context, family),
    }


def channel(context: AnswerContext, name: str) -> Answer:
    """Return a channel that reads from S3."""
    source = {"S3DataSource": {"S3Uri": context.s3(name)}}
    others = {"FileSystemDataSource": ABSENT, "DatasetSource": ABSENT}
    return {"ChannelName": name, "DataSource": source | others}


def xgboost(context: AnswerContext) -> Answer:
    """Return boosted trees on a table."""
    image = context.account.image("sagemaker-xgboost", "1.7-1")
    return common(context, "xgboost", image, ("train", "validation"))


def linear(context: AnswerContext) -> Answer:
    """Return a linear model."""
    image = context.account.image("linear-learner", "1")
    return common(context, "linear", image, ("train", "test"))


def pytorch(context: AnswerContext) -> Answer:
    """Return a network in script mode, with images on a file system and a warm pool."""
    image = context.account.image("pytorch-training", "2.3.0-gpu-py311-cu121-ubuntu20.04-sagemaker")
    members = common(context, "pytorch", image, ("train",))
    others = {"S3DataSource": ABSENT, "DatasetSource": ABSENT}
    disk = {"ChannelName": "images", "DataSource": {"FileSystemDataSource": {}, **others}}
    members["InputDataConfig"].append(disk)
    return members | warm_pool(context)


def llm(context: AnswerContext) -> Answer:
    """Return a large language model, fine-tuned on reserved capacity."""
    image = context.account.image(
        "huggingface-pytorch-training", "2.1.0-transformers4.36.0-gpu-py310-cu121-ubuntu20.04"
    )
    members = common(context, "llm", image, ("train", "model"))
    members["ResourceConfig"] = resources(context, reserved=True)
    return members


def marketplace(context: AnswerContext) -> Answer:
    """Return an algorithm that the account has subscribed to."""
    members = common(context, "linear", "", ("train",))
    members["AlgorithmSpecification"] = {"TrainingImage": ABSENT}
    return members


def serverless(context: AnswerContext) -> Answer:
    """Return a foundation model, customized without instances of one's own."""
    done = context.is_over and context.record.status(context.now) == "Completed"
    others = {"S3DataSource": ABSENT, "FileSystemDataSource": ABSENT}
    return {
        "ServerlessJobConfig": {},
        "MlflowConfig": {},
        "MlflowDetails": {},
        "ModelPackageConfig": {},
        "OutputModelPackageArn": _package(context) if done else ABSENT,
        "BillableTokenCount": context.choices.between("tokens", 2**31, 2**32 - 1)
        if done
        else ABSENT,
        "ProgressInfo": progress(context),
        "InputDataConfig": [
            {"ChannelName": "train", "DataSource": {"DatasetSource": {}, **others}}
        ],
        "OutputDataConfig": {"S3OutputPath": context.s3("output")},
        "ModelArtifacts": {"S3ModelArtifacts": context.s3("output/model")},
        "HyperParameters": {"learning_rate": "0.0001", "max_epochs": "3"},
        "FinalMetricDataList": final_metrics(context, "llm"),
        "AlgorithmSpecification": ABSENT,
        "ResourceConfig": ABSENT,
    }


def tuned_xgboost(context: AnswerContext) -> Answer:
    """Return boosted trees as a tuning job starts them."""
    return _tuned(xgboost(context), "xgboost")


def tuned_pytorch(context: AnswerContext) -> Answer:
    """Return a network in script mode as a tuning job starts it."""
    return _tuned(pytorch(context), "pytorch")


def tuned_marketplace(context: AnswerContext) -> Answer:
    """Return an algorithm that the account has subscribed to, as a tuning job starts it."""
    answer = _tuned(marketplace(context), "linear")
    algorithm = context.account.arn("algorithm", "linear-forecaster")
    answer["AlgorithmSpecification"]["AlgorithmName"] = algorithm
    return answer


def _tuned(answer: Answer, family: str) -> Answer:
    metric, _ = OBJECTIVES[family]
    answer["HyperParameters"]["_tuning_objective_metric"] = metric
    return answer


def progress(context: AnswerContext) -> Answer:
    """Return the progress: a step every five seconds, until the last."""
    steps, epochs = context.choices.between("steps", 40, 400), 3
    spent = (context.now - context.record.created) // (5 * SECOND)
    done = steps * epochs if context.is_over else min(steps * epochs - 1, spent)
    return {
        "TotalStepCountPerEpoch": steps,
        "CurrentStep": done % steps if not context.is_over else steps,
        "CurrentEpoch": min(epochs - 1, done // steps),
        "MaxEpoch": epochs,
    }


def _package(context: AnswerContext) -> str:
    version = context.choices.between("version", 1, 40)
    return context.account.arn("model-package", f"support-assistant/{version}")


VARIANTS: dict[str, Callable[[AnswerContext], Answer]] = {
    "xgboost": xgboost,
    "linear": linear,
    "pytorch": pytorch,
    "llm": llm,
    "marketplace": marketplace,
    "serverless": serverless,
    "automl": xgboost,
    "tuning": tuned_xgboost,
    "tuning-pytorch": tuned_pytorch,
    "tuning-marketplace": tuned_marketplace,
    "labeling": pytorch,
}
