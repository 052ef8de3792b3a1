"""GraphQL over HTTP: methods, bodies, parameters, and requests that are refused."""

import gzip
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.aws_answers import PROCESSING, processing_job
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway, running
from tests.graphql_responses import Answer

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = [pytest.mark.anyio, pytest.mark.servers("mounted", "minimal")]

JOB = "query Job($name: String!) { processingJob(name: $name) { processingJobName } }"
FOUND = {"data": {"processingJob": {"processingJobName": "job"}}}
REQUEST = {"query": JOB, "variables": {"name": "job"}}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
async def client(gateway: Gateway, put: Put) -> httpx.AsyncClient:
    """Return a client of a gateway whose AWS has one job."""
    put(PROCESSING, processing_job("job"))
    return gateway.http


async def refused(response: httpx.Response, status: int, code: str = "BAD_USER_INPUT") -> str:
    """Return the message of a refusal, which is a GraphQL response whatever the status."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/json")
    answer = Answer.of(response)
    assert answer.data is None
    assert answer.codes == [code]
    return str(answer.error["message"])


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "APPLICATION/JSON",
    ],
)
async def test_post_is_answered(client: httpx.AsyncClient, content_type: str) -> None:
    """A POST with JSON is executed."""
    response = await client.post(
        "/graphql", content=json.dumps(REQUEST), headers={"content-type": content_type}
    )

    assert response.status_code == 200
    assert response.json() == FOUND


async def test_get_is_answered(client: httpx.AsyncClient) -> None:
    """A GET with the same parameters in its URL is executed too."""
    response = await client.get(
        "/graphql",
        params={"query": JOB, "variables": '{"name": "job"}', "operationName": "Job"},
    )

    assert response.status_code == 200
    assert response.json() == FOUND


async def test_head_is_answered(client: httpx.AsyncClient) -> None:
    """HEAD is answered as GET is, without a body."""
    response = await client.head("/graphql", params={"query": "{ __typename }"})

    assert response.status_code == 200


@pytest.mark.parametrize("member", ["operationName", "variables", "extensions", "documentId"])
@pytest.mark.parametrize("value", [None, ""])
async def test_null_and_empty_members_count_as_absent(
    client: httpx.AsyncClient, member: str, value: str | None
) -> None:
    """The optional members of a request may be null or empty, as some clients send them."""
    response = await client.post("/graphql", json={"query": "{ __typename }", member: value})

    assert response.json() == {"data": {"__typename": "Query"}}


async def test_empty_parameters_count_as_absent(client: httpx.AsyncClient) -> None:
    """The optional parameters of a URL may be empty."""
    url = "/graphql?query={__typename}&variables=&extensions=&operationName=&documentId="

    assert (await client.get(url)).json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("value", [0, False, [], {}])
@pytest.mark.servers
async def test_other_false_values_do_not_count_as_absent(
    client: httpx.AsyncClient, value: Any
) -> None:
    """An id of another type is refused, whatever it is."""
    response = await client.post("/graphql", json={"query": "{ __typename }", "documentId": value})

    assert "`documentId`" in await refused(response, 400)


async def test_byte_order_mark_is_ignored(client: httpx.AsyncClient) -> None:
    """A body and parameters may begin with a byte order mark."""
    body = b"\xef\xbb\xbf" + json.dumps(REQUEST).encode()
    posted = await client.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )
    got = await client.get("/graphql", params={"query": JOB, "variables": '\ufeff{"name": "job"}'})

    assert posted.json() == got.json() == FOUND


async def post_compressed(
    client: httpx.AsyncClient, body: bytes, coding: str = "gzip"
) -> httpx.Response:
    """Send a body with this `Content-Encoding`."""
    headers = {"content-type": "application/json", "content-encoding": coding}
    return await client.post("/graphql", content=body, headers=headers)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", " GZIP "])
async def test_compressed_body(client: httpx.AsyncClient, coding: str) -> None:
    """A body may be compressed with gzip, in one member or in several."""
    whole = json.dumps(REQUEST).encode()
    in_two = gzip.compress(whole[:20]) + gzip.compress(whole[20:])
    for body in (gzip.compress(whole), in_two):
        assert (await post_compressed(client, body, coding)).json() == FOUND


@pytest.mark.parametrize("coding", ["identity", ""])
async def test_body_that_is_said_not_to_be_compressed(
    client: httpx.AsyncClient, coding: str
) -> None:
    """`identity` is no coding."""
    body = json.dumps(REQUEST).encode()

    assert (await post_compressed(client, body, coding)).json() == FOUND


@pytest.mark.parametrize("coding", ["deflate", "br", "zstd", "gzip, gzip", "nonsense"])
async def test_other_codings_are_refused(client: httpx.AsyncClient, coding: str) -> None:
    """A body in another coding is refused with the name of the one that there is."""
    response = await post_compressed(client, b"x", coding)

    assert "gzip" in await refused(response, 415)
    assert response.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        gzip.compress(b"{}")[:-5],
        gzip.compress(b"{}") + b"trailing",
        gzip.compress(b"{}")[:-8] + b"\0" * 8,
        gzip.compress(b"") * 101,
    ],
    ids=["empty", "json", "cut off", "trailing", "wrong checksum", "too many members"],
)
async def test_body_that_is_not_gzip(client: httpx.AsyncClient, body: bytes) -> None:
    """A body that is not compressed as its header announces is a bad request."""
    assert "gzip" in await refused(await post_compressed(client, body), 400)


async def test_compressed_body_over_the_limit(start_gateway: StartGateway) -> None:
    """The limit applies to the decompressed body."""
    gateway = await start_gateway(max_body_bytes=1_000)
    fits = json.dumps({"query": "{ __typename }"}).encode().ljust(1_000)
    members = gzip.compress(b" " * 600) + gzip.compress(b" " * 600)

    assert (await post_compressed(gateway.http, gzip.compress(fits))).status_code == 200
    for body in (gzip.compress(fits + b" "), gzip.compress(b" " * 100_000), members):
        await refused(await post_compressed(gateway.http, body), 413)


async def test_unknown_members_are_ignored(client: httpx.AsyncClient) -> None:
    """Members that GraphQL does not know are ignored."""
    response = await client.post("/graphql", json={**REQUEST, "id": 7})

    assert response.json() == FOUND


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_other_methods_are_not_allowed(client: httpx.AsyncClient, method: str) -> None:
    """The refusal of another method names those that are allowed."""
    response = await client.request(method, "/graphql")

    await refused(response, 405)
    assert response.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "application/jsonp",
        "application/json; charset=latin-1",
        "",
    ],
)
async def test_other_media_types_are_refused(client: httpx.AsyncClient, content_type: str) -> None:
    """A body whose header does not announce JSON in UTF-8 is refused."""
    response = await client.post(
        "/graphql", content=json.dumps(REQUEST), headers={"content-type": content_type}
    )

    message = await refused(response, 415)
    assert "application/json" in message


async def test_body_without_a_media_type_is_refused(client: httpx.AsyncClient) -> None:
    """A missing content type is not taken for JSON."""
    response = await client.post("/graphql", content=json.dumps(REQUEST))

    await refused(response, 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nope",
        b'{"query": "{ __typename }",}',
        b'{"query": "{ __typename }"} trailing',
        b'\xff{"query": "{ __typename }"}',
        b'{"query": "\xff"}',
        b"[" * 10_000,
        b"NaN",
    ],
)
async def test_malformed_json_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    """A body that is no JSON is a bad request."""
    response = await client.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )

    message = await refused(response, 400)
    assert message == "The body is not valid JSON."


@pytest.mark.parametrize(
    "body",
    [
        None,
        5,
        "{ __typename }",
        {},
        {"query": None},
        {"query": 5},
        {"query": ["{ __typename }"]},
        {"query": "{ __typename }", "operationName": 5},
        {"query": "{ __typename }", "operationName": {}},
        {"query": "{ __typename }", "variables": []},
        {"query": "{ __typename }", "variables": '{"name": "job"}'},
        {"query": "{ __typename }", "variables": 5},
        {"query": "{ __typename }", "extensions": []},
        {"query": "{ __typename }", "extensions": "x"},
    ],
    ids=json.dumps,
)
@pytest.mark.servers
async def test_members_of_another_type_are_refused(client: httpx.AsyncClient, body: Any) -> None:
    """Each member of a request has its type, and the request is refused as a whole otherwise."""
    headers = {"content-type": "application/json"}

    response = await client.post("/graphql", content=json.dumps(body), headers=headers)

    await refused(response, 400)


@pytest.mark.parametrize(
    "parameters",
    [
        [],
        [("operationName", "Job")],
        [("query", JOB), ("variables", "{")],
        [("query", JOB), ("variables", "[]")],
        [("query", JOB), ("extensions", "5")],
        [("query", JOB), ("query", JOB)],
    ],
)
async def test_parameters_of_another_type_are_refused(
    client: httpx.AsyncClient, parameters: list[tuple[str, str]]
) -> None:
    """A URL's parameters are held to the same types, and none is given twice."""
    await refused(await client.get(f"/graphql?{urlencode(parameters)}"), 400)


