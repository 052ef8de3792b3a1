"""Answers for records: members by kind, and for the scenario the rest filled in from the shape."""

from collections.abc import Callable
from dataclasses import replace

from gateway.twin.account import Account
from gateway.twin.answers.automl import describe_automl, describe_candidate, objective
from gateway.twin.answers.context import AnswerContext
from gateway.twin.answers.created import best_candidate, describe_created
from gateway.twin.answers.created_tuning import training_rows
from gateway.twin.answers.processing import describe_processing
from gateway.twin.answers.schedules import describe_schedule, summary
from gateway.twin.answers.training import describe_training
from gateway.twin.answers.transform import describe_transform
from gateway.twin.answers.tuning import begun, describe_tuning, training_row
from gateway.twin.kinds import AUTOML, PROCESSING, SCHEDULE, TRAINING, TRANSFORM, TUNING, Kind
from gateway.twin.model import output_shape, structure
from gateway.twin.records import Answer, Description, JobRecord
from gateway.twin.scenario.vocabulary import OWNERS, TEAMS
from gateway.twin.seeded_random import SeededChoices, Subject
from gateway.twin.synthesis.filler import ABSENT, Filler
from gateway.twin.timeline import to_datetime


def tags_for(context: AnswerContext) -> dict[str, str]:
    """Return up to six tags, and those of the spec."""
    choices = context.choices
    team = choices.choice("team", TEAMS)
    tags = {
        "team": team,
        "environment": choices.choice("environment", ("production", "staging", "development")),
        "cost-center": f"cc-{choices.between('cost', 4100, 4190)}",
        "owner": f"{choices.choice('owner', OWNERS)}@example.com",
        "project": context.name.rsplit("-2", 1)[0],
        "sagemaker:created-by": "pipelines",
    }
    count = choices.between("tags", 0, len(tags))
    decided: dict[str, str] = context.fact("tags", {})
    return dict(list(tags.items())[:count]) | decided


SPECS: dict[Kind, Callable[[AnswerContext], Description]] = {
    PROCESSING: describe_processing,
    TRAINING: describe_training,
    AUTOML: describe_automl,
    SCHEDULE: describe_schedule,
    TRANSFORM: describe_transform,
    TUNING: describe_tuning,
}


class Describer:
    """Describes seeded records; the same seed and time give the same answers."""

    def __init__(self, home: Account, seed: int) -> None:
        self._home = home
        self._seed = seed

    def describe(self, record: JobRecord, now: int) -> Description:
        """Return the describe answer, and until when it holds."""
        context = self.context(record, now)
        if record.request is not None:
            return describe_created(context)
        given, until = SPECS[record.kind](context)
        answer = self.filler(context).complete(output_shape(record.kind.describe), given)
        return Description(answer, until)

    def tags(self, record: JobRecord) -> dict[str, str]:
        """Return the tags that it was created with."""
        if record.request is not None:
            return {tag["Key"]: tag["Value"] for tag in record.request.get("Tags") or ()}
        return tags_for(self.context(record, record.created))

    def children(self, record: JobRecord, now: int) -> list[Answer]:
        """Return candidates (best first), executions or training jobs (oldest first)."""
        context = self.context(record, now)
        if record.request is not None:
            if record.kind is TUNING:
                return training_rows(context)
            best = best_candidate(context) if record.kind is AUTOML else ABSENT
            return [] if best is ABSENT else [best]
        if record.kind is AUTOML:
            return self._candidates(context)
        if record.kind is SCHEDULE:
            return self._executions(context)
        if record.kind is TUNING:
            return self._trainings(context)
        return []

    def _candidates(self, context: AnswerContext) -> list[Answer]:
        # Filled in under the path of the best candidate, to agree with the job's answer.
        shape, filler = structure("AutoMLCandidate"), self.filler(context)
        return [
            filler.complete(
                shape,
                describe_candidate(context, candidate, objective(context)),
                ".BestCandidate",
                number,
            )
            for number, candidate in enumerate(context.record.facts["candidates"])
            if candidate.timeline.created <= context.now
        ]

    def _executions(self, context: AnswerContext) -> list[Answer]:
        shape, filler = structure("MonitoringExecutionSummary"), self.filler(context)
        return [
            filler.complete(shape, summary(context, execution), ".LastMonitoringExecutionSummary")
            for execution in context.record.facts["executions"]
            if execution.created <= context.now
        ]

    def _trainings(self, context: AnswerContext) -> list[Answer]:
        shape, filler = structure("HyperParameterTrainingJobSummary"), self.filler(context)
        return [
            filler.complete(shape, training_row(context, training), ".BestTrainingJob")
            for training in begun(context.record, context.now)
        ]

    def context(self, record: JobRecord, now: int) -> AnswerContext:
        """Return the context of a record."""
        account = replace(self._home, region=record.region)
        return AnswerContext(record, account, SeededChoices(self._seed, record.name), now)

    def filler(self, context: AnswerContext) -> Filler:
        """Return what fills in the members that a spec leaves open."""
        record = context.record
        return Filler(
            Subject(context.name, context.account, context.choices),
            record.ordinal,
            to_datetime(record.created),
        )
