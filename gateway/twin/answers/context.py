"""What every teller needs at hand."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from gateway.twin.account import Place
from gateway.twin.records import SeededRecord
from gateway.twin.seeded_random import Dice
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import moment

# Statuses of jobs that have ended.
OVER = ("Completed", "Failed", "Stopped", "Deleting", "DeleteFailed")


class Pen(NamedTuple):
    """One record, the place that it lives in, its dice, and the time."""

    record: SeededRecord
    place: Place
    dice: Dice
    now: int

    def about(self, record: SeededRecord) -> "Pen":
        """Return the same for another record of the same seed, account and time."""
        place = replace(self.place, region=record.region)
        return Pen(record, place, self.dice.of(record.name), self.now)

    @property
    def name(self) -> str:
        """The record's name."""
        return self.record.name

    @property
    def over(self) -> bool:
        """Whether nothing more will come of the job."""
        return self.record.status(self.now) in OVER

    def fact(self, name: str, default: Any = ABSENT) -> Any:
        """Return what the story decided, else left out on purpose."""
        return self.record.facts.get(name, default)

    def s3(self, path: str, bucket: str = "") -> str:
        """Return an object of this record: `s3://bucket/<name>/<path>`."""
        return self.place.s3(f"{self.record.name}/{path}", bucket)

    def when(self, at: int | None) -> datetime | Any:
        """Return a moment if it has come, else left out on purpose."""
        return moment(at) if at is not None and at <= self.now else ABSENT
