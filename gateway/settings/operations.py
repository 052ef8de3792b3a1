"""Settings of operations: their documents, their limits, and their responses."""

from typing import Annotated, Literal, Self

from pydantic import Field, FilePath, PositiveInt, model_validator

from gateway.settings.group import Group
from gateway.settings.values import (
    RedisUrl,
    refuse,
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
    suggestions: bool = Field(
        True,
        description="Errors about names that do not exist suggest names of the schema that are "
        "like them, as in `Did you mean ...?`.",
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
    allowed_documents: Literal["all", "log-unknown", "trusted", "trusted-ids"] = Field(
        "all",
        description="Clients may send `all` documents; with `log-unknown` those that are not "
        "trusted are logged, with `trusted` they are refused, and with `trusted-ids` every text "
        "is.",
    )
    persisted_megabytes: PositiveInt = Field(
        16,
        description="Documents that clients register by hash take at most this many MiB of memory.",
    )
    redis_url: RedisUrl | None = Field(
        None,
        description="Replicas share the documents that clients register by hash, and the budgets "
        "of their callers, through this Redis or Valkey, for example `redis://host:6379`.",
    )

    @model_validator(mode="after")
    def _check_allowed_documents(self) -> Self:
        allowed = f"GATEWAY_ALLOWED_DOCUMENTS={self.allowed_documents}"
        if self.allowed_documents not in {"trusted", "trusted-ids"}:
            return self
        if self.trusted_documents is None:
            refuse(
                f"{allowed} refuses every document while GATEWAY_TRUSTED_DOCUMENTS names no "
                "manifest."
            )
        if self._is_given("persisted_megabytes"):
            refuse(
                f"GATEWAY_PERSISTED_MEGABYTES has no effect: with {allowed} no client can register "
                "a document."
            )
        return self
