"""Relay's connections over AWS's lists, paged forward.

Source: https://relay.dev/graphql/connections.htm
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import strawberry

from gateway.aws.call_budget import FREE, Cost
from gateway.aws.pagination.cached import ListKey
from gateway.aws.pagination.cursor import parse_cursor
from gateway.aws.pagination.query import ListQuery
from gateway.aws.reader import Reader
from gateway.aws.resources import TAGS, Child, Resource
from gateway.aws.tags import MAX_PAGES
from gateway.errors import BadUserInput
from gateway.grants import View
from gateway.redaction import is_secret_name, redact
from gateway.schema.connection_page import PageTarget, page_selection
from gateway.schema.fields import SOURCE, own
from gateway.schema.identity import root_type_named
from gateway.schema.links import reference_field
from gateway.schema.list_arguments import list_query
from gateway.schema.references import Context, Costs, Found, Reference, follow
from gateway.schema.rows import answered_by_row, spelled_by_describe
from gateway.schema.scopes import UnauthorizedFieldOrType, scopes_of
from gateway.schema.selection import Kind, Selection

N = TypeVar("N")
Info = strawberry.Info[Context, None]
First = Annotated[
    int | None,
    strawberry.argument(description="How many rows the page has at most; at least 1."),
]
After = Annotated[
    str | None,
    strawberry.argument(description="Cursor of the row after which the page begins."),
]
Region = Annotated[
    str | None,
    strawberry.argument(description="AWS region; the gateway's own when it is not given."),
]
_FILTER = "Conditions on the rows, all of which must hold."
_ORDER_BY = "Order of the rows; the newest come first by default."


@dataclass(frozen=True)
class Rows(Reference):
    """Leads to the resources of a page's rows, or to the resource of an edge's row."""

    attributes: tuple[str, ...]

    def find(
        self, reader: Reader, root: Any, arguments: None, selections: tuple[Selection, ...]
    ) -> Found | list[Found]:
        """Return the object or the target of each row."""
        rows = getattr(root, self.attributes[0])
        if isinstance(rows, list):
            return [row.find_resource(reader, selections[0]) for row in rows]
        found: Found = rows.find_resource(reader, selections[0])
        return found

    def cost(self, arguments: None, selection: Selection, costs: Costs) -> Cost:
        """Return no cost: the cost of the page includes its rows."""
        return FREE


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    """Source: https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo."""

    has_next_page: bool = own("Whether rows follow; asking may cost one AWS call more.")
    has_previous_page: bool = own("Whether rows came before.")
    start_cursor: str | None = own("Cursor of the first edge; null when there is none.")
    end_cursor: str | None = own("What `after` takes for the next page; null where no row is left.")


@strawberry.type(description="A row of a list with its cursor.")
class Edge(Generic[N]):
    """Resolved from a `ConnectionEdge`."""

    cursor: str = own("What `after` takes to go on after this row.")
    node: N | None = reference_field(
        Rows(("node",)), "The resource; null when it was deleted after AWS listed it."
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[N]):
    """Resolved from a `ConnectionPage`."""

    edges: list[Edge[N]] = own("The rows with their cursors.")
    nodes: list[N | None] = reference_field(Rows(("nodes",)), "The resources of the rows.")
    page_info: PageInfo = own("The position of the page in the list.")


class PageArguments(NamedTuple):
    """The arguments of a connection, in a form that can be compared."""

    query: ListQuery
    """The query without its region; `Page.find` adds it."""
    first: int | None
    after: str | None
    region: str | None


@dataclass(frozen=True)
class Page(Reference):
    """Leads to a page of a list: the list of a region, or of an object."""

    kind: Resource | Child
    attributes: tuple[str, ...] = ()
    """The attributes with ARN and name of the object that has the list; none for a region's."""

    def bind(self, arguments: Mapping[str, Any]) -> Hashable:
        """Return the `PageArguments`. Raises `BadUserInput`."""
        query = list_query(self.kind, arguments.get("filter"), arguments.get("order_by"))
        first, after = arguments.get("first"), arguments.get("after")
        return PageArguments(query, first, after, arguments.get("region"))

    def find(
        self,
        reader: Reader,
        root: Any,
        arguments: PageArguments,
        selections: tuple[Selection, ...],
    ) -> Found:
        """Return the target of the page. Raises `BadUserInput`."""
        query, first, after, region = arguments
        if selections[0].grants.redacts:
            _check_tags(query)
        if self.attributes:
            arn, name = (getattr(root, attribute) for attribute in self.attributes)
            query = replace(query, region=reader.key_of_aws_arn(arn).region, parent=name)
        else:
            query = replace(query, region=reader.region_of(region))
        query = replace(query, view=self._view_of_rows(selections[0]))
        settings = reader.settings
        size = _page_size(first, settings.default_page_size, settings.max_page_size)
        cursor = None if after is None else parse_cursor(after, query)
        look_ahead = page_selection(selections[0]).look_ahead
        return PageTarget(ListKey(query, size, cursor, look_ahead), selections[0])

    def cost(self, arguments: PageArguments, selection: Selection, costs: Costs) -> Cost:
        """Return the cost of the page, of the describes of its rows and of the fields below."""
        settings, query = costs.settings, arguments.query
        try:
            _page_size(arguments.first, settings.default_page_size, settings.max_page_size)
        except BadUserInput:
            return FREE
        aws_lists = len(query.aws_lists())
        if not aws_lists:
            return FREE
        cost = Cost.of(query.listing.operation, max(settings.list_calls, aws_lists))
        view = self._view_of_rows(selection)
        if query.tags or (view is not None and view.tags):
            root = root_type_named(getattr(self.kind, "shows", None) or self.kind.type_name)
            assert root is not None
            cost += Cost.of(TAGS.operation, settings.list_tag_reads * MAX_PAGES)
            # Where a row does not spell the ARN as ListTags wants it.
            cost += Cost.of(root.resource.describe, settings.list_tag_reads)
        return cost + self.cost_below(arguments, selection, costs)

    def cost_below(self, arguments: PageArguments, selection: Selection, costs: Costs) -> Cost:
        """Return the cost of the describes of the page's rows and of the fields below."""
        settings = costs.settings
        rows = _page_size(arguments.first, settings.default_page_size, settings.max_page_size)
        return _rows_cost(self.kind, rows, selection, costs)

    def _view_of_rows(self, selection: Selection) -> View | None:
        """Return the view that the rows must be in; `None` for rows that belong to one resource."""
        is_about_resources = isinstance(self.kind, Resource) or self.kind.shows is not None
        return selection.grants.view if is_about_resources else None


