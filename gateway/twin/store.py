"""Everything that exists in the twin's account: shelves of records, and their answers."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from gateway.twin.kept import Kept, Span
from gateway.twin.kinds import Kind
from gateway.twin.model import to_json
from gateway.twin.records import Answer, Record
from gateway.twin.shelf import Shelf
from gateway.twin.timeline import millis

# Called when its moment comes; adds to the world and says when to be called again.
Arrival = Callable[[int], int]
# What is shown of a record: the answer itself, or a part of it as a list row.
View = Callable[[Record, Answer, int], Answer]
ANSWERS_MAX = 5_000
RENDERED_MAX = 50_000


class World:
    """The resources of one account in all regions, as a function of time.

    `clock` is read once per call; whatever is created later than that does not exist yet.
    """

    def __init__(self, clock: Callable[[], datetime], account: str, region: str) -> None:
        self.account = account
        self.region = region
        self._clock = clock
        self._shelves: dict[tuple[str, Kind], Shelf] = {}
        self._arrivals: list[tuple[int, int, Arrival]] = []
        self._order = count()
        self._lock = threading.RLock()
        self._answers: Kept[Answer] = Kept(ANSWERS_MAX)
        self._rendered: Kept[bytes] = Kept(RENDERED_MAX)

    def now(self) -> int:
        """Return the time now, with everything that has arrived by now in its place."""
        now = millis(self._clock())
        if self._arrivals and self._arrivals[0][0] <= now:
            self._receive(now)
        return now

    def expect(self, at: int, arrival: Arrival) -> None:
        """Have `arrival` called as soon as the clock shows `at`."""
        heappush(self._arrivals, (at, next(self._order), arrival))

    def _receive(self, now: int) -> None:
        with self._lock:
            while self._arrivals and self._arrivals[0][0] <= now:
                at, _, arrival = heappop(self._arrivals)
                self.expect(arrival(at), arrival)

    def shelf(self, region: str, kind: Kind) -> Shelf:
        """Return the resources of one kind in one region, made on first use."""
        key = (region, kind)
        found = self._shelves.get(key)
        return found if found is not None else self._shelves.setdefault(key, Shelf())

    def add(self, record: Record) -> None:
        """Put a resource into the world, in the place of one with the same name."""
        self.shelf(record.region, record.kind).add(record)

    def regions(self) -> tuple[str, ...]:
        """Return the regions that hold anything, the home region first."""
        held = {region for (region, _), shelf in self._shelves.items() if len(shelf)}
        others = held - {self.region}
        return (self.region, *sorted(others))

    def find(self, region: str, kind: Kind, name: str, now: int) -> Record | None:
        """Return the resource, if it exists by now."""
        record = self.shelf(region, kind).get(name)
        return record if record is not None and record.created <= now else None

    def existing(self, region: str, kind: Kind, now: int) -> Iterator[Record]:
        """All resources of a kind in a region that exist by now."""
        return (record for record in self.shelf(region, kind) if record.created <= now)

    def answer(self, record: Record, now: int) -> Answer:
        """Return the describe answer of a resource, to be read only."""
        return self._told(record, now).value

    def rendered(self, record: Record, now: int, view: View) -> bytes:
        """Return a view of the describe answer as JSON."""
        kept = self._rendered.get((record, view), now)
        if kept is None:
            told = self._told(record, now)
            body = to_json(view(record, told.value, now))
            kept = self._rendered.put((record, view), Span(now, told.until, body))
        return kept.value

    def _told(self, record: Record, now: int) -> Span[Answer]:
        kept = self._answers.get(record, now)
        if kept is None:
            answer, until = record.tell(now)
            kept = self._answers.put(record, Span(now, until, answer))
        return kept
