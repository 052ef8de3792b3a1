"""Execution by graphql-core on the Strawberry schema: the truth that compiled plans must equal."""

from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, execute

from gateway.errors import Code
from gateway.execution.errors import format_error
from gateway.execution.request import Request
from gateway.schema.context import OperationContext


async def execute_reference(
    schema: GraphQLSchema, document: DocumentNode, request: Request, context: OperationContext
) -> dict[str, Any]:
    """Return the response to a valid document; field errors are in its `errors`."""
    result = execute(
        schema,
        document,
        context_value=context,
        variable_values=dict(request.variables),
        operation_name=request.operation_name or None,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    response: dict[str, Any] = {}
    if result.errors:
        response["errors"] = [_format(error) for error in result.errors]
    # Without a field reached there was no execution: the variables were wrong.
    if result.data is not None or not result.errors or any(e.path for e in result.errors):
        response["data"] = result.data
    return response


def _format(error: GraphQLError) -> dict[str, Any]:
    # With no exception behind it, it is graphql-core's own: an argument or a variable is wrong.
    return format_error(error, None if error.original_error else Code.BAD_USER_INPUT)
