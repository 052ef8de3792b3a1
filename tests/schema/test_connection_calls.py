"""What lists cost in AWS calls, and what they tell the cache."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from strawberry.types.base import get_object_definition

from gateway.aws.resources import Resource
from gateway.schema.fields import SOURCE, field_name
from gateway.schema.identity import ROOT_TYPES
from gateway.schema.references import Reference
from gateway.schema.registry import RESOURCES
from gateway.schema.rows import answered_by_row
from gateway.schema.schema import CORE_SCHEMA
from tests.aws_answers import PROCESSING, TRANSFORM, processing_job, transform_job
from tests.clocks import NOW
from tests.conftest import Count, Put
from tests.gateway_under_test import Gateway

from .boto3_comparison import every_field
from .lists import pages

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

LIST = "ListProcessingJobs"
ROWS = "{ processingJobs(first: 10) { nodes { processingJobName } } }"
NAMES_AND_ROLES = "{ processingJobs(first: 10) { nodes { processingJobName roleArn } } }"


def selection(resource: Resource, names_: Any) -> str:
    """Return the selection of these fields, in depth."""
    type_: Any = CORE_SCHEMA.type_map[resource.type_name]
    inner = {name: type_.fields[name].type for name in names_}
    return " ".join(
        f"{name} {every_field(str(inner[name]).strip('[]!'))}" for name in sorted(inner)
    )


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.type_name)
async def test_rows_equal_what_is_described(
    gateway: Gateway, twin: "Twin", resource: Resource, count: Count
) -> None:
    """Every field that a row answers is the same as from the describe, at no describe."""
    field = field_name(resource.type_name) + "s"
    references = {
        each.graphql_name
        for each in get_object_definition(ROOT_TYPES[resource.arn_type].cls, strict=True).fields
        if isinstance(each.metadata.get(SOURCE), Reference)
    }
    held = selection(resource, answered_by_row(resource) - {"__typename"} - references)
    query = f"query ($after: String) {{ {field}(first: 100, after: $after) {{ "
    query += f"nodes {{ {held} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    rows = [node async for page in pages(gateway, query) for node in page["nodes"]]
    assert twin.calls() == {resource.listing.operation: twin.calls()[resource.listing.operation]}

    nodes: list[Any] = []
    for start in range(0, len(rows), 100):
        ids = [row["id"] for row in rows[start : start + 100]]
        by_id = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {resource.type_name} "
        nodes += (await gateway.data(by_id + f"{{ {held} }} }} }}", ids=ids))["nodes"]

    assert rows == nodes
    assert len(rows) == len(twin.answers(resource.describe)) > 20
    count(f"rows compared: {field}", len(rows))


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ("{ processingJobs(first: 100) { nodes { processingJobName failureReason } } }", (1, 0)),
        ("{ processingJobs(first: 20) { nodes { id } pageInfo { hasNextPage } } }", (1, 0)),
        ("{ processingJobs(first: 100) { nodes { id } pageInfo { hasNextPage } } }", (2, 0)),
        ("{ processingJobs(first: 20) { nodes { id consoleUrl __typename } } }", (1, 0)),
        ("{ processingJobs(first: 20) { nodes { id roleArn } } }", (1, 20)),
        ("{ processingJobs(first: 20) { nodes { id } edges { node { roleArn } } } }", (1, 20)),
        ("{ processingJobs(first: 20) { nodes { roleArn @skip(if: true) } } }", (1, 0)),
        (
            """{ processingJobs(first: 20) { edges { ...E } } }
            fragment E on ProcessingJobEdge { n: node { ... on Node { id } ... { r: roleArn } } }
            """,
            (1, 20),
        ),
        ("{ processingJobs(first: 20) { pageInfo { endCursor } } }", (1, 0)),
        ("{ a: processingJobs(first: 20) { nodes { id } } b: " + ROWS[2:], (1, 0)),
        (
            """{ processingJobs(first: 20, filter: {statusIn: [FAILED, STOPPED, COMPLETED]}) {
              nodes { id } pageInfo { hasNextPage } } }""",
            (4, 0),
        ),
    ],
)
async def test_calls(gateway: Gateway, twin: "Twin", query: str, calls: tuple[int, int]) -> None:
    """A page costs its list calls, and a describe per row only where a row does not answer."""
    await gateway.data(query)

    expected = {LIST: calls[0], PROCESSING: calls[1]}
    assert twin.calls() == {name: number for name, number in expected.items() if number}


async def test_same_page_at_once_is_one_call(gateway: Gateway, twin: "Twin") -> None:
    """Whoever wants the same page at the same time shares the call."""
    await asyncio.gather(*(gateway.data(ROWS) for _ in range(5)))

    assert twin.calls() == {LIST: 1}


async def test_rows_of_a_page_selected_twice_are_described(gateway: Gateway, twin: "Twin") -> None:
    """A page that another field reads too still has the describes of its rows in its cost."""
    ends = "ends: processingJobs(first: 20) { pageInfo { startCursor } }"
    rows = "rows: processingJobs(first: 20) { nodes { roleArn } }"

    data = await gateway.data(f"{{ {ends} {rows} }}")

    assert len([row["roleArn"] for row in data["rows"]["nodes"]]) == 20
    assert twin.calls() == {LIST: 1, "DescribeProcessingJob": 20}


async def test_page_is_read_again_when_it_is_no_longer_fresh(
    gateway: Gateway, twin: "Twin"
) -> None:
    """A list is remembered for a moment, here and by HTTP caches, and never as a constant."""
    for calls in (1, 2, 3):
        for _ in range(3):
            answer = await gateway.query(ROWS)
            assert answer.http.headers["cache-control"] == "private, max-age=2"
        assert twin.calls() == {LIST: calls}
        gateway.clock.advance(2)


async def test_no_cache_reads_past_the_page(gateway: Gateway, twin: "Twin") -> None:
    """A client that wants it from AWS gets it from AWS, but no more often than each second."""
    for calls in (1, 2):
        for _ in range(2):
            await gateway.http.post(
                "/graphql", json={"query": ROWS}, headers={"Cache-Control": "no-cache"}
            )
            assert twin.calls() == {LIST: calls}
        gateway.clock.advance(1)


@pytest.mark.parametrize(
    "change",
    [
        {"LastModifiedTime": NOW - timedelta(seconds=1)},
        {"CreationTime": NOW - timedelta(seconds=1)},
    ],
    ids=["modified", "created"],
)
async def test_row_that_proves_an_entry_old_evicts_it(
    gateway: Gateway, put: Put, change: dict[str, Any]
) -> None:
    """A job that was changed, or deleted and made anew, is described again once it is listed."""
    old: dict[str, Any] = {"CreationTime": NOW, "LastModifiedTime": NOW - timedelta(seconds=2)}
    put(PROCESSING, processing_job("again", RoleArn="old", **old))
    read = '{ processingJob(name: "again") { roleArn } }'
    assert (await gateway.data(read))["processingJob"] == {"roleArn": "old"}
    put(PROCESSING, processing_job("again", RoleArn="new", **{**old, **change}))
    assert (await gateway.data(read))["processingJob"] == {"roleArn": "old"}

    await gateway.data('{ processingJobs(filter: {nameContains: "again"}) { nodes { id } } }')

    assert (await gateway.data(read))["processingJob"] == {"roleArn": "new"}


async def test_row_of_another_status_evicts_what_has_no_modification_time(
    gateway: Gateway, twin: "Twin", put: Put
) -> None:
    """AWS describes transform jobs without a modification time: there the status is the proof."""
    read = '{ transformJob(name: "again") { transformJobStatus } }'
    rows = '{ transformJobs(filter: {nameContains: "again"}) { nodes { transformJobStatus } } }'
    for status, word in (("InProgress", "IN_PROGRESS"), ("Completed", "COMPLETED")):
        put(TRANSFORM, transform_job("again", status))
        gateway.clock.advance(2)
        data = await gateway.data(rows)
        assert data["transformJobs"]["nodes"] == [{"transformJobStatus": word}]
        assert (await gateway.data(read))["transformJob"] == {"transformJobStatus": word}
    gateway.clock.advance(2)
    await gateway.data(rows)
    await gateway.data(read)

    assert twin.calls()[TRANSFORM] == 2


async def test_row_that_says_the_same_evicts_nothing(gateway: Gateway, twin: "Twin") -> None:
    """Listing jobs and describing them costs each describe once."""
    query = NAMES_AND_ROLES
    for lists in (1, 2, 3):
        await gateway.data(query)
        assert twin.calls() == {LIST: lists, PROCESSING: 10}
        gateway.clock.advance(2)
