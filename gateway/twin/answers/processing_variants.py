"""What processing jobs run, read and write: one function per variant of job."""

from collections.abc import Callable
from typing import Any

from gateway.twin.answers.context import AnswerContext
from gateway.twin.records import Answer
from gateway.twin.synthesis.filler import ABSENT

ATHENA_QUERIES = {
    "orders": (
        "SELECT customer_id, count(*) AS orders, sum(amount) AS revenue\n"
        "FROM orders\n"
        "WHERE order_date >= date_add('day', -90, current_date)\n"
        "GROUP BY customer_id"
    ),
    "customers": (
        "SELECT customer_id, country, plan, date_diff('day', signed_up, current_date) AS age\n"
        "FROM customers\n"
        "WHERE NOT is_test"
    ),
    "products": "SELECT sku, category, price FROM products WHERE discontinued_at IS NULL",
    "sessions": "SELECT * FROM sessions WHERE day > date '2026-01-01'",
}
REDSHIFT_QUERIES = {
    "payments": (
        "SELECT p.payment_id, p.amount, p.currency, m.category\n"
        "FROM payments p JOIN merchants m ON m.merchant_id = p.merchant_id\n"
        "WHERE p.created_at > dateadd(month, -6, getdate())"
    ),
    "merchants": "SELECT merchant_id, category, risk_class FROM merchants",
    "devices": "SELECT device_id, payment_id, fingerprint FROM devices",
    "claims": "SELECT claim_id, payment_id, reason FROM claims WHERE state = 'confirmed'",
}


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
    """Return the parts that a variant decides."""
    return {
        "AppSpecification": app,
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {"Outputs": outputs},
        **more,
    }


def sklearn(context: AnswerContext) -> Answer:
    """Return a job that cleans and splits a table with scikit-learn."""
    fraction = context.choices.choice("split", ("0.1", "0.2", "0.25"))
    return job(
        program(
            context.account.image("sagemaker-scikit-learn", "1.2-1-cpu-py3"),
            "python3",
            f"{BASE}/input/code/preprocess.py",
            arguments=("--train-test-split-ratio", fraction, "--seed", "42"),
        ),
        [
            s3_input("code", context.s3("input/code/preprocess.py")),
            s3_input("raw", context.s3("raw")),
        ],
        [s3_output(part, context.s3(f"output/{part}")) for part in ("train", "validation", "test")],
    )


def spark(context: AnswerContext) -> Answer:
    """Return a job that makes sessions out of clicks with Spark."""
    return job(
        program(
            context.account.image("sagemaker-spark-processing", "3.3-cpu-py39-v1"),
            "smspark-submit",
            "--class",
            "shop.Sessions",
            f"{BASE}/input/jars/sessions.jar",
            arguments=("--input", context.account.s3("clicks/2026/"), "--gap-minutes", "30"),
        ),
        [s3_input("jars", context.s3("jars")), s3_input("conf", context.s3("configuration.json"))],
        [s3_output("spark-events", context.s3("spark-events"))],
    )


def athena(context: AnswerContext) -> Answer:
    """Return a job that reads four tables through Athena."""
    inputs = [
        dataset_input(name, {"AthenaDatasetDefinition": {"QueryString": query}})
        for name, query in ATHENA_QUERIES.items()
    ]
    image = context.account.image("sagemaker-scikit-learn", "1.2-1-cpu-py3")
    app = program(image, "python3", f"{BASE}/input/code/join.py")
    return job(app, inputs, [s3_output("joined", context.s3("output/joined"))])


def redshift(context: AnswerContext) -> Answer:
    """Return a job that unloads four tables from Redshift."""
    inputs = [
        dataset_input(
            name, {"RedshiftDatasetDefinition": {"Database": "dwh", "QueryString": query}}
        )
        for name, query in REDSHIFT_QUERIES.items()
    ]
    image = context.account.image("etl/redshift-export", "2.4.1")
    return job(program(image), inputs, [s3_output("export", context.s3("output/export"))])


