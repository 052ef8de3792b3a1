"""Rows that cannot be read: each is null with an error at its own place."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.aws.stub import Request, Response, Stub, json_response, stub
from tests.aws_answers import arn
from tests.conftest import StartGateway

pytestmark = pytest.mark.anyio

Serve = Callable[..., Stub]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Yield a function that serves one answer to every call."""
    with ExitStack() as stack:

        def start(**answer: Any) -> Stub:
            body = json.dumps(answer).encode()
            return stack.enter_context(stub(lambda _: Response(200, body)))

        yield start


def row(name: str, created: int, **more: Any) -> dict[str, Any]:
    """Return a row of a list."""
    return {
        "ProcessingJobName": name,
        "ProcessingJobArn": arn("processing-job", name),
        "ProcessingJobStatus": "Completed",
        "CreationTime": created,
        **more,
    }


@pytest.mark.parametrize("executor", ["", "__schema { __typename }"])
@pytest.mark.parametrize("fields", ["nodes { %s }", "edges { node { %s } cursor }"])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (None, "has no ProcessingJobArn: the one at index 1."),
        (row("b", 2, ProcessingJobArn=None), "has no ProcessingJobArn: the one at index 1, b."),
        (row("b", 2, ProcessingJobStatus=7), "has no ProcessingJobStatus: the one at index 1, b."),
        (row("b", 1_775_836_321_122), "has no CreationTime: the one at index 1, b."),
    ],
)
async def test_row_that_cannot_be_read_fails_alone(
    start_gateway: StartGateway, serve: Serve, executor: str, fields: str, bad: Any, message: str
) -> None:
    """The other rows are there, and the error names the row and the member that it lacks."""
    served = serve(ProcessingJobSummaries=[row("a", 3), bad, row("c", 1)])
    gateway = await start_gateway(endpoint_url=served.url)
    page = fields % "processingJobName processingJobStatus"

    answer = await gateway.query(
        f"{{ processingJobs(first: 10) {{ {page} pageInfo {{ hasNextPage }} }} {executor} }}"
    )

    found = answer.data["processingJobs"]
    nodes = found.get("nodes") or [edge["node"] for edge in found["edges"]]
    assert [node and node["processingJobName"] for node in nodes] == ["a", None, "c"]
    assert found["pageInfo"] == {"hasNextPage": False}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    place = ["nodes", 1] if "nodes" in found else ["edges", 1, "node"]
    assert answer.error["path"] == ["processingJobs", *place]
    assert message in answer.error["message"]


async def test_list_goes_on_after_a_row_that_cannot_be_read(
    start_gateway: StartGateway, serve: Serve
) -> None:
    """Its cursor leads to the row behind it."""
    served = serve(ProcessingJobSummaries=[row("a", 3), None, row("c", 1)])
    gateway = await start_gateway(endpoint_url=served.url)
    first = await gateway.query(
        "{ processingJobs(first: 2) { nodes { id } pageInfo { endCursor } } }"
    )
    after = first.data["processingJobs"]["pageInfo"]["endCursor"]

    rest = await gateway.data(
        "query ($after: String) { processingJobs(after: $after) { nodes { processingJobName } } }",
        after=after,
    )

    assert rest["processingJobs"]["nodes"] == [{"processingJobName": "c"}]


@pytest.mark.parametrize("rows", [[], [row("a", 3)]])
async def test_token_that_leads_back_ends_the_list(
    start_gateway: StartGateway, serve: Serve, rows: list[Any]
) -> None:
    """A page that names itself as the next one is an error, and others are served meanwhile."""
    served = serve(ProcessingJobSummaries=rows, NextToken="again")
    gateway = await start_gateway(endpoint_url=served.url)

    answer = await gateway.query("{ processingJobs(first: 50) { nodes { processingJobName } } }")

    assert answer.data == {"processingJobs": None}
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert (await gateway.http.get("/healthz")).status_code == 200


