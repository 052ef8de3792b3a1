"""Every setting, one row each: name, type, default, help, in the groups that the parts are given.

The environment variable of a setting is `GATEWAY_` and its name in capitals; the option of
`sagemaker-gateway serve` is its name with hyphens. `Settings` is every group at once, so it is
passed as it is to each part, whose parameter names the group that the part reads. Times are in
seconds.
"""

from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    SecretStr,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIB: Final = 2**20
"""Bytes in the unit of the settings whose name ends in `_megabytes`."""


def _split(value: object) -> object:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


_Names = Annotated[frozenset[str], NoDecode, BeforeValidator(_split)]


class Group(BaseModel):
    """Settings that one part of the gateway reads. A group that another one extends is its part."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: ClassVar[str]
    """The heading of the group in the help and in the documentation."""

    @classmethod
    def own_fields(cls) -> dict[str, FieldInfo]:
        """Return the settings of this group by name, without those of the groups it extends."""
        extended = {name for base in cls.__bases__ for name in getattr(base, "model_fields", ())}
        return {name: row for name, row in cls.model_fields.items() if name not in extended}


class RequestSettings(Group):
    """What a request from the network may be, over HTTP and over WebSockets."""

    title = "Requests"

    max_body_bytes: PositiveInt = Field(
        100_000, description="A request body or a WebSocket message may have this many bytes."
    )
    cors_origins: _Names = Field(
        frozenset(),
        description="Pages of these origins, separated by commas, may read responses and open "
        "WebSockets; `*` stands for every origin.",
    )
    csrf_prevention: bool = Field(
        True,
        description="The gateway refuses requests that a page of another site can make a browser "
        "send without a CORS preflight.",
    )


class ServerSettings(RequestSettings):
    """Where the processes listen, what they log, and how they end."""

    title = "The server"

    host: str = Field("127.0.0.1", description="The gateway listens on this address.")
    port: int = Field(
        8000, ge=0, le=65535, description="The gateway listens on this port; 0 takes a free one."
    )
    allow_unauthenticated: bool = Field(
        False,
        description="The gateway may listen where other machines reach it, although it "
        "authenticates nobody.",
    )
    workers: PositiveInt = Field(
        1, description="This many processes share the port, each with a cache of its own."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="The gateway logs events of this level and above: debug, info, warning or "
        "error.",
    )
    shutdown_delay: NonNegativeFloat = Field(
        1.0,
        description="After SIGTERM the gateway reports that it is not ready, and still accepts "
        "requests for this many seconds.",
    )
    shutdown_grace: NonNegativeFloat = Field(
        20.0,
        description="Requests that run when the gateway stops accepting new ones have this many "
        "seconds to finish.",
    )


class AwsSettings(Group):
    """How AWS is called."""

    title = "Calls to AWS"

    region: str | None = Field(
        None,
        description="Queries that name no region ask this AWS region; without it, AWS's own "
        "configuration says which.",
    )
    profile: str | None = Field(
        None, description="Credentials come from this profile of AWS's configuration files."
    )
    endpoint_url: str | None = Field(
        None,
        pattern="^https?://[^/]",
        description="Calls to SageMaker go to this URL instead of AWS's own address.",
    )
    regions: _Names = Field(
        frozenset(),
        description="Queries may name these AWS regions, separated by commas; without it, every "
        "region of the AWS partition.",
    )
    aws_concurrency: PositiveInt = Field(
        32, description="The gateway makes at most this many AWS calls at the same time."
    )
    aws_attempts: PositiveInt = Field(
        3, description="The gateway tries an AWS call this many times, the first try included."
    )
    aws_connect_timeout: PositiveFloat = Field(
        2.0, description="One try of an AWS call waits this many seconds for a connection."
    )
    aws_read_timeout: PositiveFloat = Field(
        8.0, description="One try of an AWS call waits this many seconds for data."
    )
    aws_deadline: PositiveFloat = Field(
        15.0, description="An AWS call fails after this many seconds, all its tries included."
    )


class CacheSettings(Group):
    """How long AWS's answers are served from memory.

    The terms are those of HTTP: fresh, then stale-while-revalidate, then stale-if-error
    (https://www.rfc-editor.org/rfc/rfc5861).
    """

    title = "The cache"

    cache_megabytes: PositiveInt = Field(
        256, description="The cache of AWS's answers takes at most this many MiB of memory."
    )
    fresh_finished: NonNegativeFloat = Field(
        3600.0,
        description="The answer for a finished job is served for this many seconds before AWS is "
        "asked again.",
    )
    fresh_running: NonNegativeFloat = Field(
        5.0,
        description="The answer for a job that runs, for a schedule or for tags is served for "
        "this many seconds before AWS is asked again.",
    )
    fresh_missing: NonNegativeFloat = Field(
        5.0,
        description="A job that AWS does not have counts as missing for this many seconds before "
        "AWS is asked again.",
    )
    stale_while_revalidate: NonNegativeFloat = Field(
        5.0,
        description="An answer that is no longer fresh is served for this many seconds more while "
        "the gateway asks AWS for a new one.",
    )
    stale_if_error: NonNegativeFloat = Field(
        3600.0,
        description="An answer that is no longer fresh is served for this many seconds more, "
        "labelled as stale, when AWS fails.",
    )


class ListSettings(Group):
    """How much one page of a list may hold and take."""

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
    list_seconds: PositiveFloat = Field(
        5.0,
        description="One page of a list begins no further AWS call after this many seconds.",
    )
    list_fresh: NonNegativeFloat = Field(
        2.0,
        description="A page of an AWS list is served for this many seconds before AWS is asked "
        "again.",
    )


class ReaderSettings(CacheSettings, ListSettings):
    """How AWS is read: one resource, one list, several resources at once."""

    title = "Search"

    search: bool = Field(
        True,
        description="The gateway reads several linked training jobs with one Search call of AWS, "
        "where IAM allows it.",
    )


class LimitSettings(Group):
    """The most that one operation may hold."""

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
    max_root_fields: PositiveInt = Field(
        50, description="An operation may have at most this many root fields."
    )
    max_directives: PositiveInt = Field(
        100, description="An operation may have at most this many directives."
    )


class EngineSettings(LimitSettings):
    """What is refused before it is executed, and what is kept in memory of what was executed."""

    title = "Execution"

    max_calls: PositiveInt = Field(
        5_000,
        description="An operation is refused when it could cause more than this many AWS calls.",
    )
    document_characters: PositiveInt = Field(
        4_000_000,
        description="Parsed and validated documents stay in memory up to this many characters of "
        "their text in all.",
    )
    joined_megabytes: PositiveInt = Field(
        32,
        description="Whole responses that are kept for the next request like theirs take at most "
        "this many MiB of memory.",
    )


class DocumentSettings(Group):
    """Documents that clients send by id or by hash."""

    title = "Persisted documents"

    trusted_documents: Path | None = Field(
        None,
        description="Clients may send the documents in this file by id; it is a manifest as Relay "
        "or Apollo writes it.",
    )
    trusted_documents_only: bool = Field(
        False, description="The gateway refuses documents that are not in the manifest."
    )
    persisted_megabytes: PositiveInt = Field(
        16,
        description="Documents that clients register by hash take at most this many MiB of memory.",
    )
    redis_url: SecretStr | None = Field(
        None,
        description="Replicas share the documents that clients register by hash through this Redis "
        "or Valkey, for example `redis://host:6379`.",
    )


class EndpointSettings(RequestSettings):
    """What the HTTP endpoint does beyond the specification's minimum."""

    title = "The HTTP endpoint"

    graphiql: bool = Field(
        True, description="Browsers that open /graphql get GraphiQL, an editor for queries."
    )
    max_batch: PositiveInt = Field(
        1, description="One HTTP request may hold this many operations; 1 allows no batches."
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
        description="Decoded and validated requests that are kept for the next request like them "
        "take at most this many MiB of memory.",
    )


class StreamSettings(RequestSettings):
    """WebSockets, subscriptions, and other responses that take long."""

    title = "Streams and WebSockets"

    subscription_interval: PositiveFloat = Field(
        2.0,
        description="A subscription looks for a change of its job every so many seconds, mostly "
        "in the cache.",
    )
    stream_keep_alive: PositiveFloat = Field(
        12.0,
        description="A stream over HTTP without an event sends a keep-alive message every so many "
        "seconds.",
    )
    max_streams: PositiveInt = Field(
        1_000,
        description="At most this many WebSockets and streams over HTTP are open at the same time.",
    )
    max_socket_operations: PositiveInt = Field(
        100, description="One WebSocket runs at most this many operations at the same time."
    )
    socket_init_timeout: PositiveFloat = Field(
        10.0,
        description="A WebSocket that has not sent `connection_init` after this many seconds is "
        "closed.",
    )
    socket_idle_timeout: PositiveFloat = Field(
        60.0,
        description="A WebSocket that is silent for this many seconds is sent a ping, and is "
        "closed if it stays silent for as many more.",
    )


GROUPS: Final[tuple[type[Group], ...]] = (
    ServerSettings,
    AwsSettings,
    CacheSettings,
    ListSettings,
    ReaderSettings,
    RequestSettings,
    EndpointSettings,
    StreamSettings,
    DocumentSettings,
    LimitSettings,
    EngineSettings,
)
"""Every group, in the order of the help and of the documentation."""


class Settings(
    ServerSettings,
    AwsSettings,
    ReaderSettings,
    EndpointSettings,
    StreamSettings,
    DocumentSettings,
    EngineSettings,
    BaseSettings,
):
    """All groups at once, read from the environment."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_")
