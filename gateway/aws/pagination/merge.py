"""Read a page of a list: AWS's lists merged in order, past empty pages, within a budget.

AWS filters after it has cut its pages, so that pages can be empty while rows follow (boto/boto3
issue 2838), and takes one status per call. Here one AWS list is read per status, as far as it
takes, and the rows are merged by what they are sorted by.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple, Protocol

from gateway.aws.cache import Entry
from gateway.aws.errors import Unavailable
from gateway.aws.pagination.cursor import Cursor, Mark, Place
from gateway.aws.pagination.pages import Page, PageKey, Row
from gateway.aws.pagination.query import BY_CREATION, ListQuery
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
    places: tuple[tuple[Place, ...], ...]
    """For each row, how far AWS's lists are read after it."""
    end: Cursor | None
    """Where the list goes on after the page; `None` where there is no row and no more to come."""
    has_more: bool
    """Whether rows follow, as far as that is known; certain only with `look_ahead`."""
    is_cut: bool
    """Whether the budget was spent before the page was full and what follows it was known."""

    def cursor(self, index: int) -> Cursor:
        """Return where the list goes on after the row of that index."""
        if self.end is not None and index == len(self.rows) - 1:
            # What was read past the last row need not be read again.
            return self.end
        return Cursor(self.places[index], Mark.of(self.rows[index], self.query))


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


class Stream:
    """One of AWS's lists, read from a place on."""

    def __init__(self, query: ListQuery, status: str | None, cursor: Cursor, place: Place) -> None:
        self._query = query
        self._status = status
        # The row that came last says nothing of those behind it that were found to lack the tags.
        self._mark = None if query.tags else cursor.mark
        self._page: Page | None = None
        self._examined = 0
        """The rows of the page of which it is known whether they have the tags."""
        self._untagged: set[int] = set()
        """Those of them that have not."""
        self._tokens = {place.token}
        """The tokens of the pages read so far."""
        self.place = place

    @property
    def key(self) -> PageKey:
        """Where its next page is found."""
        return PageKey.of(self._query, self._status, self.place.token)

    @property
    def needs_page(self) -> bool:
        """Whether it takes another page to know the next row."""
        return self._page is None

    @property
    def needs_tags(self) -> bool:
        """Whether it takes the tags of rows to know the next one."""
        rows = self._page.rows if self._page is not None else ()
        return self._examined <= self.place.offset < len(rows)

    @property
    def head(self) -> Row | None:
        """The next row, `None` when there is none or it takes another page or tags to know it."""
        rows = self._page.rows[: self._examined] if self._page is not None else ()
        return rows[self.place.offset] if self.place.offset < len(rows) else None

    @property
    def undecided(self) -> Row:
        """The next row, whose tags have to be read."""
        assert self._page is not None
        return self._page.rows[self.place.offset]

    def unexamined(self, most: int) -> dict[int, Row]:
        """Return the next rows whose tags have to be read, by index; `most` of them or fewer."""
        assert self._page is not None
        rows = self._page.rows
        ahead = range(self.place.offset, len(rows))
        found = (index for index in ahead if _matches(self._query, rows[index]))
        return {index: rows[index] for index in islice(found, most)}

    def take_tags(self, has_tags: Mapping[int, bool]) -> None:
        """Go on to the next row that has the tags, now that this is known of some, by index."""
        self._examined = max(has_tags) + 1
        self._untagged.update(index for index, has in has_tags.items() if not has)
        self._go_to(self.place.offset)

    def take_page(self, entry: Entry) -> None:
        """Go on in the page of `entry`, after the row that came last.

        Raises `Unavailable` where AWS's token leads back to a page that was read before.
        """
        assert isinstance(entry.value, Page)
        self._page = entry.value
        rows = entry.value.rows
        self._examined = 0 if self._query.tags else len(rows)
        self._untagged = set()
        self._go_to(_start(self._query, rows, self.place.offset, self._mark))

    def take_row(self) -> None:
        """Go on after the head."""
        self._go_to(self.place.offset + 1)

    def _go_to(self, offset: int) -> None:
        assert self._page is not None
        rows, token = self._page.rows, self._page.token
        while offset < len(rows) and (
            offset in self._untagged or not _matches(self._query, rows[offset])
        ):
            offset += 1
        if offset >= len(rows) and token is not None:
            self._go_to_page(token)
        else:
            self.place = Place(self.place.token, offset)

    def _go_to_page(self, token: str) -> None:
        if token in self._tokens:
            # Following it would read the same pages for ever.
            operation = self._query.listing.operation
            raise Unavailable(f"AWS answered {operation} with a token that it had given before.")
        self._tokens.add(token)
        self.place = Place(token)
        self._page = None


def _start(query: ListQuery, rows: Sequence[Row], offset: int, mark: Mark | None) -> int:
    """Return the index of the first row that is new to one who has seen `offset` rows and `mark`.

    Rows may have come and gone before it: what stands at an offset is not always what stood there.
    """
    if mark is None:
        return offset
    for index, row in enumerate(rows):
        if row.created == mark.created and Mark.of(row, query) == mark:
            return index + 1
    if query.sort_by != BY_CREATION:
        return offset
    before = _leading(rows, lambda row: _comes_before(query, row.created, mark.created))
    up_to = _leading(rows, lambda row: not _comes_before(query, mark.created, row.created))
    return min(max(offset, before), up_to)


def _leading(rows: Sequence[Row], test: Callable[[Row], bool]) -> int:
    return next((index for index, row in enumerate(rows) if not test(row)), len(rows))


def _comes_before(query: ListQuery, one: int, other: int) -> bool:
    return one > other if query.descending else one < other


def _matches(query: ListQuery, row: Row) -> bool:
    # AWS has seen to the first. A row that cannot be read is shown as an error.
    return row.error is not None or all(part in row.name for part in query.name_parts[1:])


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
        self._start = mark
        self._value = _SORT_VALUES.get(query.sort_by, _as_it_comes)
        self._choose = max if query.descending else min
        self.rows: list[Row] = []
        self._places: list[tuple[Place, ...]] = []

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
        self.rows.append(row)
        self._places.append(self._place())
        return True

    def _take_of(self, stream: Stream, most: int) -> bool:
        taken = 0
        while taken < most and (row := stream.head) is not None:
            stream.take_row()
            self.rows.append(row)
            self._places.append((stream.place,))
            taken += 1
        return taken > 0

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

    def _place(self) -> tuple[Place, ...]:
        return tuple(stream.place for stream in self._streams)

    def listed(self, *, is_cut: bool) -> Listed:
        """Return the page."""
        end = None
        if self.rows or is_cut:
            mark = Mark.of(self.rows[-1], self._query) if self.rows else self._start
            end = Cursor(self._place(), mark)
        return Listed(
            self._query,
            self._start is not None,
            tuple(self.rows),
            tuple(self._places),
            end,
            is_cut or self._has_head,
            is_cut,
        )


def _as_it_comes(row: Row) -> int:
    return 0
