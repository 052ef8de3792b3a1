"""Arguments of lists that cannot be are refused, each with what to change."""

from typing import TYPE_CHECKING, Any, Final

import pytest

from gateway.aws.pagination.cursor import Cursor, Place
from gateway.aws.pagination.query import ListQuery
from gateway.schema.types.processing_job import PROCESSING_JOB
from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway

from .lists import PAGE

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

ROOT_FIELDS: Final = ["processingJobs", "trainingJobs", "autoMLJobs", "monitoringSchedules"]


@pytest.mark.parametrize("field", ROOT_FIELDS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("first: 0", "`first` must be from 1 to 100, not 0"),
        ("first: -1", "`first` must be from 1 to 100, not -1"),
        ("first: 101", "`first` must be from 1 to 100, not 101"),
        ('after: ""', "`after` is not a cursor"),
        ('after: "abc"', "`after` is not a cursor"),
        ('region: "mars-north-1"', "Region 'mars-north-1'"),
        ("filter: {statusEquals: UNKNOWN}", "`statusEquals` cannot be UNKNOWN"),
        ("filter: {statusIn: [UNKNOWN]}", "`statusIn` cannot be UNKNOWN"),
        ('filter: {nameContains: "a b"}', "What a name contains"),
        (f'filter: {{nameContainsAll: ["{"a" * 64}"]}}', "What a name contains"),
        (
            'filter: {creationTimeAfter: "0001-01-01T00:00:00+01:00"}',
            "`creationTimeAfter` is an instant that AWS cannot hold",
        ),
    ],
)
async def test_wrong_arguments_are_refused(
    gateway: Gateway, twin: "Twin", field: str, arguments: str, message: str
) -> None:
    """The client is told what to change, and AWS is not asked."""
    answer = await gateway.query(f"{{ {field}({arguments}) {{ nodes {{ id }} }} }}")

    assert answer.data == {field: None}
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.error["message"].startswith(message)
    assert answer.error["path"] == [field]
    assert twin.calls() == {}


async def test_cursor_of_another_list_is_refused(gateway: Gateway, twin: "Twin") -> None:
    """Filter, order, region and list must be those that the cursor came with."""
    page = await gateway.data("{ processingJobs { pageInfo { endCursor } } }")
    after = page["processingJobs"]["pageInfo"]["endCursor"]
    twin.reset_calls()

    for other in (
        "trainingJobs(after: $after)",
        'processingJobs(after: $after, region: "us-east-1")',
        "processingJobs(after: $after, orderBy: {field: NAME})",
        "processingJobs(after: $after, filter: {statusIn: [FAILED]})",
    ):
        query = f"query ($after: String) {{ {other} {{ nodes {{ id }} }} }}"
        answer = await gateway.query(query, after=after)
        assert answer.codes == ["BAD_USER_INPUT"], other
        assert "another list, filter, order or region" in answer.error["message"]
    assert twin.calls() == {}


async def test_token_that_aws_refuses_is_the_clients_mistake(gateway: Gateway) -> None:
    """A cursor forged around a token of one's own gets as far as AWS."""
    query = ListQuery(kind=PROCESSING_JOB, region="eu-west-1")
    forged = Cursor((Place("not AWS's"),)).text(query)

    answer = await gateway.query(PAGE, after=forged)

    assert answer.codes == ["BAD_USER_INPUT"]


async def test_page_sizes_are_settings(start_gateway: StartGateway) -> None:
    """The default never exceeds the maximum."""
    gateway = await start_gateway(max_page_size=3)
    query = "query ($first: Int) { processingJobs(first: $first) { nodes { id } } }"

    assert len((await gateway.data(query))["processingJobs"]["nodes"]) == 3
    assert (await gateway.query(query, first=4)).codes == ["BAD_USER_INPUT"]


async def test_explicit_nulls_are_as_nothing_given(gateway: Gateway) -> None:
    """Clients that send every variable send null for what their user left empty."""
    given: dict[str, Any] = {
        "first": None,
        "filter": {"statusIn": None, "nameContainsAll": None, "creationTimeAfter": None},
        "orderBy": {"field": None, "direction": None},
    }

    assert await gateway.data(PAGE, **given) == await gateway.data(PAGE)
