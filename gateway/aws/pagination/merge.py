"""Read a page of a list: AWS's lists merged in order, past empty pages, within a budget.

AWS filters after it has cut its pages, so that pages can be empty while rows follow (boto/boto3
issue 2838), and takes one status per call. Here one AWS list is read per status, as far as it
takes, and the rows are merged by what they are sorted by.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from gateway.aws.cache import Entry
from gateway.aws.pagination.cursor import Cursor, Mark, Place
from gateway.aws.pagination.pages import PageKey, Row
from gateway.aws.pagination.query import BY_CREATION, ListQuery
from gateway.aws.pagination.stream import Stream
from gateway.settings import ListSettings


class PageSource(Protocol):
    """Where pages come from."""

    def peek_page(self, key: PageKey) -> Entry | None:
        """Return the page of `key` if that takes no waiting. Raises `CodedError`."""

    async def read_page(self, key: PageKey) -> Entry:
        """Return the page of `key`. Raises `CodedError`."""

    async def has_tags(self, query: ListQuery, row: Row) -> bool:
        """Tell whether the resource of `row` has all the tags of `query`. Raises `CodedError`."""


class Listed(NamedTuple):
    """A page of a list as clients see it."""

    query: ListQuery
    has_previous: bool
    """Whether rows came before."""
    rows: tuple[Row, ...]
    cursors: tuple[Cursor, ...]
    """One per row: where the list goes on after it."""
    end: Cursor | None
    """Where the list goes on after the page; `None` where there is no row and no more to come."""
    has_more: bool
    """Whether rows follow, as far as that is known; certain only with `look_ahead`."""
    is_cut: bool
    """Whether the budget was spent before the page was full and what follows it was known."""


class Budget:
    """The calls and turns that reading one page may still take."""

    def __init__(self, settings: ListSettings, clock: Callable[[], float], streams: int) -> None:
        self._calls = max(settings.list_calls, streams)
        self._turns = _MOST_TURNS
        self._tag_reads = settings.list_tag_reads
        self._clock = clock
        self._until = clock() + settings.list_seconds

    def take_turn(self) -> bool:
        """Count one turn of the loop that reads; tell whether it may be taken."""
        self._turns -= 1
        return self._turns >= 0 and self._clock() < self._until

    @property
    def calls_left(self) -> int:
        """How many calls may begin now."""
        return self._calls if self._clock() < self._until else 0

    def spend_call(self) -> None:
        """Count one call."""
        self._calls -= 1

    @property
    def tag_reads_left(self) -> int:
        """Of how many rows the tags may be read now."""
        return self._tag_reads if self._clock() < self._until else 0

    def spend_tag_reads(self, rows: int) -> None:
        """Count the rows whose tags are read."""
        self._tag_reads -= rows


_ROWS_AT_ONCE: Final = 20
_MOST_TURNS: Final = 1_000
"""Pages or groups of tags read for one page of a list, also where they take no call."""
# Of the order of a single list AWS's word is enough.
_SORT_VALUES: Final[dict[str, Callable[[Row], str | int]]] = {
    "Name": lambda row: row.name,
    BY_CREATION: lambda row: row.created,
    "Status": lambda row: row.status,
}


async def read_list(
    query: ListQuery,
    first: int,
    after: Cursor | None,
    source: PageSource,
    budget: Budget,
    *,
    look_ahead: bool,
) -> Listed:
    """Return at most `first` rows of a list, from `after` on. Raises `CodedError`.

    `look_ahead` reads on after the last row, until it is known whether another follows.
    """
    statuses = query.streams()
    start = after or Cursor((Place(),) * len(statuses))
    streams = [
        Stream(query, status, start, place)
        for status, place in zip(statuses, start.places, strict=True)
    ]
    reading = _Reading(query, streams, start.mark)
    may_read = True
    while may_read and not reading.has_enough(first, look_ahead=look_ahead):
        if any(stream.needs_page for stream in streams):
            may_read = await _read_pages(streams, source, budget)
        elif (stream := reading.untagged) is not None:
            may_read = await _read_tags(stream, query, source, budget)
        elif not reading.take(first):
            break
    return reading.listed(is_cut=not may_read)


async def _read_tags(stream: Stream, query: ListQuery, source: PageSource, budget: Budget) -> bool:
    """Read the tags of some rows; `False` when the budget is spent first."""
    rows = stream.unexamined(min(_ROWS_AT_ONCE, budget.tag_reads_left))
    if not rows or not budget.take_turn():
        return False
    budget.spend_tag_reads(len(rows))
    found = await asyncio.gather(*(source.has_tags(query, row) for row in rows.values()))
    stream.take_tags(dict(zip(rows, found, strict=True)))
    return True


async def _read_pages(streams: Sequence[Stream], source: PageSource, budget: Budget) -> bool:
    """Read the next page of each stream that needs one; `False` when the budget is spent first."""
    if not budget.take_turn():
        return False
    # Pages that are at hand take no waiting: others get their turn here.
    await asyncio.sleep(0)
    reads = []
    is_spent = False
    for stream in streams:
        if not stream.needs_page:
            continue
        page = source.peek_page(stream.key)
        if page is not None:
            stream.take_page(page)
        elif budget.calls_left:
            budget.spend_call()
            reads.append(_read_page(stream, source))
        else:
            is_spent = True
            break
    await asyncio.gather(*reads)
    return not is_spent


async def _read_page(stream: Stream, source: PageSource) -> None:
    stream.take_page(await source.read_page(stream.key))


class _Reading:
    """The rows taken so far."""

    def __init__(self, query: ListQuery, streams: Sequence[Stream], mark: Mark | None) -> None:
        self._streams = streams
        self._query = query
        self._mark = mark
        self._has_previous = mark is not None
        self._value = _SORT_VALUES.get(query.sort_by, _as_it_comes)
        self._choose = max if query.descending else min
        self.rows: list[Row] = []
        self._cursors: list[Cursor] = []

    def take(self, most: int) -> bool:
        """Take the next row of all, or rows up to `most` in all where there is one stream.

        Returns `False` at the end. All heads must be known.
        """
        if len(self._streams) == 1:
            return self._take_of(self._streams[0], most - len(self.rows))
        heads = [(row, stream) for stream in self._streams if (row := stream.head) is not None]
        if not heads:
            return False
        row, stream = self._choose(heads, key=lambda each: self._order(each[0]))
        stream.take_row()
        self._mark = Mark.of(row, self._query)
        self.rows.append(row)
        self._cursors.append(self._cursor())
        return True

    def _take_of(self, stream: Stream, most: int) -> bool:
        taken = stream.take_rows(most)
        for row, place in taken:
            self._mark = Mark.of(row, self._query)
            self.rows.append(row)
            self._cursors.append(Cursor((place,), self._mark))
        return bool(taken)

    def has_enough(self, rows: int, *, look_ahead: bool) -> bool:
        """Tell whether there are as many rows, and with `look_ahead` whether another follows."""
        return len(self.rows) >= rows and (not look_ahead or self._is_decided)

    @property
    def _is_decided(self) -> bool:
        return self._has_head or not any(
            stream.needs_page or stream.needs_tags for stream in self._streams
        )

    @property
    def _has_head(self) -> bool:
        return any(stream.head is not None for stream in self._streams)

    @property
    def untagged(self) -> Stream | None:
        """The stream whose next row may be the next of all, once its tags are known."""
        heads = [row for stream in self._streams if (row := stream.head) is not None]
        waiting = [(stream.undecided, stream) for stream in self._streams if stream.needs_tags]
        if not waiting:
            return None
        row, stream = self._choose(waiting, key=lambda each: self._order(each[0]))
        return stream if self._choose([row, *heads], key=self._order) is row else None

    def _order(self, row: Row) -> tuple[str | int, str]:
        return self._value(row), row.arn

    def _cursor(self) -> Cursor:
        return Cursor(tuple(stream.place for stream in self._streams), self._mark)

    def listed(self, *, is_cut: bool) -> Listed:
        """Return the page."""
        end = self._cursor() if self.rows or is_cut else None
        if self.rows and end is not None:
            # What was read past the last row need not be read again.
            self._cursors[-1] = end
        has_more = is_cut or self._has_head
        return Listed(
            self._query,
            self._has_previous,
            tuple(self.rows),
            tuple(self._cursors),
            end,
            has_more,
            is_cut,
        )


def _as_it_comes(row: Row) -> int:
    return 0
