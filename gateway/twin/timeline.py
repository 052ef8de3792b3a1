"""A job's statuses over time.

All times inside the scenario are whole milliseconds since 1970, which is what AWS's timestamps
carry; `to_datetime` turns them into the aware datetimes of an answer.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = 1 << 62

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_datetime(at: int) -> datetime:
    """Return milliseconds since 1970 as an aware datetime."""
    return EPOCH + timedelta(milliseconds=at)


def to_millis(when: datetime) -> int:
    """Return an aware datetime as milliseconds since 1970."""
    return (when - EPOCH) // timedelta(milliseconds=1)


class Phase(NamedTuple):
    """From `at` on the job has this status, until the next phase."""

    at: int
    status: str
    secondary: str = ""


class Timeline:
    """Phases in order; the first one is the creation."""

    __slots__ = ("_starts", "phases")

    def __init__(self, phases: Iterable[Phase]) -> None:
        self.phases = tuple(phases)
        self._starts = [phase.at for phase in self.phases]

    @property
    def created(self) -> int:
        """When the job begins to exist."""
        return self._starts[0]

    @property
    def last(self) -> Phase:
        """The phase that it stays in for good."""
        return self.phases[-1]

    def past(self, now: int) -> tuple[Phase, ...]:
        """Return the phases that have begun; before its creation a job counts as just created."""
        return self.phases[: max(1, bisect_right(self._starts, now))]

    def current(self, now: int) -> Phase:
        """Return the phase that it is in."""
        return self.past(now)[-1]

    def next_change(self, now: int) -> int:
        """When the next phase begins, `NEVER` after the last."""
        after = bisect_right(self._starts, now)
        return self._starts[after] if after < len(self._starts) else NEVER


def next_change_of(now: int, timelines: Iterable[Timeline]) -> int:
    """Return when the first of several timelines changes next."""
    return min((timeline.next_change(now) for timeline in timelines), default=NEVER)
