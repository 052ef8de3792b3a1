"""Prepared requests: everything about a request that can be worked out without AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.aws.call_budget import Cost
from gateway.execution.compiled.template import Template
from gateway.execution.compiled.template import size_of as template_size
from gateway.execution.errors import request_error
from gateway.execution.request import Request, Result
from gateway.weight import weigh


@dataclass(frozen=True, slots=True)
class Answered:
    """The response is known: the request is wrong, or exceeds a limit."""

    result: Result
    cost: Cost | None = None
    """The cost of the operation, if it is known."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The operation's data is a template to fill."""

    template: Template
    request: Request
    """Leads to the document, which the cache of documents holds: it is large, and seldom needed."""
    incremental: frozenset[str]
    """Which of `@defer` and `@stream` the document uses."""
    cost: Cost


@dataclass(frozen=True, slots=True)
class Interpreted:
    """graphql-core executes the operation."""

    request: Request
    incremental: frozenset[str]
    """Which of `@defer` and `@stream` the document uses."""
    cost: Cost
    is_introspection: bool = False
    """Whether nothing but the schema is asked for."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The operation is a subscription: it has a response for each event."""

    compiled: Compiled
    """The operation that is executed for each event."""

    @property
    def cost(self) -> Cost:
        """The cost of one response."""
        return self.compiled.cost


NEEDS_STREAM: Final = Result(
    orjson.dumps(
        request_error(
            "A subscription has many responses: accept text/event-stream or multipart/mixed, "
            "or use a WebSocket."
        )
    ),
    executed=False,
    fresh_until=None,
)
"""The result of a subscription where the client takes only one response."""


def refused(response: Mapping[str, Any], cost: Cost | None = None) -> Answered:
    """Return the prepared form of a request that is answered with errors and not executed."""
    result = Result(orjson.dumps(response), executed=False, fresh_until=None)
    return Answered(result, cost)


_ANSWERED_BYTES: Final = 300
_PREPARED_BYTES: Final = 800
# The calls of one place in the operation.
_COST_BYTES: Final = 400


def size_of(prepared: "Prepared") -> int:
    """Return about how many bytes of memory it takes."""
    if isinstance(prepared, Answered):
        return len(prepared.result.body) + _ANSWERED_BYTES
    if isinstance(prepared, Subscribed):
        return size_of(prepared.compiled)
    request = prepared.request
    # The arguments that are made of the variables take as much again.
    size = _PREPARED_BYTES + weigh(request.query) + 2 * weigh(request.variables)
    size += _COST_BYTES * len(prepared.cost.calls)
    return size + (template_size(prepared.template) if isinstance(prepared, Compiled) else 0)


Prepared = Answered | Compiled | Interpreted | Subscribed
