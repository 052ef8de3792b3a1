"""Generated operations, executed by compiled plans and by graphql-core: nothing may differ."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from gateway.aws.errors import AccessDenied, NotFound
from gateway.aws.resources import TAGS
from gateway.execution.request import Request
from tests.conftest import Count

from .equality.comparison import Tally, compare
from .equality.examples import Example, examples
from .equality.faults import Edit, Edited, Raise
from .equality.upstream import Call, calls_of_all, described
from .equality.worlds import World


def test_compiled_equals_reference(count: Count) -> None:
    """Data, errors with their paths, labels and calls to AWS are the same from both."""
    tally = Tally()

    @seed(7)
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(examples())
    def both(example: Example) -> None:
        asyncio.run(compare(example.world, example.requests, tally))

    both()
    count("equality: operations compared", tally["operations"])
    count("equality: of them compiled", tally["of them compiled"])
    assert tally["operations"] >= 60
    assert tally["of them compiled"] > tally["operations"] / 2


ODD_PAIRS: Any = [None, {}, "x", {"Value": "x"}, {"Key": 7}, {"Key": "k"}, {"Key": "a", "Value": 7}]
EVERYTHING_OF_TAGS = """{ trainingJob(name: "%s") {
  consoleUrl hyperParameters { key value } tags { key value } again: tags { __typename v: value }
} }"""


@pytest.mark.parametrize("past_the_cache", [False, True])
@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("DescribeTrainingJob", Edited((Edit(("HyperParameters",), ODD_PAIRS),))),
        ("DescribeTrainingJob", Edited((Edit(("TrainingJobArn",), "not an ARN"),))),
        (TAGS.operation, Edited(())),
        (TAGS.operation, Edited((Edit(("Tags",), ODD_PAIRS),))),
        (TAGS.operation, Edited((Edit(("Tags",), "x"),))),
        (TAGS.operation, Raise(NotFound(TAGS.operation))),
        (TAGS.operation, Raise(AccessDenied("AWS denied the gateway ListTags."))),
    ],
)
def test_pairs_are_the_same_from_both(
    operation: str, fault: Edited | Raise, *, past_the_cache: bool
) -> None:
    """Maps, tags and the lack of them, whatever AWS answers with."""
    describe = next(each for each in calls_of_all() if each.operation == "DescribeTrainingJob")
    arn = described(describe)["TrainingJobArn"]
    call = describe if operation == describe.operation else Call(operation, describe.region, arn)
    world = World(faults={call: fault}, past_the_cache=past_the_cache)
    tally = Tally()

    asyncio.run(compare(world, (Request(EVERYTHING_OF_TAGS % describe.name),), tally))

    assert tally["of them compiled"] == 1
