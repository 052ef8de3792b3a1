"""Relay's connections over AWS's lists, paged forward.

Source: https://relay.dev/graphql/connections.htm
"""

from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import strawberry
from graphql import FieldNode, GraphQLObjectType, GraphQLResolveInfo, get_named_type, is_object_type

from gateway.aws.list_entries import ListKey
from gateway.aws.listings import Listing
from gateway.aws.reader import Reader
from gateway.schema.context import OperationContext
from gateway.schema.fields import SOURCE, Connected, Own, Rows
from gateway.schema.list_filters import ListOrder, list_query
from gateway.schema.listed import Wanted, list_key, load_page
from gateway.schema.selection import collect_fields

N = TypeVar("N")
Info = strawberry.Info[OperationContext, None]
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
OrderBy = Annotated[
    ListOrder | None,
    strawberry.argument(description="Order of the rows; the newest come first by default."),
]


def _own(description: str) -> Any:
    return strawberry.field(description=description, metadata={SOURCE: Own()})


@strawberry.type(description="Where a page of a list stands in it.")
class PageInfo:
    """Source: https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo."""

    has_next_page: bool = _own("Whether rows follow; asking may cost one AWS call more.")
    has_previous_page: bool = _own("Whether rows came before.")
    start_cursor: str | None = _own("Cursor of the first edge; null when there is none.")
    end_cursor: str | None = _own(
        "What `after` takes for the next page; null where no row is left."
    )


@strawberry.type(description="A row of a list and its place.")
class Edge(Generic[N]):
    """One per row."""

    cursor: str = _own("What `after` takes to go on behind this row.")
    node: N | None = strawberry.field(
        description="The resource; null when it was deleted after AWS listed it.",
        metadata={SOURCE: Rows()},
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[N]):
    """Resolved from a `ListedPage`."""

    edges: list[Edge[N]] = _own("The rows with their places.")
    nodes: list[N | None] = strawberry.field(
        description="The rows alone.", metadata={SOURCE: Rows()}
    )
    page_info: PageInfo = _own("Where the page stands in the list.")


class Arguments(NamedTuple):
    """What a client gives a connection."""

    first: int | None = None
    after: str | None = None
    region: str | None = None
    order_by: ListOrder | None = None
    filter: Any = None


def key_of(reader: Reader, listing: Listing, given: Arguments, *, look_ahead: bool) -> ListKey:
    """Return which page of the list of `listing` is meant. Raises `BadUserInput`."""
    query = list_query(listing, reader.region_of(given.region), given.filter, given.order_by)
    return list_key(reader, query, given.first, given.after, look_ahead=look_ahead)


def connection(
    listing: Listing, filter_type: Any, description: str, *, name: str | None = None
) -> Any:
    """Declare a root field that holds the list of `listing`, with a filter of its own."""

    async def read(
        info: Info,
        first: First = None,
        after: After = None,
        region: Region = None,
        order_by: OrderBy = None,
        filter: Any = None,  # noqa: A002  # the argument's name is GraphQL's custom
    ) -> Any:
        raw = info._raw_info  # noqa: SLF001  # Strawberry's `selected_fields` does not merge or skip
        chosen = wanted(raw)
        arguments = Arguments(first, after, region, order_by, filter)
        key = key_of(info.context.reader, listing, arguments, look_ahead=chosen.look_ahead)
        return await load_page(info.context, key, chosen.fields, raw.path.as_list())

    chosen = strawberry.argument(description="Conditions on the rows, all of which must hold.")
    read.__annotations__["filter"] = Annotated[filter_type | None, chosen]
    return strawberry.field(
        resolver=read,
        name=name,
        description=description,
        metadata={SOURCE: Connected(listing)},
    )


def wanted(raw: GraphQLResolveInfo[OperationContext]) -> Wanted:
    """Return what a selection asks of a connection."""
    page = _select(raw, raw.return_type, raw.field_nodes)
    edges = _select(raw, _type(raw.return_type, "edges"), _named(page, "edges"))
    page_info = _select(raw, _type(raw.return_type, "pageInfo"), _named(page, "pageInfo"))
    node_type = _type(raw.return_type, "nodes")
    nodes = _select(raw, node_type, [*_named(page, "nodes"), *_named(edges, "node")])
    look_ahead = bool(_named(page_info, "hasNextPage"))
    return Wanted(frozenset(node.name.value for node in nodes), look_ahead)


def _select(
    raw: GraphQLResolveInfo[OperationContext], type_: Any, nodes: list[FieldNode]
) -> list[FieldNode]:
    """Return the fields that are selected of the objects of `type_` that `nodes` hold."""
    named = get_named_type(type_)
    assert is_object_type(named)
    groups = collect_fields(
        raw.schema,
        raw.fragments,
        raw.variable_values,
        named,
        (node.selection_set for node in nodes),
    )
    return [node for group in groups.values() for node in group]


def _type(type_: Any, field: str) -> Any:
    named = get_named_type(type_)
    assert isinstance(named, GraphQLObjectType)
    return named.fields[field].type


def _named(nodes: list[FieldNode], name: str) -> list[FieldNode]:
    return [node for node in nodes if node.name.value == name]
