"""No request, however small, makes a response that takes all memory or time."""

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from graphql import get_introspection_query

from gateway.http import responses
from gateway.http.negotiation import Coding
from tests.aws_answers import PROCESSING, arn, processing_job
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

ALIASES = " ".join(f"a{index}: processingJobArn" for index in range(200))
ROWS = f"{{ processingJobs(first: 100) {{ nodes {{ {ALIASES} }} }} }}"
ONE = f'{{ processingJob(name: "job") {{ {ALIASES} }} }}'
INTROSPECTION = get_introspection_query(
    descriptions=True,
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
)


@pytest.fixture
async def limited(start_gateway: StartGateway, put: Put) -> Gateway:
    """Return a gateway whose responses have at most 10,000 bytes; AWS has one job more."""
    put(PROCESSING, processing_job("job"))
    return await start_gateway(
        max_response_bytes=10_000,
        max_errors=20,
        max_error_bytes=300,
        max_aliases=1_000,
        max_batch=10,
    )


async def ask(gateway: Gateway, query: Any, **headers: str) -> httpx.Response:
    """Return the response to an operation, or to a batch."""
    content = query if isinstance(query, list) else {"query": query}
    return await gateway.http.post("/graphql", json=content, headers=headers)


def code_of(response: httpx.Response) -> str:
    """Return the code of the only error."""
    (error,) = response.json()["errors"]
    code: str = error["extensions"]["code"]
    return code


@pytest.mark.parametrize("query", [ROWS, ONE], ids=["rows", "one"])
async def test_large_response_is_refused(limited: Gateway, query: str) -> None:
    """It is refused while it is made, with an empty cache and with a full one."""
    for _ in range(2):
        response = await ask(limited, query)
        assert code_of(response) == "RESPONSE_TOO_LARGE"
        assert response.json()["data"] is None
        assert len(response.content) < 1_000


async def test_report_of_a_large_response_is_refused(limited: Gateway) -> None:
    """So is a response with the AWS calls that it took."""
    assert code_of(await ask(limited, ROWS, **{"x-upstream": "1"})) == "RESPONSE_TOO_LARGE"


async def test_large_parts_are_refused(limited: Gateway) -> None:
    """A response in parts ends with an error where all parts together are too large."""
    query = f'{{ processingJob(name: "job") {{ id ... @defer {{ {ALIASES} }} }} }}'
    for form in ("multipart/mixed; deferSpec=20220824", "multipart/mixed; incrementalSpec=v0.2"):
        response = await ask(limited, query, accept=form)
        assert "RESPONSE_TOO_LARGE" in response.text
        assert len(response.content) < 3_000


async def test_large_event_is_refused(limited: Gateway) -> None:
    """An event of a subscription that is too large is an error."""
    query = f'subscription {{ processingJob(name: "job") {{ {ALIASES} }} }}'
    response = await ask(limited, query, accept="text/event-stream")
    assert "RESPONSE_TOO_LARGE" in response.text
    assert len(response.content) < 3_000


async def test_batch_is_limited_as_a_whole(limited: Gateway, put: Put) -> None:
    """Responses that are small enough each may be too large together."""
    few = " ".join(f"a{index}: processingJobArn" for index in range(60))
    query = {"query": f'{{ processingJob(name: "job") {{ {few} }} }}'}

    assert (await ask(limited, [query])).status_code == 200
    response = await ask(limited, [query] * 5)
    assert response.status_code == 413
    assert code_of(response) == "RESPONSE_TOO_LARGE"


async def test_long_alias_is_refused(gateway: Gateway, twin: "Twin") -> None:
    """A response would repeat it for each row."""
    alias = "a" * 90_000
    query = f"{{ processingJobs(first: 100) {{ nodes {{ {alias}: id }} }} }}"
    assert code_of(await ask(gateway, query)) == "QUERY_TOO_COMPLEX"
    assert not twin.calls()


async def test_errors_are_limited(limited: Gateway) -> None:
    """There are so many errors of so many bytes, and one that says how many are left out."""
    ids = json.dumps(["x" * 1_500] * 50)
    response = await ask(limited, f"{{ nodes(ids: {ids}) {{ id }} }}")

    errors = response.json()["errors"]
    assert len(errors) == 21
    assert "30 more errors" in errors[-1]["message"]
    assert max(len(json.dumps(error)) for error in errors) < 400


async def test_error_of_a_wrong_document_is_limited(limited: Gateway) -> None:
    """What a message quotes is cut off."""
    name = "x" * 50_000
    for query in (f"{{ {name} }}", f'{{ processingJob(name: "{name}") {{ id }} }}', f"{{ {name}"):
        assert len((await ask(limited, query)).content) < 8_000


async def test_long_label_is_refused(gateway: Gateway) -> None:
    """A response in parts would repeat the label of a fragment for each row."""
    label = "a" * 90_000
    query = f'{{ processingJobs {{ nodes {{ ... @defer(label: "{label}") {{ id }} }} }} }}'
    assert code_of(await ask(gateway, query)) == "QUERY_TOO_COMPLEX"


async def test_locations_of_an_error_are_limited(gateway: Gateway) -> None:
    """A field that is selected at many places has an error with few locations."""
    field = 'processingJob(name: "-") { id } '
    response = await ask(gateway, "{ " + field * 40 + "}")
    assert len(response.json()["errors"][0]["locations"]) == 10


