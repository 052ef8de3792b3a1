"""Training jobs, each with the processing jobs that evaluate its debugger and profiler rules."""

from typing import NamedTuple

from gateway.twin.account import Account
from gateway.twin.kinds import TRAINING
from gateway.twin.records import JobRecord
from gateway.twin.scenario.builder import ScenarioBuilder
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIFECYCLES,
    TRAINING_LIFECYCLES,
    finished_timeline,
    index_of,
    running_timeline,
)
from gateway.twin.scenario.processing import add_processing
from gateway.twin.scenario.vocabulary import DEBUG_RULES, PROFILER_RULES, TRAINING_FAILURES
from gateway.twin.timeline import HOUR, SECOND, Phase, Timeline


class Rule(NamedTuple):
    """One rule: its name, whether the profiler runs it, and the processing job that evaluates it.

    `job` is None when that job has been deleted; its ARN stays in the training job.
    """

    name: str
    profiler: bool
    job_arn: str
    job: JobRecord | None


RULE_DELAY = 5 * SECOND
OUTCOMES = ("NoIssuesFound", "IssuesFound", "NoIssuesFound", "Error", "NoIssuesFound", "Stopped")


class TrainingSpec(NamedTuple):
    """A training job: its lifecycle, how many rules evaluate it, and whether it runs now.

    `now` is its secondary status when the scenario starts, empty for a job that has ended.
    """

    variant: str
    lifecycle: str
    rules: int = 0
    now: str = ""


SPECS = (
    TrainingSpec("xgboost", "completed", 2),
    TrainingSpec("pytorch", "spot", 3),
    TrainingSpec("pytorch", "failed", 2),
    TrainingSpec("llm", "queued"),
    TrainingSpec("serverless", "completed"),
    TrainingSpec("linear", "stopped", 1),
    TrainingSpec("pytorch", "completed", 2, "Training"),
    TrainingSpec("xgboost", "restarted", 1),
    TrainingSpec("linear", "classic", 1),
    TrainingSpec("llm", "updated"),
    TrainingSpec("marketplace", "no-data"),
    TrainingSpec("labeling", "completed"),
    TrainingSpec("xgboost", "no-capacity"),
    TrainingSpec("serverless", "completed", 0, "Training"),
    TrainingSpec("pytorch", "stopped", 2, "Stopping"),
    TrainingSpec("pytorch", "too-long", 1),
    TrainingSpec("llm", "waited-too-long"),
    TrainingSpec("xgboost", "completed", 1, "Starting"),
    TrainingSpec("llm", "queued", 0, "Pending"),
    TrainingSpec("linear", "completed", 1, "Downloading"),
    TrainingSpec("pytorch", "completed", 2, "Uploading"),
    TrainingSpec("marketplace", "completed"),
    TrainingSpec("xgboost", "deleted", 0, "deleting"),
    TrainingSpec("serverless", "failed"),
    TrainingSpec("serverless", "stopped"),
    TrainingSpec("pytorch", "completed", 2),
    TrainingSpec("serverless", "completed"),
    TrainingSpec("labeling", "completed", 1),
    TrainingSpec("serverless", "completed"),
    TrainingSpec("pytorch", "completed"),
)


def add_training_spec(builder: ScenarioBuilder, spec: TrainingSpec) -> JobRecord:
    """Add the training job and its rule evaluation jobs."""
    timeline = training_timeline(builder, spec)
    name = builder.name(TRAINING, f"{builder.project()}-{spec.variant}", timeline.created)
    job = add_training(builder, spec.variant, name, timeline)
    add_rules(builder, job, spec.rules)
    return job


def training_timeline(builder: ScenarioBuilder, spec: TrainingSpec) -> Timeline:
    """Return the job's timeline, ended or running as the spec says."""
    steps = TRAINING_LIFECYCLES[spec.lifecycle]
    length = builder.length()
    if not spec.now:
        return finished_timeline(steps, builder.past(length), length)
    at = len(steps) - 1 if spec.now == "deleting" else index_of(steps, spec.now)
    return running_timeline(steps, at, builder.started, length, builder.length(HOUR, 12 * HOUR))


def add_training(
    builder: ScenarioBuilder,
    variant: str,
    name: str,
    timeline: Timeline,
    account: Account | None = None,
    **facts: object,
) -> JobRecord:
    """Add a training job; if it will fail, it gets its reason here."""
    choices = builder.choices(name)
    where = account or builder.home
    if timeline.last.status == "Failed":
        reason = choices.choice("failure", TRAINING_FAILURES)
        if timeline.phases[-2].secondary == "Starting":
            reason = next(text for text in TRAINING_FAILURES if text.startswith("Capacity"))
        facts.setdefault("failure", reason.format(bucket=where.bucket, name=name))
    if variant == "labeling":
        facts["labeling_job_arn"] = where.arn("labeling-job", f"{name[:20]}-labels")
    if "instances" not in facts and variant != "serverless":
        facts["instances"] = builder.training_types.take()
    return builder.add(TRAINING, variant, name, timeline, account, rules=[], **facts)


def add_rules(builder: ScenarioBuilder, job: JobRecord, count: int) -> None:
    """Add rules to a training job, with the processing jobs that evaluate them."""
    choices = builder.choices(job.name)
    start = choices.number("rules", len(DEBUG_RULES))
    for number in range(count):
        names = PROFILER_RULES if number % 2 else DEBUG_RULES
        rule = names[(start + number) % len(names)]
        outcome = OUTCOMES[(job.ordinal + number) % len(OUTCOMES)]
        name = f"{job.name[:26].rstrip('-')}-{rule[:26]}-{choices.hex(rule, 8)}"
        add_rule(builder, job, rule, name, outcome)


def add_rule(
    builder: ScenarioBuilder,
    job: JobRecord,
    rule: str,
    name: str,
    outcome: str,
    account: Account | None = None,
    **facts: object,
) -> JobRecord:
    """Add one rule to a training job, both ends of the link."""
    evaluation = add_processing(
        builder,
        "rule",
        name,
        rule_timeline(job.timeline, outcome),
        account,
        rule=rule,
        outcome=outcome,
        training_job_arn=job.arn,
        **facts,
    )
    if outcome == "IssuesFound":
        evaluation.facts["exit_message"] = "RuleEvaluationConditionMet"
    job.facts["rules"].append(Rule(rule, rule in PROFILER_RULES, evaluation.arn, evaluation))
    return evaluation


def rule_timeline(training: Timeline, outcome: str) -> Timeline:
    """Return a timeline that begins with the training job and ends soon after it."""
    begin = training.created + RULE_DELAY
    end = training.last.at + 4 * RULE_DELAY
    stopping = next((phase.at for phase in training.phases if phase.status == "Stopping"), None)
    if outcome == "Stopped" or stopping is not None:
        stop = stopping if stopping is not None else end - RULE_DELAY
        running = min(begin + RULE_DELAY, stop)
        return Timeline(
            (
                Phase(begin, "InProgress", "Starting"),
                Phase(running, "InProgress", "Running"),
                Phase(stop, "Stopping"),
                Phase(end, "Stopped"),
            )
        )
    steps = PROCESSING_LIFECYCLES["Failed" if outcome == "Error" else "Completed"]
    return finished_timeline(steps, begin, end - begin)
