"""Compares results, errors and AWS calls of both executors for the same requests."""

import json
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from graphql import OperationDefinitionNode, parse

from gateway.auth.caller import ANYBODY
from gateway.aws.resources import SEARCH, TAGS
from gateway.errors import Code
from gateway.execution.prepared import Answered, Compiled, Interpreted, Prepared
from gateway.execution.request import Request, Result

from .engines import EngineUnderTest, create_engines, expected_refusal
from .fake_sagemaker import Call
from .parsed_response import Response
from .scenarios import Scenario

_INTROSPECTION: Final = re.compile(r"\b__(schema|type)\b")
_LISTS: Final = re.compile(
    r"\b(processingJobs|trainingJobs|autoMLJobs|monitoringSchedules|candidates|executions"
    r"|monitoringExecution)\b"
)
Calls = Mapping[Call, int]


class Tally(Counter[str]):
    """How often each kind of operation, response and call was compared."""

    def __str__(self) -> str:
        return "\n".join(f"{count:10,}  {what}" for what, count in sorted(self.items()))


async def compare(scenario: Scenario, requests: tuple[Request, ...], tally: Tally) -> None:
    """Make the requests one after another on two engines. Raises `AssertionError` if they differ.

    Each request is repeated, so that it is compared with a cold and with a warm cache.
    """
    compiled, interpreted = create_engines(scenario)
    with _without_logging():
        for engine in (compiled, interpreted):
            await engine.warm_up()
            await engine.take_calls()
        for request in requests:
            try:
                await _Comparison(scenario, request, tally, compiled, interpreted).run()
            except Undecided:
                tally["examples left undecided"] += 1
                return


class Undecided(Exception):  # a comparison that ends early
    """Two lists share AWS's pages, and timing decides which of them is cut short."""


