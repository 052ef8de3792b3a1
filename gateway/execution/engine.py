"""From a request to the bytes of its response: prepare once, then fill, then fetch if need be."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

import orjson
from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
)
from graphql.execution.values import VariableValues

from gateway.aws.call_budget import Spending
from gateway.aws.loader import OperationContext
from gateway.aws.reader import Reader
from gateway.errors import Code, CodedError
from gateway.execution.compiled.executor import Runner
from gateway.execution.compiled.filler import FieldError, Pass
from gateway.execution.compiled.locations import field_nodes
from gateway.execution.compiled.response_cache import JoinedResults
from gateway.execution.cost import Planner
from gateway.execution.document import Document, Documents
from gateway.execution.errors import (
    QueryTooComplex,
    format_error,
    format_errors,
    request_error,
)
from gateway.execution.extensions import tell_notices
from gateway.execution.freshness import label
from gateway.execution.interpreted.execute import execute_reference
from gateway.execution.lru_cache import Bounded
from gateway.execution.prepare import prepare
from gateway.execution.prepared import (
    NEEDS_STREAM,
    Answered,
    Compiled,
    Interpreted,
    Prepared,
    Subscribed,
    refused,
)
from gateway.execution.request import Request
from gateway.execution.result import ALWAYS, Result
from gateway.execution.upstream import TooManyCalls, explanation, tell_upstream
from gateway.settings import MIB, EngineSettings

_CONSTANT_BYTES: Final = 8 * MIB
# As in graphql-core's own execution: a long list of wrong items must not make a longer response.
_MOST_VARIABLE_ERRORS: Final = 50


class Engine:
    """Runs operations of one schema against one reader. `clock` is the cache's, in seconds."""

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents,
        reader: Reader,
        clock: Callable[[], float],
        settings: EngineSettings,
    ) -> None:
        self._schema = schema
        self._documents = documents
        self._reader = reader
        self._clock = clock
        self._runner = Runner(reader, clock)
        self._joined = JoinedResults(settings.joined_megabytes * MIB)
        self._planner = Planner(reader.settings)
        self._max_calls = settings.max_calls
        # Introspection takes graphql-core tens of milliseconds and never changes.
        self._constant: Bounded[bytes, Result] = Bounded(_CONSTANT_BYTES)
        self.compiled = 0
        """Operations answered by compiled plans since the start."""
        self.interpreted = 0
        """Operations answered by graphql-core."""

    def prepare(self, request: Request) -> Prepared:
        """Work out what can be known before AWS is asked. The outcome may be kept and reused."""
        try:
            return self._prepare(request)
        except RecursionError:
            error = QueryTooComplex("The operation nests too deep.")
            return refused(request_error(error))

    def _prepare(self, request: Request) -> Prepared:
        document = self._documents.read(request.query)
        if not isinstance(document, Document):
            return refused(document)
        try:
            operation = document.operation(request.operation_name)
        except CodedError as error:
            return refused(request_error(error))
        variables = get_variable_values(
            self._schema,
            operation.variable_definitions or (),
            dict(request.variables),
            max_errors=_MOST_VARIABLE_ERRORS,
        )
        if isinstance(variables, list):
            return refused({"errors": format_errors(variables, Code.BAD_USER_INPUT)})
        return self._planned(request, document, operation, variables)

    def _planned(
        self,
        request: Request,
        document: Document,
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> Prepared:
        plan = document.plan(self._schema, operation, variables)
        template = prepare(plan, self._schema, variables, self._reader)
        planned = self._planner.plan(template)
        if planned.most > self._max_calls:
            return refused(request_error(TooManyCalls(planned.most, self._max_calls)), planned)
        if operation.operation is OperationType.SUBSCRIPTION:
            return Subscribed(document, request, planned)
        if not plan.is_complete:
            return Interpreted(document, request, planned)
        return Compiled(template, document, operation, variables, request, planned)

    def answer_now(self, prepared: Prepared) -> Result | None:
        """Return the result if it takes no AWS call.

        Must be called in the event loop.
        """
        if isinstance(prepared, Answered):
            return prepared.result
        if isinstance(prepared, Subscribed):
            return NEEDS_STREAM
        return self._compiled_now(prepared) if isinstance(prepared, Compiled) else None

    def _compiled_now(self, prepared: Compiled) -> Result | None:
        joined = self._joined.get(prepared.template, self._clock())
        if joined is not None:
            self.compiled += 1
            return joined
        ready = self._runner.ready(prepared.template)
        if ready is not None:
            self.compiled += 1
            return Result(b'{"data":' + ready[0] + b"}", executed=True, fresh_until=ready[1])
        attempt = self._runner.try_now(prepared.template)
        if attempt.missing:
            return None
        self.compiled += 1
        result = self._result(prepared, attempt)
        self._joined.put(prepared.template, result, tuple(attempt.marks))
        return result

    def answer(self, prepared: Prepared, *, fresh: bool = False) -> Coroutine[Any, Any, Result]:
        """Return the result that `answer_now` has not; `fresh` is as AWS has it now.

        It takes no more AWS calls than were planned. The first begin now, and not only when a task
        comes to run the coroutine. Must be called in the event loop.
        """
        if isinstance(prepared, Answered | Subscribed):
            return _at_hand(prepared)
        context = OperationContext(self._reader, fresh)
        if isinstance(prepared, Interpreted):
            return self._interpret(prepared, context)
        self.compiled += 1
        spent = Spending(prepared.planned.most)
        with spent:
            work = self._runner.run(prepared.template, context)
        return self._fill(prepared, work, spent)

    async def report(self, prepared: Prepared, *, fresh: bool = False) -> Result:
        """Return the result, which tells in its `extensions` which AWS calls it took."""
        if isinstance(prepared, Answered | Subscribed):
            return await _at_hand(prepared)
        context = OperationContext(self._reader, fresh)
        spent = Spending(prepared.planned.most)
        with spent:
            response = await self._response(prepared, context)
        tell_upstream(response, prepared.planned, spent.calls, len(context.cached))
        return Result(orjson.dumps(response), executed=True, fresh_until=None)

    def explain(self, prepared: Prepared) -> Result:
        """Return in `extensions` which AWS calls the operation may take. None is made."""
        planned = prepared.planned
        if planned is None:
            assert isinstance(prepared, Answered)
            return prepared.result
        body = orjson.dumps(explanation(planned, self._max_calls))
        return Result(body, executed=True, fresh_until=None)

    async def execute(self, request: Request) -> Result:
        """Return the result of a request. Whatever goes wrong is in its `errors`."""
        prepared = self.prepare(request)
        return self.answer_now(prepared) or await self.answer(prepared)

    async def interpret(self, prepared: Interpreted, *, fresh: bool = False) -> Result:
        """Return the result as graphql-core makes it; `fresh` reads past the cache."""
        return await self._interpret(prepared, OperationContext(self._reader, fresh))

    async def _fill(
        self, prepared: Compiled, work: Coroutine[Any, Any, Pass], spent: Spending
    ) -> Result:
        with spent:
            return self._result(prepared, await work)

    async def _interpret(self, prepared: Interpreted, context: OperationContext) -> Result:
        key = prepared.request.key()
        constant = self._constant.get(key)
        if constant is not None:
            self.interpreted += 1
            return constant
        with Spending(prepared.planned.most):
            response = await self._interpreted(prepared, context)
        lasting = response.keys() == {"data"}
        entries = context.entries.values()
        fresh_until = min((entry.fresh_until for entry in entries), default=ALWAYS)
        body = orjson.dumps(response)
        result = Result(body, executed=True, fresh_until=fresh_until if lasting else None)
        if result.fresh_until == ALWAYS:
            self._constant.put(key, result, len(key) + len(body))
        return result

    async def _response(
        self, prepared: Compiled | Interpreted, context: OperationContext
    ) -> dict[str, Any]:
        if isinstance(prepared, Interpreted):
            return await self._interpreted(prepared, context)
        self.compiled += 1
        attempt = await self._runner.run(prepared.template, context)
        return self._filled(prepared, attempt, b"".join(attempt.chunks))

    async def _interpreted(
        self, prepared: Interpreted, context: OperationContext
    ) -> dict[str, Any]:
        self.interpreted += 1
        document = prepared.document.without()
        response = await execute_reference(self._schema, document, prepared.request, context)
        label(response, context.entries.values(), self._clock())
        tell_notices(response, context.notices)
        return response

    def _result(self, prepared: Compiled, attempt: Pass) -> Result:
        data = b"".join(attempt.chunks)
        if not (attempt.errors or attempt.stale or attempt.notices):
            body = b'{"data":' + data + b"}"
            return Result(body, executed=True, fresh_until=attempt.fresh_until)
        body = orjson.dumps(self._filled(prepared, attempt, data))
        return Result(body, executed=True, fresh_until=None)

    def _filled(self, prepared: Compiled, attempt: Pass, data: bytes) -> dict[str, Any]:
        response: dict[str, Any] = {}
        if attempt.errors:
            response["errors"] = [self._format(prepared, error) for error in attempt.errors]
        response["data"] = orjson.Fragment(data)
        label(response, attempt.stale.values(), self._clock())
        tell_notices(response, attempt.notices)
        return response

    def _format(self, prepared: Compiled, error: FieldError) -> dict[str, Any]:
        path = list(error.path)
        cause = error.error
        if isinstance(cause, GraphQLError):
            return format_error(
                GraphQLError(cause.message, cause.nodes, path=path), Code.BAD_USER_INPUT
            )
        nodes = field_nodes(
            self._schema,
            prepared.document.fragments,
            prepared.variables,
            prepared.operation,
            error.path,
            error.types,
        )
        return format_error(GraphQLError(str(cause), nodes, path=path, original_error=cause))


async def _at_hand(prepared: Answered | Subscribed) -> Result:
    return prepared.result if isinstance(prepared, Answered) else NEEDS_STREAM
