"""What DescribeHyperParameterTuningJob answers, and the rows of a tuning job's training jobs."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gateway.twin.answers.context import OVER, Pen
from gateway.twin.answers.training import times
from gateway.twin.answers.training_variants import (
    FLAVOURS,
    OBJECTIVES,
    STATIC_PARAMETERS,
    TUNED_PARAMETERS,
    hyper_parameters,
)
from gateway.twin.records import Answer, SeededRecord, Told
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import SECOND, moment, soonest

# What a tuning job's ResourceConfig does not use.
OTHERS = (
    *("InstanceGroups", "InstancePreferences", "InstancePlacementConfig", "TrainingPlanArn"),
    *("SelectedInstanceType", "SelectedInstanceCount", "KeepAlivePeriodInSeconds"),
)
RETRYABLE = ("CapacityError", "InternalServerError")


def describe_tuning(pen: Pen) -> Told:
    """Return the answer at this moment, and until when it holds."""
    record = pen.record
    timeline = record.timeline
    phase = timeline.current(pen.now)
    trainings = begun(record, pen.now)
    answer: Answer = {
        "HyperParameterTuningJobName": record.name,
        "HyperParameterTuningJobArn": record.arn,
        "HyperParameterTuningJobStatus": phase.status,
        "HyperParameterTuningJobConfig": _config(pen),
        **_definitions(pen),
        "CreationTime": moment(timeline.created),
        "LastModifiedTime": moment(phase.at),
        "HyperParameterTuningEndTime": pen.when(_end(record)),
        "TrainingJobStatusCounters": status_counters(trainings, pen.now),
        "ObjectiveStatusCounters": objective_counters(trainings, pen.now),
        "BestTrainingJob": best_of(pen, trainings),
        **_warm_start(pen, trainings),
        "Autotune": {"Mode": "Enabled"} if record.facts["autotune"] else ABSENT,
        "FailureReason": pen.fact("failure") if phase.status == "Failed" else ABSENT,
        "TuningJobCompletionDetails": _completion(pen),
        "ConsumedResources": {"RuntimeInSeconds": _runtime(trainings, pen.now)},
    }
    clocks = [job.timeline for job in (record, *record.facts["training_jobs"])]
    return Told(answer, soonest(pen.now, clocks))


def begun(record: SeededRecord, now: int) -> list[SeededRecord]:
    """Return the training jobs of a tuning job that exist by now, the oldest one first."""
    jobs: list[SeededRecord] = record.facts["training_jobs"]
    return [job for job in jobs if job.created <= now]


def training_row(pen: Pen, training: SeededRecord) -> Answer:
    """Return a HyperParameterTrainingJobSummary of one training job of the tuning job `pen`."""
    about = pen.about(training)
    status = training.status(pen.now)
    spent = times(about)
    objective = objective_status(status)
    definitions = definition_names(pen)
    number = pen.record.facts["training_jobs"].index(training)
    return {
        "TrainingJobDefinitionName": definitions[number % len(definitions)]
        if pen.record.facts["definitions"] > 1
        else ABSENT,
        "TrainingJobName": training.name,
        "TrainingJobArn": training.arn,
        "TuningJobName": pen.name,
        "CreationTime": moment(training.created),
        "TrainingStartTime": spent["TrainingStartTime"],
        "TrainingEndTime": spent["TrainingEndTime"],
        "TrainingJobStatus": status,
        "TunedHyperParameters": tuned_parameters(about, pen.record.flavour),
        "FailureReason": training.facts.get("failure", ABSENT) if status == "Failed" else ABSENT,
        "FinalHyperParameterTuningJobObjectiveMetric": _metric(pen, training)
        if objective == "Succeeded"
        else ABSENT,
        "ObjectiveStatus": objective,
    }


def objective_status(status: str) -> str:
    """Return whether a training job in this status has reported the objective metric."""
    if status == "Failed":
        return "Failed"
    return "Succeeded" if status in OVER else "Pending"


def status_counters(trainings: Sequence[SeededRecord], now: int) -> dict[str, int]:
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


def objective_counters(trainings: Sequence[SeededRecord], now: int) -> dict[str, int]:
    """Count training jobs by whether they have reported the objective metric."""
    counts = Counter(objective_status(job.status(now)) for job in trainings)
    return {status: counts[status] for status in ("Succeeded", "Pending", "Failed")}


def best_of(pen: Pen, trainings: Sequence[SeededRecord]) -> Any:
    """Return the row of the training job with the best objective metric, if one has any."""
    job = best_training(pen, trainings)
    return training_row(pen, job) if job is not None else ABSENT


def best_training(pen: Pen, trainings: Sequence[SeededRecord]) -> SeededRecord | None:
    """Return the training job with the best objective metric."""
    measured = [job for job in trainings if objective_status(job.status(pen.now)) == "Succeeded"]
    _, kind = OBJECTIVES[pen.record.flavour]
    choose = max if kind == "Maximize" else min
    return choose(measured, key=lambda job: _metric(pen, job)["Value"], default=None)


def tuned_parameters(pen: Pen, family: str) -> dict[str, str]:
    """Return the hyperparameters of a training job that its tuning job chose."""
    chosen = hyper_parameters(pen, family)
    return {name: chosen[name] for name in TUNED_PARAMETERS[family]}


def definition_names(pen: Pen) -> list[str]:
    """Return the names of the training job definitions."""
    return [
        f"{pen.record.flavour}-{number + 1}" for number in range(pen.record.facts["definitions"])
    ]


def _metric(pen: Pen, training: SeededRecord) -> Answer:
    metric, kind = OBJECTIVES[pen.record.flavour]
    # The same value as in the training job's FinalMetricDataList.
    value = pen.about(training).dice.fraction(metric)
    return {"Type": kind, "MetricName": metric, "Value": value}


def _end(record: SeededRecord) -> int | None:
    return next((phase.at for phase in record.timeline.phases if phase.status in OVER), None)


def _config(pen: Pen) -> Answer:
    facts = pen.record.facts
    several = facts["definitions"] > 1
    is_band = facts["strategy"] == "Hyperband"
    band = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 27}}
    return {
        "Strategy": facts["strategy"],
        "StrategyConfig": band if is_band else ABSENT,
        "HyperParameterTuningJobObjective": ABSENT if several else _objective(pen),
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": facts["limit"],
            "MaxParallelTrainingJobs": facts["parallel"],
        },
        "ParameterRanges": ABSENT if several else ranges(pen),
        "TrainingJobEarlyStoppingType": "Auto" if facts["stops_early"] else "Off",
    }


def _objective(pen: Pen) -> Answer:
    metric, kind = OBJECTIVES[pen.record.flavour]
    return {"Type": kind, "MetricName": metric}


def ranges(pen: Pen) -> Answer:
    """Return the values that the tuning job chooses from, by kind of parameter."""
    tuned = TUNED_PARAMETERS[pen.record.flavour]
    found: dict[str, list[Answer]] = {"Integer": [], "Continuous": [], "Categorical": []}
    for name, (kind, values) in tuned.items():
        # A grid search takes categories alone.
        if kind == "Categorical" or pen.record.facts["strategy"] == "Grid":
            found["Categorical"].append({"Name": name, "Values": list(values)})
        else:
            found[kind].append({"Name": name, "MinValue": values[0], "MaxValue": values[-1]})
    auto = [{"Name": "batch_size", "ValueHint": "128"}] if pen.record.facts["autotune"] else ABSENT
    lists: Answer = {f"{kind}ParameterRanges": rows or ABSENT for kind, rows in found.items()}
    return lists | {"AutoParameters": auto}


def _definitions(pen: Pen) -> Answer:
    if pen.record.facts["definitions"] == 1:
        alone = _definition(pen) | {
            "DefinitionName": ABSENT,
            "TuningObjective": ABSENT,
            "HyperParameterRanges": ABSENT,
        }
        return {"TrainingJobDefinition": alone, "TrainingJobDefinitions": ABSENT}
    several = [
        _definition(pen)
        | {
            "DefinitionName": name,
            "TuningObjective": _objective(pen),
            "HyperParameterRanges": ranges(pen),
        }
        for name in definition_names(pen)
    ]
    return {"TrainingJobDefinition": ABSENT, "TrainingJobDefinitions": several}


def _definition(pen: Pen) -> Answer:
    """Return how each training job is made, as the training jobs themselves are."""
    family = pen.record.flavour
    trainings: list[SeededRecord] = pen.record.facts["training_jobs"]
    described = FLAVOURS[trainings[0].flavour](pen.about(trainings[0]))
    members = ("InputDataConfig", "OutputDataConfig")
    sizes: list[Answer] = [
        {"InstanceType": instance, "InstanceCount": 1, "VolumeSizeInGB": 30}
        for instance in pen.record.facts["instances"]
    ]
    several = len(sizes) > 1
    return {
        **{member: described[member] for member in members},
        "StaticHyperParameters": {
            name: hyper_parameters(pen, family)[name] for name in STATIC_PARAMETERS[family]
        },
        "AlgorithmSpecification": {
            **described["AlgorithmSpecification"],
            "TrainingInputMode": "File",
        },
        "RoleArn": pen.place.role("service-role/AmazonSageMaker-ExecutionRole"),
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


def _warm_start(pen: Pen, trainings: Sequence[SeededRecord]) -> Answer:
    facts = pen.record.facts
    parents: list[SeededRecord] = facts["parents"]
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
    owners = {job.name: parent for parent in parents for job in begun(parent, pen.now)}
    all_of_them = [*trainings, *(job for parent in parents for job in begun(parent, pen.now))]
    best = best_training(pen, all_of_them)
    if best is None:
        return {"WarmStartConfig": config, "OverallBestTrainingJob": ABSENT}
    owner = pen.about(owners.get(best.name, pen.record))
    return {"WarmStartConfig": config, "OverallBestTrainingJob": training_row(owner, best)}


def _completion(pen: Pen) -> Any:
    if pen.record.status(pen.now) != "Completed":
        return ABSENT
    return {
        "NumberOfTrainingJobsObjectiveNotImproving": pen.dice.between("not improving", 0, 2),
        "ConvergenceDetectedTime": moment(pen.record.timeline.last.at)
        if pen.dice.choice("converged", (True, False))
        else ABSENT,
    }


def _runtime(trainings: Sequence[SeededRecord], now: int) -> int:
    """Return the seconds that training jobs have run that are over."""
    ended = (job for job in trainings if job.status(now) in OVER)
    return sum((job.modified(now) - job.created) // SECOND for job in ended)
