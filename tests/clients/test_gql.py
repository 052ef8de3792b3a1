"""gql of PyPI against the running gateway: httpx, in both ways, and a WebSocket."""

from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport, HTTPXTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import print_schema

from gateway.schema.schema import CORE_SCHEMA

from .conftest import Changing
from .expected_data import WRONG_NAME

pytestmark = pytest.mark.anyio

Linked = tuple[str, dict[str, Any]]
Open = Callable[[str], Client]

OPERATIONS = Path(__file__).parent / "operations"
LINKS = (OPERATIONS / "links.graphql").read_text()
WRONG_FIELD = (OPERATIONS / "wrong_field.graphql").read_text()
CHANGES = (OPERATIONS / "changes.graphql").read_text()


def by_http(url: str) -> Client:
    """Return a client that sends POSTs."""
    return Client(transport=HTTPXAsyncTransport(f"{url}/graphql", trust_env=False))


def by_web_socket(url: str) -> Client:
    """Return a client that speaks graphql-transport-ws."""
    address = f"{url.replace('http', 'ws', 1)}/graphql"
    protocol = WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL
    return Client(transport=WebsocketsTransport(address, subprotocols=[protocol]))


both = pytest.mark.parametrize("open_client", [by_http, by_web_socket])


@both
async def test_query_with_links(url: str, linked: Linked, open_client: Open) -> None:
    """A query brings a job and what it links to."""
    name, job = linked
    async with open_client(url) as session:
        data = await session.execute(GraphQLRequest(LINKS, variable_values={"name": name}))

    assert data == {"processingJob": job}


@both
async def test_field_error(url: str, linked: Linked, open_client: Open) -> None:
    """An error of a field comes with its code and path, beside the data."""
    query = GraphQLRequest(LINKS, variable_values={"name": WRONG_NAME})
    async with open_client(url) as session:
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(query)
        again = await session.execute(GraphQLRequest(LINKS, variable_values={"name": linked[0]}))

    (error,) = raised.value.errors or []
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["path"] == ["processingJob"]
    assert raised.value.data == {"processingJob": None}
    assert again["processingJob"]["processingJobName"] == linked[0]


@both
async def test_refused_document(url: str, open_client: Open) -> None:
    """The client reads why a document is refused."""
    async with open_client(url) as session:
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(GraphQLRequest(WRONG_FIELD))

    (error,) = raised.value.errors or []
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_query_without_a_loop(url: str, linked: Linked) -> None:
    """The client's synchronous side gets the same."""
    name, job = linked
    with Client(transport=HTTPXTransport(f"{url}/graphql", trust_env=False)) as session:
        data = session.execute(GraphQLRequest(LINKS, variable_values={"name": name}))

    assert data == {"processingJob": job}


async def test_batch(url: str, linked: Linked) -> None:
    """Two operations in one request get their own answers."""
    name, job = linked
    asked = GraphQLRequest(LINKS, variable_values={"name": name})
    async with by_http(url) as session:
        answers = await session.execute_batch([asked, GraphQLRequest("{ __typename }")])

    assert answers == [{"processingJob": job}, {"__typename": "Query"}]


async def test_schema(url: str) -> None:
    """The client builds the gateway's schema from introspection, and checks operations with it."""
    transport = HTTPXAsyncTransport(f"{url}/graphql", trust_env=False)
    client = Client(transport=transport, fetch_schema_from_transport=True)
    async with client:
        pass

    assert client.schema is not None
    assert set(client.schema.type_map) >= {n for n in CORE_SCHEMA.type_map if not n.startswith("_")}
    assert "processingJob(" in print_schema(client.schema)


async def test_subscription(url: str, changing: Changing) -> None:
    """A subscription brings the status now, the one that it changes to, and its end."""
    asked = GraphQLRequest(CHANGES, variable_values={"name": changing.name})
    statuses = []
    async with by_web_socket(url) as session, aclosing(session.subscribe(asked)) as events:
        async for event in events:
            statuses.append(event["processingJob"]["processingJobStatus"])
            changing.turn("Stopped")

    assert statuses == ["IN_PROGRESS", "STOPPED"]


async def test_subscription_that_is_left(url: str, changing: Changing, linked: Linked) -> None:
    """A subscription can be left before its end, and its socket goes on serving."""
    asked = GraphQLRequest(CHANGES, variable_values={"name": changing.name})
    async with by_web_socket(url) as session:
        async with aclosing(session.subscribe(asked)) as events:
            first = await anext(events)
        data = await session.execute(GraphQLRequest(LINKS, variable_values={"name": linked[0]}))

    assert first["processingJob"]["processingJobStatus"] == "IN_PROGRESS"
    assert data == {"processingJob": linked[1]}
