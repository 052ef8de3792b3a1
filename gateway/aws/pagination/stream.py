"""One of AWS's lists, read page by page, from where a cursor says that it goes on."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from gateway.aws.cache import Entry
from gateway.aws.errors import Unavailable
from gateway.aws.pagination.cursor import Cursor, Mark, Place
from gateway.aws.pagination.pages import Page, PageKey, Row
from gateway.aws.pagination.query import BY_CREATION, ListQuery


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

    def take_rows(self, most: int) -> list[tuple[Row, Place]]:
        """Take up to `most` rows that are known, each with the place after it."""
        taken: list[tuple[Row, Place]] = []
        while len(taken) < most and (row := self.head) is not None:
            self.take_row()
            taken.append((row, self.place))
        return taken

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
    # AWS has seen to the first.
    return all(fragment in row.name for fragment in query.fragments[1:])
