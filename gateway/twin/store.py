"""Everything that exists in the twin's account: tables of records, and their answers."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any, Generic, NamedTuple, TypeVar

from gateway.twin.kinds import Kind
from gateway.twin.model import to_json
from gateway.twin.records import Answer, Record
from gateway.twin.timeline import to_millis

V = TypeVar("V")


class Span(NamedTuple, Generic[V]):
    """A value that holds from `since` until before `until`."""

    since: int
    until: int
    value: V


class SpanCache(Generic[V]):
    """A bounded cache of spans; when it is full, the oldest entry goes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._spans: OrderedDict[object, Span[V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object, now: int) -> Span[V] | None:
        """Return the entry of a key, if it holds now."""
        span = self._spans.get(key)
        return span if span is not None and span.since <= now < span.until else None

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._spans.clear()

    def put(self, key: object, span: Span[V]) -> Span[V]:
        """Add an entry; return it."""
        with self._lock:
            self._spans[key] = span
            if len(self._spans) > self._most:
                self._spans.popitem(last=False)
        return span


T = TypeVar("T")
Key = tuple[int | float | str, str]


class Entry(NamedTuple, Generic[T]):
    """An item with its key in an order; the key's second part makes it unique."""

    key: Key
    item: T


def key_of(entry: Entry[Any]) -> Key:
    """Return the key to sort and search by."""
    return entry.key


class RecordTable:
    """Records by name, also sorted by creation and by name, until one is added or removed."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()
        self._by_creation: list[Entry[Record]] | None = None
        self._by_name: list[Entry[Record]] | None = None

    def add(self, record: Record) -> None:
        """Add a record, replacing one with the same name."""
        with self._lock:
            self._records[record.name.lower()] = record
            self._by_creation = self._by_name = None

    def remove(self, name: str) -> bool:
        """Remove a record; return whether there was one."""
        with self._lock:
            self._by_creation = self._by_name = None
            return self._records.pop(name.lower(), None) is not None

    def get(self, name: str) -> Record | None:
        """Return the record with this name, in whatever letter case.

        AWS links to jobs by ARNs in lower case and describes them by the names in these.
        """
        return self._records.get(name.lower())

    def __iter__(self) -> Iterator[Record]:
        with self._lock:
            return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def by_creation(self) -> Sequence[Entry[Record]]:
        """All records, oldest first."""
        with self._lock:
            if self._by_creation is None:
                records = self._records.values()
                entries = (
                    Entry((record.created, record.tie_breaker), record) for record in records
                )
                self._by_creation = sorted(entries, key=key_of)
            return self._by_creation

    def by_name(self) -> Sequence[Entry[Record]]:
        """All records by name."""
        with self._lock:
            if self._by_name is None:
                records = self._records.values()
                self._by_name = sorted(
                    (Entry((record.name, ""), record) for record in records), key=key_of
                )
            return self._by_name


# Called when it is due; adds to the store and returns when it is due again.
ScheduledAction = Callable[[int], int]
# What an operation shows of a record: the whole answer, or a list row.
View = Callable[[Record, Answer, int], Answer]
ANSWERS_MAX = 5_000
RENDERED_MAX = 50_000


class Store:
    """The resources of one account in all regions, as a function of time.

    `clock` is read once per call; whatever is created later than that does not exist yet.
    `job_duration` is the time in milliseconds that jobs take which callers create.
    """

    def __init__(
        self, clock: Callable[[], datetime], account_id: str, region: str, job_duration: int
    ) -> None:
        self.account_id = account_id
        self.job_duration = job_duration
        self.region = region
        self._clock = clock
        self._tables: dict[tuple[str, Kind], RecordTable] = {}
        self._actions: list[tuple[int, int, ScheduledAction]] = []
        self._order = count()
        self._lock = threading.RLock()
        self._answers: SpanCache[Answer] = SpanCache(ANSWERS_MAX)
        self._rendered: SpanCache[bytes] = SpanCache(RENDERED_MAX)

    def now(self) -> int:
        """Return the time now, after running the actions that are due by now."""
        now = to_millis(self._clock())
        if self._actions and self._actions[0][0] <= now:
            self._run_actions(now)
        return now

    def schedule_action(self, at: int, action: ScheduledAction) -> None:
        """Have `action` called as soon as the clock shows `at`."""
        heappush(self._actions, (at, next(self._order), action))

    def _run_actions(self, now: int) -> None:
        with self._lock:
            while self._actions and self._actions[0][0] <= now:
                at, _, action = heappop(self._actions)
                self.schedule_action(action(at), action)

    def table(self, region: str, kind: Kind) -> RecordTable:
        """Return the resources of one kind in one region, made on first use."""
        key = (region, kind)
        found = self._tables.get(key)
        return found if found is not None else self._tables.setdefault(key, RecordTable())

    def add(self, record: Record) -> None:
        """Add a resource, replacing one with the same name."""
        self.table(record.region, record.kind).add(record)

    def clear(self) -> None:
        """Remove everything, and what was to be added later."""
        with self._lock:
            self._tables.clear()
            self._actions.clear()
            self.forget_answers()

    def set_tags(self, record: Record, tags: dict[str, str]) -> None:
        """Replace all tags of a resource."""
        record.set_tags(tags)
        self.forget_answers()

    def forget_answers(self) -> None:
        """Build every answer anew, after a record has changed otherwise than by time."""
        self._answers.clear()
        self._rendered.clear()

    def regions(self) -> tuple[str, ...]:
        """Return the regions that hold anything, the home region first."""
        held = {region for (region, _), table in self._tables.items() if len(table)}
        others = held - {self.region}
        return (self.region, *sorted(others))

    def find(self, region: str, kind: Kind, name: str, now: int) -> Record | None:
        """Return the resource, if it exists by now."""
        record = self.table(region, kind).get(name)
        return record if record is not None and record.created <= now else None

    def existing(self, region: str, kind: Kind, now: int) -> Iterator[Record]:
        """All resources of a kind in a region that exist by now."""
        return (record for record in self.table(region, kind) if record.created <= now)

    def answer(self, record: Record, now: int) -> Answer:
        """Return the describe answer of a resource, to be read only."""
        return self._describe(record, now).value

    def rendered(self, record: Record, now: int, view: View) -> bytes:
        """Return a view of the describe answer as JSON."""
        span = self._rendered.get((record, view), now)
        if span is None:
            answer = self._describe(record, now)
            body = to_json(view(record, answer.value, now))
            span = self._rendered.put((record, view), Span(now, answer.until, body))
        return span.value

    def _describe(self, record: Record, now: int) -> Span[Answer]:
        span = self._answers.get(record, now)
        if span is None:
            answer, until = record.describe(now)
            span = self._answers.put(record, Span(now, until, answer))
        return span
