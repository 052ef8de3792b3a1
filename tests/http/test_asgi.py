"""ASGI's freedoms one by one: what servers may send, omit, repeat and raise."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from mangum import Mangum
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Scope

from gateway.app import create_app
from gateway.http.asgi import normalise_scope, supports_close_reason, wait_for_disconnect
from gateway.http.headers import HeaderParser, NotNormalised
from gateway.settings import Settings
from tests.aws_answers import PROCESSING
from tests.clocks import PATIENCE, until
from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway, lifespan
from tests.http.asgi_client import PROTOCOL, open_websocket
from tests.http.error_log import no_errors_logged

if TYPE_CHECKING:
    from gateway.twin import Twin

asynchronous = pytest.mark.anyio

TYPENAME = {"data": {"__typename": "Query"}}
MISSING = {"data": {"processingJob": None}}
JSON = [(b"content-type", b"application/json")]


def body_of(query: str) -> bytes:
    """Return the body of a request."""
    return json.dumps({"query": query}).encode()


def job(name: str) -> str:
    """Return the query for a job that AWS does not have."""
    return f'{{ processingJob(name: "{name}") {{ id }} }}'


class Request:
    """One request, given to an application message by message."""

    def __init__(self, app: ASGIApp, *messages: Message, **scope: Any) -> None:
        """Send `messages`, then nothing; `scope` overrides a plain POST."""
        self._app = app
        self._messages = iter(messages)
        self._scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": JSON}
        self._scope |= scope
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        """Return the next message, or wait for ever."""
        for message in self._messages:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Message) -> None:
        """Record what the application sends."""
        self.sent.append(message)

    async def run(self) -> Any:
        """Run the application to its end; return the JSON of its response."""
        async with asyncio.timeout(PATIENCE):
            await self._app(self._scope, self.receive, self.send)
        return json.loads(b"".join(message.get("body", b"") for message in self.sent[1:]))


async def post(app: ASGIApp, query: str, **scope: Any) -> Any:
    """Return the response to a query."""
    return await Request(app, {"type": "http.request", "body": body_of(query)}, **scope).run()


# Lifespan


@pytest.fixture
def app(twin: "Twin") -> ASGIApp:
    """Return an application that no server has started."""
    return create_app(Settings(region="eu-west-1", endpoint_url=twin.url))


def test_lifespan_may_run_twice(app: ASGIApp, twin: "Twin") -> None:
    """An application that was shut down answers again, in another event loop too."""

    async def run(name: str) -> None:
        async with lifespan(app):
            assert await post(app, job(name)) == MISSING
        assert await post(app, job(f"{name}-after-shutdown")) == MISSING

    asyncio.run(run("first"))
    asyncio.run(run("second"))

    assert twin.calls() == {PROCESSING: 4}


@asynchronous
async def test_lifespan_may_be_left_out(app: ASGIApp) -> None:
    """Without lifespan events the gateway answers, and becomes ready."""

    async def is_ready() -> bool:
        request = Request(app, method="GET", path="/readyz", headers=[])
        await request.run()
        return bool(request.sent[0]["status"] == 200)

    assert await post(app, job("job")) == MISSING
    while not await is_ready():
        await until(lambda: True)


@pytest.fixture
def event_loop() -> Iterator[None]:
    """Give the thread an event loop, which AWS Lambda's runtime and Mangum expect."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.mark.parametrize("lifespan", ["auto", "off"])
def test_mangum(app: ASGIApp, event_loop: None, lifespan: Any) -> None:
    """On AWS Lambda each request is answered, whose lifespan is that of the application."""
    # Its type of an application returns a coroutine, ours any awaitable.
    application: Any = app
    handler = Mangum(application, lifespan=lifespan)
    url = f"query={quote(job('job'))}"
    for event in (
        lambda_event("POST", body_of(job("job")).decode()),
        lambda_event("GET", "", url),
        lambda_event("POST", body_of("{ __typename }").decode()),
    ):
        response = handler(event, None)  # type: ignore[arg-type]  # the context is not read

        assert response["statusCode"] == 200
        assert json.loads(response["body"]) in (MISSING, TYPENAME)


