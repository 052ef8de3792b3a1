"""What training jobs train and on which data: one function per flavour of job."""

from collections.abc import Callable
from typing import Any

from gateway.twin.answers.context import Pen
from gateway.twin.answers.instances import resources, warm_pool
from gateway.twin.records import Answer
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import SECOND, moment

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


# What a tuning job chooses: the kind of range, and the values it goes over.
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


def hyper_parameters(pen: Pen, family: str) -> dict[str, str]:
    """Return settings as that family of algorithms names them."""
    table = HYPER_PARAMETERS[family]
    return {name: pen.dice.choice(name, options) for name, options in table.items()}


def final_metrics(pen: Pen, family: str) -> Any:
    """Return the last values of the metrics, as soon as the job is over."""
    if not pen.over or pen.record.status(pen.now) == "Failed":
        return ABSENT
    at = moment(pen.record.timeline.last.at)
    return [
        {"MetricName": name, "Value": pen.dice.fraction(name), "Timestamp": at}
        for name in METRICS[family]
    ]


def common(pen: Pen, family: str, image: str, channels: tuple[str, ...]) -> Answer:
    """Return the members that every job with a container has."""
    return {
        "HyperParameters": hyper_parameters(pen, family),
        "AlgorithmSpecification": {"TrainingImage": image, "AlgorithmName": ABSENT},
        "InputDataConfig": [channel(pen, name) for name in channels],
        "OutputDataConfig": {"S3OutputPath": pen.s3("output")},
        "ModelArtifacts": {"S3ModelArtifacts": pen.s3("output/model.tar.gz")},
        "ResourceConfig": resources(pen),
        "FinalMetricDataList": final_metrics(pen, family),
    }


def channel(pen: Pen, name: str) -> Answer:
    """Return a channel that reads from S3."""
    source = {"S3DataSource": {"S3Uri": pen.s3(name)}}
    others = {"FileSystemDataSource": ABSENT, "DatasetSource": ABSENT}
    return {"ChannelName": name, "DataSource": source | others}


def xgboost(pen: Pen) -> Answer:
    """Boosted trees on a table."""
    image = pen.place.image("sagemaker-xgboost", "1.7-1")
    return common(pen, "xgboost", image, ("train", "validation"))


def linear(pen: Pen) -> Answer:
    """Tell of a linear model, streamed."""
    image = pen.place.image("linear-learner", "1")
    return common(pen, "linear", image, ("train", "test"))


def pytorch(pen: Pen) -> Answer:
    """Tell of a network in script mode, its images on a file system, its instances kept warm."""
    image = pen.place.image("pytorch-training", "2.3.0-gpu-py311-cu121-ubuntu20.04-sagemaker")
    told = common(pen, "pytorch", image, ("train",))
    others = {"S3DataSource": ABSENT, "DatasetSource": ABSENT}
    disk = {"ChannelName": "images", "DataSource": {"FileSystemDataSource": {}, **others}}
    told["InputDataConfig"].append(disk)
    return told | warm_pool(pen)


def llm(pen: Pen) -> Answer:
    """Tell of a large language model, fine-tuned on reserved capacity."""
    image = pen.place.image(
        "huggingface-pytorch-training", "2.1.0-transformers4.36.0-gpu-py310-cu121-ubuntu20.04"
    )
    told = common(pen, "llm", image, ("train", "model"))
    told["ResourceConfig"] = resources(pen, reserved=True)
    return told


def marketplace(pen: Pen) -> Answer:
    """Tell of an algorithm that the account has subscribed to."""
    told = common(pen, "linear", "", ("train",))
    told["AlgorithmSpecification"] = {"TrainingImage": ABSENT}
    return told


def serverless(pen: Pen) -> Answer:
    """Tell of a foundation model customized without instances of one's own."""
    done = pen.over and pen.record.status(pen.now) == "Completed"
    others = {"S3DataSource": ABSENT, "FileSystemDataSource": ABSENT}
    return {
        "ServerlessJobConfig": {},
        "MlflowConfig": {},
        "MlflowDetails": {},
        "ModelPackageConfig": {},
        "OutputModelPackageArn": _package(pen) if done else ABSENT,
        "BillableTokenCount": pen.dice.between("tokens", 2**31, 2**32 - 1) if done else ABSENT,
        "ProgressInfo": progress(pen),
        "InputDataConfig": [
            {"ChannelName": "train", "DataSource": {"DatasetSource": {}, **others}}
        ],
        "OutputDataConfig": {"S3OutputPath": pen.s3("output")},
        "ModelArtifacts": {"S3ModelArtifacts": pen.s3("output/model")},
        "HyperParameters": {"learning_rate": "0.0001", "max_epochs": "3"},
        "FinalMetricDataList": final_metrics(pen, "llm"),
        "AlgorithmSpecification": ABSENT,
        "ResourceConfig": ABSENT,
    }


def tuned_xgboost(pen: Pen) -> Answer:
    """Return boosted trees as a tuning job starts them."""
    return _tuned(xgboost(pen), "xgboost")


def tuned_pytorch(pen: Pen) -> Answer:
    """Return a network in script mode as a tuning job starts it."""
    return _tuned(pytorch(pen), "pytorch")


def tuned_marketplace(pen: Pen) -> Answer:
    """Return an algorithm that the account has subscribed to, as a tuning job starts it."""
    answer = _tuned(marketplace(pen), "linear")
    algorithm = pen.place.arn("algorithm", "linear-forecaster")
    answer["AlgorithmSpecification"]["AlgorithmName"] = algorithm
    return answer


def _tuned(answer: Answer, family: str) -> Answer:
    metric, _ = OBJECTIVES[family]
    answer["HyperParameters"]["_tuning_objective_metric"] = metric
    return answer


def progress(pen: Pen) -> Answer:
    """How far the training has come: a step every five seconds, until the last."""
    steps, epochs = pen.dice.between("steps", 40, 400), 3
    spent = (pen.now - pen.record.created) // (5 * SECOND)
    done = steps * epochs if pen.over else min(steps * epochs - 1, spent)
    return {
        "TotalStepCountPerEpoch": steps,
        "CurrentStep": done % steps if not pen.over else steps,
        "CurrentEpoch": min(epochs - 1, done // steps),
        "MaxEpoch": epochs,
    }


def _package(pen: Pen) -> str:
    version = pen.dice.between("version", 1, 40)
    return pen.place.arn("model-package", f"support-assistant/{version}")


FLAVOURS: dict[str, Callable[[Pen], Answer]] = {
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
