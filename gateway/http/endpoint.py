"""GraphQL over HTTP: POST with JSON, GET with query parameters, GraphiQL for browsers.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

import logging
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.errors import BadUserInput, CodedError
from gateway.execution.bounded import Bounded
from gateway.execution.engine import Engine
from gateway.execution.errors import request_error, unexpected_error
from gateway.execution.prepared import Prepared, size_of
from gateway.execution.request import Request
from gateway.http.body import BodyTooLarge, ClientGone, read_body
from gateway.http.metrics import Durations

logger = logging.getLogger(__name__)

_CONTENT_TYPE: Final = (b"content-type", b"application/json; charset=utf-8")
_PARAMETERS: Final = ("query", "operationName", "variables", "extensions")


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`.

    A request that was seen before, byte for byte, is not decoded again: what it prepared to is
    remembered, at most about `prepared_bytes` of it. Whatever needs no AWS call is answered
    without a task or a wait.
    """

    def __init__(
        self,
        engine: Engine,
        durations: Durations,
        *,
        max_body_bytes: int,
        prepared_bytes: int,
        page: Callable[[], Response] | None,
    ) -> None:
        self._engine = engine
        self._durations = durations
        self._max_body_bytes = max_body_bytes
        self._page = page
        self._posts: Bounded[bytes, Prepared] = Bounded(prepared_bytes // 2)
        self._gets: Bounded[bytes, Prepared] = Bounded(prepared_bytes // 2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        try:
            response = await self._respond(scope, receive)
        except ClientGone:
            return
        except Exception:
            logger.exception("gateway.unexpected_error")
            response = _UNEXPECTED
        self._durations.observe(response.status_code, time.perf_counter() - started)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive) -> "Response | JSONBytes":
        method = scope["method"]
        if method == "POST":
            return await self._post(scope, receive)
        if method in {"GET", "HEAD"}:
            return await self._get(scope)
        return _refusal(405, "Use GET or POST.", (b"allow", b"GET, HEAD, POST"))

    async def _post(self, scope: Scope, receive: Receive) -> "JSONBytes":
        content_type = header(scope, b"content-type")
        if content_type != b"application/json" and not _is_json(content_type):
            return _refusal(415, "Send the request as application/json.")
        try:
            body = await read_body(scope, receive, self._max_body_bytes)
        except BodyTooLarge:
            return _refusal(413, f"The body is larger than {self._max_body_bytes} bytes.")
        prepared = self._posts.get(body)
        if prepared is None:
            try:
                prepared = self._engine.prepare(Request.parse(decode_json(body, "The body")))
            except CodedError as error:
                return _refusal(400, error)
            self._posts.put(body, prepared, len(body) + size_of(prepared))
        return await self._answer(prepared)

    async def _get(self, scope: Scope) -> "Response | JSONBytes":
        query_string = scope["query_string"]
        if self._page and not query_string and b"text/html" in header(scope, b"accept"):
            return self._page()
        prepared = self._gets.get(query_string)
        if prepared is None:
            try:
                prepared = self._engine.prepare(Request.parse(_parameters(query_string)))
            except CodedError as error:
                return _refusal(400, error)
            self._gets.put(query_string, prepared, len(query_string) + size_of(prepared))
        return await self._answer(prepared)

    async def _answer(self, prepared: Prepared) -> "JSONBytes":
        response = self._engine.answer_now(prepared)
        if not isinstance(response, bytes):
            response = await self._engine.answer(prepared, response)
        return JSONBytes(response)


class JSONBytes:
    """A response of JSON that is bytes already: an ASGI application like Starlette's, but lighter."""

    __slots__ = ("_body", "_headers", "status_code")

    def __init__(self, body: bytes, status_code: int = 200, *headers: tuple[bytes, bytes]) -> None:
        self._body = body
        self._headers = headers
        self.status_code = status_code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        length = (b"content-length", b"%d" % len(self._body))
        headers = [_CONTENT_TYPE, length, *self._headers]
        status = self.status_code
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": self._body})


def header(scope: Scope, name: bytes) -> bytes:
    """Return the value of a request header, empty when it is not there."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def decode_json(text: bytes | str, what: str) -> object:
    """Return what JSON text says. Raises `BadUserInput`, which names the text as `what`."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadUserInput(f"{what} is not valid JSON.") from error


def _is_json(content_type: bytes) -> bool:
    return content_type.split(b";")[0].strip().lower() == b"application/json"


def _parameters(query_string: bytes) -> dict[str, object]:
    try:
        given = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise BadUserInput("The query string is not valid UTF-8, percent-encoded.") from error
    parameters: dict[str, object] = {}
    for name in _PARAMETERS:
        values = given.get(name, [])
        if len(values) > 1:
            raise BadUserInput(f"`{name}` is given more than once.")
        if values:
            is_json = name in {"variables", "extensions"}
            parameters[name] = decode_json(values[0], f"`{name}`") if is_json else values[0]
    return parameters


def _refusal(status: int, error: CodedError | str, *headers: tuple[bytes, bytes]) -> JSONBytes:
    return JSONBytes(orjson.dumps(request_error(error)), status, *headers)


_UNEXPECTED: Final = JSONBytes(orjson.dumps(unexpected_error()), 500)
