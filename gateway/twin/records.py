"""Resources as the twin holds them: what every kind of record has."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from gateway.twin.kinds import Kind
from gateway.twin.timeline import Timeline, to_millis

Answer = dict[str, Any]


class Description(NamedTuple):
    """A describe answer, and the time until which it holds."""

    answer: Answer
    until: int


class Record(Protocol):
    """One resource in one region."""

    kind: Kind
    region: str
    name: str
    arn: str

    @property
    def created(self) -> int:
        """When it begins to exist."""

    @property
    def tie_breaker(self) -> str:
        """Orders records that were created in the same millisecond."""

    def status(self, now: int) -> str:
        """Its status."""

    def modified(self, now: int) -> int:
        """When it last changed."""

    def describe(self, now: int) -> Description:
        """Its describe answer."""

    def tags(self) -> dict[str, str]:
        """Its tags."""

    def set_tags(self, tags: dict[str, str]) -> None:
        """Replace all its tags."""

    def children(self, now: int) -> list[Answer]:
        """Return candidates of an AutoML job, executions of a schedule, or tuned training jobs."""


class JobRecord:
    """A resource with a timeline: of the scenario, or created by a caller.

    Its answer is built when somebody asks.

    `variant` says how it was made, `ordinal` how many of that variant came before it (which
    rotates enum values through the answers), `facts` holds what its spec decided.
    """

    __slots__ = (
        "arn",
        "describer",
        "facts",
        "kind",
        "name",
        "ordinal",
        "region",
        "request",
        "tag_changes",
        "timeline",
        "variant",
    )

    def __init__(
        self, kind: Kind, region: str, name: str, arn: str, timeline: Timeline, **facts: Any
    ) -> None:
        self.kind = kind
        self.region = region
        self.name = name
        self.arn = arn
        self.timeline = timeline
        self.facts: dict[str, Any] = facts
        self.variant = ""
        self.ordinal = 0
        self.describer: RecordDescriber
        # The request that created it; None for resources of the scenario.
        self.request: Answer | None = None
        # All its tags, once a caller has added or deleted some.
        self.tag_changes: dict[str, str] | None = None

    @property
    def created(self) -> int:
        """When it begins to exist."""
        return self.timeline.created

    @property
    def tie_breaker(self) -> str:
        """Orders records of the same millisecond: created ones as they came, others by name."""
        return self.name if self.request is None else f"{self.ordinal:09d}"

    def status(self, now: int) -> str:
        """Return the status of its current phase."""
        return self.timeline.current(now).status

    def modified(self, now: int) -> int:
        """Return the beginning of its current phase."""
        return self.timeline.current(now).at

    def describe(self, now: int) -> Description:
        """Its describe answer."""
        return self.describer.describe(self, now)

    def tags(self) -> dict[str, str]:
        """Its tags."""
        return self.describer.tags(self) if self.tag_changes is None else self.tag_changes

    def set_tags(self, tags: dict[str, str]) -> None:
        """Replace all its tags."""
        self.tag_changes = tags

    def children(self, now: int) -> list[Answer]:
        """Its candidates, executions or training jobs that exist by now."""
        return self.describer.children(self, now)


class RecordDescriber(Protocol):
    """Builds the answers of seeded records."""

    def describe(self, record: JobRecord, now: int) -> Description:
        """Return the describe answer of a record."""

    def tags(self, record: JobRecord) -> dict[str, str]:
        """Return the tags of a record."""

    def children(self, record: JobRecord, now: int) -> list[Answer]:
        """Return the candidates, executions or training jobs of a record."""


class FixedRecord:
    """A resource whose answer a test gives (`Twin.put`), valid or not.

    `answer` is asked every time, nothing in it is taken for granted.
    """

    __slots__ = ("_answer", "_tags", "arn", "kind", "name", "region")

    def __init__(
        self,
        kind: Kind,
        region: str,
        name: str,
        arn: str,
        answer: Callable[[], Answer],
    ) -> None:
        self.kind = kind
        self.region = region
        self.name = name
        self.arn = arn
        self._answer = answer
        self._tags: dict[str, str] = {}

    @property
    def created(self) -> int:
        """When the answer says that it was created."""
        return _time(self._answer().get("CreationTime"), 0)

    @property
    def tie_breaker(self) -> str:
        """Orders records that were created in the same millisecond."""
        return self.name

    def status(self, now: int) -> str:
        """Return the status that the answer says, whatever it is."""
        return str(self._answer().get(self.kind.status, ""))

    def modified(self, now: int) -> int:
        """When the answer says that it was modified, else its creation."""
        answer = self._answer()
        return _time(answer.get("LastModifiedTime"), _time(answer.get("CreationTime"), 0))

    def describe(self, now: int) -> Description:
        """Return the answer, valid for this once."""
        return Description(self._answer(), now)

    def tags(self) -> dict[str, str]:
        """Return the tags that callers have added."""
        return self._tags

    def set_tags(self, tags: dict[str, str]) -> None:
        """Replace all its tags."""
        self._tags = tags

    def children(self, now: int) -> list[Answer]:
        """Return the one candidate, execution or training job that the answer shows."""
        answer = self._answer()
        shown = ("BestCandidate", "LastMonitoringExecutionSummary", "BestTrainingJob")
        return [answer[member] for member in shown if answer.get(member)]


def _time(value: Any, default: int) -> int:
    if isinstance(value, datetime):
        return to_millis(value)
    return int(value * 1000) if isinstance(value, int | float) else default
