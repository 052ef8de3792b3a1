"""Lists are merged in order and read past empty pages, in pages of any size."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.aws.cache import Entry
from gateway.aws.pagination.cursor import Cursor, parse_cursor
from gateway.aws.pagination.merge import Budget, Listed, read_list
from gateway.aws.pagination.pages import Page, PageKey, Row
from gateway.aws.pagination.query import ListQuery
from gateway.schema.types.processing_job import PROCESSING_JOB
from gateway.settings import ListSettings
from tests.clocks import Clock

STATUSES = ("Completed", "Failed", "Stopped")
SETTINGS = ListSettings(list_calls=1_000, list_seconds=5)


def row(number: int, status: str, created: int = 0) -> Row:
    """Return a row of a job."""
    name = f"job-{number:04}"
    return Row({}, f"arn:{name}", name, status, created or number, None)


@dataclass
class Source:
    """AWS's lists, cut in pages of one size before they are filtered, as AWS does it."""

    rows: Sequence[Row]
    page_size: int
    descending: bool = True
    clock: Clock = field(default_factory=Clock)
    seconds_per_call: float = 0.0
    calls: int = 0
    tag_reads: int = 0

    def peek_page(self, key: PageKey) -> Entry | None:
        """Remember nothing."""

    async def has_tags(self, query: ListQuery, row: Row) -> bool:
        """Tell whether the row's number is a multiple of all keys."""
        self.tag_reads += 1
        await asyncio.sleep(0)
        return all(int(row.arn[-4:]) % int(key) == 0 for key, _ in query.tags)

    async def read_page(self, key: PageKey) -> Entry:
        """Return a page; a token is the key of the last row that was looked at."""
        self.calls += 1
        self.clock.advance(self.seconds_per_call)
        await asyncio.sleep(0)
        parameters: dict[str, Any] = dict(key.parameters)
        ahead = sorted(self.rows, key=_place, reverse=self.descending)
        token = parameters.get("NextToken")
        if token is not None:
            names = [_token(each) for each in ahead]
            ahead = ahead[names.index(token) + 1 :]
        looked_at = ahead[: self.page_size]
        status, part = parameters.get("StatusEquals"), parameters.get("NameContains", "")
        found = tuple(
            each for each in looked_at if status in {None, each.status} and part in each.name
        )
        more = _token(looked_at[-1]) if len(ahead) > len(looked_at) else None
        return Entry(Page(found, more), "", 0, 0)


def _place(each: Row) -> tuple[int, str]:
    return each.created, each.name


def _token(each: Row) -> str:
    return f"after {each.name}"


def query(statuses: tuple[str, ...] | None = STATUSES, **more: Any) -> ListQuery:
    """Return a list by creation time."""
    return ListQuery(kind=PROCESSING_JOB, region="eu-west-1", statuses=statuses, **more)


def read(
    source: Source,
    wanted: ListQuery,
    first: int,
    after: str | None = None,
    settings: ListSettings = SETTINGS,
    *,
    look_ahead: bool = True,
) -> Listed:
    """Return one page."""
    cursor = None if after is None else parse_cursor(after, wanted)
    budget = Budget(settings, source.clock, len(wanted.aws_lists()))
    return asyncio.run(read_list(wanted, first, cursor, source, budget, look_ahead=look_ahead))


def read_all(source: Source, wanted: ListQuery, first: int, **more: Any) -> list[Row]:
    """Return the rows of all pages."""
    rows: list[Row] = []
    after = None
    while True:
        page = read(source, wanted, first, after, **more)
        rows += page.rows
        if not page.has_more:
            return rows
        assert page.end is not None
        assert page.is_cut or len(page.rows) == first
        assert after != page.end.text(wanted), "it stands still"
        after = page.end.text(wanted)


