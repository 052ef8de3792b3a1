"""Settings of the server, and of what it takes from clients."""

from typing import Annotated, Final, Self

from pydantic import Field, PositiveInt, model_validator

from gateway.settings.group import Group
from gateway.settings.values import (
    HeaderNames,
    Host,
    HostNames,
    LogLevel,
    Origins,
    Seconds,
    SecondsOrZero,
    refuse,
)

_LAST_PORT: Final = 65_535


class RequestSettings(Group):
    """What requests over HTTP and messages over WebSockets are checked for."""

    title = "Requests"

    max_body_bytes: PositiveInt = Field(
        100_000,
        description="A request body or a WebSocket message may have at most this many bytes.",
    )
    cors_origins: Origins = Field(
        frozenset(),
        description="Pages of these origins, separated by commas, may read responses and open "
        "WebSockets; `*` stands for every origin.",
    )
    cors_headers: HeaderNames = Field(
        frozenset(
            {"apollographql-client-name", "apollographql-client-version", "baggage"}
            | {"sentry-trace", "traceparent", "tracestate", "x-request-id"}
        ),
        description="Pages of other origins may send these headers, separated by commas, besides "
        "those that the gateway reads; `*` stands for every header.",
    )
    cors_exposed_headers: HeaderNames = Field(
        frozenset({"x-request-id"}),
        description="Pages of other origins may read these headers of responses, separated by "
        "commas, besides those that the gateway sends; a proxy in front may add them.",
    )
    allowed_hosts: HostNames | None = Field(
        None,
        description="Requests must name one of these hosts, separated by commas; `*.example.com` "
        "stands for those of a domain, `*` for every host; by default every name, but names of "
        "loopback only where `serve` listens there without an access file.",
    )
    csrf_prevention: bool = Field(
        True,
        description="The gateway refuses requests that a page of another site can make a browser "
        "send without a CORS preflight.",
    )

    @model_validator(mode="after")
    def _check_cors(self) -> Self:
        for name in ("cors_headers", "cors_exposed_headers"):
            is_default = getattr(self, name) == type(self).model_fields[name].default
            if not is_default and not self.cors_origins:
                refuse(f"GATEWAY_{name.upper()} has no effect without GATEWAY_CORS_ORIGINS.")
        return self


class ConnectionSettings(Group):
    """How many connections clients may open, and for how long they may stall."""

    title = "Connections"

    max_connections: PositiveInt = Field(
        10_000,
        description="Each process has at most this many connections of clients open, and no more "
        "than its limit of open files allows.",
    )
    max_connections_per_address: PositiveInt = Field(
        1_000, description="At most this many of them come from one address."
    )
    max_head_bytes: PositiveInt = Field(
        65_536, description="The head of a request may have this many bytes."
    )
    head_timeout: Seconds = Field(
        10.0, description="The head of a request must arrive within this many seconds."
    )
    body_timeout: Seconds = Field(
        30.0, description="The body of a request must follow its head within this many seconds."
    )
    write_timeout: Seconds = Field(
        30.0,
        description="A client that reads nothing of what it is sent for this many seconds is "
        "disconnected.",
    )


class ServerSettings(RequestSettings, ConnectionSettings):
    """Where the processes listen, what they log, and how they end."""

    title = "The server"

    host: Host = Field("127.0.0.1", description="The gateway listens on this address.")
    port: int = Field(
        8000,
        ge=0,
        le=_LAST_PORT,
        description="The gateway listens on this port; 0 takes a free one.",
    )
    metrics_host: Host = Field(
        "127.0.0.1",
        description="The figures for Prometheus are at this address, if they have a port of their "
        "own.",
    )
    metrics_port: Annotated[int, Field(ge=0, le=_LAST_PORT)] | None = Field(
        None,
        description="The figures for Prometheus are at /metrics of this port, of which each worker "
        "takes the next, and no longer where GraphQL is; 0 takes a free one.",
    )
    workers: Annotated[int, Field(ge=1, le=256)] = Field(
        1, description="This many processes serve on the same port, each with its own cache."
    )
    worker_timeout: Annotated[float, Field(ge=1, le=3_600)] = Field(
        30.0,
        description="One of several processes whose event loop does not run for this many seconds "
        "is killed and replaced.",
    )
    log_level: LogLevel = Field(
        "info",
        description="The gateway logs events of this level and above: debug, info, warning or "
        "error.",
    )
    shutdown_delay: SecondsOrZero = Field(
        1.0,
        description="After SIGTERM the gateway reports that it is not ready, and still accepts "
        "requests for this many seconds.",
    )
    shutdown_grace: SecondsOrZero = Field(
        20.0,
        description="When the gateway stops accepting requests, the running ones have this many "
        "seconds to finish.",
    )

    @model_validator(mode="after")
    def _check_metrics_port(self) -> Self:
        if self.metrics_port is None:
            if self.metrics_host != type(self).model_fields["metrics_host"].default:
                refuse("GATEWAY_METRICS_HOST has no effect without GATEWAY_METRICS_PORT.")
        elif self.metrics_port + self.workers - 1 > _LAST_PORT:
            refuse(
                f"GATEWAY_METRICS_PORT ({self.metrics_port}) leaves no port for each of "
                f"{self.workers} workers: {_LAST_PORT} is the last."
            )
        return self