async def test_page_may_hold_more_rows_than_were_asked_for(
    start_gateway: StartGateway, serve: Serve
) -> None:
    """Cursors lead through all rows of a page that is longer than AWS's longest."""
    served = serve(ProcessingJobSummaries=[row(f"j{index}", 1_000 - index) for index in range(250)])
    gateway = await start_gateway(endpoint_url=served.url)
    query = """query ($after: String) { processingJobs(first: 100, after: $after) {
      nodes { processingJobName } pageInfo { hasNextPage endCursor } } }"""
    names: list[str] = []
    info: dict[str, Any] = {"hasNextPage": True, "endCursor": None}

    while info["hasNextPage"]:
        page = (await gateway.data(query, after=info["endCursor"]))["processingJobs"]
        info = page["pageInfo"]
        names += [node["processingJobName"] for node in page["nodes"]]

    assert names == [f"j{index}" for index in range(250)]


async def test_token_longer_than_aws_takes_is_no_token(
    start_gateway: StartGateway, serve: Serve
) -> None:
    """It is AWS's fault, and not that of a caller whose cursor holds the token."""
    served = serve(ProcessingJobSummaries=[row("a", 3)], NextToken="t" * 8_193)
    gateway = await start_gateway(endpoint_url=served.url)

    answer = await gateway.query("{ processingJobs(first: 1) { nodes { id } } }")

    assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
    assert "longer than AWS takes" in answer.error["message"]


async def test_filter_by_tags_leaves_no_row_out_that_cannot_be_read(
    start_gateway: StartGateway, serve: Serve
) -> None:
    """Such a row may have the tags: it is an error at its place, and nothing is asked about it."""
    rows = [None, row("a", 3), row("b", 2, ProcessingJobStatus=None)]
    served = serve(ProcessingJobSummaries=rows, Tags=[{"Key": "team", "Value": "churn"}])
    gateway = await start_gateway(endpoint_url=served.url)

    answer = await gateway.query(
        '{ processingJobs(filter: {tags: [{key: "team"}]}) { nodes { processingJobName } } }'
    )

    nodes = answer.data["processingJobs"]["nodes"]
    assert nodes == [None, {"processingJobName": "a"}, None]
    assert answer.codes == ["UPSTREAM_UNAVAILABLE"] * 2
    assert [each.operation for each in served.requests] == ["ListProcessingJobs", "ListTags"]


async def test_row_that_cannot_be_read_keeps_its_place_among_merged_lists(
    start_gateway: StartGateway,
) -> None:
    """It comes next to the rows of its own list, also as the first of them."""
    lists = {
        "Completed": [None, row("a", 9), row("b", 1)],
        "Failed": [row("f", 5), row("g", 4, ProcessingJobStatus=7)],
    }

    def answer(request: Request) -> Response:
        return json_response({"ProcessingJobSummaries": lists[request.parameters["StatusEquals"]]})

    with stub(answer) as served:
        gateway = await start_gateway(endpoint_url=served.url)
        found = await gateway.query(
            "{ processingJobs(filter: {statusIn: [COMPLETED, FAILED]}) { nodes { id } } }"
        )

    nodes = found.data["processingJobs"]["nodes"]
    assert [node and node["id"][-1] for node in nodes] == [None, "a", "f", None, "b"]


@pytest.mark.parametrize("executor", ["", "__schema { __typename }"])
async def test_row_that_is_described_as_another_is_an_error(
    start_gateway: StartGateway, executor: str
) -> None:
    """Null without an error would say that the resource is gone."""
    listed = row("a", 3, ProcessingJobArn=arn("processing-job", "a", region="us-east-1"))

    def answer(request: Request) -> Response:
        is_list = request.operation == "ListProcessingJobs"
        return json_response({"ProcessingJobSummaries": [listed]} if is_list else row("a", 3))

    with stub(answer) as served:
        gateway = await start_gateway(endpoint_url=served.url)
        found = await gateway.query(
            f"{{ processingJobs {{ nodes {{ processingJobName roleArn }} }} {executor} }}"
        )

    assert found.data["processingJobs"] == {"nodes": [None]}
    assert found.codes == ["UPSTREAM_UNAVAILABLE"]
    assert "another resource than it listed" in found.error["message"]
