"""Resources as the twin holds them: what every kind of record can say about itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from gateway.twin.kinds import Kind
from gateway.twin.timeline import Timeline, millis

Answer = dict[str, Any]


class Told(NamedTuple):
    """A describe answer, and the moment from which it may be another one."""

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

    def status(self, now: int) -> str:
        """Its status."""

    def modified(self, now: int) -> int:
        """When it last changed."""

    def tell(self, now: int) -> Told:
        """Its describe answer."""

    def tags(self) -> dict[str, str]:
        """Its tags."""

    def children(self, now: int) -> list[Answer]:
        """Return the candidates of an AutoML job, the executions of a monitoring schedule."""


class SeededRecord:
    """A resource of the scenario: small, its answer is built when somebody asks.

    `flavour` says which story it plays in, `turn` how many of that flavour came before it (which
    rotates enum values through the answers), `facts` holds what the story decided about it.
    """

    __slots__ = ("arn", "facts", "flavour", "kind", "name", "region", "teller", "timeline", "turn")

    def __init__(
        self, kind: Kind, region: str, name: str, arn: str, timeline: Timeline, **facts: Any
    ) -> None:
        self.kind = kind
        self.region = region
        self.name = name
        self.arn = arn
        self.timeline = timeline
        self.facts: dict[str, Any] = facts
        self.flavour = ""
        self.turn = 0
        self.teller: Teller

    @property
    def created(self) -> int:
        """When it begins to exist."""
        return self.timeline.created

    def status(self, now: int) -> str:
        """Return the status of its current phase."""
        return self.timeline.current(now).status

    def modified(self, now: int) -> int:
        """Return the begin of its current phase."""
        return self.timeline.current(now).at

    def tell(self, now: int) -> Told:
        """Its describe answer, built by its story."""
        return self.teller.tell(self, now)

    def tags(self) -> dict[str, str]:
        """Its tags, chosen by its story."""
        return self.teller.tags(self)

    def children(self, now: int) -> list[Answer]:
        """Its candidates or executions that exist by now."""
        return self.teller.children(self, now)


class Teller(Protocol):
    """Builds the answers of seeded records."""

    def tell(self, record: SeededRecord, now: int) -> Told:
        """Return the describe answer of a record."""

    def tags(self, record: SeededRecord) -> dict[str, str]:
        """Return the tags of a record."""

    def children(self, record: SeededRecord, now: int) -> list[Answer]:
        """Return the candidates or executions of a record."""


class GivenRecord:
    """A resource whose answer somebody else gives: a test (`put`), or moto.

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
        tags: Callable[[], dict[str, str]] = dict,
    ) -> None:
        self.kind = kind
        self.region = region
        self.name = name
        self.arn = arn
        self._answer = answer
        self._tags = tags

    @property
    def created(self) -> int:
        """When the answer says that it was created."""
        return _time(self._answer().get("CreationTime"), 0)

    def status(self, now: int) -> str:
        """Return the status that the answer says, whatever it is."""
        return str(self._answer().get(self.kind.status, ""))

    def modified(self, now: int) -> int:
        """When the answer says that it was modified, else its creation."""
        answer = self._answer()
        return _time(answer.get("LastModifiedTime"), _time(answer.get("CreationTime"), 0))

    def tell(self, now: int) -> Told:
        """Return the answer, valid for this once."""
        return Told(self._answer(), now)

    def tags(self) -> dict[str, str]:
        """Return the tags given."""
        return self._tags()

    def children(self, now: int) -> list[Answer]:
        """Return the one candidate or execution that the answer shows."""
        answer = self._answer()
        shown = (answer.get("BestCandidate"), answer.get("LastMonitoringExecutionSummary"))
        return [child for child in shown if child]


def _time(value: Any, default: int) -> int:
    if isinstance(value, datetime):
        return millis(value)
    return int(value * 1000) if isinstance(value, int | float) else default
