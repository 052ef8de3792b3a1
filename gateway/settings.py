"""Every setting, one row each: name, type, default, help.

The environment variable of a setting is `GATEWAY_` and its name in capitals; the option of
`sagemaker-gateway serve` is its name with hyphens.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _split(value: object) -> object:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


class Settings(BaseSettings):
    """Read once, by the command line; passed down as plain values."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    allow_unauthenticated: bool = Field(
        False, description="Serve other machines although nobody is asked who they are."
    )
    graphiql: bool = Field(True, description="Serve GraphiQL to browsers at /graphql.")
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="Least level to log."
    )
    workers: PositiveInt = Field(
        1, description="Processes that share the port, each with a cache of its own."
    )
    shutdown_delay: NonNegativeFloat = Field(
        1.0, description="Seconds that requests are still taken after SIGTERM, saying not-ready."
    )
    shutdown_grace: NonNegativeFloat = Field(
        20.0, description="Seconds after that in which requests under way may finish."
    )

    region: str | None = Field(None, description="AWS region of queries that name none.")
    profile: str | None = Field(None, description="AWS profile to take credentials from.")
    endpoint_url: str | None = Field(
        None,
        pattern="^https?://[^/]",
        description="Where SageMaker answers, if not at AWS's own address.",
    )
    regions: Annotated[frozenset[str], NoDecode, BeforeValidator(_split)] = Field(
        frozenset(),
        description="AWS regions that queries may name, separated by commas; all when empty.",
    )
    aws_concurrency: PositiveInt = Field(32, description="AWS calls in flight at most.")
    aws_attempts: PositiveInt = Field(3, description="Tries of one AWS call, the first included.")
    aws_connect_timeout: PositiveFloat = Field(
        2.0, description="Seconds to wait for a connection to AWS."
    )
    aws_read_timeout: PositiveFloat = Field(
        8.0, description="Seconds to wait for data from AWS within one try."
    )
    aws_deadline: PositiveFloat = Field(
        15.0, description="Seconds that one AWS call may take with all its tries."
    )
    search: bool = Field(
        True,
        description="Read several linked training jobs with one Search, where it is allowed.",
    )

    cache_megabytes: PositiveInt = Field(256, description="Memory for AWS's answers, in MiB.")
    fresh_finished: NonNegativeFloat = Field(
        3600.0, description="Seconds that a finished job is served without asking AWS again."
    )
    fresh_running: NonNegativeFloat = Field(
        5.0, description="Seconds that any other job or schedule is."
    )
    fresh_missing: NonNegativeFloat = Field(
        5.0, description="Seconds that a job AWS does not have is taken to be missing."
    )
    stale_while_revalidate: NonNegativeFloat = Field(
        5.0, description="Seconds past fresh in which the old answer is served during a refresh."
    )
    stale_if_error: NonNegativeFloat = Field(
        3600.0, description="Seconds past fresh in which it is served, labelled, when AWS fails."
    )

    default_page_size: PositiveInt = Field(
        20, description="Rows of a list when `first` does not say how many."
    )
    max_page_size: PositiveInt = Field(100, description="Greatest `first` of a list.")
    list_calls: PositiveInt = Field(
        10, description="AWS list calls for one page of a list at most, or one per status in it."
    )
    list_tag_reads: PositiveInt = Field(
        100, description="Rows whose tags are looked at for one page, where the filter has `tags`."
    )
    list_seconds: PositiveFloat = Field(
        5.0, description="Seconds after which no further list call is begun for a page."
    )
    list_fresh: NonNegativeFloat = Field(
        2.0, description="Seconds that a page of an AWS list is served without asking again."
    )

    trusted_documents: Path | None = Field(
        None,
        description="Manifest of documents that clients name by id, as Relay or Apollo writes.",
    )
    trusted_documents_only: bool = Field(False, description="Answer no documents but those of it.")
    persisted_megabytes: PositiveInt = Field(
        16, description="Memory for documents that clients register by hash, in MiB."
    )
    redis_url: SecretStr | None = Field(
        None,
        description="Redis or Valkey that shares these documents among replicas; redis://host:6379.",
    )
    csrf_prevention: bool = Field(
        True, description="Refuse what a page of another site could make a browser send unasked."
    )
    cors_origins: Annotated[frozenset[str], NoDecode, BeforeValidator(_split)] = Field(
        frozenset(),
        description="Origins whose pages may read responses, separated by commas; `*` for all.",
    )
    public_caching: bool = Field(
        False, description="Let shared caches keep responses; only where all callers may see all."
    )
    max_batch: PositiveInt = Field(
        1, description="Operations in one request at most; 1 allows no batches."
    )
    subscription_interval: PositiveFloat = Field(
        2.0,
        description="Seconds between two looks at what a client subscribed to; most find it in the "
        "cache.",
    )
    stream_keep_alive: PositiveFloat = Field(
        12.0, description="Seconds between signs of life in a stream over HTTP."
    )
    max_streams: PositiveInt = Field(
        1_000, description="WebSockets and streams over HTTP open at once at most."
    )
    max_socket_operations: PositiveInt = Field(
        100, description="Operations running on one WebSocket at most."
    )
    socket_init_timeout: PositiveFloat = Field(
        10.0, description="Seconds that a WebSocket has for its `connection_init`."
    )
    socket_idle_timeout: PositiveFloat = Field(
        60.0,
        description="Seconds of silence after which a WebSocket is sent a ping, and after as many "
        "more is closed.",
    )
    max_body_bytes: PositiveInt = Field(
        100_000, description="Longest request body or WebSocket message, in bytes."
    )
    max_tokens: PositiveInt = Field(5_000, description="Tokens in a document at most.")
    max_depth: PositiveInt = Field(20, description="Fields nested in one another at most.")
    max_calls: PositiveInt = Field(
        5_000, description="AWS calls that one operation may be planned to make at most."
    )
    expose_upstream: bool = Field(
        False, description="Tell in each response which AWS calls it took, asked or not."
    )
    max_aliases: PositiveInt = Field(100, description="Aliases in an operation at most.")
    max_root_fields: PositiveInt = Field(50, description="Root fields in an operation at most.")
    max_directives: PositiveInt = Field(100, description="Directives in an operation at most.")
    prepared_megabytes: PositiveInt = Field(
        32, description="Memory for requests remembered as decoded and prepared, in MiB."
    )
    joined_megabytes: PositiveInt = Field(
        32, description="Memory for responses kept as they were joined from AWS's answers, in MiB."
    )
    document_characters: PositiveInt = Field(
        4_000_000, description="Characters of documents remembered as parsed and checked."
    )