@pytest.mark.parametrize(
    "field",
    [
        "processingJob(name: $long) { id }",
        'processingJob(name: "x", region: $long) { id }',
        "node(id: $long) { id }",
        "processingJobs(after: $long) { nodes { id } }",
        "processingJobs(filter: {nameContains: $long}) { nodes { id } }",
    ],
)
async def test_text_of_the_client_is_not_repeated_at_length(gateway: Gateway, field: str) -> None:
    """A long value that is wrong at fifty fields makes fifty short errors."""
    fields = " ".join(f"f{number}: {field}" for number in range(50))
    long = "arn:" + "x" * 80_000
    type_ = "ID" if field.startswith("node") else "String"
    query = f"query ($long: {type_}!) {{ {fields} }}"
    response = await gateway.http.post(
        "/graphql", json={"query": query, "variables": {"long": long}}
    )

    assert len(response.json()["errors"]) == 50
    assert len(response.content) < 50_000


@pytest.mark.parametrize(
    "query",
    [
        "{ %s }",
        "{ %s { id } }",
        "{ processingJob(%s: 1) { id } }",
        "{ ...%s }",
        "{ ... on %s { id } }",
        "{ node(id: $%s) { id } }",
        "{ __typename @%s }",
        '{ processingJobs(first: "%s") { nodes { id } } }',
        "{ processingJobs(filter: {statuses: %s}) { nodes { id } } }",
        "query ($%s: Int) { __typename }",
        "query ($a: %s) { __typename }",
        "%s",
        '"%s',
    ],
)
async def test_errors_about_a_document_are_short(gateway: Gateway, query: str) -> None:
    """An error that names something long in the document is cut off."""
    response = await ask(gateway, query % ("a" * 90_000))

    assert len(response.content) < 10_000
    assert "INTERNAL_SERVER_ERROR" not in response.text


@pytest.mark.parametrize("method", ["POST", "GET", "batch"])
async def test_large_response_is_compressed_in_a_thread(
    start_gateway: StartGateway, put: Put, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Compression takes long for a large response, and holds up no other request."""
    put(PROCESSING, processing_job("job"))
    gateway = await start_gateway(max_aliases=10_000, max_tokens=100_000, max_batch=2)
    threads: list[threading.Thread] = []

    def compress(body: bytes, coding: Coding | None) -> Any:
        threads.append(threading.current_thread())
        return responses.compress(body, coding)

    monkeypatch.setattr("gateway.http.endpoint.compress", compress)
    monkeypatch.setattr("gateway.http.endpoint._LARGE", 100_000)
    fields = " ".join(f"a{index}: processingJobArn" for index in range(1_500))
    query = f'{{ processingJob(name: "job") {{ {fields} }} }}'
    few = '{ processingJob(name: "job") { id } }'
    for text in (few, query):
        await (
            gateway.http.get("/graphql", params={"query": text})
            if method == "GET"
            else ask(gateway, [{"query": text}] if method == "batch" else text)
        )

    assert [thread is threading.main_thread() for thread in threads] == [True, False]


async def test_errors_in_a_document_of_many_lines_take_no_time(gateway: Gateway) -> None:
    """The lines are counted once, not for each of thousands of errors; it took 30 s."""
    fields = " ".join(f"f{index}: nodes(ids: $ids) {{ id }}" for index in range(49))
    last = "last: nodes(ids: $ids) { id @skip(if: $null) }"
    query = f"query ($ids: [ID!]!, $null: Boolean = true) {{ {fields} {last} }}"
    variables = {"ids": [""] * 100, "null": None}
    started = time.process_time()
    response = await gateway.http.post(
        "/graphql", json={"query": "\n" * 45_000 + query, "variables": variables}
    )

    assert response.json()["errors"][0]["locations"][0]["line"] == 45_001
    assert time.process_time() - started < 10


async def test_usual_introspection_is_answered(gateway: Gateway) -> None:
    """The largest query of graphql-js and of those who generate code from the schema works."""
    data = await gateway.data(INTROSPECTION)
    assert len(data["__schema"]["types"]) > 100


@pytest.mark.parametrize(
    "query",
    [
        "{ " + " ".join(f"a{index}: __schema {{ ...S }}" for index in range(45)) + " } "
        "fragment S on __Schema { types { name description fields { name description } } }",
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    ],
    ids=["aliases", "levels"],
)
async def test_large_introspection_is_refused(gateway: Gateway, query: str) -> None:
    """Neither many aliases nor levels make introspection take seconds."""
    response = await ask(gateway, query)
    assert len(response.content) < 2_000
    assert {error["extensions"]["code"] for error in response.json()["errors"]} <= {
        "QUERY_TOO_COMPLEX",
        "GRAPHQL_VALIDATION_FAILED",
    }


async def test_introspection_can_be_switched_off(start_gateway: StartGateway) -> None:
    """With the setting nobody gets the schema, and everybody `__typename`."""
    gateway = await start_gateway(introspection=False)
    for query in (
        INTROSPECTION,
        '{ __type(name: "Query") { name } }',
        "{ a: __schema { __typename } }",
    ):
        assert code_of(await ask(gateway, query)) == "INTROSPECTION_DISABLED"
    assert await gateway.data("{ __typename }") == {"__typename": "Query"}


async def test_introspection_holds_up_nobody(gateway: Gateway) -> None:
    """It is executed in a thread of its own, beside fields of AWS's in the event loop."""
    job = arn("processing-job", "job")
    query = f'{{ __schema {{ queryType {{ name }} }} node(id: "{job}") {{ id }} }}'
    data = await gateway.data(query)
    assert data == {"__schema": {"queryType": {"name": "Query"}}, "node": None}