def feature_store(context: AnswerContext) -> Answer:
    """Return a job that computes features and puts them into the feature store."""
    output = {"OutputName": "features", "S3Output": ABSENT, "FeatureStoreOutput": {}}
    image = context.account.image("sagemaker-spark-processing", "3.3-cpu-py39-v1")
    app = program(image, "smspark-submit", f"{BASE}/input/code/ingest.py")
    return job(app, [s3_input("events", context.s3("events"))], [{**output, "AppManaged": True}])


def evaluation(context: AnswerContext) -> Answer:
    """Return a job that measures a model on the test set."""
    return job(
        program(
            context.account.image("sagemaker-xgboost", "1.7-1"),
            "python3",
            f"{BASE}/input/code/evaluate.py",
        ),
        [
            s3_input("model", context.s3("model.tar.gz")),
            s3_input("test", context.s3("test")),
            s3_input("code", context.s3("input/code/evaluate.py")),
        ],
        [s3_output("evaluation", context.s3("evaluation"))],
    )


def clarify(context: AnswerContext) -> Answer:
    """Return a job that reports bias and explainability."""
    return job(
        program(context.account.image("sagemaker-clarify-processing", "1.0")),
        [
            s3_input("dataset", context.s3("dataset.csv"), "data"),
            s3_input("analysis_config", context.s3("analysis_config.json"), "config"),
        ],
        [s3_output("analysis_result", context.s3("report"))],
    )


def pytorch(context: AnswerContext) -> Answer:
    """Return a job that embeds a batch of images on GPUs."""
    batch = str(context.choices.choice("batch", (64, 128, 256)))
    return job(
        program(
            context.account.image(
                "pytorch-training", "2.3.0-gpu-py311-cu121-ubuntu20.04-sagemaker"
            ),
            "torchrun",
            f"{BASE}/input/code/embed.py",
            arguments=("--batch-size", batch, "--precision", "bf16"),
        ),
        [s3_input("images", context.s3("images")), s3_input("weights", context.s3("weights"))],
        [s3_output("embeddings", context.s3("embeddings"))],
    )


def rule(context: AnswerContext) -> Answer:
    """Return a job that evaluates a debugger or profiler rule of a training job."""
    tensors = context.fact("tensors", context.s3("debug-output"))
    return job(
        program(context.account.image("sagemaker-debugger-rules", "latest")),
        [s3_input("tensors", tensors)],
        [s3_output("rule-output", context.s3("rule-output"))],
        Environment={"rule_to_invoke": context.record.facts["rule"], "S3_RULES_PATH": tensors},
    )


def monitor(context: AnswerContext) -> Answer:
    """Return an execution of a monitoring schedule."""
    return job(
        program(context.account.image("sagemaker-model-monitor-analyzer", "latest")),
        [
            s3_input("endpoint_input_1", context.s3("datacapture"), "endpoint"),
            s3_input("baseline", context.s3("baseline/statistics.json")),
            s3_input("constraints", context.s3("baseline/constraints.json")),
        ],
        [s3_output("monitoring_output", context.s3("reports"))],
        Environment={
            "dataset_format": '{"sagemakerCaptureJson":{"captureIndexNames":["endpointInput"]}}',
            "publish_cloudwatch_metrics": "Enabled",
            "sagemaker_monitoring_schedule_name": context.fact("schedule", context.name),
        },
    )


def automl(context: AnswerContext) -> Answer:
    """Return a job that processes data for an AutoML job."""
    return job(
        program(
            context.account.image("sagemaker-sklearn-automl", "2.5-1-cpu-py3"),
            "python3",
            "-m",
            "sagemaker_sklearn_extension.automl",
        ),
        [s3_input("dataset", context.s3("preprocessed-data"))],
        [s3_output("transformed", context.s3("transformed-data"))],
        Environment={"AUTOML_JOB": context.fact("automl_job", context.name)},
    )


VARIANTS: dict[str, Callable[[AnswerContext], Answer]] = {
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
