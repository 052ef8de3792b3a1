"""The way in: GraphQL straight to its endpoint, everything else through Starlette."""

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http.endpoint import GraphQLEndpoint


class Front:
    """An ASGI application that knows one path by heart.

    Starlette's middleware and routing take about as long as a cached answer does, and the endpoint
    needs neither: it catches its own errors.
    """

    def __init__(
        self, path: str, endpoint: GraphQLEndpoint, sockets: ASGIApp, others: ASGIApp
    ) -> None:
        self._path = path
        self._endpoint = endpoint
        self._sockets = sockets
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request, WebSocket or lifespan on to whom it concerns."""
        if scope["type"] == "http" and scope["path"] == self._path:
            await self._endpoint(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == self._path:
            await self._sockets(scope, receive, send)
        else:
            await self._others(scope, receive, send)