@contextmanager
def _without_logging() -> Iterator[None]:
    """Log nothing, since the faults of a scenario cause errors on purpose."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


class _Comparison:
    """One request to both engines, which have run the same requests before."""

    def __init__(
        self,
        scenario: Scenario,
        request: Request,
        tally: Tally,
        compiled: EngineUnderTest,
        interpreted: EngineUnderTest,
    ) -> None:
        self._scenario = scenario
        self._request = request
        self._tally = tally
        self._compiled = compiled
        self._interpreted = interpreted

    async def run(self) -> None:
        self._tally["operations"] += 1
        prepared = self._compiled.engine.prepare(self._request)
        refused = expected_refusal(self._request.query)
        if refused is not None:
            self._tally["of them invalid documents"] += 1
            assert isinstance(prepared, Answered)
            _equal(json.loads(prepared.result.body), refused)
            return
        if isinstance(prepared, Answered):
            await self._compare_refusals(prepared.result)
        else:
            self._count_executor(prepared)
            await self._compare_executions(prepared)

    async def _compare_refusals(self, result: Result) -> None:
        """Compare what a request gets whose operation name or variables are wrong."""
        self._tally["of them wrong variables or operation names"] += 1
        response = Response(result.body)
        expected = Response((await self._interpreted.interpret(self._request)).body)
        assert not response.has_data
        assert not expected.has_data
        if not _names_operation(self._request):
            # The gateway has a message of its own for these, which says what to do.
            assert response.codes == expected.codes == [Code.BAD_USER_INPUT]
        else:
            _equal(response.errors, expected.errors)

    def _count_executor(self, prepared: Prepared) -> None:
        if isinstance(prepared, Compiled):
            self._tally["of them compiled"] += 1
        else:
            assert isinstance(prepared, Interpreted)
            self._tally["of them left to graphql-core"] += 1
            assert _may_be_interpreted(self._request), "the compiler must take it"

    async def _compare_executions(self, prepared: Prepared) -> None:
        result, calls = await self._execute(prepared)
        expected, expected_calls = await self._interpret()
        _check_planned_calls(prepared, calls)
        _check_planned_calls(prepared, expected_calls)
        labels_may_differ = self._scenario.refreshes and self._scenario.has_errors
        self._check_response(result, expected, with_freshness=not labels_may_differ)
        if isinstance(prepared, Compiled):
            self._check_calls(Response(result.body), calls, expected_calls)
        again, calls = await self._execute(prepared)
        # A repeated request for a list that was cut short gets further.
        if self._scenario.refreshes or Response(result.body).is_cut:
            expected, _ = await self._interpret()
            self._check_response(again, expected)
        else:
            assert not (self._is_all_cached(again) and calls), calls
            anew = await self._compiled.engine.execute(self._request, ANYBODY)
            await self._compiled.take_calls()
            for repeated in (again, anew):
                self._check_repeated(repeated, result, prepared)
        if self._scenario.past_the_cache:
            await self._compare_without_cache(prepared)

    async def _compare_without_cache(self, prepared: Prepared) -> None:
        """Compare the results of a client that refuses cached answers."""
        result = await self._compiled.engine.answer(prepared, ANYBODY, fresh=True)
        calls = await self._compiled.take_calls()
        expected = await self._interpreted.interpret(self._request, fresh=True)
        expected_calls = await self._interpreted.take_calls()
        _check_planned_calls(prepared, calls)
        self._check_response(result, expected)
        if isinstance(prepared, Compiled):
            self._check_calls(Response(result.body), calls, expected_calls)

    def _check_repeated(self, repeated: Result, result: Result, prepared: Prepared) -> None:
        if isinstance(prepared, Compiled):
            _equal(repeated, result)
        else:
            self._check_response(repeated, result)

    async def _execute(self, prepared: Prepared) -> tuple[Result, Calls]:
        result = await self._compiled.execute(prepared)
        return result, await self._compiled.take_calls()

    async def _interpret(self) -> tuple[Result, Calls]:
        result = await self._interpreted.interpret(self._request)
        return result, await self._interpreted.take_calls()

    def _check_response(
        self, result: Result, expected: Result, *, with_freshness: bool = True
    ) -> None:
        response, expected_response = Response(result.body), Response(expected.body)
        self._count_response(response)
        is_cut = response.is_cut or expected_response.is_cut
        if is_cut and len(_LISTS.findall(self._request.query)) > 1:
            raise Undecided
        _equal(response.data, expected_response.data)
        _equal(response.errors, expected_response.errors)
        if with_freshness:
            _equal(response.extensions, expected_response.extensions)
            _equal(result.fresh_until, expected.fresh_until)
        if not self._scenario.has_unexpected_errors:
            assert Code.INTERNAL_SERVER_ERROR not in response.codes, response.errors

    def _count_response(self, response: Response) -> None:
        self._tally["responses"] += 1
        self._tally["of them with errors"] += bool(response.errors)
        self._tally["of them with errors below the root"] += response.has_deep_errors
        self._tally["of them with stale entries"] += response.is_stale
        self._tally["of them with lists cut short"] += response.is_cut
        for field in ("candidates", "executions", "monitoringExecution"):
            self._tally[f"of them with {field}"] += f'"{field}":'.encode() in response.data
        self._tally["of them with edges"] += b'"edges":' in response.data

    def _check_calls(self, response: Response, calls: Calls, expected: Calls) -> None:
        """Check that the compiled executor made no needless AWS call."""
        self._tally["calls to AWS"] += sum(calls.values())
        self._tally["of them for tags"] += sum(
            times for call, times in calls.items() if call.operation == TAGS.operation
        )
        assert max(calls.values(), default=0) <= 1, calls
        self._tally["of them searches"] += sum(call.operation == SEARCH for call in calls)
        if self._scenario.never_evicts and not self._scenario.search:
            assert sum(calls.values()) <= sum(expected.values()), (calls, expected)
        # graphql-core asks again for what has failed, wherever it is linked again, and for what a
        # faulty row of a list made the cache forget.
        forgets = bool(self._scenario.faults) and bool(_LISTS.search(self._request.query))
        if (
            self._scenario.never_evicts
            and self._scenario.has_default_lifetimes
            and not (response.errors or forgets or self._scenario.search)
        ):
            _equal(calls, expected)

    def _is_all_cached(self, result: Result) -> bool:
        """Tell whether the cache must now hold all that a response was made of."""
        return (
            self._scenario.never_evicts
            and self._scenario.has_default_lifetimes
            and not Response(result.body).errors
        )


def _check_planned_calls(prepared: Prepared, calls: Calls) -> None:
    """Check that no more calls were made than were planned, in all and of each of AWS's."""
    assert not isinstance(prepared, Answered)
    planned = prepared.cost
    assert sum(calls.values()) <= planned.total, (calls, planned)
    by_operation = Counter(call.operation for call in Counter(calls).elements())
    assert by_operation <= Counter(planned.by_operation()), (calls, planned)


def _equal(found: object, expected: object) -> None:
    assert found == expected, f"\n  found    {found!r}\n  expected {expected!r}"


def _names_operation(request: Request) -> bool:
    definitions = parse(request.query).definitions
    nodes = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    if not request.operation_name:
        return len(nodes) == 1
    return any(node.name and node.name.value == request.operation_name for node in nodes)


def _may_be_interpreted(request: Request) -> bool:
    """Tell whether a request may be left to graphql-core.

    It looks into the schema itself, or a directive has null for its condition.
    """
    null_condition = "Boolean" in request.query and None in request.variables.values()
    return null_condition or _INTROSPECTION.search(request.query) is not None