async def test_url_that_is_not_utf_8_is_refused(client: httpx.AsyncClient) -> None:
    """Bytes that are no text are not guessed at."""
    await refused(await client.get("/graphql?query=%ff"), 400)


@pytest.mark.parametrize("length", [1_001, 10**12])
async def test_body_that_is_announced_too_long_is_refused(
    start_gateway: StartGateway, length: int
) -> None:
    """A body over the limit is refused by its announced length, before any of it is read."""
    gateway = await start_gateway(max_body_bytes=1_000)
    read = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read = True
        yield b"{"

    headers = {"content-type": "application/json", "content-length": str(length)}
    response = await gateway.http.post("/graphql", content=body(), headers=headers)

    assert "1000 bytes" in await refused(response, 413)
    assert not read


async def test_body_that_grows_too_long_is_refused(start_gateway: StartGateway) -> None:
    """A body that is streamed without a length is read no further than the limit."""
    gateway = await start_gateway(max_body_bytes=1_000)
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10**6:
            sent += 100
            yield b" " * 100

    response = await gateway.http.post(
        "/graphql", content=body(), headers={"content-type": "application/json"}
    )

    await refused(response, 413)
    assert sent <= 1_200


async def test_body_of_the_longest_length_is_read(start_gateway: StartGateway) -> None:
    """The limit itself is within the limit."""
    gateway = await start_gateway(max_body_bytes=1_000)
    body = json.dumps({"query": "{ __typename }"}).ljust(1_000)

    response = await gateway.http.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )

    assert response.json() == {"data": {"__typename": "Query"}}


