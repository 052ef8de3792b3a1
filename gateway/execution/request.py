"""A GraphQL request as clients send it, over whatever transport, and the result that it gets."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from gateway.errors import BadUserInput

ALWAYS: Final = math.inf
"""The freshness of what no AWS answer went into."""


@dataclass(frozen=True, slots=True)
class Request:
    """Source: https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: object, text_of: Callable[[Mapping[str, Any]], str]) -> "Request":
        """Return the request in a decoded JSON body; `text_of` finds its document's text.

        Raises `BadUserInput` for any other shape, and what `text_of` raises.
        """
        if not isinstance(body, dict):
            raise BadUserInput("The request must be a JSON object.")
        query = text_of(body)
        operation_name = body.get("operationName")
        if operation_name is not None and not isinstance(operation_name, str):
            raise BadUserInput("`operationName` must be a string.")
        variables = body.get("variables")
        if variables is not None and not isinstance(variables, dict):
            raise BadUserInput("`variables` must be an object.")
        extensions = body.get("extensions")
        if extensions is not None and not isinstance(extensions, dict):
            raise BadUserInput("`extensions` must be an object.")
        return cls(query, operation_name, variables or {})

    def key(self) -> bytes:
        """Return bytes that are the same for equal requests only."""
        return orjson.dumps([self.query, self.operation_name, dict(self.variables)])


class Result(NamedTuple):
    """The JSON of a GraphQL response, and what HTTP has to know about it."""

    body: bytes
    executed: bool
    """`False` for a request that was refused before anything of it was executed."""
    fresh_until: float | None
    """Until when, on the cache's clock, a new response would be the same; `None`: not at all."""
