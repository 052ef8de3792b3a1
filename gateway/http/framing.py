"""How several responses are framed in one HTTP body: server-sent events and multipart/mixed.

Sources: graphql-sse's mode of distinct connections,
https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md,
https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md and
https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_MULTIPART: Final = b'multipart/mixed; boundary="-"'
_PART_HEADERS: Final = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
# A client knows that a part is complete when it sees the next boundary, so each part ends with it.
_BOUNDARY: Final = b"\r\n---"


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """The bytes of a body around its responses."""

    content_type: bytes
    opening: bytes
    frame: Callable[[bytes], bytes]
    """Returns one response, framed."""
    keep_alive: bytes
    """Sent while there is no response; empty where only the beginning of a part can be sent."""
    closing: bytes


def _frame_event(response: bytes) -> bytes:
    # JSON escapes line breaks inside strings and orjson writes none outside: one line is enough.
    return b"event: next\ndata: " + response + b"\n\n"


def _frame_part(response: bytes) -> bytes:
    return _PART_HEADERS + response + _BOUNDARY


def _frame_payload(response: bytes) -> bytes:
    return _frame_part(b'{"payload":' + response + b"}")


def _multipart(
    parameter: bytes,
    frame: Callable[[bytes], bytes] = _frame_part,
    keep_alive: bytes = b"",
) -> Framing:
    return Framing(
        content_type=_MULTIPART + parameter,
        opening=_BOUNDARY,
        frame=frame,
        keep_alive=keep_alive,
        closing=b"--\r\n",
    )


SERVER_SENT_EVENTS: Final = Framing(
    content_type=b"text/event-stream; charset=utf-8",
    # A comment, so that proxies pass the headers on before there is an event.
    opening=b":\n\n",
    frame=_frame_event,
    keep_alive=b":\n\n",
    closing=b"event: complete\ndata: \n\n",
)
MULTIPART_BY_ID: Final = _multipart(b"")
MULTIPART_BY_PATH: Final = _multipart(b"; deferSpec=20220824")
APOLLO_SUBSCRIPTION: Final = _multipart(
    b'; subscriptionSpec="1.0"', _frame_payload, _frame_part(b"{}")
)
"""Apollo's own: each response is the `payload` of an object; an empty object keeps alive."""


class Frames:
    """Frames the responses of one stream, and what shows that it is alive between them.

    Proxies give up streams that are silent. Where a framing has no message without a meaning, the
    next part begins early, with spaces before its JSON.
    """

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._has_begun_part = False

    def frame(self, response: bytes) -> bytes:
        """Return one response, framed."""
        framed = self._framing.frame(response)
        if self._has_begun_part:
            self._has_begun_part = False
            return framed.removeprefix(_PART_HEADERS)
        return framed

    def keep_alive(self) -> bytes:
        """Return the bytes to send while there is no response."""
        if self._framing.keep_alive:
            return self._framing.keep_alive
        if self._has_begun_part:
            return b" "
        self._has_begun_part = True
        return _PART_HEADERS + b" "

    def close(self) -> bytes:
        """Return the end of the stream; a part that has begun says that none follows."""
        last = self.frame(b'{"hasNext":false}') if self._has_begun_part else b""
        return last + self._framing.closing
