"""Generated operations, executed by compiled plans and by graphql-core: nothing may differ."""

import asyncio

from hypothesis import HealthCheck, given, seed, settings

from tests.conftest import Count

from .equality.comparison import Tally, compare
from .equality.examples import Example, examples


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
