"""Relay's connections over AWS's lists, paged forward.

Source: https://relay.dev/graphql/connections.htm
"""

from dataclasses import replace
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import strawberry
from graphql import FieldNode, GraphQLObjectType, GraphQLResolveInfo, get_named_type, is_object_type

from gateway.aws.loader import OperationContext
from gateway.aws.pagination.cached import ListKey
from gateway.aws.pagination.query import Listing, ListQuery
from gateway.aws.reader import Reader
from gateway.schema.collect_fields import collect_fields
from gateway.schema.connection_page import Wanted, list_key, load_page
from gateway.schema.fields import SOURCE, Beside, Connected, Own, Rows
from gateway.schema.list_arguments import list_query
from gateway.schema.references import link_key

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
_FILTER = "Conditions on the rows, all of which must hold."
_ORDER_BY = "Order of the rows; the newest come first by default."


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
    order_by: Any = None
    filter: Any = None


def key_of(reader: Reader, listing: Listing, given: Arguments, *, look_ahead: bool) -> ListKey:
    """Return which page of the list of `listing` is meant. Raises `BadUserInput`."""
    query = list_query(listing, reader.region_of(given.region), given.filter, given.order_by)
    return list_key(reader, query, given.first, given.after, look_ahead=look_ahead)


class PageArguments(NamedTuple):
    """What a client gives a connection below a resource, in a form that can be compared."""

    query: ListQuery
    """Without its region and parent, which the resource gives."""
    first: int | None
    after: str | None
    look_ahead: bool


def page_arguments(listing: Listing, given: Arguments, *, look_ahead: bool) -> PageArguments:
    """Return what is asked of a list, whosever it is. Raises `BadUserInput`."""
    query = list_query(listing, "", given.filter, given.order_by)
    return PageArguments(query, given.first, given.after, look_ahead)


def connection(
    listing: Listing,
    filter_type: Any,
    order_type: Any,
    description: str,
    *,
    name: str | None = None,
) -> Any:
    """Declare a root field that holds the list of `listing`, with a filter and order of its own."""

    async def read(
        info: Info,
        first: First = None,
        after: After = None,
        region: Region = None,
        order_by: Any = None,
        filter: Any = None,  # noqa: A002  # the argument's name is GraphQL's custom
    ) -> Any:
        chosen = wanted(info._raw_info)  # noqa: SLF001  # as below
        arguments = Arguments(first, after, region, order_by, filter)
        key = key_of(info.context.reader, listing, arguments, look_ahead=chosen.look_ahead)
        return await _load(info, key, chosen)

    _annotate(read, filter_type, order_type)
    return strawberry.field(
        resolver=read,
        name=name,
        description=description,
        metadata={SOURCE: Connected(listing)},
    )


def connection_below(listing: Listing, filter_type: Any, order_type: Any, description: str) -> Any:
    """Declare a field of a resource that holds its list of `listing`."""
    source = Beside(("id",), _key_below, listing=listing)

    async def read(
        root: Any,
        info: Info,
        first: First = None,
        after: After = None,
        order_by: Any = None,
        filter: Any = None,  # noqa: A002  # as above
    ) -> Any:
        chosen = wanted(info._raw_info)  # noqa: SLF001  # as below
        given = Arguments(first, after, None, order_by, filter)
        arguments = page_arguments(listing, given, look_ahead=chosen.look_ahead)
        return await _load(info, source.key(info.context.reader, root, arguments), chosen)

    _annotate(read, filter_type, order_type)
    return strawberry.field(resolver=read, description=description, metadata={SOURCE: source})


def _key_below(reader: Reader, arn: str, arguments: PageArguments) -> ListKey:
    _, region, name = link_key(reader, arn)
    query, first, after, look_ahead = arguments
    query = replace(query, region=region, parent=name)
    return list_key(reader, query, first, after, look_ahead=look_ahead)


def _annotate(read: Any, filter_type: Any, order_type: Any) -> None:
    for name, type_, description in (
        ("filter", filter_type, _FILTER),
        ("order_by", order_type, _ORDER_BY),
    ):
        chosen = strawberry.argument(description=description)
        read.__annotations__[name] = Annotated[type_ | None, chosen]


async def _load(info: Info, key: ListKey, chosen: Wanted) -> Any:
    raw = info._raw_info  # noqa: SLF001  # Strawberry's `selected_fields` does not merge or skip
    return await load_page(info.context, key, chosen.fields, raw.path.as_list())


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
