"""Answers of DescribeHyperParameterTuningJob, and rows of the training jobs of a tuning job."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gateway.twin.answers.context import FINAL_STATUSES, AnswerContext
from gateway.twin.answers.training import times
from gateway.twin.answers.training_variants import (
    OBJECTIVES,
    STATIC_PARAMETERS,
    TUNED_PARAMETERS,
    VARIANTS,
    hyper_parameters,
)
from gateway.twin.records import Answer, Description, JobRecord
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import SECOND, next_change_of, to_datetime

# What a tuning job's ResourceConfig does not use.
OTHERS = (
    *("InstanceGroups", "InstancePreferences", "InstancePlacementConfig", "TrainingPlanArn"),
    *("SelectedInstanceType", "SelectedInstanceCount", "KeepAlivePeriodInSeconds"),
)
RETRYABLE = ("CapacityError", "InternalServerError")


def describe_tuning(context: AnswerContext) -> Description:
    """Return the answer at this time, and until when it holds."""
    record = context.record
    timeline = record.timeline
    phase = timeline.current(context.now)
    trainings = begun(record, context.now)
    answer: Answer = {
        "HyperParameterTuningJobName": record.name,
        "HyperParameterTuningJobArn": record.arn,
        "HyperParameterTuningJobStatus": phase.status,
        "HyperParameterTuningJobConfig": _config(context),
        **_definitions(context),
        "CreationTime": to_datetime(timeline.created),
        "LastModifiedTime": to_datetime(phase.at),
        "HyperParameterTuningEndTime": context.when(_end(record)),
        "TrainingJobStatusCounters": status_counters(trainings, context.now),
        "ObjectiveStatusCounters": objective_counters(trainings, context.now),
        "BestTrainingJob": best_of(context, trainings),
        **_warm_start(context, trainings),
        "Autotune": {"Mode": "Enabled"} if record.facts["autotune"] else ABSENT,
        "FailureReason": context.fact("failure") if phase.status == "Failed" else ABSENT,
        "TuningJobCompletionDetails": _completion(context),
        "ConsumedResources": {"RuntimeInSeconds": _runtime(trainings, context.now)},
    }
    clocks = [job.timeline for job in (record, *record.facts["training_jobs"])]
    return Description(answer, next_change_of(context.now, clocks))


def begun(record: JobRecord, now: int) -> list[JobRecord]:
    """Return the training jobs of a tuning job that exist by now, the oldest one first."""
    jobs: list[JobRecord] = record.facts["training_jobs"]
    return [job for job in jobs if job.created <= now]


def training_row(context: AnswerContext, training: JobRecord) -> Answer:
    """Return a HyperParameterTrainingJobSummary of one training job of the tuning job `context`."""
    about = context.about(training)
    status = training.status(context.now)
    spent = times(about)
    objective = objective_status(status)
    definitions = definition_names(context)
    number = context.record.facts["training_jobs"].index(training)
    return {
        "TrainingJobDefinitionName": definitions[number % len(definitions)]
        if context.record.facts["definitions"] > 1
        else ABSENT,
        "TrainingJobName": training.name,
        "TrainingJobArn": training.arn,
        "TuningJobName": context.name,
        "CreationTime": to_datetime(training.created),
        "TrainingStartTime": spent["TrainingStartTime"],
        "TrainingEndTime": spent["TrainingEndTime"],
        "TrainingJobStatus": status,
        "TunedHyperParameters": tuned_parameters(about, context.record.variant),
        "FailureReason": training.facts.get("failure", ABSENT) if status == "Failed" else ABSENT,
        "FinalHyperParameterTuningJobObjectiveMetric": _metric(context, training)
        if objective == "Succeeded"
        else ABSENT,
        "ObjectiveStatus": objective,
    }


def objective_status(status: str) -> str:
    """Return whether a training job in this status has reported the objective metric."""
    if status == "Failed":
        return "Failed"
    return "Succeeded" if status in FINAL_STATUSES else "Pending"


def status_counters(trainings: Sequence[JobRecord], now: int) -> dict[str, int]:
    """Count training jobs by status, failed ones by whether AWS tries them again."""
    counts = Counter(job.status(now) for job in trainings)
    retryable = sum(
        job.status(now) == "Failed" and str(job.facts.get("failure")).startswith(RETRYABLE)
        for job in trainings
    )
    return {
        "Completed": counts["Completed"],
        "InProgress": counts["InProgress"] + counts["Stopping"],
        "RetryableError": retryable,
        "NonRetryableError": counts["Failed"] - retryable,
        "Stopped": counts["Stopped"],
    }


def objective_counters(trainings: Sequence[JobRecord], now: int) -> dict[str, int]:
    """Count training jobs by whether they have reported the objective metric."""
    counts = Counter(objective_status(job.status(now)) for job in trainings)
    return {status: counts[status] for status in ("Succeeded", "Pending", "Failed")}


def best_of(context: AnswerContext, trainings: Sequence[JobRecord]) -> Any:
    """Return the row of the training job with the best objective metric, if one has any."""
    job = best_training(context, trainings)
    return training_row(context, job) if job is not None else ABSENT


def best_training(context: AnswerContext, trainings: Sequence[JobRecord]) -> JobRecord | None:
    """Return the training job with the best objective metric."""
    measured = [
        job for job in trainings if objective_status(job.status(context.now)) == "Succeeded"
    ]
    _, kind = OBJECTIVES[context.record.variant]
    choose = max if kind == "Maximize" else min
    return choose(measured, key=lambda job: _metric(context, job)["Value"], default=None)


def tuned_parameters(context: AnswerContext, family: str) -> dict[str, str]:
    """Return the hyperparameters of a training job that its tuning job chose."""
    chosen = hyper_parameters(context, family)
    return {name: chosen[name] for name in TUNED_PARAMETERS[family]}


def definition_names(context: AnswerContext) -> list[str]:
    """Return the names of the training job definitions."""
    return [
        f"{context.record.variant}-{number + 1}"
        for number in range(context.record.facts["definitions"])
    ]


def _metric(context: AnswerContext, training: JobRecord) -> Answer:
    metric, kind = OBJECTIVES[context.record.variant]
    # The same value as in the training job's FinalMetricDataList.
    value = context.about(training).choices.fraction(metric)
    return {"Type": kind, "MetricName": metric, "Value": value}


def _end(record: JobRecord) -> int | None:
    return next(
        (phase.at for phase in record.timeline.phases if phase.status in FINAL_STATUSES), None
    )


def _config(context: AnswerContext) -> Answer:
    facts = context.record.facts
    several = facts["definitions"] > 1
    is_band = facts["strategy"] == "Hyperband"
    band = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 27}}
    return {
        "Strategy": facts["strategy"],
        "StrategyConfig": band if is_band else ABSENT,
        "HyperParameterTuningJobObjective": ABSENT if several else _objective(context),
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": facts["limit"],
            "MaxParallelTrainingJobs": facts["parallel"],
        },
        "ParameterRanges": ABSENT if several else ranges(context),
        "TrainingJobEarlyStoppingType": "Auto" if facts["stops_early"] else "Off",
    }


def _objective(context: AnswerContext) -> Answer:
    metric, kind = OBJECTIVES[context.record.variant]
    return {"Type": kind, "MetricName": metric}


def ranges(context: AnswerContext) -> Answer:
    """Return the values that the tuning job chooses from, by kind of parameter."""
    tuned = TUNED_PARAMETERS[context.record.variant]
    found: dict[str, list[Answer]] = {"Integer": [], "Continuous": [], "Categorical": []}
    for name, (kind, values) in tuned.items():
        # A grid search takes categories alone.
        if kind == "Categorical" or context.record.facts["strategy"] == "Grid":
            found["Categorical"].append({"Name": name, "Values": list(values)})
        else:
            found[kind].append({"Name": name, "MinValue": values[0], "MaxValue": values[-1]})
    auto = (
        [{"Name": "batch_size", "ValueHint": "128"}] if context.record.facts["autotune"] else ABSENT
    )
    lists: Answer = {f"{kind}ParameterRanges": rows or ABSENT for kind, rows in found.items()}
    return lists | {"AutoParameters": auto}


def _definitions(context: AnswerContext) -> Answer:
    if context.record.facts["definitions"] == 1:
        alone = _definition(context) | {
            "DefinitionName": ABSENT,
            "TuningObjective": ABSENT,
            "HyperParameterRanges": ABSENT,
        }
        return {"TrainingJobDefinition": alone, "TrainingJobDefinitions": ABSENT}
    several = [
        _definition(context)
        | {
            "DefinitionName": name,
            "TuningObjective": _objective(context),
            "HyperParameterRanges": ranges(context),
        }
        for name in definition_names(context)
    ]
    return {"TrainingJobDefinition": ABSENT, "TrainingJobDefinitions": several}


def _definition(context: AnswerContext) -> Answer:
    """Return how each training job is made, as the training jobs themselves are."""
    family = context.record.variant
    trainings: list[JobRecord] = context.record.facts["training_jobs"]
    described = VARIANTS[trainings[0].variant](context.about(trainings[0]))
    members = ("InputDataConfig", "OutputDataConfig")
    sizes: list[Answer] = [
        {"InstanceType": instance, "InstanceCount": 1, "VolumeSizeInGB": 30}
        for instance in context.record.facts["instances"]
    ]
    several = len(sizes) > 1
    return {
        **{member: described[member] for member in members},
        "StaticHyperParameters": {
            name: hyper_parameters(context, family)[name] for name in STATIC_PARAMETERS[family]
        },
        "AlgorithmSpecification": {
            **described["AlgorithmSpecification"],
            "TrainingInputMode": "File",
        },
        "RoleArn": context.account.role("service-role/AmazonSageMaker-ExecutionRole"),
        "ResourceConfig": ABSENT
        if len(sizes) > 1
        else {**dict.fromkeys(OTHERS, ABSENT), **sizes[0]},
        "HyperParameterTuningResourceConfig": {
            **sizes[0],
            "AllocationStrategy": "Prioritized",
            "InstanceConfigs": sizes,
        }
        if several
        else ABSENT,
    }


def _warm_start(context: AnswerContext, trainings: Sequence[JobRecord]) -> Answer:
    facts = context.record.facts
    parents: list[JobRecord] = facts["parents"]
    if not parents:
        return {"WarmStartConfig": ABSENT, "OverallBestTrainingJob": ABSENT}
    config = {
        "ParentHyperParameterTuningJobs": [
            {"HyperParameterTuningJobName": parent.name} for parent in parents
        ],
        "WarmStartType": facts["warm_start"],
    }
    if facts["warm_start"] != "IdenticalDataAndAlgorithm":
        return {"WarmStartConfig": config, "OverallBestTrainingJob": ABSENT}
    # The best one of this job and of its parents; the row names the tuning job that ran it.
    owners = {job.name: parent for parent in parents for job in begun(parent, context.now)}
    all_of_them = [*trainings, *(job for parent in parents for job in begun(parent, context.now))]
    best = best_training(context, all_of_them)
    if best is None:
        return {"WarmStartConfig": config, "OverallBestTrainingJob": ABSENT}
    owner = context.about(owners.get(best.name, context.record))
    return {"WarmStartConfig": config, "OverallBestTrainingJob": training_row(owner, best)}


def _completion(context: AnswerContext) -> Any:
    if context.record.status(context.now) != "Completed":
        return ABSENT
    return {
        "NumberOfTrainingJobsObjectiveNotImproving": context.choices.between("not improving", 0, 2),
        "ConvergenceDetectedTime": to_datetime(context.record.timeline.last.at)
        if context.choices.choice("converged", (True, False))
        else ABSENT,
    }


def _runtime(trainings: Sequence[JobRecord], now: int) -> int:
    """Return the seconds that ended training jobs have run."""
    ended = (job for job in trainings if job.status(now) in FINAL_STATUSES)
    return sum((job.modified(now) - job.created) // SECOND for job in ended)
