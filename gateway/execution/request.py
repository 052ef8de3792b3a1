"""A GraphQL request, over whatever transport, and its result."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final, NamedTuple

import orjson

from gateway.errors import BadUserInput
from gateway.execution.secret_reads import SecretRead
from gateway.grants import ALL_GRANTS, Grants

ALWAYS: Final = math.inf
"""`fresh_until` of a result that was made without any AWS answer."""


class Report(Enum):
    """What a response can say about its AWS calls in `extensions`."""

    UPSTREAM = auto()
    """The calls planned and made, by AWS's operation."""
    BUDGET = auto()
    """How much the caller may still take."""


@dataclass(frozen=True, slots=True)
class Request:
    """Source: https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    grants: Grants = ALL_GRANTS
    """What the caller may see."""

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
        """Return bytes that are different for different requests."""
        return orjson.dumps([self.query, self.operation_name, dict(self.variables)])


class Result(NamedTuple):
    """The JSON of a GraphQL response, and what the transport has to know about it."""

    body: bytes
    executed: bool
    """`False` for a request that was refused before execution."""
    fresh_until: float | None
    """How long, on the cache's clock, the result may be used again; `None`: it may not."""
    secret_reads: tuple[SecretRead, ...] = ()
    """What it shows that its caller needs the scope for secrets for."""
