"""A GraphQL request as clients send it, over whatever transport."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.errors import BadUserInput


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
