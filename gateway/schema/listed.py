"""Load a page of a list: which rows, and what of each. Knows neither Strawberry nor a resolver."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.aws.cursor import parse_cursor
from gateway.aws.errors import Unavailable
from gateway.aws.list_pages import Row
from gateway.aws.listings import Listing, ListQuery
from gateway.aws.lists import Budget, Listed, read_list
from gateway.errors import BadUserInput, CodedError
from gateway.schema.context import Notice, OperationContext
from gateway.schema.rows import answered, partial

BUDGET_SPENT: Final = "LIST_BUDGET_SPENT"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client selects of a page."""

    fields: frozenset[str]
    """The GraphQL fields of its nodes."""
    look_ahead: bool
    """Whether it matters if another page follows."""


async def load_page(
    context: OperationContext,
    query: ListQuery,
    first: int | None,
    after: str | None,
    wanted: Wanted,
    path: Sequence[str | int],
) -> "ListedPage":
    """Return a page of a list with its nodes; what stops it early is noted under `path`.

    Raises `CodedError`.
    """
    options = context.reader.list_options
    size = page_size(first, options.default_page_size, options.max_page_size)
    cursor = None if after is None else parse_cursor(after, query)
    budget = Budget(options, context.reader.clock, len(query.streams()))
    listed = await read_list(query, size, cursor, context, budget, look_ahead=wanted.look_ahead)
    if listed.is_cut:
        context.notices.append(_cut(path, size, len(listed.rows)))
    has_previous = cursor is not None and cursor.mark is not None
    nodes = await nodes_of(context, query, listed.rows, wanted.fields)
    return ListedPage(query, listed, nodes, has_previous)


def page_size(first: int | None, default: int, most: int) -> int:
    """Return how many rows `first` means. Raises `BadUserInput`."""
    if first is None:
        return min(default, most)
    if not 1 <= first <= most:
        raise BadUserInput(f"`first` must be from 1 to {most}, not {first}.")
    return first


async def nodes_of(
    context: OperationContext, query: ListQuery, rows: Sequence[Row], fields: frozenset[str]
) -> list[Any]:
    """Return the objects of `rows`: the rows themselves where they answer all of `fields`."""
    if fields <= answered(query.listing):
        return [row.value for row in rows]
    return list(
        await asyncio.gather(*(_described(context, query.listing, query, row) for row in rows))
    )


async def _described(
    context: OperationContext, listing: Listing, query: ListQuery, row: Row
) -> Any:
    try:
        key = context.reader.key_of_name(listing.resource, row.name, query.region)
    except BadUserInput:
        # Not the client's doing, so not the client's code.
        error = Unavailable("AWS listed a name that no resource can have.")
        return partial(listing, row.value, error)
    try:
        return await context.read(key, row.arn)
    except CodedError as error:
        return partial(listing, row.value, error)


def _cut(path: Sequence[str | int], size: int, found: int) -> Notice:
    return Notice(
        path=list(path),
        code=BUDGET_SPENT,
        message=f"The budget of AWS calls for this page was spent after {found} of {size} rows; "
        "more may follow `endCursor`.",
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
        return self.page.listed.cursors[self.index].text(self.page.query)


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page of a list, which is its own `PageInfo`. Cursors are made when they are asked for."""

    query: ListQuery
    listed: Listed
    nodes: list[Any]
    has_previous_page: bool

    @property
    def edges(self) -> list[ListedEdge]:
        """The rows with their places."""
        return [ListedEdge(self, index) for index in range(len(self.nodes))]

    @property
    def page_info(self) -> "ListedPage":
        """What to know for the next page."""
        return self

    @property
    def has_next_page(self) -> bool:
        """Whether rows follow."""
        return self.listed.has_more

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first edge."""
        cursors = self.listed.cursors
        return cursors[0].text(self.query) if cursors else None

    @property
    def end_cursor(self) -> str | None:
        """Where the list goes on after the page."""
        end = self.listed.end
        return None if end is None else end.text(self.query)