@given(
    kinds=st.lists(st.tuples(st.sampled_from(STATUSES), st.integers(1, 30)), max_size=40),
    page_size=st.integers(1, 12),
    first=st.integers(1, 50),
    calls=st.integers(1, 30),
    statuses=st.none() | st.sets(st.sampled_from(STATUSES)).map(lambda some: tuple(sorted(some))),
    descending=st.booleans(),
)
def test_pages_hold_each_row_once_and_in_order(
    kinds: list[tuple[str, int]],
    page_size: int,
    first: int,
    calls: int,
    statuses: tuple[str, ...] | None,
    descending: bool,  # noqa: FBT001  # drawn by name
) -> None:
    """Whatever the sizes, the statuses and the budget, all pages together are the list."""
    rows = [row(number, status, created) for number, (status, created) in enumerate(kinds)]
    source = Source(rows, page_size, descending)
    wanted = query(statuses, descending=descending)

    found = read_all(source, wanted, first, settings=ListSettings(list_calls=calls))

    assert len({each.name for each in found}) == len(found)
    assert {each.name for each in found} == {
        each.name for each in rows if statuses is None or each.status in statuses
    }
    times = [each.created for each in found]
    assert times == sorted(times, reverse=descending)


@given(count=st.integers(1, 40), page_size=st.integers(1, 12), at=st.integers(0, 39), new=st.data())
def test_any_row_can_be_gone_on_from_while_others_come_and_go(
    count: int, page_size: int, at: int, new: st.DataObject
) -> None:
    """After the cursor of a row come all that were behind it, whatever became of those before."""
    rows = [row(number, STATUSES[number % 3]) for number in range(1, count + 1)]
    source = Source(rows, page_size)
    page = read(source, query(), count)
    at %= len(page.rows)
    gone = new.draw(st.sets(st.sampled_from([each.name for each in page.rows[: at + 1]])))
    younger = [row(number, STATUSES[number % 3]) for number in range(100, 100 + len(gone) * 5)]
    cursor = page.cursor(at)
    is_first_page = all(place.token is None for place in cursor.places)
    kept = [each for each in rows if is_first_page and each.name not in gone] or rows
    source.rows = [*kept, *younger]

    following = read(source, query(), count, cursor.text(query()))

    assert following.rows == page.rows[at + 1 :]


@given(
    count=st.integers(0, 60),
    page_size=st.integers(1, 70),
    first=st.integers(1, 12),
    tag_reads=st.integers(1, 70),
    keys=st.sets(st.sampled_from(("1", "2", "3", "7")), min_size=1),
    statuses=st.none() | st.just(STATUSES[:2]),
)
def test_tags_choose_rows(  # drawn by name
    count: int,
    page_size: int,
    first: int,
    tag_reads: int,
    keys: set[str],
    statuses: tuple[str, ...] | None,
) -> None:
    """All pages together hold the rows that have the tags, each once, within the budget of each."""
    rows = [row(number, STATUSES[number % 3]) for number in range(1, count + 1)]
    source = Source(rows, page_size)
    wanted = query(statuses, tags=tuple((key, None) for key in sorted(keys)))
    found: list[Row] = []
    after = None
    while True:
        source.tag_reads = 0
        page = read(
            source, wanted, first, after, ListSettings(list_calls=1_000, list_tag_reads=tag_reads)
        )
        assert source.tag_reads <= tag_reads
        found += page.rows
        if not page.has_more:
            break
        assert page.end is not None
        assert page.is_cut or len(page.rows) == first
        assert after != page.end.text(wanted), "it stands still"
        after = page.end.text(wanted)

    numbers = [number for number in range(count, 0, -1) if all(number % int(k) == 0 for k in keys)]
    names = [f"job-{n:04}" for n in numbers if statuses is None or STATUSES[n % 3] in statuses]
    assert [each.name for each in found] == names


def test_tags_are_read_no_further_than_needed() -> None:
    """A page that is full after a few rows looks at the tags of a few."""
    source = Source([row(number, "Failed") for number in range(1, 101)], 100)

    page = read(source, query(None, tags=(("1", None),)), 3, look_ahead=False)

    assert (len(page.rows), source.calls, source.tag_reads) == (3, 1, 20)


