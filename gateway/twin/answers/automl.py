"""Answers of DescribeAutoMLJobV2 for AutoML jobs of the scenario, of either generation."""

from typing import Any

from gateway.twin.answers.automl_problems import (
    MINIMIZED,
    OBJECTIVES,
    PROBLEM_NAMES,
    REPORTED,
    TABULAR,
    problem_config,
    resolved_attributes,
)
from gateway.twin.answers.context import FINAL_STATUSES, AnswerContext
from gateway.twin.model import enum_values
from gateway.twin.records import Answer, Description
from gateway.twin.scenario.candidates import Candidate
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import next_change_of, to_datetime

OBJECTIVE_STATUS = {"Completed": "Succeeded", "Failed": "Failed", "Stopped": "Failed"}


def describe_candidate(context: AnswerContext, candidate: Candidate, objective: str) -> Answer:
    """Return an AutoMLCandidate at this time."""
    phase = candidate.timeline.current(context.now)
    completed = phase.status == "Completed"
    answer: Answer = {
        "CandidateName": candidate.name,
        "CandidateStatus": phase.status,
        "ObjectiveStatus": OBJECTIVE_STATUS.get(phase.status, "Pending"),
        "CandidateSteps": steps(context, candidate),
        "CreationTime": to_datetime(candidate.timeline.created),
        "EndTime": to_datetime(phase.at) if phase.status in FINAL_STATUSES else ABSENT,
        "LastModifiedTime": to_datetime(phase.at),
        "FailureReason": "AlgorithmError: See the logs of the last step"
        if phase.status == "Failed"
        else ABSENT,
        "FinalAutoMLJobObjectiveMetric": final_metric(context, candidate, objective)
        if completed
        else ABSENT,
    }
    if completed:
        return answer | {"CandidateProperties": {"CandidateMetrics": metrics(context, candidate)}}
    missing = ("CandidateProperties", "InferenceContainers", "InferenceContainerDefinitions")
    return answer | dict.fromkeys(missing, ABSENT)


def steps(context: AnswerContext, candidate: Candidate) -> list[Answer]:
    """Return the steps that have begun."""
    return [
        {
            "CandidateStepType": step.type,
            "CandidateStepArn": step.arn,
            "CandidateStepName": step.arn.rpartition("/")[2],
        }
        for step in candidate.steps
        if step.created <= context.now
    ]


def metric_value(context: AnswerContext, candidate: Candidate, metric: str) -> float:
    """Return a value for a metric; worse for candidates that come later."""
    value = 0.72 + context.choices.fraction(metric) * 0.25
    if metric in MINIMIZED:
        return round(1 - value + candidate.loss, 5)
    return round(value - candidate.loss, 5)


def final_metric(context: AnswerContext, candidate: Candidate, objective: str) -> Answer:
    """Return the objective metric with its value."""
    return {
        "Type": "Minimize" if objective in MINIMIZED else "Maximize",
        "MetricName": objective,
        "StandardMetricName": objective,
        "Value": metric_value(context, candidate, objective),
    }


def metrics(context: AnswerContext, candidate: Candidate) -> list[dict[str, Any]]:
    """Return every metric that is reported for this kind of problem, on each data set in turn."""
    problem = context.record.variant
    sets = enum_values("MetricSetSource")
    objectives = enum_values("AutoMLMetricEnum")
    return [
        {
            "MetricName": metric if metric in objectives else ABSENT,
            "StandardMetricName": metric,
            "Value": metric_value(context, candidate, metric),
            "Set": sets[number % len(sets)],
        }
        for number, metric in enumerate(OBJECTIVES[problem] + REPORTED.get(problem, ()))
    ]


PARTIAL_FAILURES = {
    "ExplainabilityError": "The explainability report could not be generated: the processing job "
    "ran out of memory.",
    "ModelInsightsError": "The model insights report could not be generated: validation data is "
    "missing.",
    "ModelDeploymentError": "The endpoint could not be created: ResourceLimitExceeded for "
    "ml.m5.4xlarge for endpoint usage.",
}


def describe_automl(context: AnswerContext) -> Description:
    """Return the answer at this time, and until when it holds."""
    record = context.record
    timeline = record.timeline
    phase = timeline.current(context.now)
    partial = PARTIAL_FAILURES.get(phase.secondary)
    answer: Answer = {
        "AutoMLJobName": record.name,
        "AutoMLJobArn": record.arn,
        "AutoMLJobStatus": phase.status,
        "AutoMLJobSecondaryStatus": phase.secondary,
        "CreationTime": to_datetime(timeline.created),
        "LastModifiedTime": to_datetime(phase.at),
        "EndTime": to_datetime(phase.at) if context.is_over else ABSENT,
        "FailureReason": context.fact("failure") if phase.status == "Failed" else ABSENT,
        "PartialFailureReasons": [{"PartialFailureMessage": partial}] if partial else ABSENT,
        "RoleArn": context.account.role("service-role/AmazonSageMaker-ExecutionRole"),
        "AutoMLJobInputDataConfig": channels(context),
        "OutputDataConfig": {"S3OutputPath": context.s3("output")},
        "AutoMLJobObjective": {"MetricName": objective(context)},
        "AutoMLProblemTypeConfig": problem_config(context),
        "AutoMLProblemTypeConfigName": PROBLEM_NAMES.get(record.variant, record.variant),
        **best_candidate(context),
        **outcomes(context),
    }
    candidates: list[Candidate] = record.facts["candidates"]
    clocks = [timeline, *(candidate.timeline for candidate in candidates)]
    steps = (step.created for one in candidates for step in one.steps if step.created > context.now)
    return Description(answer, min((next_change_of(context.now, clocks), *steps)))


def channels(context: AnswerContext) -> list[Answer]:
    """Return the channels: training data, and for every second job validation data."""
    names = ("training", "validation") if context.record.ordinal % 2 else ("training",)
    return [
        {"ChannelType": name, "DataSource": {"S3DataSource": {"S3Uri": context.s3(name)}}}
        for name in names
    ]


def objective(context: AnswerContext) -> str:
    """Return the metric that the job optimizes."""
    options = OBJECTIVES[context.record.variant]
    return options[context.record.ordinal % len(options)]


def best_candidate(context: AnswerContext) -> dict[str, Any]:
    """Return the best candidate as soon as there is one."""
    candidates: list[Candidate] = context.record.facts["candidates"]
    if not candidates or candidates[0].timeline.created > context.now:
        return {"BestCandidate": ABSENT}
    return {"BestCandidate": describe_candidate(context, candidates[0], objective(context))}


def outcomes(context: AnswerContext) -> dict[str, Any]:
    """Return notebooks, resolved settings and deployment, as far as the job has progressed."""
    past = {phase.secondary for phase in context.record.timeline.past(context.now)}
    deploys = any(phase.secondary == "DeployingModel" for phase in context.record.timeline.phases)
    last = context.record.timeline.current(context.now).secondary
    deployed = deploys and last == "Completed"
    members: dict[str, Any] = {
        "ModelDeployConfig": {} if deploys else ABSENT,
        "ModelDeployResult": {"EndpointName": f"{context.name}-endpoint"} if deployed else ABSENT,
        "ResolvedAttributes": resolved_attributes(context, objective(context)),
    }
    if context.record.variant not in TABULAR or len(past) < 3:
        members["AutoMLJobArtifacts"] = ABSENT
    return members
