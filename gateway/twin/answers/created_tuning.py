"""Answers about tuning jobs that callers created, and the training jobs that these start."""

from collections.abc import Sequence
from typing import Any

from gateway.twin.answers.context import FINAL_STATUSES, AnswerContext
from gateway.twin.answers.training import times
from gateway.twin.answers.tuning import (
    begun,
    objective_counters,
    objective_status,
    status_counters,
)
from gateway.twin.records import Answer, JobRecord
from gateway.twin.seeded_random import SeededChoices
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import SECOND, to_datetime

# Members that the training jobs take over from their definition.
TAKEN_OVER = (
    *("AlgorithmSpecification", "RoleArn", "InputDataConfig", "VpcConfig", "OutputDataConfig"),
    *("ResourceConfig", "StoppingCondition", "EnableNetworkIsolation", "CheckpointConfig"),
    *("EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining", "RetryStrategy"),
    "Environment",
)


def definitions_of(request: Answer) -> list[Answer]:
    """Return the training job definitions of CreateHyperParameterTuningJob."""
    several: list[Answer] = request.get("TrainingJobDefinitions", [])
    return several or [each for each in (request.get("TrainingJobDefinition"),) if each]


def training_request(
    request: Answer, definition: Answer, name: str, choices: SeededChoices
) -> Answer:
    """Return the request by which a tuning job would create one of its training jobs."""
    config = request.get("HyperParameterTuningJobConfig", {})
    ranges = definition.get("HyperParameterRanges") or config.get("ParameterRanges", {})
    objective = objective_of(request, definition)
    fixed = definition.get("StaticHyperParameters", {})
    metric = {"_tuning_objective_metric": objective["MetricName"]} if objective else {}
    return {
        **{member: definition[member] for member in TAKEN_OVER if member in definition},
        "TrainingJobName": name,
        "HyperParameters": {**fixed, **tuned_parameters(ranges, choices), **metric},
    }


def tuned_parameters(ranges: Answer, choices: SeededChoices) -> dict[str, str]:
    """Return a value out of each range."""
    found = {each["Name"]: each["ValueHint"] for each in ranges.get("AutoParameters", ())}
    for each in ranges.get("CategoricalParameterRanges", ()):
        found[each["Name"]] = choices.choice(each["Name"], each["Values"])
    for kind in ("Integer", "Continuous"):
        for each in ranges.get(f"{kind}ParameterRanges", ()):
            found[each["Name"]] = _between(each, choices.fraction(each["Name"]), kind)
    return found


def _between(limits: Answer, share: float, kind: str) -> str:
    try:
        low, high = float(limits["MinValue"]), float(limits["MaxValue"])
    except ValueError:
        return str(limits["MinValue"])
    value = low + (high - low) * share
    return str(round(value)) if kind == "Integer" else f"{value:.6g}"


def objective_of(request: Answer, definition: Answer) -> Any:
    """Return type and name of the objective metric, None if there is none."""
    config = request.get("HyperParameterTuningJobConfig", {})
    return definition.get("TuningObjective") or config.get("HyperParameterTuningJobObjective")


def tuning_members(context: AnswerContext) -> Answer:
    """Return the members that show the progress of a tuning job."""
    record, now = context.record, context.now
    trainings = begun(record, now)
    measured = [row for row in training_rows(context) if METRIC in row]
    is_minimum = bool(measured) and measured[0][METRIC]["Type"] == "Minimize"
    choose = min if is_minimum else max
    best = choose(measured, key=lambda row: row[METRIC]["Value"], default=ABSENT)
    ended = next((p.at for p in record.timeline.phases if p.status in FINAL_STATUSES), None)
    return {
        "HyperParameterTuningEndTime": context.when(ended),
        "TrainingJobStatusCounters": status_counters(trainings, now),
        "ObjectiveStatusCounters": objective_counters(trainings, now),
        "BestTrainingJob": best,
        "ConsumedResources": {"RuntimeInSeconds": _runtime(trainings, now)},
    }


METRIC = "FinalHyperParameterTuningJobObjectiveMetric"


def training_rows(context: AnswerContext) -> list[Answer]:
    """Return a row for each training job that exists, as the list of a tuning job shows it."""
    request = context.record.request or {}
    definitions = definitions_of(request)
    return [
        _row(context, training, definitions[number % len(definitions)])
        for number, training in enumerate(begun(context.record, context.now))
    ]


def _row(context: AnswerContext, training: JobRecord, definition: Answer) -> Answer:
    about = context.about(training)
    request = training.request or {}
    objective = objective_of(context.record.request or {}, definition)
    fixed = {*definition.get("StaticHyperParameters", {}), "_tuning_objective_metric"}
    status = training.status(context.now)
    row = {
        "TrainingJobDefinitionName": definition.get("DefinitionName", ABSENT),
        "TrainingJobName": training.name,
        "TrainingJobArn": training.arn,
        "TuningJobName": context.name,
        "CreationTime": to_datetime(training.created),
        "TrainingJobStatus": status,
        "TunedHyperParameters": {
            name: value for name, value in request["HyperParameters"].items() if name not in fixed
        },
        "ObjectiveStatus": objective_status(status),
        **{name: times(about)[name] for name in ("TrainingStartTime", "TrainingEndTime")},
    }
    if objective and row["ObjectiveStatus"] == "Succeeded":
        value = about.choices.fraction(objective["MetricName"])
        row[METRIC] = {**objective, "Value": value}
    return {name: value for name, value in row.items() if value is not ABSENT}


def _runtime(trainings: Sequence[JobRecord], now: int) -> int:
    ended = (job for job in trainings if job.status(now) in FINAL_STATUSES)
    return sum((job.modified(now) - job.created) // SECOND for job in ended)