async def test_client_that_disconnects_in_its_body(gateway: Gateway) -> None:
    """A request whose client disconnects before its end is dropped without a response."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    await gateway.app(scope, receive, send)

    assert sent == []


async def test_browser_gets_graphiql(client: httpx.AsyncClient) -> None:
    """A client that asks for HTML gets GraphiQL."""
    response = await client.get("/graphql", headers=BROWSER)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "graphiql" in response.text.lower()


async def test_browser_with_a_query_gets_graphiql(client: httpx.AsyncClient) -> None:
    """A link to an operation opens GraphiQL with it; programs get the response."""
    url = "/graphql?query={__typename}"
    page = await client.get(url, headers=BROWSER)
    response = await client.get(url)

    assert page.headers["content-type"].startswith("text/html")
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_graphiql_can_be_switched_off(start_gateway: StartGateway) -> None:
    """Without GraphiQL there is neither its page nor its assets."""
    gateway = await start_gateway(graphiql=False)

    page = await gateway.http.get("/graphql", headers={"accept": "text/html, application/json"})
    assets = await gateway.http.get("/graphiql/assets/index.js")

    await refused(page, 400)
    assert assets.status_code == 404


async def test_graphiql_has_the_examples(twin: "Twin") -> None:
    """The names of example jobs reach the page's tabs."""
    async with running(endpoint_url=twin.url, examples={"processingJob": "my-example"}) as gateway:
        page = await gateway.http.get("/graphql", headers=BROWSER)

    assert "my-example" in page.text


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize(
    "query_string", ["", "?query={__typename}&variables={%22a%22:%22%C3%A9%22}"]
)
async def test_slash_at_the_end_redirects(
    client: httpx.AsyncClient, method: str, query_string: str
) -> None:
    """`/graphql/` leads to `/graphql`, with the same method, body and query string."""
    response = await client.request(method, f"/graphql/{query_string}")
    url = httpx.URL(response.headers["location"])

    assert response.status_code == 308
    assert url.path.endswith("/graphql")
    assert dict(url.params) == dict(httpx.URL(f"/{query_string}").params)


