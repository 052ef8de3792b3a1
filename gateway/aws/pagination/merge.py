"""Read a page of a list: AWS's lists merged in order, past empty pages, within a budget.

AWS filters after it has cut its pages, so that pages can be empty while rows follow (boto/boto3
issue 2838), and takes one status per call. So one AWS list is read per status, as far as the page
needs, and the rows are merged by their sort key.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple, Protocol

from gateway.aws.cache import Entry
from gateway.aws.pagination.cursor import Cursor, Mark, Place
from gateway.aws.pagination.pages import Page, PageKey, Row, repeated_token
from gateway.aws.pagination.query import BY_CREATION, ListQuery
from gateway.settings import ListSettings


class PageSource(Protocol):
    """What `read_list` reads pages and tags from."""

    def peek_page(self, key: PageKey) -> Entry | None:
        """Return the page of `key` if it is known without waiting. Raises `CodedError`."""

    async def read_page(self, key: PageKey) -> Entry:
        """Return the page of `key`. Raises `CodedError`."""

    async def has_tags(self, query: ListQuery, row: Row) -> bool:
        """Tell whether the resource of `row` has all the tags of `query`. Raises `CodedError`."""


class Listed(NamedTuple):
    """The rows of a page of a list, and where the list goes on."""

    query: ListQuery
    has_previous: bool
    """Whether the page begins after a cursor's row."""
    rows: tuple[Row, ...]
    places: tuple[tuple[Place, ...], ...]
    """For each row, how far AWS's lists are read after it."""
    end: Cursor | None
    """Where the list goes on after the page; `None` for a page without rows at the list's end."""
    has_more: bool
    """Whether rows follow. Without `look_ahead` it may be `False` although rows follow."""
    is_cut: bool
    """Whether the budget was spent before the page was complete."""

    def cursor(self, index: int) -> Cursor:
        """Return where the list goes on after the row of that index."""
        if self.end is not None and index == len(self.rows) - 1:
            # The next page need not read again the rows that were passed over after this one.
            return self.end
        return Cursor(self.places[index], Mark.of(self.rows[index], self.query))


class Budget:
    """The AWS calls, time and turns of the loop that reading one page may still take."""

    def __init__(self, settings: ListSettings, clock: Callable[[], float], aws_lists: int) -> None:
        self._calls = max(settings.list_calls, aws_lists)
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
        """How many rows may have their tags read now."""
        return self._tag_reads if self._clock() < self._until else 0

    def spend_tag_reads(self, rows: int) -> None:
        """Count the rows whose tags are read."""
        self._tag_reads -= rows


class AwsList:
    """One of AWS's lists, read page by page from a place on."""

    def __init__(self, query: ListQuery, status: str | None, cursor: Cursor, place: Place) -> None:
        self._query = query
        self._status = status
        # With tags, the place may be further than the last row: rows without the tags are skipped.
        self._mark = None if query.reads_tags else cursor.mark
        self._page: Page | None = None
        self._examined = 0
        """How many rows of the page have had their tags read."""
        self._untagged: set[int] = set()
        """The indexes of examined rows that do not have the tags."""
        self._tokens = {place.token}
        """The tokens of the pages read so far."""
        self.place = place

    @property
    def key(self) -> PageKey:
        """The key of its next page."""
        return PageKey.of(self._query, self._status, self.place.token)

    @property
    def needs_page(self) -> bool:
        """Whether another page has to be read to know the next row."""
        return self._page is None

    @property
    def needs_tags(self) -> bool:
        """Whether tags have to be read to know the next row."""
        rows = self._page.rows if self._page is not None else ()
        return self._examined <= self.place.offset < len(rows)

    @property
    def head(self) -> Row | None:
        """The next row; `None` at the end, or if a page or tags have to be read to know it."""
        rows = self._page.rows[: self._examined] if self._page is not None else ()
        return rows[self.place.offset] if self.place.offset < len(rows) else None

    @property
    def undecided(self) -> Row:
        """The next row, whose tags have to be read."""
        assert self._page is not None
        return self._page.rows[self.place.offset]

    def unexamined(self, most: int) -> dict[int, Row]:
        """Return by index the next rows whose tags have to be read, at most `most`."""
        assert self._page is not None
        rows = self._page.rows
        ahead = range(self.place.offset, len(rows))
        found = (index for index in ahead if _matches(self._query, rows[index]))
        return {index: rows[index] for index in islice(found, most)}

    def take_tags(self, has_tags: Mapping[int, bool]) -> None:
        """Go on to the next row that has the tags; `has_tags` tells it for some rows by index."""
        self._examined = max(has_tags) + 1
        self._untagged.update(index for index, has in has_tags.items() if not has)
        self._go_to(self.place.offset)

    def take_page(self, entry: Entry) -> None:
        """Go on in the page of `entry`, after the last row that the client has.

        Raises `Unavailable` where AWS's token leads back to a page that was read before.
        """
        assert isinstance(entry.value, Page)
        self._page = entry.value
        rows = entry.value.rows
        self._examined = 0 if self._query.reads_tags else len(rows)
        self._untagged = set()
        self._go_to(_find_start(self._query, rows, self.place.offset, self._mark))

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
            raise repeated_token(self._query)
        self._tokens.add(token)
        self.place = Place(token)
        self._page = None


def _find_start(query: ListQuery, rows: Sequence[Row], offset: int, mark: Mark | None) -> int:
    """Return the index of the first row after `mark`, the last row that the client has.

    It was at `offset` when the page was read before. Rows may have been added and deleted since.
    """
    if mark is None:
        return offset
    for index, row in enumerate(rows):
        if row.created == mark.created and Mark.of(row, query) == mark:
            return index + 1
    if query.sort_by != BY_CREATION:
        return offset
    before = _count_leading(rows, lambda row: _comes_before(query, row.created, mark.created))
    up_to = _count_leading(rows, lambda row: not _comes_before(query, mark.created, row.created))
    return min(max(offset, before), up_to)