def test_name_must_contain_all_parts() -> None:
    """AWS is asked for the longest, the others are looked for here."""
    rows = [row(number, "Completed") for number in range(1, 400)]
    wanted = query(None, name_parts=("-01", "7", "job"))

    found = read_all(Source(rows, 100), wanted, 3)

    assert [each.name for each in found] == [
        f"job-{number:04}" for number in range(199, 99, -1) if "7" in str(number)
    ]
    assert wanted.call(None, None)["NameContains"] == "-01"


def test_another_page_is_told_only_when_there_is_one() -> None:
    """After the last row come pages without any: they are read before the answer."""
    rows = [row(1, "Failed"), row(2, "Failed"), *(row(number, "Stopped") for number in (3, 4, 5))]
    source = Source(rows, 1, descending=False)

    page = read(source, query(("Failed",), descending=False), 2)

    assert (len(page.rows), page.has_more, source.calls) == (2, False, 5)
    source.calls = 0
    page = read(source, query(("Failed",), descending=False), 2, look_ahead=False)
    assert (len(page.rows), source.calls) == (2, 2)


def test_end_of_a_page_goes_on_behind_what_was_read_past_it() -> None:
    """Pages that were found empty are not read a second time."""
    rows = [row(1, "Failed"), *(row(number, "Stopped") for number in range(2, 6)), row(6, "Failed")]
    source = Source(rows, 1, descending=False)
    wanted = query(("Failed",), descending=False)
    page = read(source, wanted, 1)
    assert page.end is not None
    assert page.end == page.cursor(0)
    assert (page.has_more, source.calls) == (True, 6)
    source.calls = 0

    following = read(source, wanted, 1, page.end.text(wanted))

    assert [each.name for each in following.rows] == ["job-0006"]
    assert source.calls == 1


def test_budget_of_calls_ends_a_page_early() -> None:
    """The page says so, and goes on from where the reading ended."""
    rows = [row(number, "Failed" if number > 25 else "Stopped") for number in range(1, 31)]
    source = Source(rows, 2, descending=False)
    wanted = query(("Failed",), descending=False)
    settings = ListSettings(list_calls=4)

    page = read(source, wanted, 3, settings=settings)

    assert (page.rows, page.is_cut, page.has_more, source.calls) == ((), True, True, 4)
    assert page.end == Cursor(page.end.places) if page.end else False
    found = read_all(source, wanted, 3, settings=settings)
    assert [each.name for each in found] == [f"job-{number:04}" for number in range(26, 31)]


def test_budget_of_time_ends_a_page_early() -> None:
    """No call is begun when the time is up; what is under way is awaited."""
    rows = [row(number, "Stopped") for number in range(1, 31)]
    source = Source(rows, 2, seconds_per_call=2)

    page = read(source, query(("Failed",)), 3)

    assert (page.is_cut, source.calls) == (True, 3)


def test_each_status_has_a_first_call() -> None:
    """A budget below the number of statuses would never come to a row."""
    rows = [row(number, STATUSES[number % 3]) for number in range(1, 31)]
    source = Source(rows, 30)

    page = read(source, query(), 30, settings=ListSettings(list_calls=1))

    assert (len(page.rows), page.is_cut, source.calls) == (30, False, 3)


def test_no_status_is_no_call() -> None:
    """Nothing can be in none of the statuses."""
    source = Source([row(1, "Failed")], 1)

    page = read(source, query(()), 5)

    assert page == Listed(
        query(()), has_previous=False, rows=(), places=(), end=None, has_more=False, is_cut=False
    )
    assert source.calls == 0


@pytest.mark.parametrize("sort_by", ["Name", "Status"])
def test_other_orders_go_on_at_the_row_that_came_last(sort_by: str) -> None:
    """A row that comes in before it shifts the page, and no row is repeated."""
    rows = [row(number, "Failed", created=1) for number in range(10, 20)]
    source = Source(rows, 30, descending=False)
    wanted = query(None, sort_by=sort_by, descending=False)
    page = read(source, wanted, 4)
    assert page.end is not None
    source.rows = [row(1, "Failed", created=1), *rows]

    following = read(source, wanted, 20, page.end.text(wanted))

    assert [each.name for each in following.rows] == [each.name for each in rows[4:]]
