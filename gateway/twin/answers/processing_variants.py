"""What processing jobs run, read and write: one function per flavour of job."""

from collections.abc import Callable
from typing import Any

from gateway.twin.answers import sql as queries
from gateway.twin.answers.context import Pen
from gateway.twin.records import Answer
from gateway.twin.synthesis.filler import ABSENT

BASE = "/opt/ml/processing"


def s3_input(name: str, uri: str, folder: str = "") -> Answer:
    """Return an input that is copied or streamed from S3."""
    local = f"{BASE}/input/{folder or name}"
    return {
        "InputName": name,
        "S3Input": {"S3Uri": uri, "LocalPath": local},
        "DatasetDefinition": ABSENT,
    }


def dataset_input(name: str, definition: Answer) -> Answer:
    """Return an input that Athena or Redshift unloads."""
    sources = {"AthenaDatasetDefinition": ABSENT, "RedshiftDatasetDefinition": ABSENT}
    return {
        "InputName": name,
        "S3Input": ABSENT,
        "DatasetDefinition": {**sources, "LocalPath": f"{BASE}/input/{name}", **definition},
    }


def s3_output(name: str, uri: str) -> Answer:
    """Return an output that is copied to S3."""
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": uri, "LocalPath": f"{BASE}/output/{name}"},
        "FeatureStoreOutput": ABSENT,
    }


def program(image: str, *command: str, arguments: tuple[str, ...] = ()) -> Answer:
    """Return the container, what it starts and with which arguments."""
    return {
        "ImageUri": image,
        "ContainerEntrypoint": list(command) or ABSENT,
        "ContainerArguments": list(arguments) or ABSENT,
    }


def job(app: Answer, inputs: list[Answer], outputs: list[Answer], **more: Any) -> Answer:
    """Return the parts that a flavour decides."""
    return {
        "AppSpecification": app,
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {"Outputs": outputs},
        **more,
    }


def sklearn(pen: Pen) -> Answer:
    """Tell of cleaning and splitting a table with scikit-learn."""
    fraction = pen.dice.choice("split", ("0.1", "0.2", "0.25"))
    return job(
        program(
            pen.place.image("sagemaker-scikit-learn", "1.2-1-cpu-py3"),
            "python3",
            f"{BASE}/input/code/preprocess.py",
            arguments=("--train-test-split-ratio", fraction, "--seed", "42"),
        ),
        [s3_input("code", pen.s3("input/code/preprocess.py")), s3_input("raw", pen.s3("raw"))],
        [s3_output(part, pen.s3(f"output/{part}")) for part in ("train", "validation", "test")],
    )


def spark(pen: Pen) -> Answer:
    """Tell of sessions out of clicks, with Spark."""
    return job(
        program(
            pen.place.image("sagemaker-spark-processing", "3.3-cpu-py39-v1"),
            "smspark-submit",
            "--class",
            "shop.Sessions",
            f"{BASE}/input/jars/sessions.jar",
            arguments=("--input", pen.place.s3("clicks/2026/"), "--gap-minutes", "30"),
        ),
        [s3_input("jars", pen.s3("jars")), s3_input("conf", pen.s3("configuration.json"))],
        [s3_output("spark-events", pen.s3("spark-events"))],
    )


def athena(pen: Pen) -> Answer:
    """Four tables read through Athena."""
    inputs = [
        dataset_input(name, {"AthenaDatasetDefinition": {"QueryString": queries.athena(name)}})
        for name in queries.ATHENA
    ]
    image = pen.place.image("sagemaker-scikit-learn", "1.2-1-cpu-py3")
    app = program(image, "python3", f"{BASE}/input/code/join.py")
    return job(app, inputs, [s3_output("joined", pen.s3("output/joined"))])


def redshift(pen: Pen) -> Answer:
    """Four tables unloaded from Redshift."""
    inputs = [
        dataset_input(name, {"RedshiftDatasetDefinition": queries.redshift(name)})
        for name in queries.REDSHIFT
    ]
    image = pen.place.image("etl/redshift-export", "2.4.1")
    return job(program(image), inputs, [s3_output("export", pen.s3("output/export"))])


