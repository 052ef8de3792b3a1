"""Settings of calls to AWS, of the cache of its answers, and of lists."""

from typing import Annotated, Self

from pydantic import Field, PositiveInt, model_validator

from gateway.settings.group import Group
from gateway.settings.values import (
    EndpointUrl,
    Region,
    Regions,
    Seconds,
    SecondsOrZero,
    refuse,
)


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
