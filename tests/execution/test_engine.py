"""The engine prepares a request once, answers from the cache at once, and else asks AWS."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from typing import Any, cast

import pytest

from gateway.auth.caller import ANYBODY
from gateway.aws.cache import MemoryCache
from gateway.aws.call_budget import spend_call
from gateway.aws.reader import Reader
from gateway.budgets.budgets import Budgets
from gateway.execution.document import Documents
from gateway.execution.engine import Engine
from gateway.execution.prepared import (
    NEEDS_STREAM,
    Answered,
    Compiled,
    Interpreted,
    Prepared,
    Subscribed,
)
from gateway.execution.request import ALWAYS, Report, Request, Result
from gateway.schema.registry import RESOURCES, decode
from gateway.schema.schema import CORE_SCHEMA
from gateway.settings import EngineSettings, ReaderSettings
from tests.clocks import Clock

from .differential.fake_sagemaker import FakeSageMaker, existing_names

pytestmark = pytest.mark.anyio

PROCESSING_JOB = RESOURCES[0]
NAME = existing_names(PROCESSING_JOB, "eu-west-1")[0]
DESCRIBE = "DescribeProcessingJob"
STATUS = '{ processingJob(name: "%s") { processingJobStatus } }'
JOB = STATUS % NAME
INTROSPECTION = "{ __schema { queryType { name } } }"


class SpendingSageMaker(FakeSageMaker):
    """Counts each call against the budget of its operation, as the real client does."""

    def call(
        self, region: str, operation: str, **parameters: Any
    ) -> Coroutine[Any, Any, Mapping[str, Any]]:
        """Count the call now; the answer comes with the coroutine."""
        spend_call(operation)
        return super().call(region, operation, **parameters)


class EngineInTest:
    """An engine, the AWS that it asks, and the clock of its cache."""

    def __init__(self, **settings: Any) -> None:
        chosen = EngineSettings(**settings)
        self.sagemaker = SpendingSageMaker({})
        self.clock = Clock()
        cache = MemoryCache(2**20)
        reader = Reader(
            cast("Any", self.sagemaker), cache, ReaderSettings(), RESOURCES, decode, self.clock
        )
        documents = Documents(CORE_SCHEMA, chosen)
        budgets = Budgets(self.clock, self.clock.sleep)
        self.engine = Engine(CORE_SCHEMA, documents, reader, self.clock, budgets, chosen)

    def prepare(self, text: str, **variables: Any) -> Prepared:
        """Return a prepared request."""
        return self.engine.prepare(Request(text, None, variables))

    @property
    def calls(self) -> dict[str, int]:
        """The AWS calls made so far, by operation."""
        return dict(self.sagemaker.calls)


@pytest.fixture
def tested(anyio_backend: str) -> EngineInTest:
    """Return an engine with an empty cache."""
    return EngineInTest()


def body(result: Result | None) -> Any:
    """Return the response of a result."""
    assert result is not None
    return json.loads(result.body)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (JOB, Compiled),
        ("{ __typename }", Compiled),
        (INTROSPECTION, Interpreted),
        (f"subscription {JOB}", Subscribed),
        ("{", Answered),
        ("query A { __typename } query B { __typename }", Answered),
        ("query ($name: String!) { processingJob(name: $name) { id } }", Answered),
    ],
    ids=["job", "typename", "introspection", "subscription", "syntax", "no name", "no variable"],
)
def test_request_is_prepared_for_its_executor(text: str, outcome: type) -> None:
    """An operation is compiled where it can be, and left to graphql-core where it must be."""
    assert type(EngineInTest().prepare(text)) is outcome


async def test_job_is_read_once_and_then_answered_at_once(tested: EngineInTest) -> None:
    """The first request asks AWS; the next ones, of any operation, are answered from the cache."""
    prepared = tested.prepare(JOB)
    assert tested.engine.answer_now(prepared, ANYBODY) is None

    first = await tested.engine.answer(prepared, ANYBODY)

    assert body(first)["data"]["processingJob"]["processingJobStatus"]
    assert tested.engine.answer_now(prepared, ANYBODY) == first
    assert tested.engine.answer_now(tested.prepare(f"query Again {JOB}"), ANYBODY) == first
    assert tested.calls == {DESCRIBE: 1}
    assert tested.engine.compiled == 3


async def test_stale_response_is_not_reused(tested: EngineInTest) -> None:
    """A response is the same until the entries it was made of stop being fresh."""
    prepared = tested.prepare(JOB)
    first = await tested.engine.answer(prepared, ANYBODY)
    assert first.fresh_until is not None
    assert tested.engine.answer_now(prepared, ANYBODY) == first

    tested.clock.advance(first.fresh_until - tested.clock() + 10_000)

    assert tested.engine.answer_now(prepared, ANYBODY) is None
    await tested.engine.answer(prepared, ANYBODY)
    assert tested.calls == {DESCRIBE: 2}


async def test_call_begins_before_the_answer_is_awaited(tested: EngineInTest) -> None:
    """Asking for the answer begins the first AWS calls; awaiting it waits for them."""
    answer = tested.engine.answer(tested.prepare(JOB), ANYBODY)

    again = await tested.engine.answer(tested.prepare(JOB), ANYBODY)

    assert await answer == again
    assert tested.calls == {DESCRIBE: 1}


async def test_cancelled_answer_leaves_nothing_behind(tested: EngineInTest) -> None:
    """An answer that is cancelled before its task runs leaves no coroutine that nobody awaits."""
    task = asyncio.create_task(tested.engine.answer(tested.prepare(JOB), ANYBODY))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    # What was begun for it serves the next one.
    await tested.engine.answer(tested.prepare(JOB), ANYBODY)
    assert tested.calls == {DESCRIBE: 1}


async def test_client_can_read_past_the_cache(tested: EngineInTest) -> None:
    """A client that wants the answer as AWS has it now gets it by a new call."""
    prepared = tested.prepare(JOB)
    await tested.engine.answer(prepared, ANYBODY)
    tested.clock.advance(2.0)

    await tested.engine.answer(prepared, ANYBODY, fresh=True)

    assert tested.calls == {DESCRIBE: 2}


async def test_operation_over_the_budget_is_refused(anyio_backend: str) -> None:
    """An operation that could cause more AWS calls than allowed is refused, and causes none."""
    tested = EngineInTest(max_calls=1)
    two = f'{{ a: processingJob(name: "{NAME}") {{ roleArn }} b: trainingJob(name: "b") {{ id }} }}'
    prepared = tested.prepare(two)

    assert isinstance(prepared, Answered)
    assert prepared.cost is not None
    assert prepared.cost.total == 2
    (error,) = body(tested.engine.answer_now(prepared, ANYBODY))["errors"]
    assert error["extensions"] == {"code": "QUERY_TOO_COMPLEX", "planned": 2, "budget": 1}
    assert tested.calls == {}


async def test_introspection_is_executed_once(tested: EngineInTest) -> None:
    """What never changes is kept: the same bytes, fresh for ever, without another execution."""
    prepared = tested.prepare(INTROSPECTION)
    assert isinstance(prepared, Interpreted)
    assert tested.engine.answer_now(prepared, ANYBODY) is None

    first = await tested.engine.answer(prepared, ANYBODY)

    assert body(first) == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    assert first.fresh_until == ALWAYS
    assert await tested.engine.answer(prepared, ANYBODY) is first
    assert tested.engine.interpreted == 2


async def test_subscription_needs_a_stream(tested: EngineInTest) -> None:
    """Where there can be one response only, a subscription is an error that says what to do."""
    prepared = tested.prepare(f"subscription {JOB}")

    assert tested.engine.answer_now(prepared, ANYBODY) is NEEDS_STREAM
    assert await tested.engine.answer(prepared, ANYBODY) is NEEDS_STREAM
    assert "text/event-stream" in body(NEEDS_STREAM)["errors"][0]["message"]
    assert tested.calls == {}


async def test_refused_request_is_not_executed(tested: EngineInTest) -> None:
    """HTTP learns that nothing was executed, and that the response must not be reused."""
    result = await tested.engine.execute(Request("{ noSuchField }"), ANYBODY)

    assert not result.executed
    assert result.fresh_until is None
    assert tested.engine.compiled == tested.engine.interpreted == 0


async def test_many_wrong_variables_are_named_up_to_a_bound(tested: EngineInTest) -> None:
    """A long list of wrong items makes a response of some fifty errors, not of as many."""
    prepared = tested.prepare("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[1.5] * 500)

    assert isinstance(prepared, Answered)
    errors = body(prepared.result)["errors"]
    assert 50 <= len(errors) <= 51
    assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}


async def test_explanation_makes_no_call(tested: EngineInTest) -> None:
    """What an operation may take is told without a call; a refused one gets its refusal."""
    explained = body(tested.engine.explain(tested.prepare(JOB)))
    refused = tested.engine.explain(tested.prepare("{"))

    assert explained["extensions"]["upstream"]["planned"] == 1
    assert body(refused)["errors"]
    assert tested.calls == {}


@pytest.mark.parametrize(("warm", "spent"), [(False, 1), (True, 0)])
async def test_report_counts_the_calls(tested: EngineInTest, *, warm: bool, spent: int) -> None:
    """A report tells the calls that were made for the operation, and what the cache spared."""
    prepared = tested.prepare(JOB)
    if warm:
        await tested.engine.answer(prepared, ANYBODY)

    upstream = body(await tested.engine.report(prepared, ANYBODY, frozenset({Report.UPSTREAM})))[
        "extensions"
    ]["upstream"]

    assert upstream["spent"] == spent
    assert upstream["planned"] == 1


async def test_both_executors_give_the_same(tested: EngineInTest) -> None:
    """graphql-core, over the same reader, answers an operation as its compiled plan does."""
    request = Request(JOB)
    compiled = tested.prepare(JOB)
    assert isinstance(compiled, Compiled)
    interpreted = Interpreted(request, frozenset(), compiled.cost)

    assert await tested.engine.interpret(interpreted) == await tested.engine.answer(
        compiled, ANYBODY
    )
