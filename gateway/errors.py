"""The codes that `extensions.code` can hold, and the exceptions of every layer.

    ConfigurationError               raised before anything is served
    CodedError
    ├── BadUserInput                 BAD_USER_INPUT
    └── UpstreamError (gateway.aws)  UPSTREAM_*

Messages are written for the client: no traceback, no credential, no account it did not name.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Final

_MOST_QUOTED: Final = 100
"""Characters of a client's text that a message repeats."""


class Code(StrEnum):
    """Every value of `extensions.code`. The names are stable; new ones may be added."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    UNAUTHORIZED_FIELD_OR_TYPE = "UNAUTHORIZED_FIELD_OR_TYPE"
    INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    RATE_LIMITED = "RATE_LIMITED"
    RESPONSE_TOO_LARGE = "RESPONSE_TOO_LARGE"
    TOO_MANY_STREAMS = "TOO_MANY_STREAMS"
    UPSTREAM_ACCESS_DENIED = "UPSTREAM_ACCESS_DENIED"
    UPSTREAM_THROTTLED = "UPSTREAM_THROTTLED"
    UPSTREAM_TIMEOUT = "UPSTREAM_TIMEOUT"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class ConfigurationError(Exception):
    """The gateway cannot start as it is set up; the message says what to set."""


class CodedError(Exception):
    """An error whose message and code may be shown to the client."""

    code: ClassVar[Code]

    @property
    def extensions(self) -> Mapping[str, object]:
        """What stands in the GraphQL error's `extensions`."""
        return {"code": self.code.value}


class BadUserInput(CodedError):
    """The client asked for something that cannot be: the message says what to change."""

    code = Code.BAD_USER_INPUT


def quote(text: str) -> str:
    """Return a client's text in quotation marks for a message, cut off where it is long."""
    return repr(shorten(text, _MOST_QUOTED))


def shorten(text: str, most: int) -> str:
    """Return the text, cut off after `most` characters."""
    return text if len(text) <= most else f"{text[:most]}..."
