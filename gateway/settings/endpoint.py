"""Settings of the HTTP endpoint, and of WebSockets and streams."""

from pydantic import Field, NonNegativeInt, PositiveInt

from gateway.settings.operations import ResponseSettings
from gateway.settings.server import RequestSettings
from gateway.settings.values import (
    RootPath,
    Seconds,
)


class EndpointSettings(RequestSettings, ResponseSettings):
    """What the HTTP endpoint does beyond the specification's minimum."""

    title = "The HTTP endpoint"

    graphiql: bool = Field(
        True, description="Browsers that open /graphql get GraphiQL, an editor for queries."
    )
    metrics: bool = Field(
        True,
        description="Whoever reaches the gateway gets its figures for Prometheus at /metrics, "
        "unless they have a port of their own.",
    )
    hsts_seconds: NonNegativeInt = Field(
        0,
        description="Browsers are told to use HTTPS alone for this many seconds, by the header "
        "Strict-Transport-Security; 0 sends none.",
    )
    root_path: RootPath | None = Field(
        None,
        description="The gateway is reached below this path, whether a proxy in front removes it "
        "or not.",
    )
    max_batch: PositiveInt = Field(
        1,
        description="One HTTP request may hold at most this many operations; 1 allows no batches.",
    )
    public_caching: bool = Field(
        False,
        description="Shared caches may keep responses; this is safe only where every caller may "
        "see every job.",
    )
    query_by_get: bool = Field(
        True,
        description="Clients may send the text of a document by GET; by POST they always may.",
    )
    upstream: bool = Field(
        True,
        description="A client with the scope for it may ask by the header `X-Upstream` for the AWS "
        "calls that its operation takes.",
    )
    expose_upstream: bool = Field(
        False,
        description="Every response lists the AWS calls that it took, even if the client did not "
        "ask for the list.",
    )
    prepared_megabytes: PositiveInt = Field(
        32,
        description="Decoded and validated requests, stored for clients that send the same again, "
        "take at most this many MiB of memory.",
    )


class StreamSettings(RequestSettings):
    """WebSockets, subscriptions and other responses that stay open."""

    title = "Streams and WebSockets"

    subscription_interval: Seconds = Field(
        2.0,
        description="A subscription reads its job again after this many seconds, mostly from the "
        "cache.",
    )
    stream_keep_alive: Seconds = Field(
        12.0,
        description="A stream over HTTP that has sent no event for this many seconds sends a "
        "keep-alive message.",
    )
    max_streams: PositiveInt = Field(
        1_000,
        description="At most this many WebSockets and streams over HTTP are open at the same time.",
    )
    max_socket_operations: PositiveInt = Field(
        100, description="One WebSocket runs at most this many operations at the same time."
    )
    socket_init_timeout: Seconds = Field(
        10.0,
        description="A WebSocket that has not sent `connection_init` after this many seconds is "
        "closed.",
    )
    socket_idle_timeout: Seconds = Field(
        60.0,
        description="A WebSocket that is silent for this many seconds is sent a ping, and is "
        "closed if it stays silent for as many more.",
    )