def lambda_event(method: str, body: str, query_string: str = "") -> Any:
    """Return a request as Amazon API Gateway passes it to a function."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/graphql",
        "rawQueryString": query_string,
        "headers": {"Content-Type": "application/json", "Host": "gateway"},
        "requestContext": {
            "http": {"method": method, "path": "/graphql", "sourceIp": "127.0.0.1"},
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


# Messages


@asynchronous
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_server_that_repeats_the_end_of_the_body(gateway: Gateway, method: str) -> None:
    """A server that never waits in `receive` hangs neither a request nor the process."""
    query = job("repeated")

    class Repeating(Request):
        async def receive(self) -> Message:
            body = body_of(query) if method == "POST" else b""
            return {"type": "http.request", "body": body, "more_body": False}

    url = f"query={quote(query)}".encode()
    assert await Repeating(gateway.app, method=method, query_string=url).run() == MISSING


@asynchronous
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_server_that_raises_after_the_body(gateway: Gateway, method: str) -> None:
    """A server that has no message after the body, and says so by an error, gets its response."""
    query = job("raising")

    class Raising(Request):
        async def receive(self) -> Message:
            for message in self._messages:
                return message
            raise RuntimeError("Message channel has been closed")

    url = f"query={quote(query)}".encode()
    end: Message = {"type": "http.request", "body": body_of(query) if method == "POST" else b""}
    with no_errors_logged():
        request = Raising(gateway.app, end, method=method, query_string=url)
        assert await request.run() == MISSING


@asynchronous
async def test_connection_that_is_lost_in_receive(gateway: Gateway, twin: "Twin") -> None:
    """A server may report a lost connection by an `OSError`: then there is no response."""
    twin.set_faults(hangRate=1)

    class Lost(Request):
        async def receive(self) -> Message:
            for message in self._messages:
                return message
            raise ConnectionResetError

    start: Message = {"type": "http.request", "body": b"{", "more_body": True}
    whole: Message = {"type": "http.request", "body": body_of(job("lost"))}
    with no_errors_logged():
        for message in (start, whole):
            request = Lost(gateway.app, message)
            await gateway.app(request._scope, request.receive, request.send)
            assert request.sent == []


@asynchronous
async def test_none_for_what_is_optional(gateway: Gateway) -> None:
    """`None` in place of an optional value counts as a missing one."""
    nothing: Any = dict.fromkeys(("query_string", "root_path", "client", "server", "extensions"))
    request = Request(gateway.app, {"type": "http.request", "body": None}, **nothing)
    get = Request(gateway.app, method="GET", **nothing)

    assert "not valid JSON" in (await request.run())["errors"][0]["message"]
    assert "no `query`" in (await get.run())["errors"][0]["message"]
    nothing["subprotocols"] = None
    async with open_websocket(gateway.app, **nothing) as socket:
        assert await socket.receive() == {"type": "websocket.accept"}


@asynchronous
async def test_mounted_in_another_application(gateway: Gateway) -> None:
    """Another application may mount the gateway, and run no lifespan for it."""
    outer = Starlette(routes=[Mount("/sage", gateway.app)])

    assert await post(outer, "{ __typename }", path="/sage/graphql") == TYPENAME
    async with browser(outer, "") as get:
        assert '"endpoint": "/sage/graphql"' in await get("/sage/graphql")
        assert "alive" in await get("/sage/healthz")


@asynchronous
async def test_wait_for_disconnect_lets_other_tasks_run() -> None:
    """A body without an end and without a wait does not block the event loop."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x", "more_body": True}

    waiting = asyncio.create_task(wait_for_disconnect(receive))
    for _ in range(10):
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@asynchronous
async def test_empty_chunks_are_limited(start_gateway: StartGateway) -> None:
    """A body of nothing but empty chunks ends as one that is too long."""
    gateway = await start_gateway(max_body_bytes=100)
    empty: Message = {"type": "http.request", "more_body": True}
    few = Request(gateway.app, *[empty] * 50, {"type": "http.request", "body": body_of("{a}")})
    many = Request(gateway.app, *[empty] * 1_000)

    await few.run()
    await many.run()

    assert few.sent[0]["status"] == 200
    assert many.sent[0]["status"] == 413


