"""Load a page of a list: which rows, and what of each. Knows neither Strawberry nor a resolver."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.aws.errors import Unavailable
from gateway.aws.loader import Notice, OperationContext
from gateway.aws.pagination.cached import ListKey
from gateway.aws.pagination.cursor import parse_cursor
from gateway.aws.pagination.merge import Listed
from gateway.aws.pagination.pages import Row
from gateway.aws.pagination.query import ListQuery
from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import Child
from gateway.errors import BadUserInput
from gateway.schema.rows import answered, partial

Path = Sequence[str | int]

BUDGET_SPENT: Final = "LIST_BUDGET_SPENT"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client selects of a page."""

    fields: frozenset[str]
    """The GraphQL fields of its nodes."""
    look_ahead: bool
    """Whether it matters if another page follows."""


def list_key(
    reader: Reader, query: ListQuery, first: int | None, after: str | None, *, look_ahead: bool
) -> ListKey:
    """Return which page of a list the arguments `first` and `after` mean. Raises `BadUserInput`."""
    settings = reader.settings
    size = page_size(first, settings.default_page_size, settings.max_page_size)
    cursor = None if after is None else parse_cursor(after, query)
    return ListKey(query, size, cursor, look_ahead)


def page_size(first: int | None, default: int, most: int) -> int:
    """Return how many rows `first` means. Raises `BadUserInput`."""
    if first is None:
        return min(default, most)
    if not 1 <= first <= most:
        raise BadUserInput(f"`first` must be from 1 to {most}, not {first}.")
    return first


async def load_page(
    context: OperationContext, key: ListKey, fields: frozenset[str], path: Path
) -> "ListedPage":
    """Return a page of a list whose nodes have `fields`; what stops it early is noted under `path`.

    Raises `CodedError`.
    """
    entry = await context.reader.lists.read(key, context)
    listed = entry.value
    assert isinstance(listed, Listed)
    if listed.is_cut:
        context.notices.append(cut_notice(path, key, listed))
    nodes = await asyncio.gather(*(_object(context, node) for node in nodes_of(listed, fields)))
    return ListedPage(listed, nodes)


async def _object(context: OperationContext, node: Any) -> Any:
    """Return the object of a node, described if need be; what fails fails in its fields."""
    if not isinstance(node, RowLink):
        return node
    try:
        return await context.read(node.key(context.reader), node.row.arn)
    except Exception as error:  # noqa: BLE001  # whatever it is, the other rows are there
        return node.partial(error)


@dataclass(frozen=True, slots=True)
class RowLink:
    """A row that leads to its resource, which has what the row has not."""

    query: ListQuery
    row: Row

    def key(self, reader: Reader) -> ResourceKey:
        """Return where the resource is found. Raises `Unavailable`."""
        try:
            return reader.key_of_name(self.query.listing.resource, self.row.name, self.query.region)
        except BadUserInput as error:
            # Not the client's doing, so not the client's code.
            raise Unavailable("AWS listed a name that no resource can have.") from error

    def partial(self, error: Exception) -> Any:
        """Return an object that has what the row has and raises `error` for what it has not."""
        return partial(self.query.listing, self.row.value, error)


def nodes_of(listed: Listed, fields: frozenset[str]) -> list[Any]:
    """Return the rows' objects where they answer all of `fields`, else a `RowLink` for each.

    Of what has no ARN of its own, rows are all that there is.
    """
    listing = listed.query.listing
    if isinstance(listing.kind, Child) or fields <= answered(listing):
        return [row.value for row in listed.rows]
    return [RowLink(listed.query, row) for row in listed.rows]


def cut_notice(path: Path, key: ListKey, listed: Listed) -> Notice:
    """Return what is to say of a page at `path` that the budget cut short."""
    return Notice(
        path=list(path),
        code=BUDGET_SPENT,
        message=f"The budget of AWS calls for this page was spent after {len(listed.rows)} of "
        f"{key.first} rows; more may follow `endCursor`.",
    )


@dataclass(frozen=True, slots=True)
class ListedEdge:
    """A row with its place. The attributes are those of the GraphQL type, as below."""

    page: "ListedPage"
    index: int

    @property
    def node(self) -> Any:
        """The resource."""
        return self.page.nodes[self.index]

    @property
    def cursor(self) -> str:
        """Where the list goes on after it."""
        return self.page.listed.cursors[self.index].text(self.page.listed.query)


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page of a list, which is its own `PageInfo`. Cursors are made when they are asked for."""

    listed: Listed
    nodes: list[Any]

    @property
    def edges(self) -> list[ListedEdge]:
        """The rows with their places."""
        return [ListedEdge(self, index) for index in range(len(self.nodes))]

    @property
    def page_info(self) -> "ListedPage":
        """What to know for the next page."""
        return self

    @property
    def has_previous_page(self) -> bool:
        """Whether rows came before."""
        return self.listed.has_previous

    @property
    def has_next_page(self) -> bool:
        """Whether rows follow."""
        return self.listed.has_more

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first edge."""
        cursors = self.listed.cursors
        return cursors[0].text(self.listed.query) if cursors else None

    @property
    def end_cursor(self) -> str | None:
        """Where the list goes on after the page."""
        end = self.listed.end
        return None if end is None else end.text(self.listed.query)
