"""`@defer` and `@stream` take no more AWS calls and no more time than the plain operation."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from gateway.auth.caller import ANYBODY
from gateway.execution.interpreted.incremental import Delivery
from gateway.execution.prepared import Answered
from gateway.execution.request import Request
from gateway.schema.types.training_job import TRAINING_JOB
from tests.conftest import Count
from tests.graphql_parts import Json, merge_parts
from tests.virtual_time import run_in_virtual_time

from .differential.choices import Choices
from .differential.directives import insert_directives
from .differential.engines import create_engine
from .differential.fake_sagemaker import REGION, Call, existing_names, healthy_answer
from .differential.request_generator import draw_requests
from .differential.scenarios import Scenario, draw_scenario

SECOND = 1.0
"""How long each AWS call takes, so that a time is a number of calls one after another."""


@dataclass
class Answers:
    """The responses to one request, and what they took."""

    responses: list[Json] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    """When each came."""
    calls: dict[Call, int] = field(default_factory=dict)


async def run(
    scenario: Scenario, request: Request, delivery: Delivery, *, leaves: bool = False
) -> Answers | None:
    """Execute a request with a cache of its own; `None` if it is refused.

    With `leaves`, the client leaves after the first response. Fails when work goes on then.
    """
    engine = create_engine(scenario, SECOND)
    await engine.warm_up()
    await engine.take_calls()
    prepared = engine.engine.prepare(request)
    if isinstance(prepared, Answered):
        return None
    answers = Answers()
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with aclosing(engine.streams.respond(prepared, ANYBODY, delivery)) as responses:
        async for body in responses:
            answers.responses.append(json.loads(body))
            answers.times.append(loop.time() - started)
            if leaves:
                break
    if leaves and not scenario.refreshes:
        # A turn for tasks to end that are cancelled, and one for those that they wait for.
        for _ in range(10):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
    answers.calls = dict(await engine.take_calls())
    return answers


@st.composite
def examples(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[Scenario, Request]:
    """Return the strategy of all scenarios and requests with the directives."""
    choices = Choices(draw)
    scenario = replace(draw_scenario(choices), delays={})
    request = draw_requests(choices)[0]
    try:
        text = insert_directives(choices, request.query)
    except Exception:  # noqa: BLE001  # the generator spoils some documents on purpose
        text = request.query
    return scenario, replace(request, query=text)


def test_never_slower_nor_dearer(count: Count) -> None:
    """The last part comes no later, after no more calls; the parts make the same response.

    No work is left when the client leaves after the first part.
    """
    tally: Counter[str] = Counter()

    @seed(14)
    @settings(max_examples=50, suppress_health_check=list(HealthCheck))
    @given(examples())
    def compare(drawn: tuple[Scenario, Request]) -> None:
        scenario, request = drawn
        plain = run_in_virtual_time(run(scenario, request, Delivery.WHOLE))
        for delivery in (Delivery.BY_ID, Delivery.BY_PATH):
            answers = run_in_virtual_time(run(scenario, request, delivery))
            if plain is None or answers is None:
                assert plain is answers is None
                continue
            tally["responses"] += 1
            tally["responses in parts"] += len(answers.responses) > 1
            tally["calls"] += sum(answers.calls.values())
            _check(plain, answers)
            run_in_virtual_time(run(scenario, request, delivery, leaves=True))

    logging.disable(logging.CRITICAL)
    try:
        compare()
    finally:
        logging.disable(logging.NOTSET)
    for what, times in tally.items():
        count(f"incremental delivery: {what}", times)
    assert tally["responses in parts"] > tally["responses"] / 5


LINKS = """query ($ids: [ID!]!) {
  nodes(ids: $ids) %s { ... on TrainingJob { %s { id trainingJobStatus debugRuleEvaluationStatuses {
    ruleEvaluationJob { processingJobStatus }
  } } } }
}"""


@pytest.mark.parametrize("delivery", [Delivery.BY_ID, Delivery.BY_PATH])
@pytest.mark.parametrize(
    ("stream", "defer", "extra"),
    [
        ("@stream", "...", ""),
        ("@stream(initialCount: 2)", "... @defer", ""),
        ("", "... @defer", ""),
        ("@stream", "... @defer", "__schema { queryType { name } }"),
    ],
)
def test_linked_jobs_of_many_nodes(stream: str, defer: str, extra: str, delivery: Delivery) -> None:
    """The jobs that many nodes lead to take as long as those of one."""
    names = existing_names(TRAINING_JOB, REGION)
    ids = [
        healthy_answer(Call(TRAINING_JOB.describe, REGION, name))["TrainingJobArn"]
        for name in names
    ]
    query = (LINKS % (stream, defer)).replace("nodes(", f"{extra} nodes(")
    request = Request(query, None, {"ids": ids})
    plain = run_in_virtual_time(run(Scenario(search=True), request, Delivery.WHOLE))
    answers = run_in_virtual_time(run(Scenario(search=True), request, delivery))

    assert plain is not None
    assert answers is not None
    assert answers.times[-1] == plain.times[-1] == 2 * SECOND
    _check(plain, answers)


def _check(plain: Answers, answers: Answers) -> None:
    assert sum(answers.calls.values()) <= sum(plain.calls.values()), (answers.calls, plain.calls)
    assert answers.times[-1] <= plain.times[-1]
    (whole,) = plain.responses
    merged = merge_parts(answers.responses)
    if not merged.failed:
        assert merged.data == whole.get("data")
        assert _sorted(merged.errors) == _sorted(whole.get("errors", []))


def _sorted(errors: list[Json]) -> list[Json]:
    unique = {json.dumps(error, sort_keys=True): error for error in errors}
    return [unique[key] for key in sorted(unique)]
