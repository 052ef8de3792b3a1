"""The objects that Relay's types are resolved from: a page of a list, its edges and its rows."""

from dataclasses import dataclass
from typing import Any, Final

from gateway.aws.arn import is_spelled_as
from gateway.aws.cache import Entry
from gateway.aws.errors import Unavailable
from gateway.aws.loader import Notice
from gateway.aws.pagination.cached import ListKey
from gateway.aws.pagination.merge import Listed
from gateway.aws.pagination.pages import Row
from gateway.aws.pagination.query import ListQuery
from gateway.aws.reader import Reader, named_by_aws
from gateway.aws.resources import Resource
from gateway.errors import CodedError
from gateway.schema.links import searched_key
from gateway.schema.references import Found, InPlace, Path, Target
from gateway.schema.rows import answered_by_row, partial, spelled_by_describe
from gateway.schema.selection import Kind, Selection

BUDGET_SPENT: Final = "LIST_BUDGET_SPENT"


@dataclass(frozen=True, slots=True)
class PageSelection:
    """What a client selects on a connection."""

    fields: frozenset[str]
    """The GraphQL fields of its nodes."""
    look_ahead: bool
    """Whether it selects `hasNextPage`."""


def page_selection(selection: Selection) -> PageSelection:
    """Return what a selection on a connection selects of the page."""
    fields: set[str] = set()
    look_ahead = False
    for field in selection.fields:
        for below in field.selections:
            if field.kind is Kind.REFERENCE:
                fields |= below.field_names
            elif field.name == "edges":
                fields |= page_selection(below).fields
            look_ahead = look_ahead or "hasNextPage" in below.field_names
    return PageSelection(frozenset(fields), look_ahead)


@dataclass(frozen=True, slots=True)
class RowTarget(Target):
    """The resource of a row. If it cannot be read, the row's own values are shown."""

    is_in_view = True
    row: Any = None
    reader: Any = None

    def value(self, entry: Entry) -> Any:
        """Return the object that the entry holds, `None` when the resource is gone.

        Raises `Unavailable` where AWS lists the resource by another ARN than it describes it by.
        """
        if entry.value is not None and self.arn is not None and not entry.is_of(self.arn):
            raise Unavailable("AWS describes another resource than it listed.")
        return entry.value

    def fallback(self, error: Exception) -> Any:
        """Return an object with the values of the row; other members raise `error`."""
        assert isinstance(self.row, ListedRow)
        return self.row.partial(self.reader, error)


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row of a page."""

    query: ListQuery
    row: Row
    is_described: bool
    """Whether more is selected than the row has, so that the resource is described."""

    def find_resource(self, reader: Reader, selection: Selection) -> Found:
        """Return the row's object, or the target of its resource."""
        kind, region = self.query.kind, self.query.region
        if self.row.error is not None:
            return self.row.error
        if not self.is_described:
            return InPlace(reader.decode(kind, self.row.answer), selection)
        assert isinstance(kind, Resource)
        try:
            with named_by_aws("AWS listed a name that no resource can have."):
                key = reader.key_of_name(kind, self.row.name, region)
        except CodedError as error:
            return InPlace(self.partial(reader, error), selection)
        searched = searched_key(key, selection)
        return RowTarget(key, selection, self.row.arn, searched, row=self, reader=reader)

    def partial(self, reader: Reader, error: Exception) -> Any:
        """Return an object with the values of the row; other members raise `error`."""
        assert isinstance(self.query.kind, Resource)
        row = reader.decode(self.query.kind, self.row.answer)
        return partial(self.query.kind, row, error)


@dataclass(frozen=True, slots=True)
class PageTarget(Target):
    """A page of a list."""

    def value(self, entry: Entry) -> "ConnectionPage":
        """Return the page as the object that the connection is resolved from."""
        listed = entry.value
        assert isinstance(listed, Listed)
        fields = page_selection(self.selection).fields
        return ConnectionPage(
            listed,
            [
                ListedRow(listed.query, row, _is_described(listed, row, fields))
                for row in listed.rows
            ],
        )

    def notice(self, entry: Entry, path: Path) -> Notice | None:
        """Return the notice that the budget cut the page short, if it did."""
        listed, key = entry.value, self.key
        assert isinstance(listed, Listed)
        assert isinstance(key, ListKey)
        if not listed.is_cut:
            return None
        return Notice(
            path=list(path),
            code=BUDGET_SPENT,
            message=f"The budget of AWS calls for this page was spent after {len(listed.rows)} of "
            f"{key.first} rows; more may follow `endCursor`.",
        )


def _is_described(listed: Listed, row: Row, fields: frozenset[str]) -> bool:
    kind = listed.query.kind
    if not isinstance(kind, Resource):
        # No operation answers more of it than the row.
        return False
    if not fields <= answered_by_row(kind):
        return True
    return not fields.isdisjoint(spelled_by_describe(kind)) and not is_spelled_as(row.arn, row.name)


@dataclass(frozen=True, slots=True)
class ConnectionEdge:
    """A row with its cursor. The attributes are those of the GraphQL type."""

    page: "ConnectionPage"
    index: int

    @property
    def node(self) -> ListedRow:
        """The row."""
        return self.page.nodes[self.index]

    @property
    def cursor(self) -> str:
        """The cursor after which the next row comes."""
        return self.page.listed.cursor(self.index).text(self.page.listed.query)


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """A page of a list, which is its own `PageInfo`. A cursor is encoded when it is selected."""

    listed: Listed
    nodes: list[ListedRow]

    @property
    def edges(self) -> list[ConnectionEdge]:
        """The rows with their cursors."""
        return [ConnectionEdge(self, index) for index in range(len(self.nodes))]

    @property
    def page_info(self) -> "ConnectionPage":
        """This object: it has the attributes of `PageInfo`."""
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
        return self.listed.cursor(0).text(self.listed.query) if self.listed.rows else None

    @property
    def end_cursor(self) -> str | None:
        """Where the list goes on after the page."""
        end = self.listed.end
        return None if end is None else end.text(self.listed.query)
