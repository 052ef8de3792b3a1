"""What AWS says about a candidate, as the best one of its job or in the list of all."""

from typing import Any

from gateway.twin.answers.automl_problems import MINIMIZED, OBJECTIVES, REPORTED
from gateway.twin.answers.context import OVER, Pen
from gateway.twin.model import enum_values
from gateway.twin.records import Answer
from gateway.twin.scenario.candidates import Candidate
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import moment

OBJECTIVE_STATUS = {"Completed": "Succeeded", "Failed": "Failed", "Stopped": "Failed"}


def tell_candidate(pen: Pen, candidate: Candidate, objective: str) -> Answer:
    """Return an AutoMLCandidate as far as the story goes."""
    phase = candidate.timeline.current(pen.now)
    completed = phase.status == "Completed"
    answer: Answer = {
        "CandidateName": candidate.name,
        "CandidateStatus": phase.status,
        "ObjectiveStatus": OBJECTIVE_STATUS.get(phase.status, "Pending"),
        "CandidateSteps": steps(pen, candidate),
        "CreationTime": moment(candidate.timeline.created),
        "EndTime": moment(phase.at) if phase.status in OVER else ABSENT,
        "LastModifiedTime": moment(phase.at),
        "FailureReason": "AlgorithmError: See the logs of the last step"
        if phase.status == "Failed"
        else ABSENT,
        "FinalAutoMLJobObjectiveMetric": final_metric(pen, candidate, objective)
        if completed
        else ABSENT,
    }
    if completed:
        return answer | {"CandidateProperties": {"CandidateMetrics": metrics(pen, candidate)}}
    missing = ("CandidateProperties", "InferenceContainers", "InferenceContainerDefinitions")
    return answer | dict.fromkeys(missing, ABSENT)


def steps(pen: Pen, candidate: Candidate) -> list[Answer]:
    """Return the steps that have begun."""
    return [
        {
            "CandidateStepType": step.type,
            "CandidateStepArn": step.arn,
            "CandidateStepName": step.arn.rpartition("/")[2],
        }
        for step in candidate.steps
        if step.created <= pen.now
    ]


def metric_value(pen: Pen, candidate: Candidate, metric: str) -> float:
    """Return a value for a metric; worse for candidates that come later."""
    value = 0.72 + pen.dice.fraction(metric) * 0.25
    if metric in MINIMIZED:
        return round(1 - value + candidate.loss, 5)
    return round(value - candidate.loss, 5)


def final_metric(pen: Pen, candidate: Candidate, objective: str) -> Answer:
    """Return the objective metric and what came out."""
    return {
        "Type": "Minimize" if objective in MINIMIZED else "Maximize",
        "MetricName": objective,
        "StandardMetricName": objective,
        "Value": metric_value(pen, candidate, objective),
    }


def metrics(pen: Pen, candidate: Candidate) -> list[dict[str, Any]]:
    """Every metric that is reported for this kind of problem, on each data set in turn."""
    problem = pen.record.flavour
    sets = enum_values("MetricSetSource")
    objectives = enum_values("AutoMLMetricEnum")
    return [
        {
            "MetricName": metric if metric in objectives else ABSENT,
            "StandardMetricName": metric,
            "Value": metric_value(pen, candidate, metric),
            "Set": sets[number % len(sets)],
        }
        for number, metric in enumerate(OBJECTIVES[problem] + REPORTED.get(problem, ()))
    ]
