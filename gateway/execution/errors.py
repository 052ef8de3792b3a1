"""Format errors for clients: with codes, unexpected ones masked, as GraphQL specifies them."""

import logging
from collections.abc import Iterable
from typing import Any, Final

from graphql import GraphQLError, GraphQLSyntaxError

from gateway.errors import BadUserInput, Code, CodedError

logger = logging.getLogger(__name__)

_MASKED: Final = "Internal server error."


class QueryTooComplex(CodedError):
    """The operation exceeds a limit. The message has the limit and the operation's figure."""

    code = Code.QUERY_TOO_COMPLEX


def format_error(error: GraphQLError, code: Code | None = None) -> dict[str, Any]:
    """Return one item of the response's `errors`.

    A `CodedError` shows its own message and code. Any other error gets `code`; without a `code` it
    is logged and masked.
    """
    cause = error.original_error
    formatted: dict[str, Any] = {"message": error.message}
    if error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
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
    return formatted


def format_errors(errors: Iterable[GraphQLError], code: Code | None = None) -> list[dict[str, Any]]:
    """Return the response's `errors`."""
    return [format_error(error, code) for error in errors]


def unexpected_error() -> dict[str, Any]:
    """Return the response to a request that failed by a fault of the gateway."""
    code = Code.INTERNAL_SERVER_ERROR
    return {"errors": [{"message": _MASKED, "extensions": {"code": code.value}}]}


def request_error(error: CodedError | str) -> dict[str, Any]:
    """Return the response to a request that is refused before execution."""
    cause = BadUserInput(error) if isinstance(error, str) else error
    return {"errors": [format_error(GraphQLError(str(cause), original_error=cause))]}
