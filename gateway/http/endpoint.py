"""GraphQL over HTTP: POST with JSON, GET with query parameters, GraphiQL for browsers.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.errors import CodedError
from gateway.execution.bounded import Bounded
from gateway.execution.engine import Engine
from gateway.execution.errors import request_error, unexpected_error
from gateway.execution.prepared import Prepared, size_of
from gateway.execution.request import Request
from gateway.execution.result import Result
from gateway.http import csrf
from gateway.http.body import BodyTooLarge, ClientGone, read_body
from gateway.http.disconnect import CutOff, unless_gone
from gateway.http.metrics import Durations
from gateway.http.negotiation import Accepted, MediaType, is_json, negotiate
from gateway.http.parameters import decode_json, url_parameters
from gateway.http.persisted import PersistedDocuments, PersistedQueryNotFound
from gateway.http.response import (
    CONTENT_TYPES,
    NO_STORE,
    VARY,
    BytesResponse,
    Header,
    cache_control,
    compress,
    etag_of,
    matches,
)
from gateway.http.stream import StreamedResponse
from gateway.http.streaming import Streaming
from gateway.http.timing import TIMING_HEADER, Timing

logger = logging.getLogger(__name__)

_HEADERS: Final = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"cache-control",
        b"content-type",
        b"if-none-match",
        TIMING_HEADER,
        *csrf.HEADERS,
    }
)
AnyResponse = BytesResponse | StreamedResponse
Head = Mapping[bytes, bytes]
"""The request headers that the endpoint reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """What the endpoint does beyond the specification's minimum."""

    max_body_bytes: int
    prepared_bytes: int
    """Memory for requests remembered as prepared."""
    max_batch: int
    """Operations in one request at most; 1 refuses batches."""
    csrf_prevention: bool
    public_caching: bool
    """Whether shared caches may keep responses."""


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`.

    A request that was seen before, byte for byte, is not decoded again: what it prepared to is
    remembered. Whatever needs no AWS call is answered without a task or a wait.
    """

    def __init__(
        self,
        engine: Engine,
        streaming: Streaming,
        documents: PersistedDocuments,
        durations: Durations,
        clock: Callable[[], float],
        options: EndpointOptions,
        page: Callable[[], Response] | None,
    ) -> None:
        self._engine = engine
        self._streaming = streaming
        self._documents = documents
        self._durations = durations
        self._clock = clock
        self._options = options
        self._page = page
        self._posts: Bounded[bytes, Prepared] = Bounded(options.prepared_bytes // 2)
        self._gets: Bounded[bytes, Prepared] = Bounded(options.prepared_bytes // 2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        try:
            response = await self._respond(scope, receive)
        except ClientGone:
            return
        except CutOff as error:
            response = _refusal(503, error, (b"retry-after", b"1"))
        except Exception:
            logger.exception("gateway.unexpected_error")
            response = _UNEXPECTED
        self._durations.observe(response.status_code, time.perf_counter() - started)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive) -> "Response | AnyResponse":
        method = scope["method"]
        head = {name: value for name, value in scope["headers"] if name in _HEADERS}
        accepted = negotiate(head.get(b"accept", b""))
        if method in {"GET", "HEAD"}:
            if self._page and accepted.html and b"query=" not in scope["query_string"]:
                return self._page()
        elif method != "POST":
            return _refusal(405, "Use GET or POST.", (b"allow", b"GET, HEAD, POST"))
        if method == "HEAD":
            accepted = replace(accepted, stream=None)
        if accepted.single is None and accepted.stream is None:
            types = ", ".join(media_type.value for media_type in CONTENT_TYPES)
            return _refusal(406, f"The response is one of {types}.")
        try:
            if self._options.csrf_prevention:
                csrf.check_csrf(head)
            if method == "POST":
                return await self._post(scope, receive, head, accepted)
            return await self._get(scope["query_string"], receive, head, accepted)
        except csrf.CrossSite as error:
            return _refusal(403, error)

    async def _post(
        self, scope: Scope, receive: Receive, head: Head, accepted: Accepted
    ) -> AnyResponse:
        if not is_json(head.get(b"content-type", b"")):
            return _refusal(415, "Send the request as application/json in UTF-8.")
        try:
            body = await read_body(scope, receive, self._options.max_body_bytes)
        except BodyTooLarge:
            most = self._options.max_body_bytes
            return _refusal(413, f"The body is larger than {most} bytes.")
        prepared = self._posts.get(body)
        if prepared is None:
            try:
                asked = self._read(body)
            except CodedError as error:
                return _wrong_request(error, accepted)
            if isinstance(asked, list):
                return await self._batch(asked, receive, head, accepted)
            prepared = asked
            self._posts.put(body, prepared, len(body) + size_of(prepared))
        streamed = self._streaming.response(prepared, head, accepted)
        if streamed is not None:
            return streamed
        timing = Timing(head)
        result = await self._result(prepared, head, receive)
        return self._response(result, head, accepted, *timing.headers())

    async def _get(
        self, query_string: bytes, receive: Receive, head: Head, accepted: Accepted
    ) -> AnyResponse:
        prepared = self._gets.get(query_string)
        if prepared is None:
            try:
                prepared = self._prepare(url_parameters(query_string))
            except CodedError as error:
                return _wrong_request(error, accepted)
            self._gets.put(query_string, prepared, len(query_string) + size_of(prepared))
        streamed = self._streaming.response(prepared, head, accepted)
        if streamed is not None:
            return streamed
        timing = Timing(head)
        result = await self._result(prepared, head, receive)
        return self._cacheable_response(result, head, accepted, *timing.headers())

    def _read(self, body: bytes) -> Prepared | list[object]:
        """Return what a body asks for: one operation, or the items of a batch."""
        parameters = decode_json(body, "The body")
        return parameters if isinstance(parameters, list) else self._prepare(parameters)

    def _prepare(self, parameters: object) -> Prepared:
        return self._engine.prepare(Request.parse(parameters, self._documents.text_of))

    async def _result(self, prepared: Prepared, head: Head, receive: Receive) -> Result:
        work = self._work(prepared, head)
        return work if isinstance(work, Result) else await unless_gone(receive, work)

    def _work(self, prepared: Prepared, head: Head) -> Result | Coroutine[Any, Any, Result]:
        """Return the result if it is at hand, else what leads to it."""
        if b"no-cache" in head.get(b"cache-control", b""):
            return self._engine.answer_fresh(prepared)
        return self._engine.answer_now(prepared) or self._engine.answer(prepared)

    async def _batch(
        self, items: list[object], receive: Receive, head: Head, accepted: Accepted
    ) -> BytesResponse:
        most = self._options.max_batch
        if not 1 <= len(items) <= most or most == 1:
            allowed = f"1 to {most}" if most > 1 else "no"
            return _refusal(400, f"A batch of {len(items)} operations; {allowed} are allowed.")
        if accepted.single is None:
            return _refusal(406, "The responses to a batch come as JSON.")
        results = await unless_gone(receive, self._all(items, head))
        until = [result.fresh_until for result in results]
        fresh_until = None if None in until else min(filter(None, until))
        body = b"[" + b",".join(result.body for result in results) + b"]"
        return self._response(Result(body, executed=True, fresh_until=fresh_until), head, accepted)

    async def _all(self, items: list[object], head: Head) -> list[Result]:
        return await asyncio.gather(*(self._batched(item, head) for item in items))

    async def _batched(self, item: object, head: Head) -> Result:
        try:
            prepared = self._prepare(item)
        except CodedError as error:
            return Result(orjson.dumps(request_error(error)), executed=False, fresh_until=None)
        work = self._work(prepared, head)
        return work if isinstance(work, Result) else await work

    def _response(
        self, result: Result, head: Head, accepted: Accepted, *more: Header
    ) -> BytesResponse:
        media_type = accepted.single
        assert media_type is not None
        # In plain JSON a 4xx could come from anything on the way; the other type is ours alone.
        refused = not result.executed and media_type is MediaType.GRAPHQL
        body, encoding = compress(result.body, head.get(b"accept-encoding", b""))
        return BytesResponse(
            body,
            400 if refused else 200,
            CONTENT_TYPES[media_type],
            VARY,
            self._cache_control(result),
            *encoding,
            *more,
        )

    def _cacheable_response(
        self, result: Result, head: Head, accepted: Accepted, *more: Header
    ) -> BytesResponse:
        if result.fresh_until is None or accepted.single is None:
            return self._response(result, head, accepted, *more)
        etag = etag_of(result.body, accepted.single)
        if matches(etag, head.get(b"if-none-match", b"")):
            return BytesResponse(b"", 304, (b"etag", etag), VARY, self._cache_control(result))
        return self._response(result, head, accepted, (b"etag", etag), *more)

    def _cache_control(self, result: Result) -> Header:
        if result.fresh_until is None:
            return NO_STORE
        seconds = result.fresh_until - self._clock()
        return cache_control(seconds, public=self._options.public_caching)


def _wrong_request(error: CodedError, accepted: Accepted) -> BytesResponse:
    # Clients of Apollo's protocol look for this error in a response that succeeded.
    status = 200 if isinstance(error, PersistedQueryNotFound) else 400
    media_type = accepted.single or MediaType.JSON
    return _refusal(status, error, media_type=media_type)


def _refusal(
    status: int,
    error: CodedError | str,
    *headers: Header,
    media_type: MediaType = MediaType.JSON,
) -> BytesResponse:
    body = orjson.dumps(request_error(error))
    return BytesResponse(body, status, CONTENT_TYPES[media_type], VARY, NO_STORE, *headers)


_UNEXPECTED: Final = BytesResponse(
    orjson.dumps(unexpected_error()), 500, CONTENT_TYPES[MediaType.JSON], NO_STORE
)
