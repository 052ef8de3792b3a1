"""What lists do when AWS answers in part, late or not at all."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.aws_answers import PROCESSING, processing_job
from tests.clocks import NOW
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway

from .lists import PAGE, names, pages

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

LIST = "ListProcessingJobs"
ROWS = "{ processingJobs(first: 10) { nodes { processingJobName } } }"
NAMES_AND_ROLES = "{ processingJobs(first: 10) { nodes { processingJobName roleArn } } }"


async def test_empty_pages_are_read_on(gateway: Gateway, twin: "Twin") -> None:
    """Where AWS answers with pages that hold no match, the client's page is full all the same."""
    failed: dict[str, Any] = {"filter": {"statusEquals": "FAILED"}, "first": 5}
    expected = await names(gateway, **failed)
    gateway.clock.advance(2)
    twin.set_faults(emptyPages=True, pageSize=30)
    sizes = [len(page["edges"]) async for page in pages(gateway, **failed)]
    gateway.clock.advance(2)

    assert await names(gateway, **failed) == expected
    assert set(sizes[:-1]) == {5}
    assert 1 <= sizes[-1] <= 5
    assert len(expected) > 10


async def test_spent_budget_is_noted_and_gone_on_from(
    twin: "Twin", start_gateway: StartGateway
) -> None:
    """A page that took too many calls says so, and its cursor leads on to the end."""
    twin.set_faults(emptyPages=True, pageSize=2)
    gateway = await start_gateway(list_calls=3, list_fresh=0)
    seen: list[str] = []
    sizes: list[int] = []
    after = None
    while True:
        twin.reset_calls()
        answer = await gateway.query(PAGE, filter={"statusEquals": "FAILED"}, first=4, after=after)
        page = answer.data["processingJobs"]
        assert twin.calls()[LIST] <= 3
        sizes.append(len(page["edges"]))
        seen += [edge["node"]["processingJobName"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        if sizes[-1] < 4:
            (notice,) = answer.body["extensions"]["notices"]
            assert notice["path"] == ["processingJobs"]
            assert notice["code"] == "LIST_BUDGET_SPENT"
            assert f"after {sizes[-1]} of 4 rows" in notice["message"]
            assert answer.http.headers["cache-control"] == "no-store"

    assert 0 in sizes
    assert "extensions" not in answer.body
    assert sorted(seen) == sorted(
        name
        for name, job in twin.answers(PROCESSING).items()
        if job["ProcessingJobStatus"] == "Failed"
    )


async def test_row_whose_describe_fails_keeps_what_the_row_holds(
    gateway: Gateway, twin: "Twin"
) -> None:
    """The page is not lost: what needs the describe is null, with its error at its own path."""
    first, second = (await gateway.data(ROWS))["processingJobs"]["nodes"][:2]
    read = "query ($name: String!) { processingJob(name: $name) { processingJobName roleArn } }"
    known = (await gateway.data(read, name=first["processingJobName"]))["processingJob"]
    twin.set_faults(errorRate=1, operations=[PROCESSING])

    answer = await gateway.query(
        "{ processingJobs(first: 2) { edges { node { __typename id processingJobName roleArn "
        "trainingJob { id } consoleUrl environment { key } } } } }"
    )

    one, other = (edge["node"] for edge in answer.data["processingJobs"]["edges"])
    assert one["roleArn"] == known["roleArn"] is not None
    assert other["processingJobName"] == second["processingJobName"] == other["id"].split("/")[1]
    assert other["__typename"] == "ProcessingJob"
    assert other["consoleUrl"]
    assert (other["roleArn"], other["trainingJob"], other["environment"]) == (None, None, None)
    assert {error["path"][-1] for error in answer.errors} == {
        "roleArn",
        "trainingJob",
        "environment",
    }
    for error in answer.errors:
        assert error["path"][:-1] == ["processingJobs", "edges", 1, "node"]
        assert error["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"


async def test_job_deleted_after_it_was_listed_is_null(
    gateway: Gateway, twin: "Twin", put: Put
) -> None:
    """It is no error: the row keeps its place and has no node."""
    put(PROCESSING, processing_job("short-lived", CreationTime=NOW))
    rows = (await gateway.data(ROWS))["processingJobs"]["nodes"]
    index = rows.index({"processingJobName": "short-lived"})
    twin.remove(PROCESSING, "short-lived")

    nodes = (await gateway.data(NAMES_AND_ROLES))["processingJobs"]["nodes"]

    assert nodes[index] is None
    assert [node["processingJobName"] for node in nodes if node] == [
        row["processingJobName"] for row in rows if row["processingJobName"] != "short-lived"
    ]


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"errorRate": 1, "errorCode": "AccessDeniedException"}, "UPSTREAM_ACCESS_DENIED"),
        ({"errorRate": 1}, "UPSTREAM_UNAVAILABLE"),
        ({"malformedRate": 1}, "UPSTREAM_UNAVAILABLE"),
        ({"errorRate": 1, "errorCode": "ThrottlingException"}, "UPSTREAM_THROTTLED"),
    ],
)
async def test_list_that_aws_does_not_give_is_null(
    gateway: Gateway, twin: "Twin", faults: dict[str, Any], code: str
) -> None:
    """The error is that of the field, and its neighbours are answered."""
    twin.set_faults(faults, operations=[LIST])

    answer = await gateway.query(
        "{ processingJobs { nodes { id } } trainingJobs { nodes { id } } }"
    )

    assert answer.data["processingJobs"] is None
    assert len(answer.data["trainingJobs"]["nodes"]) == 20
    assert answer.codes == [code]
    assert answer.error["path"] == ["processingJobs"]


@pytest.mark.parametrize("member", ["ProcessingJobArn", "ProcessingJobStatus", "CreationTime"])
async def test_row_that_names_nothing_is_no_row(gateway: Gateway, put: Put, member: str) -> None:
    """What the schema never lets be null a row must have."""
    broken = processing_job("broken")
    del broken[member]
    put(PROCESSING, broken)

    answer = await gateway.query(
        '{ processingJobs(filter: {nameContains: "broken"}) { nodes { id } } }'
    )

    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]


async def test_spent_budget_is_noted_in_a_stream(twin: "Twin", start_gateway: StartGateway) -> None:
    """A client that takes the response in parts hears of the cut once."""
    twin.set_faults(emptyPages=True, pageSize=2)
    gateway = await start_gateway(list_calls=1, list_fresh=0)
    variables = {"filter": {"statusEquals": "FAILED"}, "first": 50}
    response = await gateway.http.post(
        "/graphql",
        json={"query": PAGE, "variables": variables},
        headers={"accept": "text/event-stream"},
    )

    assert response.text.count("LIST_BUDGET_SPENT") == 1
