"""WebSockets closed with the code that tells clients to connect again elsewhere."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.lifecycle import Shutdown

_GOING_AWAY: Final = 1001


class GoingAway:
    """An ASGI application that closes the open WebSockets of another one when the process ends.

    uvicorn itself would close them with 1012.
    """

    def __init__(self, app: ASGIApp, shutdown: Shutdown) -> None:
        self._app = app
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket."""
        socket = _Socket(send)
        with self._shutdown.on_farewell(socket.close):
            await self._app(scope, receive, socket.send)


class _Socket:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_open = False
        self._is_closed = False

    async def send(self, message: Message) -> None:
        # What the application still sends, it sends to nobody: it hears of the end as it next
        # receives.
        if self._is_closed:
            return
        if message["type"] == "websocket.accept":
            self._is_open = True
        elif message["type"] == "websocket.close":
            self._is_closed = True
        await self._send(message)

    async def close(self) -> None:
        if self._is_open and not self._is_closed:
            self._is_closed = True
            await self._send(
                {"type": "websocket.close", "code": _GOING_AWAY, "reason": "Shutting down"}
            )
