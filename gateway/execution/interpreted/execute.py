"""Execution by graphql-core on the Strawberry schema: the truth that compiled plans must equal."""

from collections.abc import Iterable
from inspect import isawaitable
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    experimental_execute_incrementally,
)

from gateway.aws.loader import OperationContext
from gateway.errors import Code
from gateway.execution.errors import format_error
from gateway.execution.request import Request


async def execute_reference(
    schema: GraphQLSchema, document: DocumentNode, request: Request, context: OperationContext
) -> dict[str, Any]:
    """Return the response to a valid document; field errors are in its `errors`.

    The document must be without `@defer` and `@stream`.
    """
    # The schema knows these directives, and with such a schema plain `execute` refuses to run.
    result = experimental_execute_incrementally(
        schema,
        document,
        context_value=context,
        variable_values=dict(request.variables),
        operation_name=request.operation_name or None,
    )
    if isawaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult)
    return response_of(result)


def response_of(result: ExecutionResult) -> dict[str, Any]:
    """Return the response that says what graphql-core came to."""
    response: dict[str, Any] = {}
    if result.errors:
        response["errors"] = format_found(result.errors)
    # Without a field reached there was no execution: the variables were wrong.
    if result.data is not None or not result.errors or any(e.path for e in result.errors):
        response["data"] = result.data
    return response


def format_found(errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    """Return the `errors` that graphql-core found in executing a valid document."""
    return [
        format_error(error, Code.BAD_USER_INPUT if _is_wrong_input(error) else None)
        for error in errors
    ]


def _is_wrong_input(error: GraphQLError) -> bool:
    """Tell whether it is graphql-core's own about an argument or a variable.

    It belongs to no field, or it knew its place in the document before it was given the field's.
    """
    cause = error.original_error
    return not error.path or (isinstance(cause, GraphQLError) and bool(cause.nodes))
