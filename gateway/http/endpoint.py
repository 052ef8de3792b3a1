"""GraphQL over HTTP: POST with JSON, GET with query parameters, GraphiQL for browsers.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.errors import CodedError
from gateway.execution.engine import Engine
from gateway.execution.errors import request_error
from gateway.execution.lru_cache import Bounded
from gateway.execution.prepared import Prepared, Subscribed, size_of
from gateway.execution.result import Result
from gateway.http import refusal
from gateway.http.body import BodyTooLarge, ClientGone, read_body
from gateway.http.disconnect import CutOff, unless_gone
from gateway.http.headers import Head, Heads, Upstream, value_of
from gateway.http.metrics import Durations
from gateway.http.negotiation import MediaType
from gateway.http.persisted_documents import PersistedDocuments
from gateway.http.refusal import refuse, wrong_request
from gateway.http.requests import decode_json, url_parameters
from gateway.http.responses import (
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
from gateway.http.timing import server_timing
from gateway.settings import MIB, EndpointSettings

logger = logging.getLogger(__name__)

AnyResponse = Response | BytesResponse | StreamedResponse


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
        settings: EndpointSettings,
        page: Callable[[], Response] | None,
    ) -> None:
        self._engine = engine
        self._streaming = streaming
        self._documents = documents
        self._durations = durations
        self._clock = clock
        self._settings = settings
        self._page = page
        self._reports = settings.expose_upstream
        self._heads = Heads()
        self._posts: Bounded[bytes, Prepared] = Bounded(settings.prepared_megabytes * MIB // 2)
        self._gets: Bounded[bytes, Prepared] = Bounded(settings.prepared_megabytes * MIB // 2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        response: AnyResponse
        try:
            head = self._heads.read(scope["headers"])
            if scope["method"] == "POST":
                response = await self._post(scope, receive, head)
            else:
                response = await self._get(scope, receive, head)
        except ClientGone:
            return
        except CutOff as error:
            response = refuse(503, error, (b"retry-after", b"1"))
        except Exception:
            logger.exception("gateway.unexpected_error")
            response = refusal.UNEXPECTED
        else:
            if head.is_timed and isinstance(response, BytesResponse):
                response = response.with_header(server_timing(started))
        self._durations.observe(response.status_code, time.perf_counter() - started)
        await response(scope, receive, send)

    async def _post(self, scope: Scope, receive: Receive, head: Head) -> AnyResponse:
        refused = self._refused(head) or (None if head.is_json else refusal.CONTENT_TYPE)
        if refused is not None:
            return refused
        most = self._settings.max_body_bytes
        try:
            body = await read_body(scope, receive, most)
        except BodyTooLarge:
            return refuse(413, f"The body is larger than {most} bytes.")
        prepared = self._posts.get(body)
        if prepared is None:
            try:
                asked = await self._read(body)
            except CodedError as error:
                return wrong_request(error, head)
            if isinstance(asked, list):
                return await self._batch(asked, receive, head)
            prepared = asked
            self._posts.put(body, prepared, len(body) + size_of(prepared))
        streamed = self._streamed(prepared, head)
        if streamed is not None:
            return streamed
        work = self._work(prepared, head)
        result = work if isinstance(work, Result) else await unless_gone(receive, work)
        return self._response(result, head)

    async def _get(self, scope: Scope, receive: Receive, head: Head) -> AnyResponse:
        method, query_string = scope["method"], scope["query_string"]
        if method not in {"GET", "HEAD"}:
            return refusal.METHOD
        if self._page and head.accepted.html and b"query=" not in query_string:
            return self._page()
        if method == "HEAD":
            head = replace(head, accepted=replace(head.accepted, stream=None))
        refused = self._refused(head)
        if refused is not None:
            return refused
        prepared = self._gets.get(query_string)
        if prepared is None:
            try:
                prepared = await self._prepare(url_parameters(query_string))
            except CodedError as error:
                return wrong_request(error, head)
            self._gets.put(query_string, prepared, len(query_string) + size_of(prepared))
        streamed = self._streamed(prepared, head)
        if streamed is not None:
            return streamed
        work = self._work(prepared, head)
        result = work if isinstance(work, Result) else await unless_gone(receive, work)
        return self._cacheable(result, head, value_of(b"if-none-match", scope["headers"]))

    def _refused(self, head: Head) -> BytesResponse | None:
        if head.accepted.single is None and head.accepted.stream is None:
            return refusal.ACCEPT
        if head.is_cross_site and self._settings.csrf_prevention:
            return refusal.CROSS_SITE
        return None

    async def _read(self, body: bytes) -> Prepared | list[object]:
        """Return what a body asks for: one operation, or the items of a batch."""
        parameters = decode_json(body, "The body")
        return parameters if isinstance(parameters, list) else await self._prepare(parameters)

    async def _prepare(self, parameters: object) -> Prepared:
        return self._engine.prepare(await self._documents.read(parameters))

    def _streamed(self, prepared: Prepared, head: Head) -> BytesResponse | StreamedResponse | None:
        if head.accepted.stream is None and not isinstance(prepared, Subscribed):
            return None
        if head.upstream is Upstream.EXPLAIN and head.accepted.single is not None:
            return None
        return self._streaming.response(prepared, head)

    def _work(self, prepared: Prepared, head: Head) -> Result | Coroutine[Any, Any, Result]:
        """Return the result if it is at hand, else what leads to it."""
        if head.upstream is not None or self._reports:
            if head.upstream is Upstream.EXPLAIN:
                return self._engine.explain(prepared)
            return self._engine.report(prepared, fresh=head.no_cache)
        if head.no_cache:
            return self._engine.answer(prepared, fresh=True)
        return self._engine.answer_now(prepared) or self._engine.answer(prepared)

    async def _batch(self, items: list[object], receive: Receive, head: Head) -> BytesResponse:
        most = self._settings.max_batch
        if not 1 <= len(items) <= most or most == 1:
            allowed = f"1 to {most}" if most > 1 else "no"
            return refuse(400, f"A batch of {len(items)} operations; {allowed} are allowed.")
        if head.accepted.single is None:
            return refuse(406, "The responses to a batch come as JSON.")
        results = await unless_gone(receive, self._all(items, head))
        until = [result.fresh_until for result in results]
        fresh_until = None if None in until else min(filter(None, until))
        body = b"[" + b",".join(result.body for result in results) + b"]"
        return self._response(Result(body, executed=True, fresh_until=fresh_until), head)

    async def _all(self, items: list[object], head: Head) -> list[Result]:
        return await asyncio.gather(*(self._batched(item, head) for item in items))

    async def _batched(self, item: object, head: Head) -> Result:
        try:
            prepared = await self._prepare(item)
        except CodedError as error:
            return Result(orjson.dumps(request_error(error)), executed=False, fresh_until=None)
        work = self._work(prepared, head)
        return work if isinstance(work, Result) else await work

    def _response(self, result: Result, head: Head, *more: Header) -> BytesResponse:
        media_type = head.accepted.single
        assert media_type is not None
        # In plain JSON a 4xx could come from anything on the way; the other type is ours alone.
        refused = not result.executed and media_type is MediaType.GRAPHQL
        body, encoding = compress(result.body, head.accept_encoding)
        return BytesResponse(
            body,
            400 if refused else 200,
            CONTENT_TYPES[media_type],
            VARY,
            self._cache_control(result),
            *encoding,
            *more,
        )

    def _cacheable(self, result: Result, head: Head, if_none_match: bytes) -> BytesResponse:
        if result.fresh_until is None or head.accepted.single is None:
            return self._response(result, head)
        etag = etag_of(result.body, head.accepted.single)
        if matches(etag, if_none_match):
            return BytesResponse(b"", 304, (b"etag", etag), VARY, self._cache_control(result))
        return self._response(result, head, (b"etag", etag))

    def _cache_control(self, result: Result) -> Header:
        if result.fresh_until is None:
            return NO_STORE
        seconds = result.fresh_until - self._clock()
        return cache_control(seconds, public=self._settings.public_caching)
