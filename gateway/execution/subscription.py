"""Execution of a subscription: its source of events, and the response to each event.

graphql-core's own `subscribe` keeps one context for all events. Here each event has a context of
its own, so that links are read anew for each, and an error of the source is a response.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import aclosing
from inspect import isawaitable
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, located_error
from graphql.execution import Executor, create_source_event_stream, execute_subscription_event

from gateway.aws.loader import OperationContext, SubscriptionContext
from gateway.execution.interpreted.execute import response_of
from gateway.execution.request import Request
from gateway.schema.collect_fields import collect_fields

Event = tuple[dict[str, Any], OperationContext]
"""A response, and the context with what went into it."""


async def subscribe(
    schema: GraphQLSchema, document: DocumentNode, request: Request, context: SubscriptionContext
) -> AsyncGenerator[Event, None]:
    """Yield the response to each event of a valid subscription, whose variables are valid too."""
    executor = Executor.build(
        schema,
        document,
        context_value=context,
        raw_variable_values=dict(request.variables),
        operation_name=request.operation_name or None,
    )
    assert isinstance(executor, Executor)
    source = create_source_event_stream(executor)
    if isawaitable(source):
        source = await source
    if isinstance(source, ExecutionResult):
        yield response_of(source), context
        return
    async with aclosing(_responses(executor, source, context)) as responses:
        async for response in responses:
            yield response


async def _responses(
    executor: Executor[Any], source: AsyncIterable[Any], context: SubscriptionContext
) -> AsyncGenerator[Event, None]:
    events = aiter(source)
    try:
        while True:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            except Exception as error:  # noqa: BLE001  # whatever it is, it is the field's error
                yield response_of(ExecutionResult(None, [_located(executor, error)])), context
                return
            yield await _response(executor, event, context)
    finally:
        close: Callable[[], Any] | None = getattr(events, "aclose", None)
        if close is not None:
            await close()


async def _response(executor: Executor[Any], event: object, context: SubscriptionContext) -> Event:
    of_event = executor.build_per_event_executor(event)
    # What the event was made from counts as read: a link back to it shows the same state.
    own = OperationContext(context.reader, entries=dict(context.entries))
    of_event.context_value = own
    result = execute_subscription_event(of_event)
    if isawaitable(result):
        result = await result
    return response_of(result), own


def _located(executor: Executor[Any], error: Exception) -> GraphQLError:
    root = executor.schema.subscription_type
    assert root is not None
    fields = collect_fields(
        executor.schema,
        executor.fragment_definitions,
        executor.variable_values,
        root,
        [executor.operation.selection_set],
    )
    key, nodes = next(iter(fields.items()))
    return located_error(error, nodes, [key])
