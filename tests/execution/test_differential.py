"""Generated operations, executed by compiled plans and by graphql-core: nothing may differ."""

import asyncio
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from gateway.aws.errors import AccessDenied, NotFound
from gateway.aws.resources import TAGS
from gateway.execution import engine
from gateway.execution.request import Request
from gateway.execution.turns import Turns
from tests.conftest import Count

from .differential.aws_faults import CallError, Edit, EditedAnswer
from .differential.comparison import Tally, compare
from .differential.fake_sagemaker import Call, all_calls, healthy_answer
from .differential.scenarios import Scenario
from .differential.strategies import Example, examples


def test_compiled_equals_reference(count: Count) -> None:
    """Data, errors with their paths, labels and calls to AWS are the same from both."""
    tally = Tally()

    @seed(7)
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(examples())
    def both(example: Example) -> None:
        asyncio.run(compare(example.scenario, example.requests, tally))

    both()
    count("equality: operations compared", tally["operations"])
    count("equality: of them compiled", tally["of them compiled"])
    assert tally["operations"] >= 60
    assert tally["of them compiled"] > tally["operations"] / 3


def test_compiled_in_many_turns_equals_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """So they are where each object takes a turn of the event loop."""
    monkeypatch.setattr(engine, "Turns", partial(Turns, 1))

    @seed(11)
    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(examples())
    def both(example: Example) -> None:
        asyncio.run(compare(example.scenario, example.requests, Tally()))

    both()


ODD_PAIRS: Any = [None, {}, "x", {"Value": "x"}, {"Key": 7}, {"Key": "k"}, {"Key": "a", "Value": 7}]
EVERYTHING_OF_TAGS = """{ trainingJob(name: "%s") {
  consoleUrl hyperParameters { key value } tags { key value } again: tags { __typename v: value }
} }"""


@pytest.mark.parametrize("past_the_cache", [False, True])
@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("DescribeTrainingJob", EditedAnswer((Edit(("HyperParameters",), ODD_PAIRS),))),
        ("DescribeTrainingJob", EditedAnswer((Edit(("TrainingJobArn",), "not an ARN"),))),
        (TAGS.operation, EditedAnswer(())),
        (TAGS.operation, EditedAnswer((Edit(("Tags",), ODD_PAIRS),))),
        (TAGS.operation, EditedAnswer((Edit(("Tags",), "x"),))),
        (TAGS.operation, CallError(NotFound(TAGS.operation))),
        (TAGS.operation, CallError(AccessDenied("AWS denied the gateway ListTags."))),
    ],
)
def test_pairs_are_the_same_from_both(
    operation: str, fault: EditedAnswer | CallError, *, past_the_cache: bool
) -> None:
    """Maps, tags and the lack of them, whatever AWS answers with."""
    describe = next(each for each in all_calls() if each.operation == "DescribeTrainingJob")
    arn = healthy_answer(describe)["TrainingJobArn"]
    call = describe if operation == describe.operation else Call(operation, describe.region, arn)
    scenario = Scenario(faults={call: fault}, past_the_cache=past_the_cache)
    tally = Tally()

    asyncio.run(compare(scenario, (Request(EVERYTHING_OF_TAGS % describe.name),), tally))

    assert tally["of them compiled"] == 1
