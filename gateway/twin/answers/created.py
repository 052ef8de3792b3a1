"""Describe answers of resources that callers created: the request and the state."""

from collections.abc import Callable
from typing import Any

from gateway.twin.answers.context import FINAL_STATUSES, AnswerContext
from gateway.twin.answers.created_tuning import tuning_members
from gateway.twin.answers.training import times, transitions
from gateway.twin.kinds import AUTOML, PROCESSING, SCHEDULE, TRAINING, TRANSFORM, TUNING, Kind
from gateway.twin.model import output_shape
from gateway.twin.records import Answer, Description
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import next_change_of, to_datetime

# Images of SageMaker's own algorithms: AWS adds the metrics that it reads from their logs.
BUILT_IN_METRICS = {
    "linear-learner": ("train:objective_loss", "validation:objective_loss"),
    "sagemaker-xgboost": ("train:auc", "validation:auc"),
}
OBJECTIVE_STATUS = {"Completed": "Succeeded", "InProgress": "Pending"}
PROBLEM = "AutoMLProblemTypeConfig"


def describe_created(context: AnswerContext) -> Description:
    """Return the answer at this time, and until when it holds."""
    record = context.record
    phase = record.timeline.current(context.now)
    members: Answer = {
        **(record.request or {}),
        record.kind.name: record.name,
        record.kind.arn: record.arn,
        record.kind.status: phase.status,
        "CreationTime": to_datetime(record.created),
        "LastModifiedTime": to_datetime(phase.at),
        **MEMBERS[record.kind](context),
    }
    answer = {
        name: without_absent(members[name])
        for name in output_shape(record.kind.describe).members
        if members.get(name, ABSENT) is not ABSENT and members[name] is not None
    }
    clocks = [job.timeline for job in (record, *record.facts.get("training_jobs", ()))]
    return Description(answer, next_change_of(context.now, clocks))


def without_absent(value: Any) -> Any:
    """Return a part of an answer without the members that are ABSENT."""
    if isinstance(value, dict):
        return {name: without_absent(each) for name, each in value.items() if each is not ABSENT}
    return [without_absent(each) for each in value] if isinstance(value, list) else value


def best_candidate(context: AnswerContext) -> Any:
    """Return the only candidate of an AutoML job, as soon as models are trained."""
    phases = context.record.timeline.phases
    begun = next((p for p in phases if p.secondary in ("ModelTuning", "TrainingModels")), None)
    if begun is None or begun.at > context.now:
        return ABSENT
    ended = context.is_over
    status = context.record.status(context.now) if ended else "InProgress"
    metric = _objective(context)
    final = {"Type": "Maximize", "MetricName": metric, "StandardMetricName": metric}
    return {
        "CandidateName": f"{context.name}-001",
        "CandidateStatus": status,
        "ObjectiveStatus": OBJECTIVE_STATUS.get(status, "Failed"),
        "CandidateSteps": [],
        "CreationTime": to_datetime(begun.at),
        "LastModifiedTime": to_datetime(context.record.modified(context.now)),
        **({"EndTime": to_datetime(context.record.modified(context.now))} if ended else {}),
        **(
            {"FinalAutoMLJobObjectiveMetric": {**final, "Value": context.choices.fraction(metric)}}
            if status == "Completed"
            else {}
        ),
    }


def _processing(context: AnswerContext) -> Answer:
    return {**_start_and_end(context, "ProcessingStartTime", "ProcessingEndTime")}


def _transform(context: AnswerContext) -> Answer:
    return {**_start_and_end(context, "TransformStartTime", "TransformEndTime")}


def _start_and_end(context: AnswerContext, start: str, end: str) -> Answer:
    phases = context.record.timeline.phases
    running = next((phase.at for phase in phases if phase.secondary == "Running"), None)
    return {start: context.when(running), end: _end(context)}


def _end(context: AnswerContext) -> Any:
    phases = context.record.timeline.phases
    return context.when(next((p.at for p in phases if p.status in FINAL_STATUSES), None))


def _training(context: AnswerContext) -> Answer:
    record, request = context.record, context.record.request or {}
    phase = record.timeline.current(context.now)
    algorithm = _algorithm(request.get("AlgorithmSpecification"))
    names = [each["Name"] for each in (algorithm or {}).get("MetricDefinitions", ())]
    tuned = request.get("HyperParameters", {}).get("_tuning_objective_metric")
    names += [tuned] if tuned and tuned not in names else []
    output = request["OutputDataConfig"]["S3OutputPath"].removesuffix("/")
    metrics = [
        {
            "MetricName": name,
            "Value": context.choices.fraction(name),
            "Timestamp": to_datetime(phase.at),
        }
        for name in names
    ]
    completed = phase.status == "Completed"
    return {
        "SecondaryStatus": phase.secondary,
        "TuningJobArn": context.fact("tuning_job_arn"),
        "SecondaryStatusTransitions": transitions(record.timeline.past(context.now)),
        "AlgorithmSpecification": algorithm,
        # AWS says where the artifacts will be from the beginning.
        "ModelArtifacts": {"S3ModelArtifacts": f"{output}/{record.name}/output/model.tar.gz"},
        "FinalMetricDataList": metrics if completed and metrics else ABSENT,
        **times(context),
        "EnableManagedSpotTraining": request.get("EnableManagedSpotTraining", False),
    }


def _algorithm(specification: Answer | None) -> Answer | None:
    """Return an algorithm specification with the metrics that AWS adds to it."""
    if specification is None or "MetricDefinitions" in specification:
        return specification
    repository = specification.get("TrainingImage", "").rpartition("/")[2].partition(":")[0]
    metrics = BUILT_IN_METRICS.get(repository)
    if metrics is None:
        return specification
    definitions = [{"Name": name, "Regex": f"{name}=(\\S+)"} for name in metrics]
    return {**specification, "MetricDefinitions": definitions}


def _automl(context: AnswerContext) -> Answer:
    request = context.record.request or {}
    problem = next(iter(request[PROBLEM]))
    objective = request.get("AutoMLJobObjective")
    return {
        "AutoMLJobSecondaryStatus": context.record.timeline.current(context.now).secondary,
        "AutoMLProblemTypeConfigName": problem.removesuffix("JobConfig"),
        "EndTime": _end(context),
        "BestCandidate": best_candidate(context),
        "ResolvedAttributes": {"AutoMLJobObjective": objective} if objective else ABSENT,
    }


def _objective(context: AnswerContext) -> str:
    request = context.record.request or {}
    return str(request.get("AutoMLJobObjective", {}).get("MetricName", "Accuracy"))


def _schedule(context: AnswerContext) -> Answer:
    config = (context.record.request or {})["MonitoringScheduleConfig"]
    inputs = config.get("MonitoringJobDefinition", {}).get("MonitoringInputs", ())
    endpoints = [
        each["EndpointInput"]["EndpointName"] for each in inputs if "EndpointInput" in each
    ]
    return {
        "MonitoringType": config.get("MonitoringType", "DataQuality"),
        "EndpointName": endpoints[0] if endpoints else ABSENT,
    }


MEMBERS: dict[Kind, Callable[[AnswerContext], Answer]] = {
    PROCESSING: _processing,
    TRAINING: _training,
    TRANSFORM: _transform,
    AUTOML: _automl,
    TUNING: tuning_members,
    SCHEDULE: _schedule,
}
