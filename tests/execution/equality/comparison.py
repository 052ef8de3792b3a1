"""One example: the same requests to both executors, and everything that must be equal."""

import json
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from graphql import OperationDefinitionNode, parse

from gateway.aws.resources import SEARCH, TAGS
from gateway.errors import Code
from gateway.execution.prepared import Answered, Compiled, Interpreted, Prepared
from gateway.execution.request import Request
from gateway.execution.result import Result

from .responses import Response
from .sides import Side, refusal, sides
from .upstream import Call
from .worlds import World

_INTROSPECTION: Final = re.compile(r"\b__(schema|type)\b")
_LISTS: Final = re.compile(
    r"\b(processingJobs|trainingJobs|autoMLJobs|monitoringSchedules|candidates|executions"
    r"|monitoringExecution)\b"
)
Calls = Mapping[Call, int]


class Tally(Counter[str]):
    """What was compared, and how often."""

    def __str__(self) -> str:
        return "\n".join(f"{count:10,}  {what}" for what, count in sorted(self.items()))


async def compare(world: World, requests: tuple[Request, ...], tally: Tally) -> None:
    """Make the requests one after another on two sides. Raises `AssertionError` if they differ.

    Each is made again on what it left in the cache; so what it left serves the next one too.
    """
    compiled, reference = sides(world)
    with _quiet():
        for side in (compiled, reference):
            await side.warm_up()
            await side.settle()
        for request in requests:
            try:
                await _Comparison(world, request, tally, compiled, reference).run()
            except Undecided:
                tally["examples left undecided"] += 1
                return


class Undecided(Exception):  # it is no error
    """Which of two lists was cut short, that share AWS's pages, is a matter of timing."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep silent about the errors that faults are meant to cause."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


class _Comparison:
    """One request to both sides, whose caches hold what the same requests have left."""

    def __init__(
        self, world: World, request: Request, tally: Tally, compiled: Side, reference: Side
    ) -> None:
        self._world = world
        self._request = request
        self._tally = tally
        self._compiled = compiled
        self._reference = reference

    async def run(self) -> None:
        self._tally["operations"] += 1
        prepared = self._compiled.engine.prepare(self._request)
        refused = refusal(self._request.query)
        if refused is not None:
            self._tally["of them invalid documents"] += 1
            assert isinstance(prepared, Answered)
            _equal(json.loads(prepared.result.body), refused)
            return
        if isinstance(prepared, Answered):
            await self._refused(prepared.result)
        else:
            self._count_executor(prepared)
            await self._executed(prepared)

    async def _refused(self, result: Result) -> None:
        """Compare what a request gets whose operation name or variables are wrong."""
        self._tally["of them wrong variables or operation names"] += 1
        response = Response(result.body)
        expected = Response((await self._reference.refer(self._request)).body)
        assert not response.has_data
        assert not expected.has_data
        if not _names_operation(self._request):
            # In words of ours, which say what to do.
            assert response.codes == expected.codes == [Code.BAD_USER_INPUT]
        else:
            _equal(response.errors, expected.errors)

    def _count_executor(self, prepared: Prepared) -> None:
        if isinstance(prepared, Compiled):
            self._tally["of them compiled"] += 1
        else:
            assert isinstance(prepared, Interpreted)
            self._tally["of them left to graphql-core"] += 1
            assert _is_beyond_plans(self._request), "the compiler must take it"

    async def _executed(self, prepared: Prepared) -> None:
        result, calls = await self._answer(prepared)
        expected, expected_calls = await self._refer()
        _within_plan(prepared, calls)
        _within_plan(prepared, expected_calls)
        labels_may_differ = self._world.refreshes and self._world.fails
        self._same(result, expected, with_freshness=not labels_may_differ)
        if isinstance(prepared, Compiled):
            self._fair(Response(result.body), calls, expected_calls)
        again, calls = await self._answer(prepared)
        # Who asks again for a list that was cut short gets further.
        if self._world.refreshes or Response(result.body).is_cut:
            expected, _ = await self._refer()
            self._same(again, expected)
        else:
            assert not (self._lasting(again) and calls), calls
            anew = await self._compiled.engine.execute(self._request)
            await self._compiled.settle()
            for repeated in (again, anew):
                self._repeats(repeated, result, prepared)
        if self._world.past_the_cache:
            await self._fresh(prepared)

    async def _fresh(self, prepared: Prepared) -> None:
        """Compare what comes past the cache."""
        result = await self._compiled.engine.answer(prepared, fresh=True)
        calls = await self._compiled.settle()
        expected = await self._reference.refer(self._request, fresh=True)
        expected_calls = await self._reference.settle()
        _within_plan(prepared, calls)
        self._same(result, expected)
        if isinstance(prepared, Compiled):
            self._fair(Response(result.body), calls, expected_calls)

    def _repeats(self, repeated: Result, result: Result, prepared: Prepared) -> None:
        if isinstance(prepared, Compiled):
            _equal(repeated, result)
        else:
            self._same(repeated, result)

    async def _answer(self, prepared: Prepared) -> tuple[Result, Calls]:
        result = await self._compiled.answer(prepared)
        return result, await self._compiled.settle()

    async def _refer(self) -> tuple[Result, Calls]:
        result = await self._reference.refer(self._request)
        return result, await self._reference.settle()

    def _same(self, result: Result, expected: Result, *, with_freshness: bool = True) -> None:
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
        if not self._world.has_accidents:
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

    def _fair(self, response: Response, calls: Calls, expected: Calls) -> None:
        """Check that no call was made in vain."""
        self._tally["calls to AWS"] += sum(calls.values())
        self._tally["of them for tags"] += sum(
            times for call, times in calls.items() if call.operation == TAGS.operation
        )
        assert max(calls.values(), default=0) <= 1, calls
        self._tally["of them searches"] += sum(call.operation == SEARCH for call in calls)
        if self._world.ample and not self._world.search:
            assert sum(calls.values()) <= sum(expected.values()), (calls, expected)
        # graphql-core asks again for what has failed, wherever it is linked again, and for what a
        # faulty row of a list made the cache forget.
        forgets = bool(self._world.faults) and bool(_LISTS.search(self._request.query))
        if (
            self._world.ample
            and self._world.usual
            and not (response.errors or forgets or self._world.search)
        ):
            _equal(calls, expected)

    def _lasting(self, result: Result) -> bool:
        """Tell whether the cache must now hold all that a response was made of."""
        return self._world.ample and self._world.usual and not Response(result.body).errors


def _within_plan(prepared: Prepared, calls: Calls) -> None:
    """Check that no more calls were made than were planned, in all and of each of AWS's."""
    assert not isinstance(prepared, Answered)
    planned = prepared.planned
    assert sum(calls.values()) <= planned.most, (calls, planned)
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


def _is_beyond_plans(request: Request) -> bool:
    """Tell whether a request may be left to graphql-core.

    It looks into the schema itself, or a directive has null for its condition.
    """
    null_condition = "Boolean" in request.query and None in request.variables.values()
    return null_condition or _INTROSPECTION.search(request.query) is not None
