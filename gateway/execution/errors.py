"""Format errors for clients: with codes, unexpected ones masked, as GraphQL specifies them."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import orjson
from graphql import GraphQLError, GraphQLSyntaxError

from gateway.errors import BadUserInput, Code, CodedError, shorten
from gateway.settings import ResponseSettings

logger = logging.getLogger(__name__)

_MASKED: Final = "Internal server error."
MOST_LOCATIONS: Final = 10
"""Locations of one error: a field can be selected at thousands of places."""
_LEAST_MESSAGE: Final = 100
"""Characters of a message that stay in an error that is too large."""
DEFAULTS: Final = ResponseSettings()

T = TypeVar("T")


class QueryTooComplex(CodedError):
    """The operation exceeds a limit. The message has the limit and the operation's figure."""

    code = Code.QUERY_TOO_COMPLEX


class ResponseTooLarge(CodedError):
    """The response, or the responses to a batch together, would have more bytes than allowed."""

    code = Code.RESPONSE_TOO_LARGE

    def __init__(self, most: int) -> None:
        super().__init__(
            f"The response has more than the {most} bytes allowed. Ask for fewer rows or fields."
        )


class IntrospectionDisabled(CodedError):
    """The caller may not ask for the schema, or nobody may."""

    code = Code.INTROSPECTION_DISABLED

    def __init__(self) -> None:
        super().__init__("The schema is not told here: `__schema` and `__type` are not allowed.")


class _ErrorsLeftOut(CodedError):
    """The response has more errors than it may list."""

    code = Code.RESPONSE_TOO_LARGE


def format_error(
    error: GraphQLError, code: Code | None = None, max_bytes: int = DEFAULTS.max_error_bytes
) -> dict[str, Any]:
    """Return one item of the response's `errors`, of at most `max_bytes`.

    A `CodedError` shows its own message and code. Any other error gets `code`; without a `code` it
    is logged and masked.
    """
    cause = error.original_error
    formatted: dict[str, Any] = {"message": error.message}
    if error.locations:
        locations = error.locations[:MOST_LOCATIONS]
        formatted["locations"] = [location.formatted for location in locations]
    if error.path is not None:
        formatted["path"] = error.path
    if isinstance(cause, CodedError):
        formatted["message"] = str(cause)
        formatted["extensions"] = dict(cause.extensions)
    elif isinstance(error, GraphQLSyntaxError):
        formatted["extensions"] = {"code": Code.GRAPHQL_PARSE_FAILED.value}
    elif code is not None:
        formatted["extensions"] = {"code": code.value}
    else:
        logger.error("gateway.unexpected_error", extra={"path": error.path}, exc_info=cause)
        formatted["message"] = _MASKED
        formatted["extensions"] = {"code": Code.INTERNAL_SERVER_ERROR.value}
    return _cut(formatted, max_bytes)


def _cut(formatted: dict[str, Any], max_bytes: int) -> dict[str, Any]:
    """Return a formatted error without as much of it as makes it larger than `max_bytes`."""
    excess = len(orjson.dumps(formatted)) - max_bytes
    if excess <= 0:
        return formatted
    message = formatted["message"]
    formatted["message"] = shorten(message, max(len(message) - excess - 3, _LEAST_MESSAGE))
    for name in ("locations", "path"):
        if len(orjson.dumps(formatted)) > max_bytes:
            formatted.pop(name, None)
    if len(orjson.dumps(formatted)) > max_bytes:
        # JSON writes some characters as six.
        formatted["message"] = "The error is too large to be shown."
    return formatted


def format_errors(
    errors: Iterable[GraphQLError],
    code: Code | None = None,
    max_bytes: int = DEFAULTS.max_error_bytes,
) -> list[dict[str, Any]]:
    """Return the response's `errors`."""
    return [format_error(error, code, max_bytes) for error in errors]


def format_some(
    errors: Sequence[T], format_one: Callable[[T], dict[str, Any]], most: int
) -> list[dict[str, Any]]:
    """Return the first `most` errors, formatted, and one that says how many are left out."""
    formatted = [format_one(error) for error in errors[:most]]
    if len(errors) > most:
        message = (
            f"{len(errors) - most} more errors are left out: a field that is null can have had one."
        )
        formatted += request_error(_ErrorsLeftOut(message))["errors"]
    return formatted


def too_large(max_bytes: int) -> dict[str, Any]:
    """Return the response that takes the place of one with more than `max_bytes`."""
    return {**request_error(ResponseTooLarge(max_bytes)), "data": None}


def unexpected_error() -> dict[str, Any]:
    """Return the response to a request that failed by a fault of the gateway."""
    code = Code.INTERNAL_SERVER_ERROR
    return {"errors": [{"message": _MASKED, "extensions": {"code": code.value}}]}


def request_error(error: CodedError | str) -> dict[str, Any]:
    """Return the response to a request that is refused before execution."""
    cause = BadUserInput(error) if isinstance(error, str) else error
    return {"errors": [format_error(GraphQLError(str(cause), original_error=cause))]}