async def test_redirect_leads_to_a_response(client: httpx.AsyncClient) -> None:
    """A client that follows the redirect gets its response."""
    response = await client.post("/graphql/", json=REQUEST)
    assert response.status_code == 308
    location = response.headers["location"].removeprefix("/mounted")

    assert (await client.post(location, json=REQUEST)).json() == FOUND


@pytest.mark.parametrize("path", ["/", "/graphql/x", "/graphql//", "/nope"])
async def test_other_paths_are_not_found(client: httpx.AsyncClient, path: str) -> None:
    """GraphQL has one address."""
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("query", ["", " ", "{", "{ processingJob(name: 5", "query {", "}", "\0"])
@pytest.mark.servers
async def test_document_that_does_not_parse(gateway: Gateway, query: str) -> None:
    """A syntax error is a response with the place of the error."""
    answer = await gateway.query(query)

    assert answer.data is None
    assert answer.codes == ["GRAPHQL_PARSE_FAILED"]
    assert answer.error["locations"]


@pytest.mark.parametrize(
    "query",
    [
        "{ nope }",
        "{ processingJob { id } }",
        "{ processingJob(name: 5) { id } }",
        '{ processingJob(name: "job") }',
        '{ processingJob(name: "job") { id { x } } }',
        '{ processingJob(name: "job") { ...Missing } }',
        "query ($a: Nope) { __typename }",
        "query ($a: String) { __typename }",
        "mutation { __typename }",
        "fragment F on ProcessingJob { id }",
        "{ __typename @nope }",
    ],
)
@pytest.mark.servers
async def test_document_that_is_not_valid(gateway: Gateway, query: str) -> None:
    """A document that does not fit the schema is refused before anything is executed."""
    answer = await gateway.query(query)

    assert answer.data is None
    assert set(answer.codes) <= {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"}
    assert answer.codes


@pytest.mark.parametrize(
    "variables", [{}, {"name": None}, {"name": 5}, {"name": ["job"]}, {"name": {"x": 1}}]
)
@pytest.mark.servers
async def test_variables_of_another_type(
    gateway: Gateway, twin: "Twin", variables: dict[str, Any]
) -> None:
    """Variables that do not fit are bad input, and no call is spent on them."""
    answer = await gateway.query(JOB, **variables)

    assert answer.data is None
    assert answer.codes == ["BAD_USER_INPUT"]
    assert twin.calls() == {}


async def test_operation_is_chosen_by_name(gateway: Gateway) -> None:
    """`operationName` chooses among several operations."""
    text = "query A { a: __typename } query B { b: __typename }"

    assert (await gateway.query(text, "A")).data == {"a": "Query"}
    assert (await gateway.query(text, "B")).data == {"b": "Query"}


@pytest.mark.parametrize("name", [None, "C", "a"])
@pytest.mark.servers
async def test_operation_that_cannot_be_chosen(gateway: Gateway, name: str | None) -> None:
    """Without a name that picks one of several operations, the request is bad input."""
    answer = await gateway.query("query A { a: __typename } query B { b: __typename }", name)

    assert answer.data is None
    assert answer.codes == ["BAD_USER_INPUT"]


LIMITS = {
    "max_tokens": "{ " + "a: __typename " * 30 + "}",
    "max_depth": '{ processingJob(name: "a") { trainingJob { autoMLJob { bestCandidate {'
    " candidateSteps { candidateStepArn } } } } } }",
    "max_aliases": '{ processingJob(name: "a") { '
    + " ".join(f"a{number}: id" for number in range(10))
    + " } }",
    "max_root_fields": "{ " + "__typename " * 10 + "}",
    "max_directives": "{ __typename " + "@skip(if: false) @include(if: true) " * 5 + "}",
    "max_selections": '{ node(id: "a") { id } }',
    "max_list_items": '{ nodes(ids: ["a", "b", "c", "d", "e"]) { id } }',
}


@pytest.mark.parametrize("setting", LIMITS)
@pytest.mark.servers
async def test_operation_over_a_limit_is_refused(
    start_gateway: StartGateway, twin: "Twin", setting: str
) -> None:
    """Every limit on the form of an operation is a setting, and refuses before any call."""
    gateway = await start_gateway(**{setting: 4})

    answer = await gateway.query(LIMITS[setting])

    assert answer.data is None
    assert answer.codes == ["QUERY_TOO_COMPLEX"]
    assert "4" in answer.error["message"]
    assert twin.calls() == {}
