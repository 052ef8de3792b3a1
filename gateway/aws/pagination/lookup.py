"""Find the row of a list that names a job: the monitoring execution of a processing job.

AWS lists executions by schedule and not by job. The executions of the days around the job's
creation are read first: jobs of one schedule with near creation times share that page.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListMonitoringExecutions.html
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.aws.cache import Entry
from gateway.aws.deadline import Deadline
from gateway.aws.errors import Unavailable
from gateway.aws.pagination.cached import LoadedPages
from gateway.aws.pagination.pages import Page, PageKey, Row, repeated_token
from gateway.aws.pagination.query import ListQuery
from gateway.aws.resources import Child

if TYPE_CHECKING:
    from gateway.aws.loader import Loader

MAX_PAGES: Final = 10
"""Pages read for one row: 1,000 rows of its list, at 100 per page."""
_DAY: Final = timedelta(days=1)


class RowKey(NamedTuple):
    """The key of the row that names a job."""

    kind: Child
    region: str
    parent: str
    """The name of the resource that has the list."""
    job: str
    """The ARN of the job."""
    created: datetime
    """When the job was created."""

    async def read_entry(self, loader: "Loader") -> Entry:
        """Return the entry, whose `value` is `None` where no row names the job.

        It is cached until one of the pages read is no longer fresh or is read again.
        Raises `CodedError`.
        """
        pages = LoadedPages(loader)
        reader = loader.reader
        deadline = Deadline(reader.clock, reader.settings.list_seconds)
        row = await _find_row(self, pages, deadline)
        value = None if row is None else loader.reader.decode(self.kind, row.answer)
        entry = Entry.of_list(value, 1, pages.used, loader.reader.clock())
        pages.cache(self, entry)
        return entry


async def _find_row(key: RowKey, pages: LoadedPages, deadline: Deadline) -> Row | None:
    """Return the row. Raises the error of a row that cannot be read, which may be the one."""
    error: Exception | None = None
    for query in _queries_for(key):
        async for page in _read_pages(query, pages, deadline):
            for row in page.rows:
                if row.arn.lower() == key.job.lower():
                    return row
                error = error or row.error
    if error is not None:
        raise error.with_traceback(None)
    return None


def _queries_for(key: RowKey) -> Iterator[ListQuery]:
    everything = ListQuery(kind=key.kind, region=key.region, parent=key.parent)
    try:
        day = key.created.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        near = (("CreationTimeAfter", day - _DAY), ("CreationTimeBefore", day + 2 * _DAY))
        yield ListQuery(kind=key.kind, region=key.region, parent=key.parent, parameters=near)
    except OverflowError:
        # Within days of the first or the last year that Python knows.
        pass
    yield everything


async def _read_pages(
    query: ListQuery, pages: LoadedPages, deadline: Deadline
) -> AsyncIterator[Page]:
    token: str | None = None
    tokens: set[str] = set()
    while True:
        if len(pages.used) == MAX_PAGES:
            raise Unavailable(
                f"The job is not named in the {MAX_PAGES} pages of {query.listing.operation} that "
                "may be read for it."
            )
        deadline.check(query.listing.operation)
        key = PageKey.of(query, None, token)
        entry = pages.peek_page(key) or await pages.read_page(key)
        assert isinstance(entry.value, Page)
        yield entry.value
        token = entry.value.token
        if token is None:
            return
        if token in tokens:
            raise repeated_token(query)
        tokens.add(token)
