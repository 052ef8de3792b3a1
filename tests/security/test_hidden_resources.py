"""A caller learns nothing of what is outside of its view, however it asks."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.aws_answers import PROCESSING, arn, processing_job
from tests.callers import Callers, start_callers
from tests.conftest import Put, StartGateway

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

SCOPES = 'scopes = ["read", "no-cache"]\n'
CALLERS = {
    "all": SCOPES.replace("]", ', "upstream"]'),
    "tagged": f'{SCOPES}view = "tagged"',
    "named": f'{SCOPES}view = "named"',
}
VIEWS = """
[[views]]
name = "tagged"
tags = { team = "leak-test" }

[[views]]
name = "named"
names = ["leak-seen*"]
"""
SEEN, HIDDEN, MISSING = "leak-seen", "leak-hidden", "leak-missing"
LIMITED = ("tagged", "named")
LIST = (
    '{ processingJobs(filter: {nameContains: "leak"}) { nodes { id } pageInfo { hasNextPage } } }'
)


@pytest.fixture
async def callers(start_guarded: StartGateway, put: Put, twin: "Twin", boto: Any) -> Callers:
    """Return the callers; AWS has a job that all of them see, and one that two do not."""
    for name, team in ((SEEN, "leak-test"), (HIDDEN, "others")):
        put(PROCESSING, processing_job(name))
        tags = [{"Key": "team", "Value": team}]
        boto("eu-west-1").add_tags(ResourceArn=arn("processing-job", name), Tags=tags)
    return await start_callers(start_guarded, CALLERS, VIEWS)


def by_name(name: str) -> str:
    """Return the query of one job."""
    return f'{{ processingJob(name: "{name}") {{ id failureReason }} }}'


@pytest.mark.parametrize("caller", LIMITED)
async def test_hidden_is_as_missing(callers: Callers, caller: str) -> None:
    """By name and by id, cold and warm, body and headers are those of a job that AWS lacks."""
    for ask in (by_name, lambda name: f'{{ node(id: "{arn("processing-job", name)}") {{ id }} }}'):
        for _ in range(2):
            answers = [await callers.get(caller, ask(name)) for name in (HIDDEN, MISSING)]
            hidden, missing = ((each.text, dict(each.headers)) for each in answers)
            if caller == "named":
                # The name alone decides, so neither was asked for: the client may remember it.
                hidden[1].pop("cache-control"), missing[1].pop("cache-control")
            assert hidden == missing


@pytest.mark.parametrize("operations", [None, ["ListTags"]], ids=["AWS", "ListTags"])
@pytest.mark.parametrize("caller", LIMITED)
async def test_stale_answers_tell_nothing_hidden(
    callers: Callers, twin: "Twin", caller: str, operations: list[str] | None
) -> None:
    """When AWS fails, no label names a hidden job, and it is still as one that AWS lacks.

    Without known tags the error of ListTags tells that there is a job: that of a visible one must.
    """
    queries = (LIST, by_name(HIDDEN), by_name(SEEN))
    for query in queries:
        for name in ("all", caller):
            await callers.ask(name, query)
    twin.set_faults(errorRate=1, operations=operations)
    labels = 0
    for seconds in (7, 30, 4000):
        callers.gateway.clock.advance(seconds)
        for headers in ({}, {"x-upstream": "1"}, {"accept": "text/event-stream"}):
            answers = [await callers.ask(caller, query, **headers) for query in queries]
            assert not [each.text for each in answers if HIDDEN in each.text]
            labels += sum("freshness" in each.text for each in answers)
        hidden, missing = [
            (await callers.ask(caller, by_name(name))).json() for name in (HIDDEN, MISSING)
        ]
        assert hidden == missing or (operations and seconds > 600)
    assert labels or operations


@pytest.mark.parametrize("caller", LIMITED)
async def test_subscription_to_hidden_ends_as_to_missing(
    callers: Callers, twin: "Twin", caller: str
) -> None:
    """The events are the same, whether AWS answers or fails and an older answer is there."""
    await callers.ask(caller, by_name(HIDDEN))
    for error_rate in (0, 1):
        twin.set_faults(errorRate=error_rate)
        callers.gateway.clock.advance(30)
        hidden, missing = [
            (await callers.ask(caller, f"subscription {by_name(name)}", accept="text/event-stream"))
            for name in (HIDDEN, MISSING)
        ]
        assert hidden.text == missing.text


@pytest.mark.parametrize("caller", LIMITED)
async def test_lists_count_nothing_hidden(callers: Callers, caller: str) -> None:
    """A page ends with the last row that the caller sees; a cursor of another view is refused."""
    one = LIST.replace("(filter", "(first: 1, filter").replace("nodes { id }", "edges { cursor }")
    for query in (LIST, one):
        page = (await callers.data(caller, query))["processingJobs"]
        assert page["pageInfo"] == {"hasNextPage": False}
    full = (await callers.data("all", one))["processingJobs"]
    cursor = full["edges"][0]["cursor"]
    refused = await callers.ask(caller, LIST.replace("(filter", f'(after: "{cursor}", filter'))
    assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
