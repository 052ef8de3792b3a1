"""Training jobs, each with the processing jobs that evaluate its debugger and profiler rules."""

from typing import NamedTuple

from gateway.twin.account import Place
from gateway.twin.kinds import TRAINING
from gateway.twin.records import SeededRecord
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.lifecycles import (
    PROCESSING_LIVES,
    TRAINING_LIVES,
    index_of,
    lived,
    living,
)
from gateway.twin.scenario.rule import Rule
from gateway.twin.scenario.standalone import add_processing
from gateway.twin.scenario.vocabulary import DEBUG_RULES, PROFILER_RULES, TRAINING_FAILURES
from gateway.twin.timeline import HOUR, SECOND, Phase, Timeline

RULE_DELAY = 5 * SECOND
OUTCOMES = ("NoIssuesFound", "IssuesFound", "NoIssuesFound", "Error", "NoIssuesFound", "Stopped")


class TrainingStory(NamedTuple):
    """A training job to tell: how it lives, how many rules watch it, whether it is at work now.

    `now` names the secondary status that it is in when the scenario starts; empty: it is over.
    """

    flavour: str
    life: str
    rules: int = 0
    now: str = ""


STORIES = (
    TrainingStory("xgboost", "completed", 2),
    TrainingStory("pytorch", "spot", 3),
    TrainingStory("pytorch", "failed", 2),
    TrainingStory("llm", "queued"),
    TrainingStory("serverless", "completed"),
    TrainingStory("linear", "stopped", 1),
    TrainingStory("pytorch", "completed", 2, "Training"),
    TrainingStory("xgboost", "restarted", 1),
    TrainingStory("linear", "classic", 1),
    TrainingStory("llm", "updated"),
    TrainingStory("marketplace", "no-data"),
    TrainingStory("labeling", "completed"),
    TrainingStory("xgboost", "no-capacity"),
    TrainingStory("serverless", "completed", 0, "Training"),
    TrainingStory("pytorch", "stopped", 2, "Stopping"),
    TrainingStory("pytorch", "too-long", 1),
    TrainingStory("llm", "waited-too-long"),
    TrainingStory("xgboost", "completed", 1, "Starting"),
    TrainingStory("llm", "queued", 0, "Pending"),
    TrainingStory("linear", "completed", 1, "Downloading"),
    TrainingStory("pytorch", "completed", 2, "Uploading"),
    TrainingStory("marketplace", "completed"),
    TrainingStory("xgboost", "deleted", 0, "deleting"),
    TrainingStory("serverless", "failed"),
    TrainingStory("serverless", "stopped"),
    TrainingStory("pytorch", "completed", 2),
    TrainingStory("serverless", "completed"),
    TrainingStory("labeling", "completed", 1),
    TrainingStory("serverless", "completed"),
    TrainingStory("pytorch", "completed"),
)


def tell_training_story(stage: Stage, story: TrainingStory) -> SeededRecord:
    """Add the training job and its rule evaluation jobs."""
    timeline = training_timeline(stage, story)
    name = stage.name(TRAINING, f"{stage.project()}-{story.flavour}", timeline.created)
    job = add_training(stage, story.flavour, name, timeline)
    add_rules(stage, job, story.rules)
    return job


def training_timeline(stage: Stage, story: TrainingStory) -> Timeline:
    """Return the job's life, over or at work as the story says."""
    steps = TRAINING_LIVES[story.life]
    length = stage.length()
    if not story.now:
        return lived(steps, stage.past(length), length)
    at = len(steps) - 1 if story.now == "deleting" else index_of(steps, story.now)
    return living(steps, at, stage.started, length, stage.length(HOUR, 12 * HOUR))


def add_training(
    stage: Stage,
    flavour: str,
    name: str,
    timeline: Timeline,
    place: Place | None = None,
    **facts: object,
) -> SeededRecord:
    """Add a training job; if it will fail, it gets its reason here."""
    dice = stage.dice(name)
    where = place or stage.home
    if timeline.last.status == "Failed":
        reason = dice.choice("failure", TRAINING_FAILURES)
        if timeline.phases[-2].secondary == "Starting":
            reason = next(text for text in TRAINING_FAILURES if text.startswith("Capacity"))
        facts.setdefault("failure", reason.format(bucket=where.bucket, name=name))
    if flavour == "labeling":
        facts["labeling_job_arn"] = where.arn("labeling-job", f"{name[:20]}-labels")
    if "instances" not in facts and flavour != "serverless":
        facts["instances"] = stage.training_types.hand()
    return stage.add(TRAINING, flavour, name, timeline, place, rules=[], **facts)


def add_rules(stage: Stage, job: SeededRecord, count: int) -> None:
    """Add rules to a training job, with the processing jobs that evaluate them."""
    dice = stage.dice(job.name)
    start = dice.roll("rules", len(DEBUG_RULES))
    for number in range(count):
        names = PROFILER_RULES if number % 2 else DEBUG_RULES
        rule = names[(start + number) % len(names)]
        outcome = OUTCOMES[(job.turn + number) % len(OUTCOMES)]
        name = f"{job.name[:26].rstrip('-')}-{rule[:26]}-{dice.hex(rule, 8)}"
        add_rule(stage, job, rule, name, outcome)


def add_rule(
    stage: Stage,
    job: SeededRecord,
    rule: str,
    name: str,
    outcome: str,
    place: Place | None = None,
    **facts: object,
) -> SeededRecord:
    """Add one rule to a training job, both ends of the link."""
    evaluation = add_processing(
        stage,
        "rule",
        name,
        rule_timeline(job.timeline, outcome),
        place,
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
    """Return a rule's job begins with its training job and ends soon after it."""
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
    steps = PROCESSING_LIVES["Failed" if outcome == "Error" else "Completed"]
    return lived(steps, begin, end - begin)