def feature_store(pen: Pen) -> Answer:
    """Tell of features computed and put into the feature store."""
    output = {"OutputName": "features", "S3Output": ABSENT, "FeatureStoreOutput": {}}
    image = pen.place.image("sagemaker-spark-processing", "3.3-cpu-py39-v1")
    app = program(image, "smspark-submit", f"{BASE}/input/code/ingest.py")
    return job(app, [s3_input("events", pen.s3("events"))], [{**output, "AppManaged": True}])


def evaluation(pen: Pen) -> Answer:
    """Tell of a model measured on the test set."""
    return job(
        program(
            pen.place.image("sagemaker-xgboost", "1.7-1"),
            "python3",
            f"{BASE}/input/code/evaluate.py",
        ),
        [
            s3_input("model", pen.s3("model.tar.gz")),
            s3_input("test", pen.s3("test")),
            s3_input("code", pen.s3("input/code/evaluate.py")),
        ],
        [s3_output("evaluation", pen.s3("evaluation"))],
    )


def clarify(pen: Pen) -> Answer:
    """Tell of a bias and explainability report."""
    return job(
        program(pen.place.image("sagemaker-clarify-processing", "1.0")),
        [
            s3_input("dataset", pen.s3("dataset.csv"), "data"),
            s3_input("analysis_config", pen.s3("analysis_config.json"), "config"),
        ],
        [s3_output("analysis_result", pen.s3("report"))],
    )


def pytorch(pen: Pen) -> Answer:
    """Tell of embeddings for a batch of images, on GPUs."""
    batch = str(pen.dice.choice("batch", (64, 128, 256)))
    return job(
        program(
            pen.place.image("pytorch-training", "2.3.0-gpu-py311-cu121-ubuntu20.04-sagemaker"),
            "torchrun",
            f"{BASE}/input/code/embed.py",
            arguments=("--batch-size", batch, "--precision", "bf16"),
        ),
        [s3_input("images", pen.s3("images")), s3_input("weights", pen.s3("weights"))],
        [s3_output("embeddings", pen.s3("embeddings"))],
    )


def rule(pen: Pen) -> Answer:
    """Tell of a debugger or profiler rule that watches a training job."""
    tensors = pen.fact("tensors", pen.s3("debug-output"))
    return job(
        program(pen.place.image("sagemaker-debugger-rules", "latest")),
        [s3_input("tensors", tensors)],
        [s3_output("rule-output", pen.s3("rule-output"))],
        Environment={"rule_to_invoke": pen.record.facts["rule"], "S3_RULES_PATH": tensors},
    )


def monitor(pen: Pen) -> Answer:
    """One run of a monitoring schedule."""
    return job(
        program(pen.place.image("sagemaker-model-monitor-analyzer", "latest")),
        [
            s3_input("endpoint_input_1", pen.s3("datacapture"), "endpoint"),
            s3_input("baseline", pen.s3("baseline/statistics.json")),
            s3_input("constraints", pen.s3("baseline/constraints.json")),
        ],
        [s3_output("monitoring_output", pen.s3("reports"))],
        Environment={
            "dataset_format": '{"sagemakerCaptureJson":{"captureIndexNames":["endpointInput"]}}',
            "publish_cloudwatch_metrics": "Enabled",
            "sagemaker_monitoring_schedule_name": pen.fact("schedule", pen.name),
        },
    )


def automl(pen: Pen) -> Answer:
    """Tell of data processing on behalf of an AutoML job."""
    return job(
        program(
            pen.place.image("sagemaker-sklearn-automl", "2.5-1-cpu-py3"),
            "python3",
            "-m",
            "sagemaker_sklearn_extension.automl",
        ),
        [s3_input("dataset", pen.s3("preprocessed-data"))],
        [s3_output("transformed", pen.s3("transformed-data"))],
        Environment={"AUTOML_JOB": pen.fact("automl_job", pen.name)},
    )


FLAVOURS: dict[str, Callable[[Pen], Answer]] = {
    "sklearn": sklearn,
    "spark": spark,
    "athena": athena,
    "redshift": redshift,
    "feature-store": feature_store,
    "evaluation": evaluation,
    "clarify": clarify,
    "pytorch": pytorch,
    "rule": rule,
    "monitor": monitor,
    "automl": automl,
}