def _check_tags(query: ListQuery) -> None:
    """Raise `UnauthorizedFieldOrType` for a condition that would tell a value that is redacted."""
    for key, value in query.tags:
        if value is not None and (is_secret_name(key) or redact(value) != value):
            raise UnauthorizedFieldOrType


def _page_size(first: int | None, default: int, most: int) -> int:
    """Return the number of rows that `first` asks for. Raises `BadUserInput`."""
    if first is None:
        return min(default, most)
    if not 1 <= first <= most:
        raise BadUserInput(f"`first` must be from 1 to {most}, not {first}.")
    return first


def _rows_cost(kind: Resource | Child, rows: int, selection: Selection, costs: Costs) -> Cost:
    fields = page_selection(selection).fields
    is_described = isinstance(kind, Resource) and not fields <= (
        answered_by_row(kind) - spelled_by_describe(kind)
    )
    cost = FREE
    for index, (keys, row) in enumerate(_row_places(selection)):
        if is_described:
            # The same rows at a second place cause no more describes, but searches.
            calls = 0 if index else rows
            cost += costs.describe(row, calls=calls, objects=rows).at(*keys)
        cost += (costs.below(row) * rows).at(*keys)
    return cost


def _row_places(selection: Selection) -> list[tuple[tuple[str, ...], Selection]]:
    """Return the response keys down to the rows, with the selection, for each place of the rows."""
    found: list[tuple[tuple[str, ...], Selection]] = []
    for field in selection.fields:
        if field.kind is Kind.REFERENCE:
            found.append(((field.key,), field.selections[0]))
        elif field.name == "edges":
            below = _row_places(field.selections[0])
            found += [((field.key, *keys), row) for keys, row in below]
    return found


def connection(
    kind: Resource, filter_type: Any, order_type: Any, description: str, *, name: str
) -> Any:
    """Declare a root field with the connection over the list of `kind`."""
    reference = Page(kind)

    async def resolve(
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        region: Region = strawberry.UNSET,
        order_by: Any = strawberry.UNSET,
        filter: Any = strawberry.UNSET,  # noqa: A002  # the argument's name is GraphQL's custom
    ) -> Any:
        return await follow(
            reference,
            None,
            info,
            first=first,
            after=after,
            region=region,
            order_by=order_by,
            filter=filter,
        )

    _annotate(resolve, filter_type, order_type)
    return strawberry.field(
        resolver=resolve,
        name=name,
        description=description,
        metadata={SOURCE: reference},
        directives=[scopes_of(kind)],
    )


def connection_below(
    kind: Child, filter_type: Any, order_type: Any, description: str, *, parent: str
) -> Any:
    """Declare a field of a resource with the connection over its list of `kind`.

    `parent` is the attribute with the resource's name.
    """
    reference = Page(kind, ("id", parent))

    async def resolve(
        root: Any,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        order_by: Any = strawberry.UNSET,
        filter: Any = strawberry.UNSET,  # noqa: A002  # as above
    ) -> Any:
        return await follow(
            reference, root, info, first=first, after=after, order_by=order_by, filter=filter
        )

    _annotate(resolve, filter_type, order_type)
    return strawberry.field(
        resolver=resolve,
        description=description,
        metadata={SOURCE: reference},
        directives=[scopes_of(kind)],
    )


def _annotate(resolve: Any, filter_type: Any, order_type: Any) -> None:
    for name, type_, description in (
        ("filter", filter_type, _FILTER),
        ("order_by", order_type, _ORDER_BY),
    ):
        argument = strawberry.argument(description=description)
        resolve.__annotations__[name] = Annotated[type_ | None, argument]
