"""Long work is done in many turns of the event loop, between which others are served."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from gateway.auth.caller import ANYBODY
from gateway.execution import engine as engine_module
from gateway.execution.compiled import renderer
from gateway.execution.interpreted.execute import NotingExecutor
from gateway.execution.prepared import Compiled, Interpreted
from gateway.execution.turns import MOST_FIELDS, TurnIsOver, Turns

from .test_engine import EngineInTest

pytestmark = pytest.mark.anyio

LISTS = 20
ROW = "id processingJobName processingJobArn creationTime lastModifiedTime failureReason"
TEXT = " ".join(
    f"list{index}: processingJobs(first: 10) {{ edges {{ cursor node {{ {ROW} i{index}: id }} }} }}"
    for index in range(LISTS)
)
OPERATION = f"{{ {TEXT} }}"
FIELDS_OF_OBJECT = 7
"""The most that one object of the operation has."""


class FieldsOfTurns:
    """Counts the calls of a function in each turn of the event loop."""

    def __init__(self) -> None:
        self.counts = [0]

    def counting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and is counted."""

        def counted(*args: Any) -> Any:
            self.counts[-1] += 1
            return function(*args)

        return counted

    async def watch(self) -> None:
        """Begin a new count with each turn."""
        while True:
            await asyncio.sleep(0)
            self.counts.append(0)


async def longest_turn(work: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, int, int]:
    """Return what `work` returns, the most fields completed in one turn, and in how many turns."""
    fields = FieldsOfTurns()
    with monkeypatch.context() as patched:
        patched.setattr(renderer, "_read_field", fields.counting(renderer._read_field))
        patched.setattr(
            NotingExecutor, "execute_field", fields.counting(NotingExecutor.execute_field)
        )
        watching = asyncio.create_task(fields.watch())
        result = await work
        watching.cancel()
    used = [count for count in fields.counts if count]
    return result, max(used), len(used)


async def test_lists_are_rendered_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """No turn renders more than its share, whether the rows came from AWS or from the cache."""
    tested = EngineInTest(max_aliases=100)
    for text in (OPERATION, OPERATION.replace("i0: id", "other: id").replace("cursor", "")):
        prepared = tested.prepare(text)
        result, longest, turns = await longest_turn(
            tested.engine.answer(prepared, ANYBODY), monkeypatch
        )
        data = json.loads(result.body)["data"]
        assert sum(len(page["edges"]) for page in data.values()) > LISTS
        assert longest <= MOST_FIELDS + FIELDS_OF_OBJECT
        assert turns > 2
        # Nothing is left to render.
        assert tested.engine.answer_now(prepared, ANYBODY) == result


async def test_cached_lists_with_a_new_selection_wait_for_turns() -> None:
    """What takes too long to render is not rendered before the request has a task of its own."""
    tested = EngineInTest(max_aliases=100)
    await tested.engine.answer(
        tested.prepare("{ processingJobs(first: 10) { nodes { id } } }"), ANYBODY
    )

    assert tested.engine.answer_now(tested.prepare(OPERATION), ANYBODY) is None


async def test_graphql_core_completes_lists_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """graphql-core, which takes longer for a field, completes fewer in one turn."""
    tested = EngineInTest(max_aliases=100)
    prepared = tested.prepare(OPERATION)
    assert isinstance(prepared, Compiled)
    interpreted = Interpreted(prepared.request, prepared.incremental, prepared.cost)

    result, longest, turns = await longest_turn(tested.engine.interpret(interpreted), monkeypatch)

    assert longest < MOST_FIELDS
    assert turns > LISTS
    assert result == await tested.engine.answer(prepared, ANYBODY)


async def test_rendering_too_large_a_response_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A response that is rendered in turns is given up as soon as it is too large."""
    monkeypatch.setattr(engine_module, "Turns", partial(Turns, 1))
    tested = EngineInTest(max_aliases=100, max_response_bytes=5_000)

    result = await tested.engine.answer(tested.prepare(OPERATION), ANYBODY)

    (error,) = json.loads(result.body)["errors"]
    assert error["extensions"]["code"] == "RESPONSE_TOO_LARGE"


async def test_who_waits_is_served_in_order() -> None:
    """Each turn serves as many as have time in it; who gave up waiting takes none."""
    turns = Turns(10)
    served: list[str] = []

    async def work(name: str, fields: int) -> None:
        turn = turns.take(fields)
        if turn is not None:
            await turn
        served.append(name)

    tasks = [asyncio.create_task(work(name, 6)) for name in "abcdef"]
    await asyncio.sleep(0)
    assert served == ["a", "b"]
    assert turns.is_over
    with pytest.raises(TurnIsOver):
        turns.spend(1)
    tasks[2].cancel()
    await asyncio.sleep(0)
    assert served == ["a", "b"]
    await asyncio.sleep(0)
    assert served == ["a", "b", "d", "e"]
    await asyncio.gather(*tasks, return_exceptions=True)
    assert served == ["a", "b", "d", "e", "f"]
