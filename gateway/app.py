"""The one place that wires the parts together."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.types import ASGIApp

from gateway.aws.cache import MemoryCache
from gateway.aws.client import ClientOptions, ConfigurationError, SageMaker
from gateway.aws.entry import Lifetimes
from gateway.aws.pagination.merge import ListOptions
from gateway.aws.reader import Reader
from gateway.execution.document import Documents
from gateway.execution.engine import Engine
from gateway.execution.limits import Limits
from gateway.execution.response_stream import Streams
from gateway.http import graphiql
from gateway.http.cors import with_cors
from gateway.http.endpoint import EndpointOptions, GraphQLEndpoint
from gateway.http.going_away import GoingAway
from gateway.http.graphql_transport_ws import SocketOptions
from gateway.http.health import health_routes
from gateway.http.lifecycle import Shutdown
from gateway.http.long_lived import LongLived
from gateway.http.metrics import Metrics
from gateway.http.persisted_documents import PersistedDocuments, TrustedDocuments, load_manifest
from gateway.http.redis_documents import SharedDocuments
from gateway.http.routes import Front
from gateway.http.stream import Life
from gateway.http.streaming import Streaming
from gateway.http.websocket import WebSocketEndpoint
from gateway.schema.schema import CORE_SCHEMA, decode
from gateway.settings import Settings

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


def create_app(
    settings: Settings,
    *,
    examples: Mapping[str, str] | None = None,
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
    shutdown: Shutdown | None = None,
) -> ASGIApp:
    """Return the gateway as an ASGI application.

    `examples` are names of resources for GraphiQL's tabs; `clock` returns seconds and `sleep`
    waits for as many; `shutdown` is begun by the server that runs it.
    Raises `gateway.aws.client.ConfigurationError` when there is no way to call AWS.
    """
    shutdown = shutdown or Shutdown()
    sagemaker = SageMaker(_client_options(settings))
    sagemaker.check()
    cache = MemoryCache(settings.cache_megabytes * 2**20)
    reader = Reader(
        sagemaker,
        cache,
        _lifetimes(settings),
        decode,
        clock,
        _list_options(settings),
        search=settings.search,
    )
    documents = Documents(CORE_SCHEMA, _limits(settings), settings.document_characters)
    joined_bytes = settings.joined_megabytes * 2**20
    engine = Engine(CORE_SCHEMA, documents, reader, clock, joined_bytes, settings.max_calls)
    pause = partial(sleep, settings.subscription_interval)
    streams = Streams(engine, CORE_SCHEMA, reader, clock, pause)
    shared = _shared(settings, clock)
    persisted = PersistedDocuments(_trusted(settings), settings.persisted_megabytes * 2**20, shared)
    long_lived = LongLived(settings.max_streams)
    keep_alive = partial(sleep, settings.stream_keep_alive)
    life = Life(long_lived=long_lived, shutdown=shutdown, pause=keep_alive)
    metrics = _metrics(engine, streams, sagemaker, cache, long_lived)
    tabs = graphiql.default_tabs(examples)
    config = graphiql.GraphiQLConfig(subscription_endpoint="/graphql", tabs=tabs)
    page = (lambda: graphiql.page(config)) if settings.graphiql else None
    endpoint = GraphQLEndpoint(
        engine,
        Streaming(engine, streams, life),
        persisted,
        metrics.durations,
        clock,
        _endpoint_options(settings),
        page,
    )
    routes: list[BaseRoute] = [
        *health_routes(lambda: shutdown.not_ready or sagemaker.not_ready),
        metrics.route(),
    ]
    if settings.graphiql:
        routes.append(graphiql.assets())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        sagemaker.start()
        yield
        sagemaker.close()
        if shared is not None:
            await shared.close()

    options = _socket_options(settings)
    sockets = WebSocketEndpoint(engine, streams, persisted, long_lived, options, sleep)
    others = Starlette(routes=routes, lifespan=lifespan)
    front = Front("/graphql", endpoint, GoingAway(sockets, shutdown), others)
    return with_cors(front, settings.cors_origins) if settings.cors_origins else front


def _metrics(
    engine: Engine,
    streams: Streams,
    sagemaker: SageMaker,
    cache: MemoryCache,
    long_lived: LongLived,
) -> Metrics:
    metrics = Metrics()
    metrics.counter(
        "gateway_operations",
        "GraphQL operations answered, by what executed them.",
        ("executor",),
        lambda: [
            (("compiled",), engine.compiled),
            (("graphql-core",), engine.interpreted + streams.interpreted),
        ],
    )
    metrics.gauge(
        "gateway_streams", "WebSockets and streams over HTTP open.", lambda: long_lived.open
    )
    metrics.counter(
        "gateway_aws_calls",
        "Calls made to AWS, by operation.",
        ("operation",),
        lambda: [((operation,), calls) for operation, calls in sagemaker.calls.items()],
    )
    metrics.gauge("gateway_cache_entries", "AWS answers in memory.", lambda: len(cache))
    metrics.gauge("gateway_cache_bytes", "Memory that they are taken to use.", lambda: cache.bytes)
    return metrics


def _client_options(settings: Settings) -> ClientOptions:
    return ClientOptions(
        region=settings.region,
        profile=settings.profile,
        endpoint_url=settings.endpoint_url,
        regions=settings.regions,
        concurrency=settings.aws_concurrency,
        connect_timeout=settings.aws_connect_timeout,
        read_timeout=settings.aws_read_timeout,
        deadline=settings.aws_deadline,
        attempts=settings.aws_attempts,
    )


def _endpoint_options(settings: Settings) -> EndpointOptions:
    return EndpointOptions(
        max_body_bytes=settings.max_body_bytes,
        prepared_bytes=settings.prepared_megabytes * 2**20,
        max_batch=settings.max_batch,
        csrf_prevention=settings.csrf_prevention,
        upstream=settings.expose_upstream,
        public_caching=settings.public_caching,
    )


def _socket_options(settings: Settings) -> SocketOptions:
    return SocketOptions(
        origins=settings.cors_origins,
        max_operations=settings.max_socket_operations,
        max_message_bytes=settings.max_body_bytes,
        init_timeout=settings.socket_init_timeout,
        idle_timeout=settings.socket_idle_timeout,
    )


def _trusted(settings: Settings) -> TrustedDocuments:
    if settings.trusted_documents is None:
        return TrustedDocuments({}, only=settings.trusted_documents_only)
    try:
        texts = load_manifest(settings.trusted_documents)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"GATEWAY_TRUSTED_DOCUMENTS: {error}") from error
    return TrustedDocuments(texts, only=settings.trusted_documents_only)


def _shared(settings: Settings, clock: Clock) -> SharedDocuments | None:
    if settings.redis_url is None:
        return None
    try:
        return SharedDocuments(settings.redis_url.get_secret_value(), clock)
    except ValueError as error:
        raise ConfigurationError(f"GATEWAY_REDIS_URL: {error}.") from error


def _lifetimes(settings: Settings) -> Lifetimes:
    return Lifetimes(
        finished=settings.fresh_finished,
        running=settings.fresh_running,
        missing=settings.fresh_missing,
        stale_while_revalidate=settings.stale_while_revalidate,
        stale_if_error=settings.stale_if_error,
    )


def _list_options(settings: Settings) -> ListOptions:
    return ListOptions(
        default_page_size=settings.default_page_size,
        max_page_size=settings.max_page_size,
        calls=settings.list_calls,
        seconds=settings.list_seconds,
        fresh=settings.list_fresh,
        tag_reads=settings.list_tag_reads,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        tokens=settings.max_tokens,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        root_fields=settings.max_root_fields,
        directives=settings.max_directives,
    )
