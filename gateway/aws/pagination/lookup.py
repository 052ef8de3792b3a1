"""Find the execution of a monitoring schedule that a processing job does the work of.

AWS lists executions by schedule and not by job. Those of the days around the job's creation are
read first: jobs of one schedule that are near each other share that page.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListMonitoringExecutions.html
"""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from gateway.aws.cache import MemoryCache
from gateway.aws.entry import Entry
from gateway.aws.errors import Unavailable
from gateway.aws.pagination.cached import UsedPages
from gateway.aws.pagination.merge import PageSource
from gateway.aws.pagination.pages import Page, PageKey, Row
from gateway.aws.pagination.query import EXECUTIONS, ListQuery

MOST_PAGES: Final = 10
"""For one execution: 1,000 of its schedule's, at 100 per page."""
_DAY: Final = timedelta(days=1)


class ExecutionKey(NamedTuple):
    """An execution by its job, under which its entry is cached."""

    region: str
    schedule: str
    """Its name."""
    job: str
    """ARN of the processing job."""
    created: datetime
    """When the job was."""


class Executions:
    """Makes the entries of executions, whose `value` is `None` where the schedule has none such.

    `clock` is the cache's.
    """

    def __init__(self, cache: MemoryCache, clock: Callable[[], float]) -> None:
        self._cache = cache
        self._clock = clock

    async def read(self, key: ExecutionKey, source: PageSource) -> Entry:
        """Return the entry of `key`, read through the pages of `source`. Raises `CodedError`.

        It is cached until one of these pages is no longer fresh or is read anew.
        """
        pages = UsedPages(source)
        row = await _find(key, pages)
        value = None if row is None else row.value
        entry = Entry.of_list(value, 1, pages.used, self._clock())
        pages.keep(self._cache, key, entry)
        return entry


async def _find(key: ExecutionKey, pages: UsedPages) -> Row | None:
    for query in _queries(key):
        async for page in _read(query, pages):
            for row in page.rows:
                if row.arn.lower() == key.job.lower():
                    return row
    return None


def _queries(key: ExecutionKey) -> Iterator[ListQuery]:
    everything = ListQuery(listing=EXECUTIONS, region=key.region, parent=key.schedule)
    try:
        day = key.created.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        near = (("CreationTimeAfter", day - _DAY), ("CreationTimeBefore", day + 2 * _DAY))
        yield ListQuery(listing=EXECUTIONS, region=key.region, parent=key.schedule, parameters=near)
    except OverflowError:
        # Within days of the first or the last year that Python knows.
        pass
    yield everything


async def _read(query: ListQuery, pages: UsedPages) -> AsyncIterator[Page]:
    token: str | None = None
    while True:
        if len(pages.used) == MOST_PAGES:
            raise Unavailable(
                f"The job's execution is not among the {MOST_PAGES} pages of its schedule's that "
                "may be read for it."
            )
        key = PageKey.of(query, None, token)
        entry = pages.peek_page(key) or await pages.read_page(key)
        assert isinstance(entry.value, Page)
        yield entry.value
        token = entry.value.token
        if token is None:
            return
