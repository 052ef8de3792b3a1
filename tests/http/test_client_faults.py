"""Whatever a client sends is answered with the code of what is wrong, never as our own fault."""

from typing import Any, Final

import pytest

from tests.gateway_under_test import Gateway

pytestmark = pytest.mark.anyio

ID: Final = "arn:aws:sagemaker:eu-west-1:123456789012:training-job/a"
STREAMED: Final = "multipart/mixed;incrementalSpec=v0.2, application/json"
INTROSPECTION: Final = (
    "query ($v: String!) { __schema { queryType { name } } __type(name: $v) { name } }"
)


def _nested(levels: int, kind: type) -> Any:
    value: Any = "a"
    for _ in range(levels):
        value = [value] if kind is list else {"a": value}
    return value


async def _post(gateway: Gateway, query: str, accept: str, **variables: Any) -> str:
    response = await gateway.http.post(
        "/graphql", json={"query": query, "variables": variables}, headers={"accept": accept}
    )
    assert response.status_code in {200, 400}, response.text
    assert "INTERNAL_SERVER_ERROR" not in response.text
    return response.text


@pytest.mark.parametrize("kind", [list, dict])
@pytest.mark.parametrize("levels", [90, 100, 253, 254, 255, 900])
async def test_variable_that_nests(gateway: Gateway, levels: int, kind: type) -> None:
    """A variable that nests too deep is refused by its limit, else for its type."""
    text = await _post(gateway, INTROSPECTION, "application/json", v=_nested(levels, kind))

    assert ("BAD_USER_INPUT" if levels < 100 else "more than 100 levels") in text


@pytest.mark.parametrize("levels", [253, 254, 255, 900])
async def test_variable_that_nests_and_is_not_declared(gateway: Gateway, levels: int) -> None:
    """What the operation does not declare is limited too: the request is remembered with it."""
    query = "{ __schema { queryType { name } } }"

    assert "QUERY_TOO_COMPLEX" in await _post(
        gateway, query, "application/json", other=_nested(levels, list)
    )


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        (["a"] * 501, "more than the 500 items"),
        ({f"a{number}": 1 for number in range(501)}, "more than the 500 items"),
        ([["a"] * 400] * 20, "more than the 5000 values"),
    ],
)
async def test_variable_that_is_long(gateway: Gateway, value: Any, limit: str) -> None:
    """Long lists and objects in variables are refused before they are read, with the limit."""
    text = await _post(
        gateway, "query ($v: [ID!]!) { nodes(ids: $v) { id } }", "application/json", v=value
    )

    assert "QUERY_TOO_COMPLEX" in text
    assert limit in text


@pytest.mark.parametrize("accept", [STREAMED, "text/event-stream"])
@pytest.mark.parametrize("count", ["-1", "$count", "null"])
async def test_initial_count_below_zero(gateway: Gateway, count: str, accept: str) -> None:
    """A list cannot be streamed from less than its beginning."""
    query = f"""query ($count: Int) {{
        nodes(ids: ["{ID}"]) @stream(initialCount: {count}) {{ id }}
        processingJobs(first: $count) @skip(if: true) {{ nodes {{ id }} }}
    }}"""
    text = await _post(gateway, query, accept, count=-1)

    assert "BAD_USER_INPUT" in text
    assert "`initialCount` of `@stream` must be zero or more." in text


@pytest.mark.parametrize("accept", [STREAMED, "text/event-stream"])
@pytest.mark.parametrize("count", ["0", "-1", "$count", "null"])
async def test_list_of_introspection_is_not_streamed(
    gateway: Gateway, count: str, accept: str
) -> None:
    """Introspection comes whole, and what `@stream` says of its lists has no effect."""
    query = f"""query ($count: Int) {{
        __schema {{ directives @stream(initialCount: {count}) {{ name }} }}
        processingJobs(first: $count) @skip(if: true) {{ nodes {{ id }} }}
    }}"""
    text = await _post(gateway, query, accept, count=-1)

    assert '{"name":"stream"}' in text
    assert "hasNext" not in text
    assert "errors" not in text


@pytest.mark.parametrize("accept", [STREAMED, "application/json"])
@pytest.mark.parametrize(
    "query",
    [
        "{ __typename @stream }",
        "{ __typename @defer }",
        '{ node(id: "a") { id @stream __typename @stream } }',
        "{ ... @defer(if: null) { __typename } }",
        "{ ... @defer(label: 5) { __typename } }",
        "query ($l: String) { ... @defer(label: $l) { __typename } }",
        '{ ... @defer(label: "a") { __typename } ... @defer(label: "a") { __typename } }',
        "{ nodes(ids: []) @stream(initialCount: 99999999999) { id } }",
        '{ nodes(ids: []) @stream(initialCount: "1") { id } }',
        "{ nodes(ids: []) @stream @stream { id } }",
        "query @defer { __typename }",
        "query ($v: Int @stream) { __typename }",
        "{ ...F @stream } fragment F on Query @defer { __typename }",
        "{ ...F } fragment F on Query { ...F @defer }",
        "{ ... on Nothing @defer { a } }",
        "mutation { a }",
        "subscription { __typename }",
        'subscription { ... @defer { processingJob(name: "a") { id } } }',
        "{ __type(name: 5) { name } __schema(a: 1) { types } }",
        "{ nodes(ids: [[[1]]]) { id } }",
        "{ processingJobs(first: " + "9" * 5_000 + ") { nodes { id } } }",
        "{ processingJobs(first: 1e400) { nodes { id } } }",
        "{ processingJobs(filter: {a: {b: [$c]}}) { nodes { id } } }",
        "query ($v: [[[[Int]]]] = 1, $w: Node, $x: String = {a: 1}) { __typename }",
        "fragment F on Query { __typename } type A { a: Int } extend schema @a",
        '{ processingJob(name: "\\uD800") { id } }',
        '{ processingJob(name: "\\u{110000}") { id } }',
        "{ a: __typename a: __schema { queryType { name } } }",
        "\ufeff\ufeff,,, # nothing",
        "{ \x00 }",
    ],
)
async def test_document_that_is_wrong(gateway: Gateway, query: str, accept: str) -> None:
    """Directives, values and definitions in every wrong place have errors with codes."""
    text = await _post(gateway, query, accept)

    assert '"errors"' in text
    assert '"code"' in text