@asynchronous
@pytest.mark.parametrize("accept", [b"application/json", b"text/event-stream", b"multipart/mixed"])
@pytest.mark.parametrize("sends", [0, 1, 2])
async def test_server_that_raises_on_send(gateway: Gateway, accept: bytes, sends: int) -> None:
    """A client that has disconnected is no error, however late the server notices."""

    class Broken(Request):
        async def send(self, message: Message) -> None:
            if len(self.sent) >= sends:
                raise BrokenPipeError
            self.sent.append(message)

    message = {"type": "http.request", "body": body_of("{ __typename }")}
    request = Broken(gateway.app, message, headers=[*JSON, (b"accept", accept)])
    with no_errors_logged():
        async with asyncio.timeout(PATIENCE):
            await gateway.app(request._scope, request.receive, request.send)

    assert len(request.sent) <= sends
    assert gateway.lifecycle.open_connections == 0


@asynchronous
async def test_websocket_client_that_leaves_at_once(gateway: Gateway) -> None:
    """A client that disconnects before the handshake gets no message."""
    scope = {"type": "websocket", "path": "/graphql", "headers": [], "subprotocols": [PROTOCOL]}
    request = Request(gateway.app, {"type": "websocket.disconnect"}, **scope)
    await gateway.app(request._scope, request.receive, request.send)

    assert request.sent == []


@asynchronous
@pytest.mark.parametrize(
    ("versions", "has_reason"),
    [
        ({}, False),
        ({"version": "3.0"}, False),
        ({"version": "3.0", "spec_version": "2.2"}, False),
        ({"version": "3.0", "spec_version": "2.3"}, True),
        ({"version": "3.0", "spec_version": "2.10"}, True),
    ],
)
async def test_reason_of_a_close(
    gateway: Gateway, versions: dict[str, str], *, has_reason: bool
) -> None:
    """A server whose version has no reasons gets none."""
    async with open_websocket(gateway.app, PROTOCOL, asgi=versions) as socket:
        await socket.receive()
        socket.send_message("no JSON")
        message = await socket.receive()

    assert message["code"] == 4400
    assert ("reason" in message) is has_reason
    assert supports_close_reason({"asgi": versions}) is has_reason


# Headers


@pytest.mark.parametrize(
    "headers",
    [
        [[b"accept", b"text/html"]],
        ((b"accept", b"text/html"),),
        iter([(b"accept", b"text/html")]),
        [iter((b"accept", b"text/html"))],
        [(b"Accept", b"text/html")],
        [(b"host", b"x"), (b"X-Unknown", b"x"), (b"accept", b"text/html")],
    ],
)
def test_headers_that_are_not_normalised(headers: Any) -> None:
    """Headers of another form are noticed, and none of them consumed."""
    parser = HeaderParser()
    for _ in range(2):
        with pytest.raises(NotNormalised):
            parser.parse(headers)
    scope = normalise_scope({"type": "http", "path": "/", "headers": headers})

    assert (b"accept", b"text/html") in scope["headers"]
    assert parser.parse(scope["headers"]).accepted.html


def test_parser_remembers_no_more_than_its_limits() -> None:
    """Thousands of names and values of headers are parsed right, and not all remembered."""
    parser = HeaderParser()
    for number in range(3_000):
        name, value = b"x-%d" % number, b"text/html;a=%d" % number
        assert parser.parse([(name, b"x"), (b"accept", value)]).accepted.html
    parser.parse([(b"x" * 1_000, b"x")])

    assert len(parser._remembered) <= 1_000
    assert len(parser._ignored_names) <= 1_000
    assert max(map(len, parser._ignored_names)) <= 100


@asynchronous
@pytest.mark.parametrize("name", [b"Origin", b"ORIGIN", b"origin"])
async def test_no_case_of_a_name_passes_the_csrf_rule(gateway: Gateway, name: bytes) -> None:
    """A simple request of a browser is refused in whatever case its headers come."""
    request = Request(
        gateway.app,
        method="GET",
        query_string=b"query={__typename}",
        headers=[(name, b"https://evil.example")],
    )
    await request.run()

    assert request.sent[0]["status"] == 403


# HTTP/1.0


@asynchronous
@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("{ ... @defer { __typename } }", b"multipart/mixed, application/json", 200),
        ("{ ... @defer { __typename } }", b"multipart/mixed", 406),
        ('subscription { processingJob(name: "a") { id } }', b"text/event-stream, */*", 406),
    ],
)
async def test_no_stream_over_http_1_0(
    gateway: Gateway, query: str, accept: bytes, status: int
) -> None:
    """HTTP/1.0 has no chunks: one response comes as such, a stream is refused with the reason."""
    message = {"type": "http.request", "body": body_of(query)}
    headers = [*JSON, (b"accept", accept)]
    request = Request(gateway.app, message, headers=headers, http_version="1.0")
    response = await request.run()

    assert request.sent[0]["status"] == status
    if status == 200:
        assert response == TYPENAME
    else:
        assert "HTTP/1.1" in response["errors"][0]["message"]


