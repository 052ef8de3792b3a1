"""Responses as server-sent events.

Source: graphql-sse's protocol in its mode of distinct connections,
https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from typing import Final

from gateway.http.stream import Framing


def _event(response: bytes) -> bytes:
    # JSON has no line breaks outside of its strings and escapes those inside: one line is enough.
    return b"event: next\ndata: " + response + b"\n\n"


SERVER_SENT_EVENTS: Final = Framing(
    content_type=b"text/event-stream; charset=utf-8",
    # A comment, so that proxies pass the head on before there is an event.
    opening=b":\n\n",
    frame=_event,
    keep_alive=b":\n\n",
    closing=b"event: complete\ndata: \n\n",
)
