"""Execute `@defer` and `@stream`: a first response, then the parts that it leaves out.

Two formats are in use. graphql-core has the current one, in which a part refers to its fragment or
list by an id that was announced before. Older clients (Apollo Client before version 4, Relay, urql)
know the format of August 2022, in which a part has a path instead: see `by_path`.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum, auto
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLSchema,
    InitialIncrementalExecutionResult,
    SubsequentIncrementalExecutionResult,
)

from gateway.execution.errors import request_error
from gateway.execution.interpreted.execute import (
    OperationContext,
    execute,
    response_of,
)
from gateway.execution.request import Request


class Delivery(Enum):
    """The format in which a client takes the parts of a response."""

    WHOLE = auto()
    """The client takes no parts: the first response is complete."""
    BY_ID = auto()
    """The current format."""
    BY_PATH = auto()
    """The format of August 2022."""

    @property
    def ignored(self) -> frozenset[str]:
        """The directives that have no effect."""
        return _IGNORED[self]


_IGNORED = {
    Delivery.WHOLE: frozenset({"defer", "stream"}),
    Delivery.BY_ID: frozenset[str](),
    Delivery.BY_PATH: frozenset[str](),
}


async def execute_incrementally(
    schema: GraphQLSchema,
    document: DocumentNode,
    request: Request,
    context: OperationContext,
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the response to a valid document in its parts, by id."""
    result = await execute(schema, document, request, context)
    if isinstance(result, ExecutionResult):
        yield response_of(result, context)
        return
    async with aclosing(result.subsequent_results) as parts:
        part = _format_part(result.initial_result, context)
        if context.refusal is not None:
            yield {**request_error(context.refusal), "data": None, "hasNext": False}
            return
        pending = _note_pending(part, set())
        yield part
        async for following in parts:
            part = _format_part(following, context)
            if context.refusal is not None:
                errors = request_error(context.refusal)["errors"]
                ended = [{"id": id_, "errors": errors} for id_ in sorted(pending)]
                yield {"completed": ended, "hasNext": False}
                return
            pending = _note_pending(part, pending)
            yield part


def _note_pending(part: dict[str, Any], pending: set[str]) -> set[str]:
    """Return the ids of what is still to come after a part."""
    announced = {each["id"] for each in part.get("pending", ())}
    return (pending | announced) - {each["id"] for each in part.get("completed", ())}


def _format_part(
    part: InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult,
    context: OperationContext,
) -> dict[str, Any]:
    """Return a part as graphql-core formats it, with errors as `format_error` does."""
    formatted: dict[str, Any] = {**part.formatted}
    if isinstance(part, InitialIncrementalExecutionResult):
        if part.errors:
            formatted["errors"] = context.format_errors(part.errors)
        return formatted
    for name, results in (("incremental", part.incremental), ("completed", part.completed)):
        if results:
            formatted[name] = [_format_result(result, context) for result in results]
    return formatted


def _format_result(result: Any, context: OperationContext) -> dict[str, Any]:
    formatted = {**result.formatted}
    if result.errors:
        formatted["errors"] = context.format_errors(result.errors)
    return formatted
