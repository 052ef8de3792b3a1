"""The engine: turns a request into the bytes of its response.

It prepares a request once, fills the template from the cache, and reads from AWS what is missing.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import orjson
from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.values import VariableValues

from gateway.auth.caller import Caller
from gateway.aws.call_budget import CallBudget, has_call_budget
from gateway.aws.loader import Loader
from gateway.aws.reader import Reader
from gateway.budgets.budgets import Budgets
from gateway.errors import Code, CodedError
from gateway.execution.compiled.compiler import Plan
from gateway.execution.compiled.error_format import ErrorFormatter
from gateway.execution.compiled.executor import MISSING, Executor
from gateway.execution.compiled.filler import FieldError, Filling
from gateway.execution.compiled.renderer import render
from gateway.execution.compiled.response_cache import ResponseCache
from gateway.execution.compiled.template import Template
from gateway.execution.cost import CostModel
from gateway.execution.document import Document, Documents
from gateway.execution.errors import (
    IntrospectionDisabled,
    QueryTooComplex,
    format_errors,
    format_some,
    request_error,
    too_large,
)
from gateway.execution.extensions import (
    TooManyCalls,
    add_budget,
    add_freshness,
    add_notices,
    add_unknown_values,
    add_upstream,
    explanation,
)
from gateway.execution.interpreted.execute import OperationContext, interpret
from gateway.execution.lru_cache import LruCache
from gateway.execution.prepared import (
    NEEDS_STREAM,
    Answered,
    Compiled,
    Interpreted,
    Prepared,
    Subscribed,
    refused,
)
from gateway.execution.request import ALWAYS, Report, Request, Result
from gateway.execution.secret_reads import SecretRead, log_secret_reads
from gateway.execution.turns import Turns
from gateway.execution.variables import coerce_variables
from gateway.grants import INTROSPECTION, UPSTREAM, Grants
from gateway.schema.scopes import UnauthorizedFieldOrType
from gateway.settings import MIB, EngineSettings

_CONSTANT_BYTES: Final = 8 * MIB

_Response = tuple[dict[str, Any], Sequence[SecretRead]]
"""A response, and what it shows of secrets."""


class Engine:
    """Executes operations of one schema with one reader. `clock` is the cache's, in seconds."""

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents,
        reader: Reader,
        clock: Callable[[], float],
        budgets: Budgets,
        settings: EngineSettings,
    ) -> None:
        self._schema = schema
        self._documents = documents
        self._reader = reader
        self._clock = clock
        self.turns = Turns()
        """Bound what is rendered in one turn of the event loop."""
        self._budgets = budgets
        self._answering: Caller | None = None
        """The caller who was last answered from the cache, or is now."""
        reader.may_renew = self._may_renew
        self._executor = Executor(reader, settings.max_response_bytes, self.turns)
        self._limits = settings
        # In a thread of its own, so that others do not wait for tens of milliseconds.
        self._introspection = ThreadPoolExecutor(1, thread_name_prefix="introspection")
        self._responses = ResponseCache(settings.joined_megabytes * MIB)
        self._costs = CostModel(reader.settings)
        self._max_calls = settings.max_calls
        self._max_list_items = settings.max_list_items
        self._suggests = settings.suggestions
        self._rejects_unauthorized = settings.reject_unauthorized
        # Introspection takes graphql-core tens of milliseconds, and its result never changes.
        self._constant: LruCache[tuple[bytes, Grants], Result] = LruCache(_CONSTANT_BYTES)
        self.compiled = 0
        """Operations answered by compiled plans since the start."""
        self.interpreted = 0
        """Operations answered by graphql-core."""

    def prepare(self, request: Request) -> Prepared:
        """Return the prepared request. It needs no AWS call, and can be cached and used again."""
        try:
            return self._prepare(request)
        except RecursionError:
            error = QueryTooComplex("The operation nests too deep.")
            return refused(request_error(error))

    def _prepare(self, request: Request) -> Prepared:
        document = self._documents.read_document(request.query)
        if not isinstance(document, Document):
            return refused(document)
        try:
            operation = document.operation(request.operation_name)
            variables = self._coerce_variables(request, operation)
        except CodedError as error:
            return refused(request_error(error))
        if isinstance(variables, list):
            return refused({"errors": format_errors(variables, Code.BAD_USER_INPUT)})
        return self._prepare_operation(request, document, operation, variables)

    def _coerce_variables(
        self, request: Request, operation: OperationDefinitionNode
    ) -> VariableValues | list[GraphQLError]:
        return coerce_variables(
            self._schema,
            operation,
            request.variables,
            self._max_list_items,
            suggests=self._suggests,
        )

    def _prepare_operation(
        self,
        request: Request,
        document: Document,
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> Prepared:
        plan = self._documents.plan(document, operation, variables, request)
        root = plan.bind(self._schema, variables)
        try:
            self._check_allowed(plan, request)
            rendered = render(self._reader, None, root, self._limits.max_response_bytes)
        except CodedError as error:
            return refused(request_error(error))
        template = rendered if isinstance(rendered, Template) else Template((rendered,), (), ())
        cost = self._costs.of_operation(root, template)
        if cost.total > self._max_calls:
            return refused(request_error(TooManyCalls(cost.total, self._max_calls)), cost)
        compiled = Compiled(template, request, document.incremental, cost)
        if operation.operation is OperationType.SUBSCRIPTION:
            if plan.error is not None:
                return refused({"errors": format_errors([plan.error], Code.BAD_USER_INPUT)})
            return Subscribed(compiled)
        if plan.is_complete:
            return compiled
        return Interpreted(request, document.incremental, cost, plan.is_introspection)

    def _check_allowed(self, plan: Plan, request: Request) -> None:
        """Raise the error for an operation that the caller may not have executed at all."""
        if plan.has_introspection and not (
            self._limits.introspection and request.grants.has_scope(INTROSPECTION)
        ):
            raise IntrospectionDisabled
        if self._rejects_unauthorized and not plan.is_authorized:
            raise UnauthorizedFieldOrType

    def answer_now(self, prepared: Prepared, caller: Caller) -> Result | None:
        """Return the result if it takes no AWS call but those in the background.

        Must be called in the event loop.
        """
        if isinstance(prepared, Answered):
            return prepared.result
        if isinstance(prepared, Subscribed):
            return NEEDS_STREAM
        if not isinstance(prepared, Compiled):
            return None
        result = self._answer_compiled_now(prepared, caller)
        if result is not None and result.secret_reads:
            log_secret_reads(caller.key, prepared.request, result.secret_reads)
        return result

    def _may_renew(self) -> bool:
        """Charge the caller who is answered from the cache for a call in the background.

        An operation that was charged for its calls has a call budget, which counts this one too.
        """
        caller = self._answering
        return caller is None or has_call_budget() or self._budgets.take_call(caller)

    def _answer_compiled_now(self, prepared: Compiled, caller: Caller) -> Result | None:
        self._answering = caller
        joined = self._responses.get(prepared.template, self._clock())
        if joined is not None:
            self.compiled += 1
            return joined
        ready = self._executor.fill_at_once(prepared.template)
        if ready is MISSING:
            return None
        if ready is not None:
            self.compiled += 1
            return Result(b'{"data":' + ready[0] + b"}", executed=True, fresh_until=ready[1])
        filling = self._executor.fill_cached(prepared.template)
        if not filling.is_complete:
            return None
        self.compiled += 1
        result = self._make_result(prepared, filling)
        self._responses.put(prepared.template, result, tuple(filling.validities))
        return result

    def answer(
        self, prepared: Prepared, caller: Caller, *, fresh: bool = False
    ) -> Coroutine[Any, Any, Result]:
        """Return the result, for a request for which `answer_now` returns none.

        With `fresh` it is read past the cache. It takes no more AWS calls than its cost. The first
        calls begin now, before a task runs the coroutine, unless the caller has limits: then its
        budget is charged before. Must be called in the event loop. Awaiting raises `OverBudget`.
        """
        if isinstance(prepared, Answered | Subscribed):
            return _return_known(prepared)
        loader = Loader(self._reader, past_cache=fresh)
        if caller.limits is None:
            return self._begin(prepared, loader, CallBudget(prepared.cost.total, caller.key))
        return self._answer_charged(prepared, loader, caller)

    async def _answer_charged(
        self, prepared: Compiled | Interpreted, loader: Loader, caller: Caller
    ) -> Result:
        planned = prepared.cost.total
        budget = CallBudget(planned, caller.key)
        async with self._budgets.charge(caller, planned, budget):
            return await self._begin(prepared, loader, budget)

    def _begin(
        self, prepared: Compiled | Interpreted, loader: Loader, budget: CallBudget
    ) -> Coroutine[Any, Any, Result]:
        if isinstance(prepared, Interpreted):
            return self._interpret(prepared, loader, budget)
        return self.fill(prepared, loader, budget)

    def fill(
        self, prepared: Compiled, loader: Loader, budget: CallBudget
    ) -> Coroutine[Any, Any, Result]:
        """Return the result of a compiled operation that reads through `loader`.

        Its AWS calls are counted in `budget`. The first ones begin now, as in `answer`.
        """
        self.compiled += 1
        with budget:
            filling = self._executor.begin(prepared.template, loader)
        # Given a filling, not a coroutine: nobody would await that if this one is cancelled first.
        return self._complete(prepared, loader, filling, budget)

    async def report(
        self, prepared: Prepared, caller: Caller, asked: frozenset[Report], *, fresh: bool = False
    ) -> Result:
        """Return the result with what is `asked` about its AWS calls in its `extensions`.

        Raises `OverBudget`.
        """
        if isinstance(prepared, Answered | Subscribed):
            return await _return_known(prepared)
        loader = Loader(self._reader, past_cache=fresh)
        planned = prepared.cost.total
        is_cached = (
            not fresh
            and isinstance(prepared, Compiled)
            and self._answer_compiled_now(prepared, caller) is not None
        )
        budget = CallBudget(planned, caller.key)
        async with self._budgets.charge(caller, 0 if is_cached else planned, budget):
            with budget:
                response, reads = await self._respond(prepared, loader)
        log_secret_reads(caller.key, prepared.request, reads)
        if Report.UPSTREAM in asked:
            add_upstream(response, prepared.cost, budget.calls, loader.from_cache)
        account = self._budgets.find_account(caller)
        if Report.BUDGET in asked and account is not None:
            # Spent calls tell what others have read.
            spent = budget.spent if caller.grants.has_scope(UPSTREAM) else None
            add_budget(response, account, caller, planned, spent, self._clock())
        return Result(orjson.dumps(response), executed=True, fresh_until=None)

    def fail(self, prepared: Compiled, error: Exception) -> Result:
        """Return the result of a compiled operation whose only root field raised `error`."""
        path = prepared.template.paths[0]
        formatted = self._format_errors(prepared.request, [FieldError(error, path, ())])
        body = orjson.dumps({"errors": formatted, "data": None})
        return Result(body, executed=True, fresh_until=None)

    def explain(self, prepared: Prepared) -> Result:
        """Return a result with the AWS calls that the operation can cause. None is made."""
        cost = prepared.cost
        if cost is None:
            assert isinstance(prepared, Answered)
            return prepared.result
        body = orjson.dumps(explanation(cost, self._max_calls))
        return Result(body, executed=True, fresh_until=None)

    async def execute(self, request: Request, caller: Caller) -> Result:
        """Return the result of a request. Its errors are in `errors`; raises `OverBudget`."""
        prepared = self.prepare(request)
        return self.answer_now(prepared, caller) or await self.answer(prepared, caller)

    async def interpret(self, prepared: Interpreted, *, fresh: bool = False) -> Result:
        """Return the result as graphql-core makes it; `fresh` reads past the cache."""
        loader = Loader(self._reader, past_cache=fresh)
        return await self._interpret(prepared, loader, CallBudget(prepared.cost.total))

    async def _complete(
        self, prepared: Compiled, loader: Loader, filling: Filling, budget: CallBudget
    ) -> Result:
        with budget:
            complete = await self._executor.complete(prepared.template, loader, filling)
        result = self._make_result(prepared, complete)
        log_secret_reads(budget.caller, prepared.request, result.secret_reads)
        return result

    async def _interpret(self, prepared: Interpreted, loader: Loader, budget: CallBudget) -> Result:
        request = prepared.request
        key = (request.key(), request.grants)
        constant = self._constant.get(key)
        if constant is not None:
            self.interpreted += 1
            return constant
        with budget:
            response, reads = await self._respond_interpreted(prepared, loader)
        log_secret_reads(budget.caller, request, reads)
        lasting = response.keys() == {"data"}
        fresh_until = min((entry.fresh_until for entry in loader.entries), default=ALWAYS)
        body = orjson.dumps(response)
        result = Result(body, executed=True, fresh_until=fresh_until if lasting else None)
        if result.fresh_until == ALWAYS:
            self._constant.put(key, result, len(key[0]) + len(body))
        return result

    async def _respond(self, prepared: Compiled | Interpreted, loader: Loader) -> _Response:
        if isinstance(prepared, Interpreted):
            return await self._respond_interpreted(prepared, loader)
        self.compiled += 1
        begun = self._executor.begin(prepared.template, loader)
        filling = await self._executor.complete(prepared.template, loader, begun)
        response = self._make_response(prepared, filling, b"".join(filling.chunks))
        return response, filling.secret_reads

    async def _respond_interpreted(self, prepared: Interpreted, loader: Loader) -> _Response:
        self.interpreted += 1
        document = self._documents.read_valid_document(prepared.request.query).without()
        context = OperationContext(loader, prepared.request.grants, self._limits, self.turns)
        work = partial(interpret, self._schema, document, prepared.request, context)
        if prepared.is_introspection:
            loop = asyncio.get_running_loop()
            response = await loop.run_in_executor(self._introspection, _run, work)
        else:
            response = await work()
        add_freshness(response, context.stale, self._clock())
        add_notices(response, loader.notices)
        add_unknown_values(response, context.unknown_values)
        return response, context.secret_reads

    def _make_result(self, prepared: Compiled, filling: Filling) -> Result:
        if filling.is_too_large:
            return self._refuse_large()
        data = b"".join(filling.chunks)
        reads = tuple(filling.secret_reads)
        if not (filling.errors or filling.stale or filling.notices or filling.unknown_values):
            body = b'{"data":' + data + b"}"
            return Result(body, executed=True, fresh_until=filling.fresh_until, secret_reads=reads)
        lasting = not (filling.errors or filling.stale or filling.notices)
        fresh_until = filling.fresh_until if lasting else None
        body = orjson.dumps(self._make_response(prepared, filling, data))
        if len(body) > self._limits.max_response_bytes:
            return self._refuse_large()
        return Result(body, executed=True, fresh_until=fresh_until, secret_reads=reads)

    def _refuse_large(self) -> Result:
        body = orjson.dumps(too_large(self._limits.max_response_bytes))
        return Result(body, executed=True, fresh_until=None)

    def _make_response(self, prepared: Compiled, filling: Filling, data: bytes) -> dict[str, Any]:
        if filling.is_too_large:
            return too_large(self._limits.max_response_bytes)
        response: dict[str, Any] = {}
        if filling.errors:
            response["errors"] = self._format_errors(prepared.request, filling.errors)
        response["data"] = orjson.Fragment(data)
        add_freshness(response, filling.stale.values(), self._clock())
        add_notices(response, filling.notices)
        add_unknown_values(response, filling.unknown_values)
        return response

    def _format_errors(
        self, request: Request, errors: Sequence[FieldError]
    ) -> list[dict[str, Any]]:
        document = self._documents.read_valid_document(request.query)
        operation = document.operation(request.operation_name)
        variables = self._coerce_variables(request, operation)
        assert isinstance(variables, VariableValues)
        formatter = ErrorFormatter(
            self._schema,
            document.fragments,
            operation,
            variables,
            self._limits.max_error_bytes,
        )
        return format_some(errors, formatter.format, self._limits.max_errors)


def _run(work: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
    """Return the result of a coroutine function that waits for nothing."""
    try:
        work().send(None)
    except StopIteration as done:
        response: dict[str, Any] = done.value
        return response
    raise AssertionError("Introspection waits for something.")


async def _return_known(prepared: Answered | Subscribed) -> Result:
    return prepared.result if isinstance(prepared, Answered) else NEEDS_STREAM
