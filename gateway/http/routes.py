"""Which path goes where: GraphQL, health and readiness; and which other sites may call them."""

from collections.abc import Callable
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.asgi import normalise_scope, path_below_root
from gateway.http.csrf import PREFLIGHT_HEADERS
from gateway.http.endpoint import GraphQLEndpoint
from gateway.http.headers import BUDGET_HEADER, TIMING_HEADER, UPSTREAM_HEADER
from gateway.settings import RequestSettings

GRAPHQL_PATH: Final = "/graphql"

_REQUEST_HEADERS: Final = {
    *("authorization", "cache-control", "content-encoding", "content-type", "if-none-match"),
    *(
        name.decode()
        for name in (*PREFLIGHT_HEADERS, TIMING_HEADER, UPSTREAM_HEADER, BUDGET_HEADER)
    ),
}
"""The headers that the gateway reads and browsers do not send by themselves."""
_RESPONSE_HEADERS: Final = {
    *("etag", "ratelimit", "ratelimit-policy", "retry-after", "server-timing", "www-authenticate")
}
"""The headers that the gateway sends and browsers do not show to pages by themselves."""


class Routes:
    """The ASGI application that the server runs.

    GraphQL does not go through Starlette: its middleware and routing take about as long as a cached
    response does, and the endpoint needs neither, since it catches its own errors.
    """

    def __init__(
        self,
        endpoint: GraphQLEndpoint,
        websockets: ASGIApp,
        others: ASGIApp,
        root_path: str | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._websockets = websockets
        self._others = others
        self._root_path = root_path or ""
        self._graphql_paths = frozenset({GRAPHQL_PATH, self._root_path + GRAPHQL_PATH})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request, a WebSocket or the lifespan on."""
        kind = scope["type"]
        if kind == "http" and scope["path"] in self._graphql_paths and not scope.get("root_path"):
            await self._endpoint(scope, receive, send)
        elif kind in {"http", "websocket"}:
            await self._route(normalise_scope(scope, self._root_path), receive, send)
        else:
            await self._others(scope, receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_below_root(scope)
        is_graphql = path == GRAPHQL_PATH
        has_slash = path == f"{GRAPHQL_PATH}/"
        if scope["type"] == "websocket":
            # Clients follow no redirect of a WebSocket.
            if is_graphql or has_slash:
                await self._websockets(scope, receive, send)
            else:
                await send({"type": "websocket.close"})
        elif is_graphql:
            await self._endpoint(scope, receive, send)
        elif has_slash:
            await _redirect(scope)(scope, receive, send)
        else:
            if not path:
                scope["path"] += "/"
            await self._others(scope, receive, send)


def _redirect(scope: Scope) -> Response:
    """Return the response to a request for `/graphql/`."""
    query_string = scope["query_string"].decode("latin-1")
    url = scope["root_path"] + GRAPHQL_PATH + (f"?{query_string}" if query_string else "")
    # 308: clients send the same method and body again.
    return RedirectResponse(url, 308)


def health_routes(not_ready: Callable[[], str | None]) -> list[Route]:
    """Return `/healthz`, which says that the process is alive, and `/readyz`.

    `not_ready` returns why no requests should be sent here, or `None` when they may be.
    """

    async def healthz(request: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"})

    async def readyz(request: Request) -> JSONResponse:
        reason = not_ready()
        if reason is not None:
            return JSONResponse({"status": "not ready", "reason": reason}, status_code=503)
        return JSONResponse({"status": "ready"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


class _Cors(CORSMiddleware):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = normalise_scope(scope)
        await super().__call__(scope, receive, send)


def add_cors(
    app: ASGIApp, settings: RequestSettings, credential_headers: frozenset[bytes] = frozenset()
) -> ASGIApp:
    """Return `app` with CORS for the origins of the settings, which may be none.

    `credential_headers` are the headers that can hold a token or an API key.
    """
    if not settings.cors_origins:
        return app
    read = {name.decode("latin-1") for name in credential_headers}
    return _Cors(
        app,
        allow_origins=tuple(settings.cors_origins),
        allow_methods=("GET", "HEAD", "POST"),
        allow_headers=sorted(settings.cors_headers | _REQUEST_HEADERS | read),
        expose_headers=sorted(settings.cors_exposed_headers | _RESPONSE_HEADERS),
        max_age=3_600,
    )
