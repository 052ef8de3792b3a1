"""A GraphQL request as clients send it, over whatever transport."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import BadUserInput


@dataclass(frozen=True, slots=True)
class Request:
    """Source: https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: object) -> "Request":
        """Return the request in a decoded JSON body. Raises `BadUserInput` for any other shape."""
        if not isinstance(body, dict):
            raise BadUserInput("The request must be a JSON object.")
        query = body.get("query")
        if not isinstance(query, str):
            raise BadUserInput("The request has no `query`, which must be a string.")
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
