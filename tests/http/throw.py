"""Requests to an ASGI application without a client in between, which would refuse to send them."""

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
# Too big, and what the protocol has for messages that break it.
_CLOSED: Final = frozenset({1009, 4400, 4401, 4409, 4429})
Headers = list[tuple[bytes, bytes]]


@dataclass
class Thrown:
    """What was sent, and what came back."""

    sent: bytes = b""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    received: int = 0
    """How many messages of the body the application took."""
    complete: bool = False

    @property
    def media_type(self) -> str:
        """The media type of the response."""
        return self.headers.get("content-type", "").partition(";")[0]


async def throw(
    app: ASGIApp,
    chunks: Iterable[bytes] = (b"",),
    *,
    method: str = "POST",
    query_string: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (JSON,),
    whole: bool = True,
) -> Thrown:
    """Send a request and return the response; the client leaves once it came.

    It leaves in the middle of its body when that is not `whole`, and of a stream of responses
    after the first.
    """
    parts = list(chunks) or [b""]
    thrown = Thrown(b"".join(parts) + query_string)
    messages: list[Message] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    if whole:
        messages[-1]["more_body"] = False
    left = asyncio.Event()
    if not whole:
        left.set()

    async def receive() -> Message:
        if thrown.received < len(messages):
            thrown.received += 1
            return messages[thrown.received - 1]
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert not thrown.status, "a second response"
            thrown.status = message["status"]
            for name, value in message["headers"]:
                assert name == name.lower()
                thrown.headers[name.decode("latin-1")] = value.decode("latin-1")
            return
        assert message["type"] == "http.response.body"
        assert thrown.status, "a body before its response"
        assert not thrown.complete, "a body after its end"
        thrown.body += message.get("body", b"")
        thrown.complete = not message.get("more_body", False)
        if thrown.body and thrown.media_type in _STREAMS:
            left.set()

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
    return thrown


def check(thrown: Thrown, *, method: str = "POST") -> Any:
    """Fail unless the response is GraphQL's, complete and no failure of ours; return its JSON."""
    assert 200 <= thrown.status < 500, thrown
    if thrown.media_type in _STREAMS:
        assert thrown.status == 200, thrown
        assert b"Traceback" not in thrown.body
        return None
    assert thrown.complete, thrown
    if thrown.status == 304:
        assert thrown.body == b""
        return None
    if "content-length" in thrown.headers and method != "HEAD":
        assert int(thrown.headers["content-length"]) == len(thrown.body)
    if thrown.media_type == "text/html":
        assert method in {"GET", "HEAD"}
        return None
    assert thrown.media_type in {"application/json", "application/graphql-response+json"}, thrown
    if method == "HEAD" or "content-encoding" in thrown.headers:
        return None
    body = orjson.loads(thrown.body)
    for response in body if isinstance(body, list) else [body]:
        _check_response(response, thrown.sent)
    if thrown.status != 200:
        assert body["errors"]
        assert "data" not in body
    return body


def check_message(message: Message, sent: bytes) -> None:
    """Fail unless what the gateway says on a WebSocket is of the protocol."""
    if message["type"] == "websocket.close":
        assert message["code"] in _CLOSED, message
        return
    said = orjson.loads(message["text"])
    match said["type"]:
        case "next":
            _check_response(said["payload"], sent)
        case "error":
            assert said["payload"]
            _check_response({"errors": said["payload"]}, sent)
        case kind:
            assert kind in {"connection_ack", "pong", "complete"}, said


def _check_response(response: Any, sent: bytes) -> None:
    assert response.keys() <= {"data", "errors", "extensions"}, response
    assert response.get("errors") or "data" in response, response
    for error in response.get("errors", []):
        message = _without_own_words(error["message"], sent)
        assert_canonical_error({**error, "message": message})
        assert error["extensions"]["code"] != Code.INTERNAL_SERVER_ERROR, response


def _without_own_words(message: str, sent: bytes) -> str:
    """Return a message without what looks like a leak but was the client's own."""
    return TELLTALES.sub(lambda found: "?" if found[0].encode() in sent else found[0], message)
