"""Requests that HTTP clients refuse to send, given to an ASGI application directly."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.types import ASGIApp, Message

from gateway.errors import Code

from ..graphql_responses import TELLTALES, assert_canonical_error

JSON: Final = (b"content-type", b"application/json")
_PATIENCE: Final = 10.0
_STREAMS: Final = ("text/event-stream", "multipart/mixed")
# Message too big, and the codes of graphql-transport-ws for messages that break it.
_CLOSE_CODES: Final = frozenset({1009, 4400, 4401, 4409, 4429})
Headers = list[tuple[bytes, bytes]]


@dataclass
class RawResponse:
    """A request and its response."""

    sent: bytes = b""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    received: int = 0
    """The number of body messages that the application received."""
    complete: bool = False

    @property
    def media_type(self) -> str:
        """The media type of the response."""
        return self.headers.get("content-type", "").partition(";")[0]


async def send_raw(
    app: ASGIApp,
    chunks: Iterable[bytes] = (b"",),
    *,
    method: str = "POST",
    query_string: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (JSON,),
    whole: bool = True,
) -> RawResponse:
    """Send a request and return the response; the client disconnects once it has that.

    It disconnects in the middle of its body when that is not `whole`, and in the middle of a
    stream after the first response.
    """
    parts = list(chunks) or [b""]
    response = RawResponse(b"".join(parts) + query_string)
    messages: list[Message] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    if whole:
        messages[-1]["more_body"] = False
    disconnected = asyncio.Event()
    if not whole:
        disconnected.set()

    async def receive() -> Message:
        if response.received < len(messages):
            response.received += 1
            return messages[response.received - 1]
        await disconnected.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert not response.status, "a second response"
            response.status = message["status"]
            for name, value in message["headers"]:
                assert name == name.lower()
                response.headers[name.decode("latin-1")] = value.decode("latin-1")
            return
        assert message["type"] == "http.response.body"
        assert response.status, "a body before its response"
        assert not response.complete, "a body after its end"
        response.body += message.get("body", b"")
        response.complete = not message.get("more_body", False)
        if response.body and response.media_type in _STREAMS:
            disconnected.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": query_string,
        "headers": [(b"host", b"gateway"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    async with asyncio.timeout(_PATIENCE):
        await app(scope, receive, send)
    return response


def check_response(response: RawResponse, *, method: str = "POST") -> Any:
    """Fail unless the response is complete, of GraphQL and no 5xx; return its JSON."""
    assert 200 <= response.status < 500, response
    if response.media_type in _STREAMS:
        assert response.status == 200, response
        assert b"Traceback" not in response.body
        return None
    assert response.complete, response
    if response.status == 304:
        assert response.body == b""
        return None
    if "content-length" in response.headers and method != "HEAD":
        assert int(response.headers["content-length"]) == len(response.body)
    if response.media_type == "text/html":
        assert method in {"GET", "HEAD"}
        return None
    assert response.media_type in {"application/json", "application/graphql-response+json"}, (
        response
    )
    if method == "HEAD" or "content-encoding" in response.headers:
        return None
    body = orjson.loads(response.body)
    for item in body if isinstance(body, list) else [body]:
        _check_graphql_response(item, response.sent)
    if response.status != 200:
        assert body["errors"]
        assert "data" not in body
    return body


def check_websocket_message(message: Message, sent: bytes) -> None:
    """Fail unless a message of the gateway on a WebSocket is one of the protocol."""
    if message["type"] == "websocket.close":
        assert message["code"] in _CLOSE_CODES, message
        return
    message_ = orjson.loads(message["text"])
    match message_["type"]:
        case "next":
            _check_graphql_response(message_["payload"], sent)
        case "error":
            assert message_["payload"]
            _check_graphql_response({"errors": message_["payload"]}, sent)
        case kind:
            assert kind in {"connection_ack", "pong", "complete"}, message_


def _check_graphql_response(response: Any, sent: bytes) -> None:
    assert response.keys() <= {"data", "errors", "extensions"}, response
    assert response.get("errors") or "data" in response, response
    for error in response.get("errors", []):
        message = _hide_sent_text(error["message"], sent)
        assert_canonical_error({**error, "message": message})
        assert error["extensions"]["code"] != Code.INTERNAL_SERVER_ERROR, response


def _hide_sent_text(message: str, sent: bytes) -> str:
    """Return a message without text that looks like a leak but came from the client."""
    return TELLTALES.sub(lambda found: "?" if found[0].encode() in sent else found[0], message)
