"""Operations with several responses: the events of a subscription, and responses in parts."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import orjson
from graphql import GraphQLSchema

from gateway.auth.caller import Caller
from gateway.aws.cache import Entry
from gateway.aws.call_budget import CallBudget
from gateway.aws.loader import Loader, Outcome
from gateway.aws.reader import Reader, ResourceKey
from gateway.budgets.budgets import Budgets
from gateway.execution.compiled.executor import Executor
from gateway.execution.compiled.read_ahead import ReadAhead
from gateway.execution.document import Documents
from gateway.execution.engine import Engine
from gateway.execution.extensions import add_freshness, add_notices, add_unknown_values
from gateway.execution.interpreted.by_path import execute_by_path
from gateway.execution.interpreted.execute import OperationContext
from gateway.execution.interpreted.incremental import Delivery, execute_incrementally
from gateway.execution.prepared import Compiled, Prepared, Subscribed
from gateway.execution.request import Result
from gateway.execution.secret_reads import log_secret_reads
from gateway.execution.subscription import watch
from gateway.schema.references import Target
from gateway.settings import ResponseSettings


class Streams:
    """Executes operations with several responses.

    `clock` is the cache's, in seconds; `pause` waits between two reads for a subscription.
    """

    def __init__(
        self,
        engine: Engine,
        schema: GraphQLSchema,
        documents: Documents,
        reader: Reader,
        clock: Callable[[], float],
        pause: Callable[[], Awaitable[None]],
        budgets: Budgets,
        limits: ResponseSettings,
    ) -> None:
        self._engine = engine
        self._schema = schema
        self._documents = documents
        self._reader = reader
        self._executor = Executor(reader, limits.max_response_bytes, engine.turns)
        self._limits = limits
        self._clock = clock
        self._pause = pause
        self._budgets = budgets
        self.interpreted = 0
        """Operations answered in parts by graphql-core since the start."""

    async def respond(
        self,
        prepared: Prepared,
        caller: Caller,
        delivery: Delivery = Delivery.WHOLE,
        *,
        fresh: bool = False,
    ) -> AsyncGenerator[bytes, None]:
        """Yield the one or more responses to an operation; with `fresh`, read past the cache.

        Closing the generator stops the work. Raises `OverBudget` before anything is executed. What
        an open subscription reads later waits until its caller's budget allows it.
        """
        if isinstance(prepared, Subscribed):
            responses = self._respond_to_events(prepared.compiled, caller)
        else:
            result = await self._answer_whole(prepared, caller, delivery, fresh=fresh)
            if result is not None:
                yield result.body
                return
            assert isinstance(prepared, Compiled)
            responses = self._respond_in_parts(prepared, caller, delivery, fresh=fresh)
        async with aclosing(responses):
            async for response in responses:
                yield response

    async def _answer_whole(
        self, prepared: Prepared, caller: Caller, delivery: Delivery, *, fresh: bool
    ) -> Result | None:
        """Return the only response; `None` if the response has parts."""
        is_whole = not has_parts(prepared, delivery)
        if fresh:
            return await self._engine.answer(prepared, caller, fresh=True) if is_whole else None
        # A response that can be filled from the cache is sent whole.
        result = self._engine.answer_now(prepared, caller)
        if result is None and is_whole:
            return await self._engine.answer(prepared, caller)
        return result

    async def _respond_to_events(
        self, prepared: Compiled, caller: Caller
    ) -> AsyncGenerator[bytes, None]:
        """Yield the response to each event: the template, filled with the event's entry."""
        if not prepared.template.placeholders:
            # The resource is outside of the caller's view: it is as if there were none.
            budget = CallBudget(prepared.cost.total, caller.key)
            yield (await self._engine.fill(prepared, Loader(self._reader), budget)).body
            return
        target = prepared.template.placeholders[0]
        if not isinstance(target, Target):
            yield self._engine.fail(prepared, target).body
            return
        assert isinstance(target.key, ResourceKey)
        self._budgets.check_calls(caller, prepared.cost.total)
        reads = _Reads(self._reader, target.key, self._budgets, caller)
        async with aclosing(watch(target.key, reads, self._pause)) as events:
            async for event in events:
                result, outcome = await self._respond_to_event(prepared, target, event, caller)
                yield result.body
                if isinstance(outcome, Exception) or not outcome.value:
                    return

    async def _respond_to_event(
        self, prepared: Compiled, target: Target, event: Outcome, caller: Caller
    ) -> tuple[Result, Outcome]:
        """Return the response to an event, and the outcome of what decides whether it is seen."""
        # So that a link back to the resource shows the same state as the event.
        loader = Loader(self._reader)
        loader.set_outcome(target.key, event)
        planned = prepared.cost.total
        budget = CallBudget(planned, caller.key)
        # The loader knows the resource itself.
        more = max(planned - 1, 0)
        async with self._budgets.charge(caller, more, budget, waits=True):
            outcome = event
            if target.check is not None and not isinstance(event, Exception):
                with budget:
                    outcome = await loader.load_known(target.check)
            if isinstance(outcome, Exception):
                return self._engine.fail(prepared, _shown_error(target, outcome)), outcome
            return await self._engine.fill(prepared, loader, budget), outcome

    async def _respond_in_parts(
        self, prepared: Compiled, caller: Caller, delivery: Delivery, *, fresh: bool
    ) -> AsyncGenerator[bytes, None]:
        self.interpreted += 1
        loader = Loader(self._reader, past_cache=fresh)
        planned = prepared.cost.total
        budget = CallBudget(planned, caller.key)
        async with self._budgets.charge(caller, planned, budget):
            parts = budget.watch(self._parts(prepared, delivery, loader, caller))
            async with aclosing(parts):
                async for part in parts:
                    yield part

    async def _parts(
        self, prepared: Compiled, delivery: Delivery, loader: Loader, caller: Caller
    ) -> AsyncGenerator[bytes, None]:
        read_ahead = ReadAhead(self._executor, prepared.template, loader)
        context = OperationContext(
            loader, prepared.request.grants, self._limits, self._engine.turns, read_ahead
        )
        text = prepared.request.query
        document = self._documents.read_valid_document(text).without(delivery.ignored)
        execute = execute_by_path if delivery is Delivery.BY_PATH else execute_incrementally
        parts = execute(self._schema, document, prepared.request, context)
        labelled = 0
        try:
            async with aclosing(parts):
                async for part in parts:
                    # Each part labels what it is the first to use, the last one everything.
                    first = labelled if part.get("hasNext") else 0
                    add_freshness(part, context.stale[first:], self._clock())
                    labelled = len(context.stale)
                    add_notices(part, loader.notices)
                    add_unknown_values(part, context.unknown_values)
                    yield orjson.dumps(part)
        finally:
            log_secret_reads(caller.key, prepared.request, context.secret_reads)
            await read_ahead.close()


