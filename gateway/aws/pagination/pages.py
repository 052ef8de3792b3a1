"""Read pages of AWS's lists, each by one shared call, and cache them for seconds."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.aws.cache import Entry, MemoryCache, instants_of_all
from gateway.aws.call_log import unreadable
from gateway.aws.client import SageMaker
from gateway.aws.errors import NotFound, Unavailable
from gateway.aws.pagination.query import ListQuery
from gateway.aws.resources import Child, Resource
from gateway.aws.single_flight import SingleFlight

if TYPE_CHECKING:
    from gateway.aws.loader import Loader

LONGEST_TOKEN: Final = 8_192
"""Characters, as AWS's model of its lists has it."""

NoteRows = Callable[[Resource, str, Sequence["Row"]], None]
"""Called with the resource, the region and the rows of each of AWS's answers."""


class Row(NamedTuple):
    """One row of a list."""

    answer: Mapping[str, Any]
    """The members of the row."""
    arn: str
    """In the row of a child, the ARN of the job that does its work; empty where there is none."""
    name: str
    status: str
    created: int
    """The creation time, in milliseconds of Unix time."""
    modified: int | None = None
    """The modification time, in milliseconds of Unix time."""
    error: Exception | None = None
    """What is wrong with AWS's row, if it cannot be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One answer of a list operation."""

    rows: tuple[Row, ...]
    token: str | None
    """What AWS takes for the next page; `None` at the end of its list."""
    lists: set[Hashable] = field(default_factory=set)
    """The keys of the cached entries that were made of this page."""


class PageKey(NamedTuple):
    """The key of a page: the list operation's parameters."""

    kind: Resource | Child
    region: str
    parameters: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, query: ListQuery, status: str | None, token: str | None) -> "PageKey":
        """Return the key of the page that begins at `token`, in the AWS list of one status."""
        parameters = query.call(status, token)
        return cls(query.kind, query.region, tuple(sorted(parameters.items())))

    async def read_entry(self, loader: "Loader") -> Entry:
        """Return the page as AWS has it now. Raises `CodedError`."""
        return await loader.reader.pages.fetch_page(self)


class ListPages:
    """Reads pages by key. An entry's `value` is a `Page`; it serves for `fresh` seconds."""

    def __init__(
        self,
        sagemaker: SageMaker,
        cache: MemoryCache,
        fresh: float,
        clock: Callable[[], float],
        note_rows: NoteRows,
    ) -> None:
        self._sagemaker = sagemaker
        self._cache = cache
        self._fresh = fresh
        self._clock = clock
        self._note_rows = note_rows
        self._flights: SingleFlight[PageKey, Entry] = SingleFlight()

    async def fetch_page(self, key: PageKey) -> Entry:
        """Return the page of `key`, read from AWS by one call that all callers share.

        Raises `UpstreamError`, and `BadUserInput` where AWS refuses a filter or a token.
        """
        return await self._flights.join(key, lambda: self._fetch_page(key))

    async def _fetch_page(self, key: PageKey) -> Entry:
        kind, region, parameters = key
        try:
            answer = await self._sagemaker.call(region, kind.listing.operation, **dict(parameters))
        except NotFound as error:
            if kind.listing.parent is None or "NextToken" in dict(parameters):
                raise Unavailable(
                    f"AWS found nothing to list by {kind.listing.operation}."
                ) from error
            # The resource that has the list is gone, and its list with it.
            answer = {kind.listing.rows: []}
        page = _read_page(kind, region, answer)
        entry = Entry.of_page(page, answer, self._clock(), self._fresh)
        self._drop_lists(key)
        self._cache.put(key, entry)
        if isinstance(kind, Resource):
            self._note_rows(kind, region, [row for row in page.rows if row.error is None])
        return entry

    def _drop_lists(self, key: PageKey) -> None:
        """Evict the lists that were made of the page that is replaced."""
        entry: Entry | None = self._cache.peek(key)
        if entry is not None:
            assert isinstance(entry.value, Page)
            for each in entry.value.lists:
                self._cache.drop(each)


def repeated_token(query: ListQuery) -> Unavailable:
    """Return the error for a list whose token leads back to a page that was read, and log it."""
    operation = query.listing.operation
    message = f"AWS answered {operation} with a token that it had given before."
    return unreadable(operation, query.region, message)


def _read_page(kind: Resource | Child, region: str, answer: Mapping[str, Any]) -> Page:
    operation = kind.listing.operation
    rows, token = answer.get(kind.listing.rows), answer.get("NextToken") or None
    if not isinstance(rows, list) or not isinstance(token, str | None):
        raise unreadable(operation, region, f"AWS answered {operation} with no list.")
    if token is not None and len(token) > LONGEST_TOKEN:
        message = f"AWS answered {operation} with a token that is longer than AWS takes."
        raise unreadable(operation, region, message)
    return Page(tuple(_read_rows(kind, region, rows)), token)


def _read_rows(kind: Resource | Child, region: str, answers: list[Any]) -> Iterator[Row]:
    """Yield the rows of a page.

    One that cannot be read has an error. Without a time of its own it has that of the row before
    it, or of the first row that has one, so that it stays in its place where lists are merged.
    """
    members = [answer if isinstance(answer, Mapping) else {} for answer in answers]
    all_times = instants_of_all(members)
    created = next((created for created, _ in all_times if created is not None), 0)
    for index, (answer, times) in enumerate(zip(members, all_times, strict=True)):
        row = _read_row(kind, answer, times)
        if isinstance(row, str):
            operation = kind.listing.operation
            error = unreadable(
                operation,
                region,
                f"AWS answered {operation} with a row that has no {row}: the one at index "
                f"{index}{_name_of(kind, answer)}.",
            )
            created = created if times[0] is None else times[0]
            yield Row({}, "", f"row {index}", "", created, error=error)
        else:
            created = row.created
            yield row


def _read_row(
    kind: Resource | Child, members: Mapping[str, Any], times: tuple[int | None, int | None]
) -> Row | str:
    """Return the row, or the member that it lacks."""
    arn = members.get(kind.arn) if kind.arn else None
    if arn is None and isinstance(kind, Child):
        arn = ""
    name, status = members.get(kind.name), members.get(kind.status)
    if not isinstance(arn, str) or (isinstance(kind, Resource) and not arn):
        return kind.arn or "ARN"
    if not isinstance(name, str | datetime) or not name:
        return kind.name
    if not isinstance(status, str):
        return kind.status
    if not isinstance(members.get("CreationTime"), datetime):
        return "CreationTime"
    created, modified = times
    # Within a day of the first or the last year that Python knows, an instant has no number.
    return Row(members, arn, str(name), status, created or 0, modified)


def _name_of(kind: Resource | Child, members: Mapping[str, Any]) -> str:
    name = members.get(kind.name)
    return f", {name}" if isinstance(name, str) else ""
