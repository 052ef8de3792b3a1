"""The problems that AutoML jobs solve: their settings, metrics and resolved attributes."""

from typing import Any

from gateway.twin.answers.context import AnswerContext
from gateway.twin.records import Answer
from gateway.twin.synthesis.filler import ABSENT

TABULAR = ("BinaryClassification", "MulticlassClassification", "Regression")
PROBLEM_NAMES = dict.fromkeys(TABULAR, "Tabular")

# Metrics that a job of this kind can optimize.
OBJECTIVES: dict[str, tuple[str, ...]] = {
    "BinaryClassification": ("F1", "AUC", "Accuracy", "Precision", "Recall", "BalancedAccuracy"),
    "MulticlassClassification": ("F1macro", "PrecisionMacro", "RecallMacro", "Accuracy"),
    "Regression": ("MSE", "RMSE", "MAE", "R2"),
    "TimeSeriesForecasting": ("AverageWeightedQuantileLoss", "MAPE", "MASE", "WAPE", "RMSE"),
    "TextClassification": ("Accuracy",),
    "ImageClassification": ("Accuracy",),
    "TextGeneration": ("Accuracy",),
}
# Metrics that are reported in addition.
REPORTED: dict[str, tuple[str, ...]] = {
    "BinaryClassification": ("LogLoss", "InferenceLatency"),
    "MulticlassClassification": ("BalancedAccuracy", "LogLoss", "InferenceLatency"),
    "Regression": ("InferenceLatency",),
    "TextGeneration": (
        *("Rouge1", "Rouge2", "RougeL", "RougeLSum"),
        *("Perplexity", "ValidationLoss", "TrainingLoss"),
    ),
}
MINIMIZED = (
    *("MSE", "RMSE", "MAE", "MAPE", "MASE", "WAPE", "AverageWeightedQuantileLoss"),
    *("LogLoss", "InferenceLatency", "Perplexity", "ValidationLoss", "TrainingLoss"),
)


def problem_config(context: AnswerContext) -> Answer:
    """Return the one variant of AutoMLProblemTypeConfig that fits; the shape fills it."""
    problem = context.record.variant
    if problem not in TABULAR:
        return {f"{problem}JobConfig": {}}
    only_definitions = any(
        phase.secondary == "CandidateDefinitionsGenerated"
        for phase in context.record.timeline.phases
    )
    tabular: Answer = {
        "ProblemType": problem,
        "TargetAttributeName": context.choices.choice(
            "target", ("churned", "price", "segment", "eta")
        ),
        "GenerateCandidateDefinitionsOnly": only_definitions,
    }
    return {"TabularJobConfig": tabular}


def resolved_attributes(context: AnswerContext, objective: str) -> Any:
    """Return the attributes that AWS resolved, for the two kinds of problem that have them."""
    problem = context.record.variant
    if problem in TABULAR:
        variant: Answer = {"TabularResolvedAttributes": {"ProblemType": problem}}
    elif problem == "TextGeneration":
        variant = {"TextGenerationResolvedAttributes": {}}
    else:
        return ABSENT
    return {
        "AutoMLJobObjective": {"MetricName": objective},
        "AutoMLProblemTypeResolvedAttributes": variant,
    }