# Root path


@asynccontextmanager
async def browser(app: ASGIApp, root_path: str) -> AsyncIterator[Callable[[str], Any]]:
    """Yield a function that gets a page of an application that is mounted below a path."""

    async def get(path: str) -> str:
        scope = {"method": "GET", "root_path": root_path, "headers": [(b"accept", b"text/html")]}
        request = Request(app, {"type": "http.request"}, path=path, **scope)
        async with asyncio.timeout(PATIENCE):
            await app(request._scope, request.receive, request.send)
        assert request.sent[0]["status"] == 200, (path, request.sent[0])
        return b"".join(message.get("body", b"") for message in request.sent[1:]).decode()

    yield get


@asynchronous
@pytest.mark.parametrize("root_path", ["", "/api", "/api/", "api", "/api/v1", "/graphql"])
@pytest.mark.parametrize("is_removed", [True, False])
async def test_root_path(gateway: Gateway, root_path: str, *, is_removed: bool) -> None:
    """All paths work below a root path, whether the server leaves it in `path` or removes it."""
    full = f"/{root_path.strip('/')}" if root_path else ""
    prefix = "" if is_removed and full != "/graphql" else full

    assert (
        await post(gateway.app, "{ __typename }", path=f"{prefix}/graphql", root_path=root_path)
        == TYPENAME
    )
    async with browser(gateway.app, root_path) as get:
        page = await get(f"{prefix}/graphql")
        script = page.partition('src="')[2].partition('"')[0]
        assert f'"endpoint": "{full}/graphql"' in page
        assert f'"subscriptionEndpoint": "{full}/graphql"' in page
        assert script.startswith(f"{full}/graphiql/assets/")
        assert await get(prefix + script.removeprefix(full))
        assert "alive" in await get(f"{prefix}/healthz")
        assert "gateway_operations" in await get(f"{prefix}/metrics")
    async with open_websocket(
        gateway.app, PROTOCOL, path=f"{prefix}/graphql", root_path=root_path
    ) as socket:
        assert (await socket.receive())["type"] == "websocket.accept"


@asynchronous
@pytest.mark.parametrize("is_removed", [True, False])
async def test_root_path_as_a_setting(start_gateway: StartGateway, *, is_removed: bool) -> None:
    """A server that knows of no root path serves below that of the settings, removed or not."""
    gateway = await start_gateway(root_path="/sage/maker")
    prefix = "" if is_removed else "/sage/maker"

    assert await post(gateway.app, "{ __typename }", path=f"{prefix}/graphql") == TYPENAME
    async with browser(gateway.app, "") as get:
        page = await get(f"{prefix}/graphql")
        assert '"endpoint": "/sage/maker/graphql"' in page
        script = page.partition('src="')[2].partition('"')[0]
        assert await get(prefix + script.removeprefix("/sage/maker"))
        assert "alive" in await get(f"{prefix}/healthz")
    async with open_websocket(gateway.app, PROTOCOL, path=f"{prefix}/graphql") as socket:
        assert (await socket.receive())["type"] == "websocket.accept"
    # No WebSocket follows a redirect.
    async with open_websocket(gateway.app, PROTOCOL, path=f"{prefix}/graphql/") as socket:
        assert (await socket.receive())["type"] == "websocket.accept"
    redirect = Request(gateway.app, method="GET", path=f"{prefix}/graphql/", headers=[])
    await gateway.app(redirect._scope, redirect.receive, redirect.send)
    assert (b"location", b"/sage/maker/graphql") in redirect.sent[0]["headers"]


def test_scope_of_the_least_keys() -> None:
    """A scope without optional keys gets those that the gateway reads."""
    scope: Scope = normalise_scope({"type": "websocket", "path": "/graphql", "headers": ()})

    assert scope["root_path"] == ""
    assert scope["query_string"] == b""
    assert scope["subprotocols"] == []
    assert scope["headers"] == []
