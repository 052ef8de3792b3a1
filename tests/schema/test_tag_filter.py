"""Lists filtered by tags; no list operation of AWS takes tags."""

from collections import Counter
from typing import Any

import pytest

from gateway.twin import Twin
from tests.conftest import BotoClients, StartGateway
from tests.gateway_under_test import Gateway

from .lists import names, pages
from .test_tags import listed

pytestmark = pytest.mark.anyio

TAGS = "ListTags"
LIST = "ListProcessingJobs"
Tag = tuple[str, str]


@pytest.fixture
def tagged(twin: Twin, boto: BotoClients) -> dict[str, set[Tag]]:
    """Return the tags of each processing job, newest first."""
    jobs = sorted(
        twin.answers("DescribeProcessingJob", "eu-west-1").values(),
        key=lambda job: (job["CreationTime"], job["ProcessingJobArn"]),
        reverse=True,
    )
    found = {
        job["ProcessingJobName"]: {
            (tag["key"], tag["value"]) for tag in listed(boto("eu-west-1"), job["ProcessingJobArn"])
        }
        for job in jobs
    }
    twin.reset_calls()
    return found


def commonest(tagged: dict[str, set[Tag]]) -> Tag:
    """Return the tag that most jobs have, but not all."""
    counts = Counter(tag for tags in tagged.values() for tag in tags)
    return next(tag for tag, count in counts.most_common() if count < len(tagged))


async def test_rows_have_the_tags(gateway: Gateway, tagged: dict[str, set[Tag]]) -> None:
    """All jobs that have the tag come, once and in order, whatever the size of the pages."""
    key, value = commonest(tagged)
    expected = [name for name, tags in tagged.items() if (key, value) in tags]
    with_key = [name for name, tags in tagged.items() if key in dict(tags)]
    assert 3 < len(expected) < len(tagged)

    for first in (7, 100):
        found = await names(gateway, first=first, filter={"tags": [{"key": key, "value": value}]})
        assert found == expected
    assert await names(gateway, first=50, filter={"tags": [{"key": key}]}) == with_key
    assert await names(gateway, first=50, filter={"tags": [{"key": "nobody's"}]}) == []
    assert await names(gateway, first=50, filter={"tags": []}) == list(tagged)


async def test_all_tags_must_be_there(gateway: Gateway, tagged: dict[str, set[Tag]]) -> None:
    """Several tags are conditions that all hold, and they hold together with the other filters."""
    name, tags = next((name, tags) for name, tags in tagged.items() if len(tags) > 1)
    given = [{"key": key, "value": value} for key, value in sorted(tags)]
    chosen = {"tags": given, "nameContains": name}

    found = await names(gateway, first=5, filter=chosen)
    other = [*given[1:], {"key": given[0]["key"], "value": "another"}]

    assert name in found
    assert name not in await names(gateway, first=5, filter={**chosen, "tags": other})


async def test_budget_is_noted_and_gone_on_from(
    start_gateway: StartGateway, tagged: dict[str, set[Tag]], twin: Twin
) -> None:
    """A page reads the tags of so many rows and has a notice; the next page goes on after them."""
    gateway = await start_gateway(list_tag_reads=9)
    key, value = commonest(tagged)
    expected = [name for name, tags in tagged.items() if (key, value) in tags]
    found, cut = [], 0
    variables: dict[str, Any] = {"first": 5, "filter": {"tags": [{"key": key, "value": value}]}}
    async for page in pages(gateway, **variables):
        assert twin.calls().get(TAGS, 0) <= 9
        twin.reset_calls()
        found += [edge["node"]["processingJobName"] for edge in page["edges"]]
        cut += len(page["edges"]) < 5
    assert found == expected
    assert cut > 3


async def test_tags_are_read_no_further_than_needed(gateway: Gateway, twin: Twin) -> None:
    """A page that fills soon costs few calls; asked again it costs none."""
    query = """{ processingJobs(first: 2, filter: {tags: []}) { nodes { id } } }"""
    await gateway.data(query)
    assert twin.calls() == {LIST: 1}
    await gateway.data(query.replace("tags: []", 'tags: [{key: "nobody"}]'))
    calls = twin.calls()
    assert calls[TAGS] == 100
    await gateway.data(query.replace("tags: []", 'tags: [{key: "nobody"}]'))
    assert twin.calls() == calls


async def test_page_is_no_fresher_than_the_tags(
    gateway: Gateway, twin: Twin, tagged: dict[str, set[Tag]]
) -> None:
    """What was chosen by tags may be another choice once the tags are no longer fresh."""
    key, value = commonest(tagged)
    query = "query ($tags: [TagCondition!]) { processingJobs(first: 2, filter: {tags: $tags}) {"
    query += " nodes { id } } }"
    lifetimes = []
    for seconds in (4, 0):
        answer = await gateway.query(query, tags=[{"key": key, "value": value}])
        lifetimes.append(answer.http.headers["cache-control"])
        gateway.clock.advance(seconds)

    assert lifetimes == ["private, max-age=2", "private, max-age=1"]


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([{"key": ""}], "A tag has a key of 1 to 128 characters"),
        ([{"key": "k" * 129}], "A tag has a key of 1 to 128 characters"),
        ([{"key": "k", "value": "v" * 257}], "A tag has a key of 1 to 128 characters"),
        ([{"key": f"k{number}"} for number in range(11)], "At most 10 tags at once, not 11"),
    ],
)
async def test_tags_that_cannot_be_are_refused(
    gateway: Gateway, twin: Twin, tags: list[dict[str, str]], message: str
) -> None:
    """What AWS could not hold is not looked for."""
    query = """query ($filter: ProcessingJobFilter) {
      processingJobs(filter: $filter) { nodes { id } }
    }"""
    answer = await gateway.query(query, filter={"tags": tags})

    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.error["message"].startswith(message)
    assert twin.calls() == {}


async def test_refused_tags_are_the_lists_error(gateway: Gateway, twin: Twin) -> None:
    """Where AWS refuses to list tags, the list is an error."""
    twin.set_faults(errorRate=1, errorCode="AccessDeniedException", operations=[TAGS])
    answer = await gateway.query(
        '{ processingJobs(filter: {tags: [{key: "team"}]}) { nodes { id } } }'
    )

    assert answer.data == {"processingJobs": None}
    assert answer.codes == ["UPSTREAM_ACCESS_DENIED"]


async def test_list_by_older_tags_is_labelled(
    start_gateway: StartGateway, tagged: dict[str, set[Tag]], twin: Twin
) -> None:
    """While AWS fails to list tags, rows are found by the last ones, and labels say so."""
    gateway: Gateway = await start_gateway(aws_attempts=1)
    key, value = commonest(tagged)
    filter_ = {"tags": [{"key": key, "value": value}]}
    before = await names(gateway, first=100, filter=filter_)
    gateway.clock.advance(60)
    twin.set_faults(errorRate=1, operations=[TAGS])

    answer = await gateway.query(
        "query ($filter: ProcessingJobFilter) {"
        " processingJobs(first: 5, filter: $filter) { nodes { id processingJobName } } }",
        filter=filter_,
    )

    rows = answer.data["processingJobs"]["nodes"]
    assert [row["processingJobName"] for row in rows] == before[:5]
    stale = {label["id"] for label in answer.stale}
    assert stale >= {row["id"] for row in rows}
    assert {label["reason"] for label in answer.stale} == {"UPSTREAM_UNAVAILABLE"}