class _Reads:
    """Reads one resource for a subscription, each time as soon as its caller's budget allows it."""

    def __init__(self, reader: Reader, key: ResourceKey, budgets: Budgets, caller: Caller) -> None:
        self._reader = reader
        self._key = key
        self._budgets = budgets
        self._caller = caller

    async def read_new(self) -> Entry:
        """Return the entry as AWS has it now. Raises `UpstreamError`."""
        entry = self._reader.peek_new(self._key, self._reader.clock())
        return entry or await self._read()

    async def read_fresh(self) -> Entry:
        """Return the entry, a fresh one unless AWS fails. Raises `UpstreamError`."""
        return self._reader.peek_fresh(self._key) or await self._read()

    async def _read(self) -> Entry:
        budget = CallBudget(1, self._caller.key)
        async with self._budgets.charge(self._caller, 1, budget, waits=True):
            with budget:
                return await self._reader.fetch_entry(self._key)


def _shown_error(target: Target, error: Exception) -> Exception:
    """Return the error that `target` shows for one of AWS's."""
    try:
        target.fallback(error)
    except Exception as shown:  # noqa: BLE001  # `fallback` may raise any error
        return shown
    return error


def has_parts(prepared: Prepared, delivery: Delivery) -> bool:
    """Tell whether the response may come in parts.

    What is not compiled comes whole: an operation that looks into the schema too, or that has an
    error in a condition.
    """
    return isinstance(prepared, Compiled) and bool(prepared.incremental - delivery.ignored)
