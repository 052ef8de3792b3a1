"""Media types, methods and status codes."""

import time

import pytest

from gateway.http.negotiation import MediaType, choose_coding, negotiate

from ..gateway_under_test import Gateway

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.servers("lists", "minimal", "mounted", "uvicorn", "hypercorn"),
]

GRAPHQL = "application/graphql-response+json"
VALID = {"query": "{__typename}"}
INVALID = {"query": "{nothing}"}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", MediaType.JSON),
        ("*/*", MediaType.JSON),
        ("application/*", MediaType.JSON),
        ("application/json", MediaType.JSON),
        (GRAPHQL, MediaType.GRAPHQL),
        (f"{GRAPHQL}, application/json", MediaType.GRAPHQL),
        (f"application/json, {GRAPHQL}", MediaType.JSON),
        (f"application/json;q=0.5, {GRAPHQL};q=0.9", MediaType.GRAPHQL),
        (f"{GRAPHQL};q=0, */*", MediaType.JSON),
        (f"{GRAPHQL}; charset=utf-8, application/json; charset=utf-8", MediaType.GRAPHQL),
        ("APPLICATION/JSON", MediaType.JSON),
        ("application/json;q=nonsense, */*;q=0.1", MediaType.GRAPHQL),
        ("application/json; charset=utf-16", None),
        ("image/png", None),
        ("application/json;q=0", None),
        ("application/json;q=0.000, */*;q=0.1", MediaType.GRAPHQL),
        ("application/json;q=nan, */*;q=0.1", MediaType.GRAPHQL),
        ("application/json;q=-1", None),
        ("application/json;q=9, application/graphql-response+json", MediaType.GRAPHQL),
        ("application/json; Q=0.1, application/graphql-response+json;q=.2", MediaType.GRAPHQL),
        (f'{GRAPHQL}; a="x, application/json;q=1"; q=0.5, */*;q=0.1', MediaType.GRAPHQL),
        (f'{GRAPHQL}; a="\\", application/json', MediaType.GRAPHQL),
        ('application/json; a="', MediaType.JSON),
        (", ,application/json,,", MediaType.JSON),
        (";;,;q=1,application/json", MediaType.JSON),
        (";q=1", None),
        (";", None),
    ],
)
def test_best_type_that_the_client_takes_is_chosen(accept: str, expected: MediaType | None) -> None:
    """Weights decide, then the order of the header; an unusable header leaves nothing."""
    assert negotiate(accept.encode()).single is expected


@pytest.mark.parametrize("media_type", ["application/json", GRAPHQL])
async def test_response_is_of_the_type_that_was_asked_for(
    gateway: Gateway, media_type: str
) -> None:
    """The response has the media type that was asked for, with its charset."""
    response = await gateway.http.post("/graphql", json=VALID, headers={"accept": media_type})

    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(("media_type", "status"), [("application/json", 200), (GRAPHQL, 400)])
@pytest.mark.parametrize("query", ["{nothing}", "{", "query($n:Int!){a:__typename b(n:$n)}"])
async def test_refused_document_has_the_status_of_its_type(
    gateway: Gateway, media_type: str, status: int, query: str
) -> None:
    """A request that is not executed is 400, but 200 in the type that proxies produce too."""
    response = await gateway.http.post(
        "/graphql", json={"query": query}, headers={"accept": media_type}
    )

    assert response.status_code == status
    assert "data" not in response.json()


async def test_field_error_is_no_failure_of_the_request(gateway: Gateway) -> None:
    """Partial data comes with 200 in either type."""
    query = '{processingJob(name: "-"){id}}'
    response = await gateway.http.post(
        "/graphql", json={"query": query}, headers={"accept": GRAPHQL}
    )

    assert response.status_code == 200
    assert response.json()["data"] == {"processingJob": None}


async def test_no_type_in_common_is_406(gateway: Gateway) -> None:
    """The refusal of a client that accepts no JSON lists the media types."""
    response = await gateway.http.post("/graphql", json=VALID, headers={"accept": "image/png"})

    assert response.status_code == 406
    assert GRAPHQL in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json; charset=utf-16", ""])
async def test_other_bodies_are_415(gateway: Gateway, content_type: str) -> None:
    """A body whose header does not announce JSON in UTF-8 is not read."""
    response = await gateway.http.post(
        "/graphql", content=b"{}", headers={"content-type": content_type}
    )

    assert response.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_405(gateway: Gateway, method: str) -> None:
    """The answer names the methods that there are."""
    response = await gateway.http.request(method, "/graphql")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"


async def test_server_timing_on_request(gateway: Gateway) -> None:
    """Only a client that asks for the time of the execution gets it."""
    asked = await gateway.http.post("/graphql", json=VALID, headers={"x-server-timing": "1"})
    other = await gateway.http.post("/graphql", json=VALID)

    assert asked.headers["server-timing"].startswith("total;dur=")
    assert "server-timing" not in other.headers


async def test_types_in_several_fields(gateway: Gateway) -> None:
    """Several fields of `Accept` are one list, whose weights decide."""
    headers = [("accept", "application/json;q=0.5"), ("accept", GRAPHQL)]
    response = await gateway.http.post("/graphql", json=VALID, headers=headers)

    assert response.headers["content-type"].startswith(GRAPHQL)


@pytest.mark.parametrize(
    ("accept", "prefers_single"),
    [
        ("application/json, text/event-stream;q=0.1", True),
        ("application/json;q=0.9, multipart/mixed", False),
        ("application/json, multipart/mixed", False),
        ("*/*, multipart/mixed;q=0.5", True),
        ("text/event-stream;q=0.1", False),
        ("application/json", False),
    ],
)
def test_weight_of_a_stream(accept: str, *, prefers_single: bool) -> None:
    """A stream that weighs less than one response is not preferred."""
    assert negotiate(accept.encode()).prefers_single is prefers_single


def test_parameters_of_a_stream() -> None:
    """Parameters are read from quoted strings, in any case, and from each range of the type."""
    accept = b'Multipart/Mixed; DeferSpec="20220824"; q=0.5, multipart/mixed;subscriptionSpec="1.0"'
    accepted = negotiate(accept)

    assert accepted.stream is MediaType.MULTIPART
    assert accepted.stream_parameters == {"deferspec": "20220824", "subscriptionspec": "1.0"}


@pytest.mark.parametrize("text", ['"', '"\\', 'a;b="', '\\"', "=;,", '"a,b"c,'])
def test_long_headers_take_linear_time(text: str) -> None:
    """No header of 64 KB takes the parser more than a moment."""
    header = (text * 65_536)[:65_536].encode()
    started = time.process_time()
    negotiate(header)
    choose_coding(header)

    assert time.process_time() - started < 1
