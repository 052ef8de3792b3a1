"""WebSockets with limits: uvicorn's protocol, which by itself takes any number of frames."""

import math
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from gateway.server.connections import Connection, Connections, WriteWatch

_FRAMES_PER_SECOND: Final = 200
_MOST_FRAMES: Final = 1_000
"""Frames that a client may send at once. One after the other, it may send `_FRAMES_PER_SECOND`."""
_PARSED_AT_ONCE: Final = 4_096
"""Bytes after which the frames are counted: 680 empty ones at the most."""
_MOST_UNREAD_BYTES: Final = 256 * 1024
"""Bytes of pongs that a client may leave unread."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket. It is created for an HTTP connection that asks for the upgrade."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections: Connections | None = None
        self._address = ""
        self._writes: WriteWatch | None = None
        self._frames_left = float(_MOST_FRAMES)
        self._counted_at = self.loop.time()
        self._handshake_until = math.inf

    def take_over(self, connections: Connections, http: Connection, address: str) -> None:
        """Stand for the connection from now on."""
        self._connections = connections
        self._address = address
        self._writes = WriteWatch(self.transport, connections.settings.write_timeout)
        self._handshake_until = self.loop.time() + connections.settings.head_timeout
        connections.replace(http, self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._connections is not None:
            self._connections.remove(self, self._address)
        super().connection_lost(exc)

    def check(self, now: float) -> None:
        """End the connection if the client does not read, or does not end its handshake."""
        if not self.handshake_initiated and now >= self._handshake_until:
            self._abort()
        if self._writes is not None:
            self._writes.check(now)

    def shutdown(self) -> None:
        """Close, at once where the handshake has not ended or the other side has closed already."""
        is_answerable = self.handshake_initiated and not self.conn.eof_sent
        is_closed = self.conn.state in {State.CLOSING, State.CLOSED} and not self.close_sent
        if is_answerable and not is_closed:
            super().shutdown()
        else:
            self.stop_keepalive()
            self._abort()

    def data_received(self, data: bytes) -> None:
        """Parse what has come, a little at a time, as long as there are not too many frames."""
        for start in range(0, len(data), _PARSED_AT_ONCE):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + _PARSED_AT_ONCE])

    def handle_events(self) -> None:
        """Handle what was parsed."""
        events = self.conn.events_received()
        self.conn.events = events
        self._count(len(events))
        if not self.transport.is_closing():
            super().handle_events()

    def _count(self, frames: int) -> None:
        now = self.loop.time()
        refilled = self._frames_left + (now - self._counted_at) * _FRAMES_PER_SECOND
        self._frames_left = min(refilled, _MOST_FRAMES) - frames
        self._counted_at = now
        if self._frames_left < 0 or len(self.frames) > _MOST_FRAMES:
            self._abort()

    def handle_ping(self) -> None:
        """Answer a ping, unless the client reads no answers."""
        if self.transport.get_write_buffer_size() > _MOST_UNREAD_BYTES:
            self._abort()
        else:
            super().handle_ping()

    def _abort(self) -> None:
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1008})
        self.disconnected = True
        self.transport.abort()
