"""Every setting, one row each: name, type, default and help, in the groups that the parts take.

The environment variable of a setting is `GATEWAY_` and its name in capitals; the option of
`sagemaker-gateway serve` is its name with hyphens. `Settings` is every group at once and is passed
to each part as it is; the type of the part's parameter says which group the part reads. Times are
in seconds. Each help is a sentence that needs no other one, since users see one at a time.

A value that can have no effect is refused, and so is a combination in which a setting that
somebody gave has no effect.
"""

from typing import Annotated, ClassVar, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    NonNegativeInt,
    PositiveInt,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from gateway.settings.values import (
    EndpointUrl,
    HeaderNames,
    Host,
    HostNames,
    LogLevel,
    Origins,
    RedisUrl,
    Region,
    Regions,
    RootPath,
    Seconds,
    SecondsOrZero,
    refuse,
)

MIB: Final = 2**20
"""Bytes in the unit of the settings whose name ends in `_megabytes`."""


class Group(BaseModel):
    """Settings that one part of the gateway reads. A group may extend others."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: ClassVar[str]
    """The heading of the group in the help and in the documentation."""

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_empty(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            refuse("The value is empty: give one, or leave the setting out.")
        return value

    def _is_given(self, name: str) -> bool:
        """Return whether a setting has been given. A default may have no effect."""
        return name in self.model_fields_set

    @classmethod
    def own_fields(cls) -> dict[str, FieldInfo]:
        """Return the settings of this group by name, without those of the groups it extends."""
        extended = {name for base in cls.__bases__ for name in getattr(base, "model_fields", ())}
        return {name: row for name, row in cls.model_fields.items() if name not in extended}


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
        8000, ge=0, le=65535, description="The gateway listens on this port; 0 takes a free one."
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


class AccessSettings(Group):
    """Who may call the gateway."""

    title = "Access"

    access_file: FilePath | None = Field(
        None,
        description="This TOML file says which issuers' tokens and which API keys the gateway "
        "accepts; it is read again when it changes, and on SIGHUP.",
    )
    allow_unauthenticated: bool = Field(
        False,
        description="The gateway answers requests without a token or an API key, also where other "
        "machines reach it.",
    )
    credentials_megabytes: PositiveInt = Field(
        16,
        description="What is known of tokens and API keys that were checked takes at most this "
        "many MiB of memory.",
    )

    @model_validator(mode="after")
    def _check_memory(self) -> Self:
        default = type(self).model_fields["credentials_megabytes"].default
        if self.credentials_megabytes != default and self.access_file is None:
            refuse("GATEWAY_CREDENTIALS_MEGABYTES has no effect without GATEWAY_ACCESS_FILE.")
        return self


class AwsSettings(Group):
    """How AWS is called."""

    title = "Calls to AWS"

    region: Region | None = Field(
        None,
        description="Queries that name no region ask this AWS region; when it is not set, AWS's "
        "own configuration decides.",
    )
    profile: str | None = Field(
        None, description="Credentials come from this profile of AWS's configuration files."
    )
    endpoint_url: EndpointUrl | None = Field(
        None,
        description="Calls to SageMaker go to this URL instead of AWS's own address.",
    )
    regions: Regions = Field(
        frozenset(),
        description="Queries may name the default AWS region and these, separated by commas; when "
        "it is not set, every region of the AWS partition.",
    )
    aws_concurrency: Annotated[int, Field(ge=1, le=1_000)] = Field(
        32, description="The gateway makes at most this many AWS calls at the same time."
    )
    aws_attempts: Annotated[int, Field(ge=1, le=100)] = Field(
        3,
        description="The gateway tries an AWS call at most this many times, including the first.",
    )
    aws_connect_timeout: Seconds = Field(
        2.0, description="One try of an AWS call waits this many seconds for a connection."
    )
    aws_read_timeout: Seconds = Field(
        8.0, description="One try of an AWS call waits this many seconds for data."
    )
    aws_deadline: Seconds = Field(
        15.0, description="An AWS call fails after this many seconds, all its tries included."
    )

    @model_validator(mode="after")
    def _check_timeouts(self) -> Self:
        for name in ("aws_connect_timeout", "aws_read_timeout"):
            seconds = getattr(self, name)
            if self._is_given(name) and seconds > self.aws_deadline:
                refuse(
                    f"GATEWAY_{name.upper()} ({seconds:g}) has no effect: it is more than "
                    f"GATEWAY_AWS_DEADLINE ({self.aws_deadline:g})."
                )
        return self


class CacheSettings(Group):
    """How long AWS's answers are served from memory.

    The terms are those of HTTP: fresh, then stale-while-revalidate, then stale-if-error
    (https://www.rfc-editor.org/rfc/rfc5861).
    """

    title = "The cache"

    cache_megabytes: PositiveInt = Field(
        256, description="The cache of AWS's answers takes at most this many MiB of memory."
    )
    fresh_finished: SecondsOrZero = Field(
        3600.0,
        description="The answer for a finished job is served for this many seconds before AWS is "
        "asked again.",
    )
    fresh_running: SecondsOrZero = Field(
        5.0,
        description="The answer for a job that runs, for a schedule or for tags is served for "
        "this many seconds before AWS is asked again.",
    )
    fresh_missing: SecondsOrZero = Field(
        5.0,
        description="A job that AWS does not have counts as missing for this many seconds before "
        "AWS is asked again.",
    )
    stale_while_revalidate: SecondsOrZero = Field(
        5.0,
        description="An answer that is no longer fresh is served for this many seconds more while "
        "the gateway asks AWS for a new one.",
    )
    stale_if_error: SecondsOrZero = Field(
        3600.0,
        description="An answer that is no longer fresh is served for this many seconds more, "
        "labelled as stale, when AWS fails.",
    )


class ListSettings(Group):
    """How many rows a page of a list has, and how many AWS calls it takes."""

    title = "Lists"

    default_page_size: PositiveInt = Field(
        20, description="A page of a list has this many rows when the query gives no `first`."
    )
    max_page_size: PositiveInt = Field(
        100, description="A query may ask for at most this many rows of a list with `first`."
    )
    list_calls: PositiveInt = Field(
        10,
        description="One page of a list takes at most this many AWS list calls, or one for each "
        "status in its filter where that is more.",
    )
    list_tag_reads: PositiveInt = Field(
        100,
        description="One page of a list that is filtered by tags reads the tags of at most this "
        "many rows.",
    )
    list_seconds: Seconds = Field(
        5.0,
        description="One page of a list begins no further AWS call after this many seconds; "
        "neither do the tags of a resource, nor the search for the execution of a job.",
    )
    list_fresh: SecondsOrZero = Field(
        2.0,
        description="A page of an AWS list is served for this many seconds before AWS is asked "
        "again.",
    )

    @model_validator(mode="after")
    def _check_page_sizes(self) -> Self:
        if self._is_given("default_page_size") and self.default_page_size > self.max_page_size:
            refuse(
                f"GATEWAY_DEFAULT_PAGE_SIZE ({self.default_page_size}) has no effect: it is more "
                f"than GATEWAY_MAX_PAGE_SIZE ({self.max_page_size})."
            )
        return self


class ReaderSettings(CacheSettings, ListSettings):
    """How resources and lists are read from AWS."""

    title = "Search"

    search: bool = Field(
        True,
        description="The gateway reads several linked training jobs with one Search call of AWS, "
        "where IAM allows it.",
    )


class ResponseSettings(Group):
    """The limits on the size of a response."""

    title = "Limits on one response"

    max_response_bytes: PositiveInt = Field(
        10_000_000,
        description="A response may have at most this many bytes before it is compressed, and so "
        "may all responses to a batch together, and all parts of a response in parts.",
    )
    introspection: bool = Field(
        True,
        description="Clients may ask for the schema; GraphiQL and generators of code do so.",
    )
    max_errors: PositiveInt = Field(
        500,
        description="A response lists at most this many errors; one more says how many are left "
        "out.",
    )
    max_error_bytes: Annotated[int, Field(ge=200)] = Field(
        4_000,
        description="One error of a response has at most this many bytes; its message is cut off, "
        "then its locations and its path are left out.",
    )


class LimitSettings(Group):
    """The limits on the form of one operation."""

    title = "Limits on one operation"

    max_tokens: PositiveInt = Field(
        5_000, description="A document may have at most this many tokens."
    )
    max_depth: PositiveInt = Field(
        20, description="The fields of an operation may nest at most this many levels deep."
    )
    max_aliases: PositiveInt = Field(
        100, description="An operation may have at most this many aliases."
    )
    max_alias_characters: PositiveInt = Field(
        250,
        description="An alias, and the label of `@defer` or `@stream`, may have at most this many "
        "characters: a response repeats them for each object.",
    )
    max_root_fields: PositiveInt = Field(
        50, description="An operation may have at most this many root fields."
    )
    max_directives: PositiveInt = Field(
        100, description="An operation may have at most this many directives."
    )
    max_selections: PositiveInt = Field(
        10_000,
        description="With its fragments spread, a document may have at most this many selections: "
        "fields, fragments and uses of variables, each counted at every place and for each type "
        "that the field around it can hold.",
    )
    max_list_items: PositiveInt = Field(
        500,
        description="A list or an input object, in a document or in variables, may have at most "
        "this many items.",
    )


class EngineSettings(LimitSettings, ResponseSettings):
    """The limits on one operation, and the memory for operations that were executed before."""

    title = "Execution"

    max_calls: PositiveInt = Field(
        5_000,
        description="An operation is refused when it could cause more than this many AWS calls.",
    )
    document_megabytes: PositiveInt = Field(
        32,
        description="Parsed documents and their plans take at most this many MiB of memory.",
    )
    long_as_text: bool = Field(
        False,
        description="Responses have a `Long` as text, so that JavaScript reads it exactly where it "
        "is beyond 2^53.",
    )
    reject_unauthorized: bool = Field(
        False,
        description="An operation with a field or type that its caller may not see is refused as a "
        "whole; by default only that field is null.",
    )
    joined_megabytes: PositiveInt = Field(
        32,
        description="Complete responses, stored for clients that ask the same again, take at most "
        "this many MiB of memory.",
    )


class DocumentSettings(Group):
    """Documents that clients send by id or by hash."""

    title = "Persisted documents"

    trusted_documents: FilePath | None = Field(
        None,
        description="Clients may send the documents in this file by id; it is a manifest as Relay "
        "or Apollo writes it.",
    )
    trusted_documents_only: bool = Field(
        False,
        description="The gateway refuses every document that is not in the manifest of trusted "
        "documents.",
    )
    persisted_megabytes: PositiveInt = Field(
        16,
        description="Documents that clients register by hash take at most this many MiB of memory.",
    )
    redis_url: RedisUrl | None = Field(
        None,
        description="Replicas share the documents that clients register by hash through this Redis "
        "or Valkey, for example `redis://host:6379`.",
    )

    @model_validator(mode="after")
    def _check_trusted_only(self) -> Self:
        if not self.trusted_documents_only:
            return self
        if self.trusted_documents is None:
            refuse(
                "GATEWAY_TRUSTED_DOCUMENTS_ONLY refuses every document while "
                "GATEWAY_TRUSTED_DOCUMENTS names no manifest."
            )
        for name in ("redis_url", "persisted_megabytes"):
            if self._is_given(name) and getattr(self, name) is not None:
                refuse(
                    f"GATEWAY_{name.upper()} has no effect: with GATEWAY_TRUSTED_DOCUMENTS_ONLY "
                    "no client can register a document."
                )
        return self


class EndpointSettings(RequestSettings, ResponseSettings):
    """What the HTTP endpoint does beyond the specification's minimum."""

    title = "The HTTP endpoint"

    graphiql: bool = Field(
        True, description="Browsers that open /graphql get GraphiQL, an editor for queries."
    )
    metrics: bool = Field(
        True,
        description="Whoever reaches the gateway gets its figures for Prometheus at /metrics.",
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


GROUPS: Final[tuple[type[Group], ...]] = (
    ServerSettings,
    ConnectionSettings,
    AccessSettings,
    AwsSettings,
    CacheSettings,
    ListSettings,
    ReaderSettings,
    RequestSettings,
    EndpointSettings,
    StreamSettings,
    DocumentSettings,
    LimitSettings,
    ResponseSettings,
    EngineSettings,
)
"""Every group, in the order of the help and of the documentation."""
