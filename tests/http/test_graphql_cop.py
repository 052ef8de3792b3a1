"""What the scanner graphql-cop asks of a server, and what it would say about this one.

The scanner itself is on no package index. These are the requests and the verdicts of its checks
(https://github.com/dolevf/graphql-cop), written anew.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import httpx
import pytest

from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway

pytestmark = pytest.mark.anyio

TYPENAME: Final = "query cop { __typename }"
CIRCULAR_FRAGMENT: Final = """
query cop { __schema { ...A } }
fragment A on __Schema { __typename ...B }
fragment B on __Schema { ...A }
"""
IDE_PATHS: Final = ("/graphiql", "/playground", "/console", "/graphql")
IDE_SIGNS: Final = ("graphiql.min.css", "GraphQL Playground", "GraphiQL", "graphql-playground")


class Check(NamedTuple):
    """One check: the requests that it sends, and what in a response it takes for a fault."""

    title: str
    severity: str
    requests: tuple[httpx.Request, ...]
    is_fault: Callable[[httpx.Response], Any]


def post(content: Any) -> tuple[httpx.Request, ...]:
    """Return the POST of an operation, or of a batch."""
    if isinstance(content, str):
        content = {"query": content, "operationName": "cop"}
    return (httpx.Request("POST", "http://gateway/graphql", json=content),)


def by_url(method: str, query: str) -> tuple[httpx.Request, ...]:
    """Return a request with the operation in its URL."""
    return (httpx.Request(method, "http://gateway/graphql", params={"query": query}),)


def has(*path: str | int) -> Callable[[httpx.Response], Any]:
    """Return a function that tells whether there is something at a path of the JSON."""

    def find(response: httpx.Response) -> Any:
        found = response.json()
        for step in path:
            found = found[step]
        return found

    return find


CHECKS: Final = (
    Check(
        "Alias Overloading",
        "HIGH",
        post(f"query cop {{ {' '.join(f'alias{n}: __typename' for n in range(101))} }}"),
        has("data", "alias100"),
    ),
    Check(
        "Array-based Query Batching",
        "HIGH",
        post([{"query": TYPENAME}] * 10),
        lambda response: len(response.json()) >= 10,
    ),
    Check(
        "Field Duplication",
        "HIGH",
        post(f"query cop {{ {'__typename ' * 500} }}"),
        has("data", "__typename"),
    ),
    Check(
        "Directive Overloading",
        "HIGH",
        post(f"query cop {{ __typename {'@aa' * 10} }}"),
        lambda response: len(response.json()["errors"]) == 10,
    ),
    Check(
        "Introspection-based Circular Query",
        "HIGH",
        post(
            "query cop { __schema { types { fields { type { fields { type { fields { type { fields "
            "{ type { name } } } } } } } } } } }"
        ),
        lambda response: len(response.json()["data"]["__schema"]["types"]) > 25,
    ),
    Check(
        "Circular Fragment",
        "HIGH",
        post(CIRCULAR_FRAGMENT),
        lambda response: "errors" not in response.json(),
    ),
    Check(
        "Introspection",
        "HIGH",
        post("query cop { __schema { types { name fields { name } } } }"),
        has("data", "__schema", "types"),
    ),
    Check(
        "GET Method Query Support",
        "MEDIUM",
        by_url("GET", "{__typename}"),
        has("data", "__typename"),
    ),
    Check(
        "Mutation is allowed over GET",
        "MEDIUM",
        by_url("GET", "mutation {__typename}"),
        has("data", "__typename"),
    ),
    Check(
        "POST based url-encoded query",
        "MEDIUM",
        by_url("POST", TYPENAME),
        has("data", "__typename"),
    ),
    Check(
        "Field Suggestions",
        "LOW",
        post("query cop { __schema { directive } }"),
        lambda response: "Did you mean" in response.json()["errors"][0]["message"],
    ),
    Check(
        "GraphQL IDE",
        "LOW",
        tuple(
            httpx.Request("GET", f"http://gateway{path}", headers={"Accept": accept})
            for path in IDE_PATHS
            # The scanner accepts whatever comes; browsers ask for HTML.
            for accept in ("*/*", "text/html,*/*;q=0.8")
        ),
        lambda response: any(sign in response.text for sign in IDE_SIGNS),
    ),
    Check(
        "Trace Mode",
        "INFO",
        post(TYPENAME),
        lambda response: "tracing" in response.text or "stacktrace" in response.text.lower(),
    ),
    Check(
        "Unhandled Errors Detection",
        "INFO",
        post("qwerty cop { abc }"),
        has("errors", 0, "extensions", "exception"),
    ),
)


async def findings(gateway: Gateway) -> set[tuple[str, str]]:
    """Return severity and title of the checks that find a fault."""
    found = set()
    for check in CHECKS:
        for request in check.requests:
            response = await gateway.http.send(request)
            try:
                if check.is_fault(response):
                    found.add((check.severity, check.title))
            except (KeyError, TypeError, ValueError):
                # What the check looks for is not there, or there is no JSON.
                continue
    return found


async def test_production(start_gateway: StartGateway) -> None:
    """With the preset the scanner finds nothing, of whatever severity."""
    gateway = await start_gateway(preset="production")

    assert (await gateway.http.send(post(TYPENAME)[0])).json() == {"data": {"__typename": "Query"}}
    assert await findings(gateway) == set()


async def test_defaults(gateway: Gateway) -> None:
    """By default it finds what is on for people who develop, which shows that the checks work."""
    assert await findings(gateway) == {
        ("HIGH", "Introspection"),
        ("MEDIUM", "GET Method Query Support"),
        ("LOW", "Field Suggestions"),
        ("LOW", "GraphQL IDE"),
    }


async def test_everything_allowed(start_gateway: StartGateway) -> None:
    """With limits out of the way and no protection, the checks for them find something too."""
    gateway = await start_gateway(
        max_aliases=1_000, max_batch=100, max_root_fields=1_000, csrf_prevention=False
    )

    assert {title for _, title in await findings(gateway)} >= {
        "Alias Overloading",
        "Array-based Query Batching",
        "Field Duplication",
        "GET Method Query Support",
    }
