"""What DescribeAutoMLJobV2 says about a seeded job of either generation."""

from typing import TYPE_CHECKING, Any

from gateway.twin.answers.automl_problems import (
    OBJECTIVES,
    PROBLEM_NAMES,
    TABULAR,
    problem_config,
    resolved_attributes,
)
from gateway.twin.answers.candidates import tell_candidate
from gateway.twin.answers.context import Pen
from gateway.twin.records import Answer, Told
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import moment, soonest

if TYPE_CHECKING:
    from gateway.twin.scenario.candidates import Candidate

PARTIAL_FAILURES = {
    "ExplainabilityError": "The explainability report could not be generated: the processing job "
    "ran out of memory.",
    "ModelInsightsError": "The model insights report could not be generated: validation data is "
    "missing.",
    "ModelDeploymentError": "The endpoint could not be created: ResourceLimitExceeded for "
    "ml.m5.4xlarge for endpoint usage.",
}


def tell_automl(pen: Pen) -> Told:
    """Return the answer as far as the story goes, and until when it holds."""
    record = pen.record
    timeline = record.timeline
    phase = timeline.current(pen.now)
    partial = PARTIAL_FAILURES.get(phase.secondary)
    answer: Answer = {
        "AutoMLJobName": record.name,
        "AutoMLJobArn": record.arn,
        "AutoMLJobStatus": phase.status,
        "AutoMLJobSecondaryStatus": phase.secondary,
        "CreationTime": moment(timeline.created),
        "LastModifiedTime": moment(phase.at),
        "EndTime": moment(phase.at) if pen.over else ABSENT,
        "FailureReason": pen.fact("failure") if phase.status == "Failed" else ABSENT,
        "PartialFailureReasons": [{"PartialFailureMessage": partial}] if partial else ABSENT,
        "RoleArn": pen.place.role("service-role/AmazonSageMaker-ExecutionRole"),
        "AutoMLJobInputDataConfig": channels(pen),
        "OutputDataConfig": {"S3OutputPath": pen.s3("output")},
        "AutoMLJobObjective": {"MetricName": objective(pen)},
        "AutoMLProblemTypeConfig": problem_config(pen),
        "AutoMLProblemTypeConfigName": PROBLEM_NAMES.get(record.flavour, record.flavour),
        **best_candidate(pen),
        **outcomes(pen),
    }
    candidates: list[Candidate] = record.facts["candidates"]
    clocks = [timeline, *(candidate.timeline for candidate in candidates)]
    steps = (step.created for one in candidates for step in one.steps if step.created > pen.now)
    return Told(answer, min((soonest(pen.now, clocks), *steps)))


def channels(pen: Pen) -> list[Answer]:
    """Training data, and for every second job validation data."""
    names = ("training", "validation") if pen.record.turn % 2 else ("training",)
    return [
        {"ChannelType": name, "DataSource": {"S3DataSource": {"S3Uri": pen.s3(name)}}}
        for name in names
    ]


def objective(pen: Pen) -> str:
    """Return the metric that the job optimizes."""
    options = OBJECTIVES[pen.record.flavour]
    return options[pen.record.turn % len(options)]


def best_candidate(pen: Pen) -> dict[str, Any]:
    """Return the best candidate as soon as there is one."""
    candidates: list[Candidate] = pen.record.facts["candidates"]
    if not candidates or candidates[0].timeline.created > pen.now:
        return {"BestCandidate": ABSENT}
    return {"BestCandidate": tell_candidate(pen, candidates[0], objective(pen))}


def outcomes(pen: Pen) -> dict[str, Any]:
    """Return notebooks, resolved settings and deployment, as far as the job has come."""
    past = {phase.secondary for phase in pen.record.timeline.past(pen.now)}
    deploys = any(phase.secondary == "DeployingModel" for phase in pen.record.timeline.phases)
    last = pen.record.timeline.current(pen.now).secondary
    deployed = deploys and last == "Completed"
    told: dict[str, Any] = {
        "ModelDeployConfig": {} if deploys else ABSENT,
        "ModelDeployResult": {"EndpointName": f"{pen.name}-endpoint"} if deployed else ABSENT,
        "ResolvedAttributes": resolved_attributes(pen, objective(pen)),
    }
    if pen.record.flavour not in TABULAR or len(past) < 3:
        told["AutoMLJobArtifacts"] = ABSENT
    return told
