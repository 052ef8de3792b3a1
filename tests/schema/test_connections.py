"""Lists in Relay's pages: every row once, and in order."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from gateway.schema.fields import field_name
from gateway.schema.registry import RESOURCES
from gateway.schema.schema import print_schema
from tests.aws_answers import PROCESSING, processing_job
from tests.clocks import NOW
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway, running

from .lists import PAGE, names, pages

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

MANY: Final = 2_000


@pytest.fixture(scope="module")
def large_twin(environment: None) -> Iterator["Twin"]:
    """Yield an offline SageMaker with many jobs, to which tests add."""
    from gateway.twin import Twin

    with Twin(jobs=MANY, region="eu-west-1", clock=lambda: NOW, started=NOW) as twin:
        yield twin


def test_types_are_those_of_relays_specification() -> None:
    """Names, types and nulls of the paging types are what Relay's compiler looks for."""
    text = re.sub(r'"""(?:[^"]|"(?!""))*"""\n', "", print_schema())
    text = re.sub(r"\s+", " ", text)

    assert (
        "type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! "
        "startCursor: String endCursor: String }"
    ) in text
    for resource in RESOURCES:
        node = resource.type_name
        fields = f"edges: [{node}Edge!]! nodes: [{node}]! pageInfo: PageInfo!"
        assert f"type {node}Connection {{ {fields} }}" in text
        assert f"type {node}Edge {{ cursor: String! node: {node} }}" in text
        assert f"{field_name(node)}s( first: Int after: String" in text


@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
async def test_every_job_comes_once_while_jobs_are_added(
    large_twin: "Twin", direction: str
) -> None:
    """Paging to the end shows each job that was there from the start once and none twice."""
    there = set(large_twin.answers(PROCESSING))
    seen: list[str] = []
    async with running(endpoint_url=large_twin.url, list_fresh=0) as gateway:
        async for page in pages(gateway, first=90, orderBy={"direction": direction}):
            seen += [edge["node"]["processingJobName"] for edge in page["edges"]]
            added = processing_job(f"added-{direction.lower()}-{len(seen)}")
            large_twin.put(PROCESSING, added)

    assert len(there) >= MANY
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


async def test_other_replica_goes_on(twin: "Twin", start_gateway: StartGateway) -> None:
    """A cursor of one gateway is a cursor of another, after a restart as well."""
    one, other = await start_gateway(), await start_gateway()
    everything = await names(one, first=100)
    seen: list[str] = []
    after = None
    for gateway in [one, other] * 6:
        page = (await gateway.data(PAGE, first=7, after=after))["processingJobs"]
        seen += [edge["node"]["processingJobName"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]

    assert seen == everything[: 7 * 12]


async def test_any_edge_can_be_gone_on_from(gateway: Gateway) -> None:
    """What follows the cursor of an edge is what followed the edge."""
    page = (await gateway.data(PAGE, first=30))["processingJobs"]
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert len(set(cursors)) == 30
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": cursors[0],
        "endCursor": cursors[-1],
    }

    for index in (0, 11, 28):
        rest = (await gateway.data(PAGE, first=29 - index, after=cursors[index]))["processingJobs"]
        assert rest["edges"] == page["edges"][index + 1 :]
        assert rest["pageInfo"]["hasPreviousPage"] is True


async def test_statuses_are_merged_in_order(gateway: Gateway, twin: "Twin") -> None:
    """Three AWS lists come as one, by each of the orders; pages do not show."""
    statuses = {"IN_PROGRESS": "InProgress", "FAILED": "Failed", "STOPPED": "Stopped"}
    wanted = {
        name: answer
        for name, answer in twin.answers(PROCESSING).items()
        if answer["ProcessingJobStatus"] in statuses.values()
    }
    for field, member in (
        ("CREATION_TIME", "CreationTime"),
        ("NAME", "ProcessingJobName"),
        ("STATUS", "ProcessingJobStatus"),
    ):
        for direction in ("ASCENDING", "DESCENDING"):
            found = await names(
                gateway,
                first=9,
                filter={"statusIn": list(statuses)},
                orderBy={"field": field, "direction": direction},
            )
            values = [wanted[name][member] for name in found]
            assert values == sorted(values, reverse=direction == "DESCENDING"), field
            assert set(found) == set(wanted)
            assert len(found) == len(wanted) > 20


async def test_filters_choose_rows(gateway: Gateway, twin: "Twin") -> None:
    """All conditions hold at once; those on statuses and names add to each other."""
    answers = twin.answers(PROCESSING)
    middle = NOW - timedelta(days=1)
    found = await names(
        gateway,
        filter={
            "creationTimeAfter": middle.isoformat(),
            "nameContains": "-",
            "nameContainsAll": ["20260", "mo", ""],
            "statusIn": ["COMPLETED", "COMPLETED", "FAILED"],
            "statusEquals": None,
        },
    )
    assert set(found) == {
        name
        for name, answer in answers.items()
        if answer["CreationTime"] > middle
        and "20260" in name
        and "mo" in name
        and answer["ProcessingJobStatus"] in {"Completed", "Failed"}
    }
    assert len(found) > 5
    twin.reset_calls()
    assert await names(gateway, filter={"statusEquals": "FAILED", "statusIn": ["STOPPED"]}) == []
    assert await names(gateway, filter={"statusIn": []}) == []
    assert twin.calls() == {}


async def test_schedules_of_an_endpoint(gateway: Gateway, twin: "Twin") -> None:
    """The filters that only one of the four lists has reach AWS."""
    schedules = twin.answers("DescribeMonitoringSchedule").values()
    wanted = next(each for each in schedules if each.get("EndpointName"))
    query = """query ($endpoint: String) {
      monitoringSchedules(first: 100, filter: {endpointName: $endpoint}) {
        nodes { monitoringScheduleArn endpointName } } }"""

    found = (await gateway.data(query, endpoint=wanted["EndpointName"]))["monitoringSchedules"]

    assert {node["monitoringScheduleArn"] for node in found["nodes"]} == {
        each["MonitoringScheduleArn"]
        for each in schedules
        if each.get("EndpointName") == wanted["EndpointName"]
    }


async def test_list_of_another_region(gateway: Gateway, twin: "Twin") -> None:
    """Rows and what is described of them come from the region that was named."""
    region = twin.regions()[1]
    query = f'{{ processingJobs(first: 100, region: "{region}") {{ nodes {{ id roleArn }} }} }}'

    nodes = (await gateway.data(query))["processingJobs"]["nodes"]

    arns = {answer["ProcessingJobArn"] for answer in twin.answers(PROCESSING, region).values()}
    assert {node["id"] for node in nodes} == arns
    assert all(node["roleArn"] for node in nodes)


async def test_newest_come_first(gateway: Gateway, put: Put) -> None:
    """A dashboard's first page needs no arguments."""
    put(PROCESSING, processing_job("a-new-one", CreationTime=NOW))
    page = (await gateway.data("{ processingJobs { nodes { creationTime } } }"))["processingJobs"]
    times = [node["creationTime"] for node in page["nodes"]]

    assert len(times) == 20
    assert times == sorted(times, reverse=True)
    assert times[0] == "2026-03-04T12:00:00.000Z"
