"""What is needed to describe one record."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from gateway.twin.account import Account
from gateway.twin.records import JobRecord
from gateway.twin.seeded_random import SeededChoices
from gateway.twin.synthesis.filler import ABSENT
from gateway.twin.timeline import to_datetime

# Statuses of jobs that have ended.
FINAL_STATUSES = ("Completed", "Failed", "Stopped", "Deleting", "DeleteFailed")


class AnswerContext(NamedTuple):
    """One record, the account and region that it is in, its choices, and the time."""

    record: JobRecord
    account: Account
    choices: SeededChoices
    now: int

    def about(self, record: JobRecord) -> "AnswerContext":
        """Return the context of another record at the same time."""
        account = replace(self.account, region=record.region)
        return AnswerContext(record, account, self.choices.of(record.name), self.now)

    @property
    def name(self) -> str:
        """The record's name."""
        return self.record.name

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.record.status(self.now) in FINAL_STATUSES

    def fact(self, name: str, default: Any = ABSENT) -> Any:
        """Return what the spec decided, else ABSENT."""
        return self.record.facts.get(name, default)

    def s3(self, path: str, bucket: str = "") -> str:
        """Return an object of this record: `s3://bucket/<name>/<path>`."""
        return self.account.s3(f"{self.record.name}/{path}", bucket)

    def when(self, at: int | None) -> datetime | Any:
        """Return a time that has come as a datetime, else ABSENT."""
        return to_datetime(at) if at is not None and at <= self.now else ABSENT
