"""Answers for seeded records: the story's part by kind, the rest from the shape."""

from collections.abc import Callable
from dataclasses import replace

from gateway.twin.account import Place
from gateway.twin.answers.automl import objective, tell_automl
from gateway.twin.answers.candidates import tell_candidate
from gateway.twin.answers.context import Pen
from gateway.twin.answers.processing import tell_processing
from gateway.twin.answers.schedules import summary, tell_schedule
from gateway.twin.answers.tags import tags_for
from gateway.twin.answers.training import tell_training
from gateway.twin.answers.transform import describe_transform
from gateway.twin.answers.tuning import begun, describe_tuning, training_row
from gateway.twin.kinds import AUTOML, PROCESSING, SCHEDULE, TRAINING, TRANSFORM, TUNING, Kind
from gateway.twin.model import output_shape, structure
from gateway.twin.records import Answer, SeededRecord, Told
from gateway.twin.seeded_random import Dice
from gateway.twin.subject import Subject
from gateway.twin.synthesis.filler import Filler
from gateway.twin.timeline import moment

STORIES: dict[Kind, Callable[[Pen], Told]] = {
    PROCESSING: tell_processing,
    TRAINING: tell_training,
    AUTOML: tell_automl,
    SCHEDULE: tell_schedule,
    TRANSFORM: describe_transform,
    TUNING: describe_tuning,
}


class SeedTeller:
    """Tells everything about seeded records, the same for the same seed and time."""

    def __init__(self, home: Place, seed: int) -> None:
        self._home = home
        self._seed = seed

    def tell(self, record: SeededRecord, now: int) -> Told:
        """Return the describe answer, and until when it holds."""
        pen = self.pen(record, now)
        given, until = STORIES[record.kind](pen)
        answer = self.filler(pen).complete(output_shape(record.kind.describe), given)
        return Told(answer, until)

    def tags(self, record: SeededRecord) -> dict[str, str]:
        """Return the tags."""
        return tags_for(self.pen(record, record.created))

    def children(self, record: SeededRecord, now: int) -> list[Answer]:
        """Return candidates (best first), executions or training jobs (oldest first)."""
        pen = self.pen(record, now)
        if record.kind is AUTOML:
            return self._candidates(pen)
        if record.kind is SCHEDULE:
            return self._executions(pen)
        if record.kind is TUNING:
            return self._trainings(pen)
        return []

    def _candidates(self, pen: Pen) -> list[Answer]:
        # Told under the path that the best one has in its job's answer, to be the same there.
        shape, filler = structure("AutoMLCandidate"), self.filler(pen)
        return [
            filler.complete(
                shape, tell_candidate(pen, candidate, objective(pen)), ".BestCandidate", number
            )
            for number, candidate in enumerate(pen.record.facts["candidates"])
            if candidate.timeline.created <= pen.now
        ]

    def _executions(self, pen: Pen) -> list[Answer]:
        shape, filler = structure("MonitoringExecutionSummary"), self.filler(pen)
        return [
            filler.complete(shape, summary(pen, execution), ".LastMonitoringExecutionSummary")
            for execution in pen.record.facts["executions"]
            if execution.created <= pen.now
        ]

    def _trainings(self, pen: Pen) -> list[Answer]:
        shape, filler = structure("HyperParameterTrainingJobSummary"), self.filler(pen)
        return [
            filler.complete(shape, training_row(pen, training), ".BestTrainingJob")
            for training in begun(pen.record, pen.now)
        ]

    def pen(self, record: SeededRecord, now: int) -> Pen:
        """Return the tools for telling about a record."""
        place = replace(self._home, region=record.region)
        return Pen(record, place, Dice(self._seed, record.name), now)

    def filler(self, pen: Pen) -> Filler:
        """Return what completes what a story leaves open."""
        record = pen.record
        return Filler(Subject(pen.name, pen.place, pen.dice), record.turn, moment(record.created))
