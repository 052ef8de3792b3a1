"""GraphQL over HTTP: POST with JSON, GET with query parameters, GraphiQL for browsers.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.auth.caller import Caller
from gateway.auth.errors import KeysUnavailable, Unauthenticated
from gateway.budgets.accounts import Account
from gateway.budgets.budgets import Budgets
from gateway.budgets.errors import OverBudget, RateLimited
from gateway.errors import CodedError
from gateway.execution.engine import Engine
from gateway.execution.errors import ResponseTooLarge, request_error
from gateway.execution.lru_cache import TwoQueueCache
from gateway.execution.prepared import Prepared, Subscribed, size_of
from gateway.execution.request import Report, Result
from gateway.grants import GRAPHIQL, UPSTREAM, Grants
from gateway.http.asgi import ClientDisconnected, normalise_headers
from gateway.http.callers import Callers
from gateway.http.headers import HeaderParser, NotNormalised, ParsedHeaders, Upstream, find_header
from gateway.http.lifecycle import GracePeriodOver, Lifecycle
from gateway.http.metrics import Durations
from gateway.http.negotiation import MediaType
from gateway.http.persisted_documents import NotPersisted, PersistedDocuments
from gateway.http.rate_limits import rate_limit_headers, refuse_limited, retry_after
from gateway.http.requests import (
    InvalidBody,
    decode_json,
    parse_query_string,
    read_body,
)
from gateway.http.responses import (
    CONTENT_TYPES,
    CROSS_SITE,
    METHOD_NOT_ALLOWED,
    NO_GRAPHIQL,
    NO_STORE,
    NOT_ACCEPTABLE,
    STREAM_OVER_HTTP_1_0,
    UNEXPECTED_ERROR,
    UNSUPPORTED_CODING,
    UNSUPPORTED_MEDIA_TYPE,
    VARY,
    BytesResponse,
    Header,
    cache_control,
    compress,
    etag_of,
    matches,
    refuse,
    refuse_operation,
    refuse_parameters,
    refuse_with,
    server_timing,
)
from gateway.http.streaming import StreamedResponse, Streaming
from gateway.settings import MIB, EndpointSettings

logger = logging.getLogger(__name__)

_LARGE: Final = 1_000_000
"""Bytes. To compress and hash as many takes 10 ms; a larger body goes through a thread."""
_BODY_CODINGS: Final = (None, b"gzip")

AnyResponse = Response | BytesResponse | StreamedResponse

Memory = TwoQueueCache[tuple[Grants, bytes], Prepared]
"""Prepared requests by their bytes, for callers with the same grants."""


class GraphQLEndpoint:
    """The ASGI application behind `/graphql`.

    It remembers prepared requests by their bytes, so that a request that was seen before is not
    decoded again. It answers without a task or a wait what needs no AWS call.
    """

    def __init__(
        self,
        engine: Engine,
        streaming: Streaming,
        documents: PersistedDocuments,
        durations: Durations,
        lifecycle: Lifecycle,
        callers: Callers,
        budgets: Budgets,
        clock: Callable[[], float],
        settings: EndpointSettings,
        page: Callable[[str], Response] | None,
    ) -> None:
        self._engine = engine
        self._streaming = streaming
        self._documents = documents
        self._durations = durations
        self._lifecycle = lifecycle
        self._callers = callers
        self._budgets = budgets
        self._clock = clock
        # Read once: attributes of a pydantic model take three times as long as others.
        self._max_body_bytes = settings.max_body_bytes
        self._max_batch = settings.max_batch
        self._max_response_bytes = settings.max_response_bytes
        self._csrf_prevention = settings.csrf_prevention
        self._expose_upstream = settings.expose_upstream
        self._root_path = settings.root_path or ""
        self._public_caching = settings.public_caching
        self._page = page
        self._query_by_get = settings.query_by_get
        self._header_parser = HeaderParser(settings.cors_origins, reads_upstream=settings.upstream)
        self._memory_bytes = settings.prepared_megabytes * MIB // 2
        self.forget_requests()

    def forget_requests(self) -> None:
        """Forget all prepared requests, because other documents are allowed now."""
        self._posts: Memory = TwoQueueCache(self._memory_bytes)
        self._gets: Memory = TwoQueueCache(self._memory_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        response: AnyResponse
        try:
            try:
                headers = self._header_parser.parse(scope["headers"])
            except NotNormalised:
                scope = {**scope, "headers": normalise_headers(scope["headers"])}
                headers = self._header_parser.parse(scope["headers"])
            if scope["method"] == "POST":
                response = await self._answer_post(scope, receive, headers)
            else:
                response = await self._answer_get(scope, receive, headers)
                if scope["method"] == "HEAD":
                    response = _remove_body(response)
        except ClientDisconnected:
            return
        except (Unauthenticated, GracePeriodOver, KeysUnavailable, OverBudget) as error:
            response = _create_refusal(error, headers, self._clock())
        except Exception:
            logger.exception("gateway.unexpected_error")
            response = UNEXPECTED_ERROR
        else:
            if headers.is_timed and isinstance(response, BytesResponse):
                response = response.with_headers(server_timing(started))
        self._durations.observe(response.status_code, time.perf_counter() - started)
        try:
            await response(scope, receive, send)
        except OSError:
            # ASGI lets servers raise it once the client has disconnected.
            return

    async def _answer_post(
        self, scope: Scope, receive: Receive, headers: ParsedHeaders
    ) -> AnyResponse:
        if not headers.is_simple:
            refusal = self._refuse(headers, has_body=True)
            if refusal is not None:
                return refusal
        caller = await self._callers.identify(scope)
        account = None if caller.limits is None else self._budgets.take_request(caller)
        headers = headers.for_grants(caller.grants)
        try:
            body = await read_body(
                scope, receive, self._max_body_bytes, is_gzip=headers.body_coding is not None
            )
        except InvalidBody as error:
            return self._show(refuse(error.status, str(error)), account, caller)
        key = (caller.grants, body)
        prepared = self._posts.get(key)
        if prepared is None:
            try:
                decoded = await self._decode_body(body, caller)
            except CodedError as error:
                return self._show(refuse_parameters(error, headers), account, caller)
            if isinstance(decoded, list):
                answers = await self._answer_batch(decoded, receive, headers, caller)
                return self._show(answers, account, caller)
            prepared = decoded
            self._posts.put(key, prepared, len(body) + size_of(prepared))
        if not headers.is_simple or isinstance(prepared, Subscribed):
            streamed = self._stream(prepared, headers, scope, caller)
            if streamed is not None:
                return self._show(streamed, account, caller)
        result = self._execute(prepared, headers, caller)
        if not isinstance(result, Result):
            result = await self._lifecycle.run_for_client(receive, result)
        return await _run_aside(
            self._create_response, result, headers, *self._shown(account, caller)
        )

    async def _answer_get(
        self, scope: Scope, receive: Receive, headers: ParsedHeaders
    ) -> AnyResponse:
        method, query_string = scope["method"], scope.get("query_string") or b""
        if method not in {"GET", "HEAD"}:
            return METHOD_NOT_ALLOWED
        if self._page and headers.accepted.html:
            return await self._answer_browser(scope, self._page)
        if method == "HEAD":
            headers = _without_stream(headers)
        refusal = self._refuse(headers, has_body=False)
        if refusal is not None:
            return refusal
        caller = await self._callers.identify(scope)
        account = None if caller.limits is None else self._budgets.take_request(caller)
        headers = headers.for_grants(caller.grants)
        key = (caller.grants, query_string)
        prepared = self._gets.get(key)
        if prepared is None:
            try:
                parameters = parse_query_string(query_string)
                if parameters.get("query") and not self._query_by_get:
                    raise NotPersisted
                prepared = await self._prepare(parameters, caller)
            except CodedError as error:
                return self._show(refuse_parameters(error, headers), account, caller)
            self._gets.put(key, prepared, len(query_string) + size_of(prepared))
        streamed = self._stream(prepared, headers, scope, caller)
        if streamed is not None:
            return self._show(streamed, account, caller)
        result = self._execute(prepared, headers, caller)
        if not isinstance(result, Result):
            result = await self._lifecycle.run_for_client(receive, result)
        if_none_match = find_header(b"if-none-match", scope["headers"])
        create = self._create_cacheable_response
        return await _run_aside(
            create, result, headers, if_none_match, *self._shown(account, caller)
        )

    def _shown(self, account: Account | None, caller: Caller) -> Sequence[Header]:
        return () if account is None else rate_limit_headers(account, caller, self._clock())

    def _show(
        self,
        response: BytesResponse | StreamedResponse,
        account: Account | None,
        caller: Caller,
    ) -> BytesResponse | StreamedResponse:
        return response if account is None else response.with_headers(*self._shown(account, caller))

    async def _answer_browser(self, scope: Scope, page: Callable[[str], Response]) -> AnyResponse:
        """Return GraphiQL. A browser may send a cookie that says who it is, but no token yet."""
        if self._callers.has_credentials(scope):
            caller = await self._callers.identify(scope)
            if not caller.grants.has_scope(GRAPHIQL):
                return NO_GRAPHIQL
        return page(scope.get("root_path") or self._root_path)

    def _refuse(self, headers: ParsedHeaders, *, has_body: bool) -> BytesResponse | None:
        """Return the response to a request whose headers are reason enough to refuse it."""
        if headers.accepted.single is None and headers.accepted.stream is None:
            return NOT_ACCEPTABLE
        if headers.is_cross_site and self._csrf_prevention:
            return CROSS_SITE
        if has_body and not headers.is_json:
            return UNSUPPORTED_MEDIA_TYPE
        if has_body and headers.body_coding not in _BODY_CODINGS:
            return UNSUPPORTED_CODING
        return None

    async def _decode_body(self, body: bytes, caller: Caller) -> Prepared | list[object]:
        """Return the operation of a body, prepared, or the items of a batch."""
        parameters = decode_json(body, "The body")
        if isinstance(parameters, list):
            return parameters
        return await self._prepare(parameters, caller)

    async def _prepare(self, parameters: object, caller: Caller) -> Prepared:
        request = await self._documents.read_request(parameters)
        return self._engine.prepare(replace(request, grants=caller.grants))

    def _stream(
        self, prepared: Prepared, headers: ParsedHeaders, scope: Scope, caller: Caller
    ) -> BytesResponse | StreamedResponse | None:
        """Return the streamed response, or why there is none; `None` for one that comes whole."""
        if headers.accepted.stream is None and not isinstance(prepared, Subscribed):
            return None
        if scope.get("http_version") == "1.0":
            # It has no chunks, and so no body of unknown length.
            if isinstance(prepared, Subscribed) or headers.accepted.single is None:
                return STREAM_OVER_HTTP_1_0
            return None
        if headers.upstream is Upstream.EXPLAIN and headers.accepted.single is not None:
            return None
        return self._streaming.create_response(prepared, headers, caller)

    def _execute(
        self, prepared: Prepared, headers: ParsedHeaders, caller: Caller
    ) -> Result | Coroutine[Any, Any, Result]:
        """Return the result if the cache has all of it, else a coroutine that gets it."""
        exposes_upstream = self._expose_upstream and caller.grants.has_scope(UPSTREAM)
        if headers.asks_for_report or exposes_upstream:
            if headers.upstream is Upstream.EXPLAIN:
                return self._engine.explain(prepared)
            is_asked = {
                Report.UPSTREAM: headers.upstream is not None or exposes_upstream,
                Report.BUDGET: headers.budget,
            }
            asked = frozenset(report for report, asks in is_asked.items() if asks)
            return self._engine.report(prepared, caller, asked, fresh=headers.no_cache)
        if headers.no_cache:
            return self._engine.answer(prepared, caller, fresh=True)
        return self._engine.answer_now(prepared, caller) or self._engine.answer(prepared, caller)

    async def _answer_batch(
        self, items: list[object], receive: Receive, headers: ParsedHeaders, caller: Caller
    ) -> BytesResponse:
        max_batch = self._max_batch
        if not 1 <= len(items) <= max_batch or max_batch == 1:
            allowed = f"1 to {max_batch}" if max_batch > 1 else "no"
            return refuse(400, f"A batch of {len(items)} operations; {allowed} are allowed.")
        if headers.accepted.single is None:
            return refuse(406, "The responses to a batch come as JSON.")
        refusals: list[RateLimited] = []
        work = self._execute_batch(items, headers, caller, refusals)
        try:
            results = await self._lifecycle.run_for_client(receive, work)
        except ResponseTooLarge as error:
            return refuse(413, error)
        body = b"[" + b",".join(result.body for result in results) + b"]"
        if len(refusals) == len(items):
            longest = max(refusals, key=lambda each: each.retry_after_ms)
            return refuse_with(429, body, retry_after(longest))
        times = [result.fresh_until for result in results]
        fresh_until = None if None in times else min(filter(None, times))
        result = Result(body, executed=True, fresh_until=fresh_until)
        return await _run_aside(self._create_response, result, headers)

    async def _execute_batch(
        self,
        items: list[object],
        headers: ParsedHeaders,
        caller: Caller,
        refusals: list[RateLimited],
    ) -> list[Result]:
        """Return the results of a batch, and add to `refusals` why items are over the budget.

        The request itself has paid for the first item, each other one pays for itself. Raises
        `ResponseTooLarge` as soon as those that are there are too large together.
        """
        size = 0

        async def execute(number: int, item: object) -> Result:
            nonlocal size
            try:
                if number:
                    self._budgets.take_request(caller)
                result = await self._execute_item(item, headers, caller)
            except OverBudget as error:
                if isinstance(error, RateLimited):
                    refusals.append(error)
                result = _refuse_item(error)
            size += len(result.body)
            if size > self._max_response_bytes:
                raise ResponseTooLarge(self._max_response_bytes)
            return result

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(execute(*item)) for item in enumerate(items)]
        except* ResponseTooLarge as errors:
            raise errors.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _execute_item(self, item: object, headers: ParsedHeaders, caller: Caller) -> Result:
        try:
            prepared = await self._prepare(item, caller)
        except CodedError as error:
            return _refuse_item(error)
        result = self._execute(prepared, headers, caller)
        return result if isinstance(result, Result) else await result

    def _create_response(
        self, result: Result, headers: ParsedHeaders, *more: Header
    ) -> BytesResponse:
        media_type = headers.accepted.single
        assert media_type is not None
        # A 4xx in plain JSON could come from any proxy; the other media type comes from GraphQL
        # servers only.
        is_refused = not result.executed and media_type is MediaType.GRAPHQL
        body, encoding = compress(result.body, headers.coding)
        return BytesResponse(
            body,
            400 if is_refused else 200,
            CONTENT_TYPES[media_type],
            self._vary(),
            self._cache_control(result),
            *encoding,
            *more,
        )

    def _create_cacheable_response(
        self, result: Result, headers: ParsedHeaders, if_none_match: bytes, *more: Header
    ) -> BytesResponse:
        if result.fresh_until is None or headers.accepted.single is None:
            return self._create_response(result, headers, *more)
        etag = etag_of(result.body, headers.accepted.single)
        if matches(etag, if_none_match):
            return BytesResponse(
                None, 304, (b"etag", etag), self._vary(), self._cache_control(result), *more
            )
        return self._create_response(result, headers, (b"etag", etag), *more)

    def _vary(self) -> Header:
        """Return `Vary`, which names the headers that can hold a token too."""
        authenticator = self._callers.authenticator
        if authenticator is None:
            return VARY
        name, value = VARY
        return name, value + authenticator.vary

    def _cache_control(self, result: Result) -> Header:
        if result.fresh_until is None:
            return NO_STORE
        seconds = result.fresh_until - self._clock()
        return cache_control(seconds, public=self._public_caching)


async def _run_aside(
    create: Callable[..., BytesResponse], result: Result, *rest: object
) -> BytesResponse:
    """Return what `create` makes of a result; in a thread where that takes long."""
    if len(result.body) > _LARGE:
        return await asyncio.to_thread(create, result, *rest)
    return create(result, *rest)


def _create_refusal(error: CodedError, headers: ParsedHeaders, now: float) -> BytesResponse:
    """Return the response to a request that is refused whole, whatever it asks for."""
    if isinstance(error, RateLimited):
        return refuse_limited(error, headers, now)
    if isinstance(error, OverBudget):
        return refuse_operation(error, headers)
    if not isinstance(error, Unauthenticated):
        return refuse(503, error, (b"retry-after", b"1"))
    media_type = headers.accepted.single or MediaType.JSON
    return refuse(401, error, (b"www-authenticate", error.challenge), media_type=media_type)


def _refuse_item(error: CodedError) -> Result:
    """Return the result of an item of a batch of which nothing is executed."""
    return Result(orjson.dumps(request_error(error)), executed=False, fresh_until=None)


def _without_stream(headers: ParsedHeaders) -> ParsedHeaders:
    return replace(headers, accepted=replace(headers.accepted, stream=None))


def _remove_body(response: AnyResponse) -> AnyResponse:
    """Return the response to `HEAD`, given that to the same request by `GET`."""
    if isinstance(response, BytesResponse):
        return response.without_body()
    if isinstance(response, Response):
        # Its `content-length` stays, as it should.
        response.body = b""
    return response