def _count_leading(rows: Sequence[Row], test: Callable[[Row], bool]) -> int:
    return next((index for index, row in enumerate(rows) if not test(row)), len(rows))


def _comes_before(query: ListQuery, one: int, other: int) -> bool:
    return one > other if query.descending else one < other


def _matches(query: ListQuery, row: Row) -> bool:
    # A row that cannot be read is shown as an error, but not where it may be outside of a view.
    return query.view is None if row.error is not None else query.has_row(row.name)


_ROWS_AT_ONCE: Final = 20
_MOST_TURNS: Final = 1_000
"""Reads of pages or tags for one page of a list, including those that take no call."""
# A single list is in AWS's order already.
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
    statuses = query.aws_lists()
    start = after or Cursor((Place(),) * len(statuses))
    aws_lists = [
        AwsList(query, status, start, place)
        for status, place in zip(statuses, start.places, strict=True)
    ]
    reading = _Reading(query, aws_lists, start.mark)
    may_read = True
    while may_read and not reading.has_enough(first, look_ahead=look_ahead):
        if any(aws_list.needs_page for aws_list in aws_lists):
            may_read = await _read_pages(aws_lists, source, budget)
        elif (aws_list := reading.untagged) is not None:
            may_read = await _read_tags(aws_list, query, source, budget)
        elif not reading.take_rows(first):
            break
    return reading.listed(is_cut=not may_read)


async def _read_tags(
    aws_list: AwsList, query: ListQuery, source: PageSource, budget: Budget
) -> bool:
    """Read the tags of some rows; `False` when the budget is spent first."""
    rows = aws_list.unexamined(min(_ROWS_AT_ONCE, budget.tag_reads_left))
    if not rows or not budget.take_turn():
        return False
    budget.spend_tag_reads(len(rows))
    found = await asyncio.gather(*(source.has_tags(query, row) for row in rows.values()))
    aws_list.take_tags(dict(zip(rows, found, strict=True)))
    return True


async def _read_pages(aws_lists: Sequence[AwsList], source: PageSource, budget: Budget) -> bool:
    """Read the next page of each list that needs one; `False` when the budget is spent."""
    if not budget.take_turn():
        return False
    # Pages that are in memory take no waiting: let other tasks run.
    await asyncio.sleep(0)
    reads = []
    is_spent = False
    for aws_list in aws_lists:
        if not aws_list.needs_page:
            continue
        page = source.peek_page(aws_list.key)
        if page is not None:
            aws_list.take_page(page)
        elif budget.calls_left:
            budget.spend_call()
            reads.append(_read_page(aws_list, source))
        else:
            is_spent = True
            break
    await asyncio.gather(*reads)
    return not is_spent


async def _read_page(aws_list: AwsList, source: PageSource) -> None:
    aws_list.take_page(await source.read_page(aws_list.key))


class _Reading:
    """One reading of a page of a list: the rows taken so far."""

    def __init__(self, query: ListQuery, aws_lists: Sequence[AwsList], mark: Mark | None) -> None:
        self._aws_lists = aws_lists
        self._query = query
        self._start = mark
        self._value = _SORT_VALUES.get(query.sort_by, _no_sort_value)
        self._choose = max if query.descending else min
        self.rows: list[Row] = []
        self._places: list[tuple[Place, ...]] = []

    def take_rows(self, most: int) -> bool:
        """Take the next row of all lists; of a single list all rows, up to `most` in total.

        Returns `False` at the end. The next row of each list must be known.
        """
        if len(self._aws_lists) == 1:
            return self._take_rows_of(self._aws_lists[0], most - len(self.rows))
        heads = [
            (row, aws_list) for aws_list in self._aws_lists if (row := aws_list.head) is not None
        ]
        if not heads:
            return False
        row, aws_list = self._choose(heads, key=lambda each: self._order(each[0]))
        aws_list.take_row()
        self.rows.append(row)
        self._places.append(self._place())
        return True

    def _take_rows_of(self, aws_list: AwsList, most: int) -> bool:
        taken = 0
        while taken < most and (row := aws_list.head) is not None:
            aws_list.take_row()
            self.rows.append(row)
            self._places.append((aws_list.place,))
            taken += 1
        return taken > 0

    def has_enough(self, rows: int, *, look_ahead: bool) -> bool:
        """Tell whether there are as many rows, and with `look_ahead` whether another follows."""
        return len(self.rows) >= rows and (not look_ahead or self._is_decided)

    @property
    def _is_decided(self) -> bool:
        return self._has_head or not any(
            aws_list.needs_page or aws_list.needs_tags for aws_list in self._aws_lists
        )

    @property
    def _has_head(self) -> bool:
        return any(aws_list.head is not None for aws_list in self._aws_lists)

    @property
    def untagged(self) -> AwsList | None:
        """The list whose next row is the next of all lists, if it has the tags."""
        heads = [row for aws_list in self._aws_lists if (row := aws_list.head) is not None]
        waiting = [
            (aws_list.undecided, aws_list) for aws_list in self._aws_lists if aws_list.needs_tags
        ]
        if not waiting:
            return None
        row, aws_list = self._choose(waiting, key=lambda each: self._order(each[0]))
        return aws_list if self._choose([row, *heads], key=self._order) is row else None

    def _order(self, row: Row) -> tuple[str | int, str]:
        return self._value(row), row.arn

    def _place(self) -> tuple[Place, ...]:
        return tuple(aws_list.place for aws_list in self._aws_lists)

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


def _no_sort_value(row: Row) -> int:
    return 0
