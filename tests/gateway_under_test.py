"""The gateway under test: in process with a clock that the test advances, or behind a port."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self

import httpx
import uvicorn
from starlette.types import ASGIApp, Message

from gateway.app import create_app
from gateway.http.lifecycle import Lifecycle
from gateway.server.uvicorn import configure
from gateway.settings import Settings

from .asgi_servers import SERVERS, VARIANTS, behind
from .clocks import Clock
from .graphql_responses import Answer


class Gateway:
    """A client of one gateway, which has a cache of its own."""

    def __init__(
        self, app: ASGIApp, clock: Clock, lifecycle: Lifecycle, url: str | None = None
    ) -> None:
        """Use the server at `url`, or the application itself."""
        self.app = app
        self.clock = clock
        self.lifecycle = lifecycle
        # Without `verify=False` it would read certificates, for longer than most tests take.
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app) if url is None else None,
            base_url=url or "http://gateway",
            trust_env=False,
            verify=False,
        )

    async def __aenter__(self) -> Self:
        await self.http.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.http.aclose()

    async def query(self, text: str, operation_name: str | None = None, **variables: Any) -> Answer:
        """Return the answer to an operation, sent by POST."""
        request: dict[str, Any] = {"query": text, "variables": variables}
        if operation_name is not None:
            request["operationName"] = operation_name
        response = await self.http.post("/graphql", json=request)
        assert response.status_code == httpx.codes.OK, response.text
        return Answer.of(response)

    async def data(self, text: str, **variables: Any) -> Any:
        """Return the data of an operation that meets no error."""
        answer = await self.query(text, **variables)
        assert not answer.errors, answer.errors
        return answer.data


@asynccontextmanager
async def running(
    *, examples: Mapping[str, str] | None = None, server: str | None = None, **settings: Any
) -> AsyncIterator[Gateway]:
    """Run a gateway with these settings, from start-up to shutdown.

    `server` is one of `asgi_servers.VARIANTS` or `asgi_servers.SERVERS`.
    """
    clock = Clock()
    lifecycle = Lifecycle()
    app = create_app(
        Settings(**{"region": "eu-west-1", **settings}),
        examples=examples,
        clock=clock,
        now=clock.now,
        sleep=clock.sleep,
        lifecycle=lifecycle,
    )
    if server in VARIANTS:
        app = behind(VARIANTS[server], app)
    if server in SERVERS:
        async with (
            SERVERS[server](app) as url,
            Gateway(app, clock, lifecycle, url) as gateway,
        ):
            yield gateway
    else:
        async with lifespan(app), Gateway(app, clock, lifecycle) as gateway:
            yield gateway


@asynccontextmanager
async def lifespan(app: ASGIApp) -> AsyncIterator[None]:
    """Send an application ASGI's lifespan events, as a server does and httpx does not."""
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(_call(app, scope, inbox, outbox))
    for event in ("startup", "shutdown"):
        await inbox.put({"type": f"lifespan.{event}"})
        message = await outbox.get()
        assert message["type"] == f"lifespan.{event}.complete", message
        if event == "startup":
            yield
    await task


async def _call(
    app: ASGIApp, scope: Any, inbox: asyncio.Queue[Message], outbox: asyncio.Queue[Message]
) -> None:
    await app(scope, inbox.get, outbox.put)


@contextmanager
def serving(app: ASGIApp, **settings: Any) -> Iterator[str]:
    """Serve an application as the gateway does, in a thread of its own; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(configure(app, Settings(**settings)))
        thread = threading.Thread(target=server.run, args=([listener],), name="gateway")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
