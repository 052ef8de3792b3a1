"""The one place that wires the parts together."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from gateway import redis_client
from gateway.auth.caller import ANYBODY, Caller, CallerKind
from gateway.aws.cache import MemoryCache
from gateway.aws.client import SageMaker
from gateway.aws.reader import Reader
from gateway.budgets.budgets import Budgets
from gateway.budgets.limits import limits_of
from gateway.budgets.shared import SharedBuckets
from gateway.execution.document import Documents
from gateway.execution.engine import Engine
from gateway.execution.lru_cache import LruCache
from gateway.execution.response_stream import Streams
from gateway.grants import SECRETS, grants_of
from gateway.http import graphiql, pages
from gateway.http.callers import Callers
from gateway.http.endpoint import GraphQLEndpoint
from gateway.http.hosts import add_allowed_hosts
from gateway.http.lifecycle import Lifecycle
from gateway.http.metrics import Metrics
from gateway.http.persisted_documents import PersistedDocuments
from gateway.http.redis_documents import RedisDocuments
from gateway.http.routes import GRAPHQL_PATH, Routes, add_cors, health_routes
from gateway.http.secure_headers import add_secure_headers
from gateway.http.streaming import Streaming
from gateway.http.trusted_documents import TrustedDocuments, Warming
from gateway.http.unknown_documents import UnknownDocuments
from gateway.http.websocket import WebSocketEndpoint
from gateway.logs.setup import count_dropped_lines
from gateway.schema.registry import REGION_LISTS, RESOURCES, SCOPES, decode
from gateway.schema.schema import schema_with
from gateway.settings import MIB, Settings

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from gateway.auth.authenticator import Authenticator

WITHOUT_SECRETS: Final = Caller(CallerKind.ANONYMOUS, grants_of(SCOPES - {SECRETS}))
"""Every caller of a gateway that is told to listen for strangers."""


class Closable(Protocol):
    """A part that waits at the end for what it does in the background."""

    async def close(self) -> None:
        """Wait for it."""


Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


def create_app(
    settings: Settings,
    *,
    examples: Mapping[str, str] | None = None,
    clock: Clock = time.monotonic,
    now: Clock = time.time,
    sleep: Sleep = asyncio.sleep,
    lifecycle: Lifecycle | None = None,
    metrics: Metrics | None = None,
) -> ASGIApp:
    """Return the gateway as an ASGI application.

    `examples` are names of resources for GraphiQL's tabs; `clock` returns seconds, `now` the
    seconds since 1970, and `sleep` waits; `lifecycle` is the process's, which the server shuts
    down; `metrics` are its figures, which the server may show on another port. Raises
    `ConfigurationError` when there is no way to call AWS, or the access file is wrong.
    """
    lifecycle = lifecycle or Lifecycle()
    metrics = metrics or Metrics()
    sagemaker = SageMaker(settings, clock, REGION_LISTS)
    sagemaker.check()
    authenticator = _authenticator(settings, clock, now, sleep)
    anybody = replace(
        WITHOUT_SECRETS if settings.allow_unauthenticated else ANYBODY, limits=limits_of(settings)
    )
    redis = redis_client.connect(settings, clock)
    budgets = Budgets(clock, sleep, None if redis is None else SharedBuckets(redis))
    callers = Callers(authenticator, anybody, budgets)
    cache = MemoryCache(settings.cache_megabytes * MIB)
    reader = Reader(sagemaker, cache, settings, RESOURCES, decode, clock)
    schema = schema_with(long_as_text=settings.long_as_text)
    documents = Documents(schema, settings)
    engine = Engine(schema, documents, reader, clock, budgets, settings)
    pause = partial(sleep, settings.subscription_interval)
    streams = Streams(engine, schema, documents, reader, clock, pause, budgets, settings)
    known_grants = authenticator.known_grants if authenticator else lambda: (anybody.grants,)
    # Half of the memory for documents is left to those that are not trusted.
    warming = Warming(documents, settings.document_megabytes * MIB // 2, known_grants)
    trusted = TrustedDocuments(settings, warming, sleep)
    unknown = UnknownDocuments(clock)
    shared_documents = None if redis is None else RedisDocuments(redis)
    persisted = PersistedDocuments(trusted, unknown, shared_documents, settings)
    keep_alive = partial(sleep, settings.stream_keep_alive)
    _add_metrics(metrics, engine, streams, sagemaker, cache, lifecycle)
    _add_budget_metrics(metrics, budgets)
    tabs = graphiql.default_tabs(examples)
    config = graphiql.GraphiQLConfig(
        subscription_endpoint=GRAPHQL_PATH, tabs=tabs, takes_tokens=authenticator is not None
    )
    page = partial(graphiql.page, config) if settings.graphiql else None
    endpoint = GraphQLEndpoint(
        engine,
        Streaming(
            engine, streams, lifecycle, authenticator, settings.max_streams, keep_alive, budgets
        ),
        persisted,
        metrics.durations,
        lifecycle,
        callers,
        budgets,
        clock,
        settings,
        page,
    )
    has_metrics = settings.metrics and settings.metrics_port is None
    trusted.on_change(endpoint.forget_requests)
    other_routes: list[BaseRoute] = [
        *health_routes(lambda: lifecycle.not_ready or sagemaker.check_readiness()),
        pages.start_page(
            tabs if examples else (), has_graphiql=settings.graphiql, has_metrics=has_metrics
        ),
        pages.icon(),
    ]
    if has_metrics:
        other_routes.append(metrics.route())
    if settings.graphiql:
        other_routes.append(graphiql.assets())

    lifespan = _lifespan(
        sagemaker, authenticator, trusted, [shared_documents, budgets, redis], lifecycle
    )
    sockets = WebSocketEndpoint(
        engine, streams, persisted, lifecycle, callers, budgets, settings, sleep
    )
    handlers = {HTTPException: pages.refuse_path}
    others = Starlette(routes=other_routes, lifespan=lifespan, exception_handlers=handlers)
    routes = Routes(endpoint, sockets, others, settings.root_path)
    credential_headers = authenticator.headers if authenticator is not None else frozenset()
    app = add_cors(routes, settings, credential_headers)
    app = add_allowed_hosts(app, settings.allowed_hosts)
    return add_secure_headers(app, settings.hsts_seconds)


def _lifespan(
    sagemaker: SageMaker,
    authenticator: "Authenticator | None",
    trusted: TrustedDocuments,
    others: Sequence[Closable | None],
    lifecycle: Lifecycle,
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Return what starts and ends the parts that do something between requests."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        sagemaker.start()
        if authenticator is not None:
            authenticator.start()
            lifecycle.on_reload(authenticator.request_reload)
        if trusted.has_file:
            await trusted.start()
            lifecycle.on_reload(trusted.request_reading)
        yield
        sagemaker.close()
        if authenticator is not None:
            await authenticator.close()
        await trusted.close()
        for other in others:
            if other is not None:
                await other.close()

    return lifespan


def _authenticator(
    settings: Settings, clock: Clock, now: Clock, sleep: Sleep
) -> "Authenticator | None":
    if settings.access_file is None:
        return None
    # Imported here: without it a gateway starts sooner and takes 20 MB less.
    from gateway.auth.authenticator import Authenticator

    return Authenticator(
        settings.access_file,
        LruCache(settings.credentials_megabytes * MIB),
        clock=clock,
        now=now,
        sleep=sleep,
        allows_anonymous=settings.allow_unauthenticated,
        allows_cookies=settings.csrf_prevention,
        scopes=SCOPES,
        kinds=frozenset(resource.type_name for resource in RESOURCES),
        limits=limits_of(settings),
    )


def _add_metrics(
    metrics: Metrics,
    engine: Engine,
    streams: Streams,
    sagemaker: SageMaker,
    cache: MemoryCache,
    lifecycle: Lifecycle,
) -> None:
    metrics.add_counter(
        "gateway_operations",
        "GraphQL operations answered, by what executed them.",
        ("executor",),
        lambda: [
            (("compiled",), engine.compiled),
            (("graphql-core",), engine.interpreted + streams.interpreted),
        ],
    )
    metrics.add_gauge(
        "gateway_streams",
        "WebSockets and streams over HTTP open.",
        lambda: lifecycle.open_connections,
    )
    metrics.add_gauge(
        "gateway_requests_waiting",
        "HTTP requests that wait for AWS.",
        lambda: lifecycle.waiting_requests,
    )
    metrics.add_counter(
        "gateway_aws_calls",
        "Calls made to AWS, by operation.",
        ("operation",),
        lambda: [((operation,), calls) for operation, calls in sagemaker.calls.items()],
    )
    metrics.add_counter(
        "gateway_log_lines_dropped",
        "Log lines dropped because nobody reads the log.",
        (),
        lambda: [((), count_dropped_lines())],
    )
    metrics.add_gauge("gateway_cache_entries", "AWS answers in memory.", lambda: len(cache))
    metrics.add_gauge(
        "gateway_cache_bytes", "Memory that they are taken to use.", lambda: cache.bytes
    )


def _add_budget_metrics(metrics: Metrics, budgets: Budgets) -> None:
    metrics.add_counter(
        "gateway_rate_limited",
        "Operations refused because their callers' budgets were spent, by budget.",
        ("budget",),
        lambda: [((budget,), count) for budget, count in budgets.refused.items()],
    )
    metrics.add_gauge(
        "gateway_budgets", "Callers whose budgets are in memory.", lambda: budgets.known
    )
