"""Back links: candidates, executions and the execution of a job, complete by comparison."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, Final, NamedTuple

import pytest
from botocore import xform_name
from graphql import GraphQLObjectType

from gateway.aws.pagination.lookup import MAX_PAGES
from gateway.aws.resources import Child, Resource
from gateway.schema.connections import Page
from gateway.schema.fields import SOURCE, field_name
from gateway.schema.registry import RESOURCES
from gateway.schema.schema import CORE_SCHEMA
from gateway.twin import Twin
from tests.aws_answers import AUTO_ML, PROCESSING, SCHEDULE, arn, processing_job
from tests.clocks import NOW, TwinClock
from tests.conftest import BotoClients, Count, Put
from tests.gateway_under_test import Gateway, running

from .boto3_comparison import Equality, every_field
from .test_invariant import MODEL

pytestmark = pytest.mark.anyio

CANDIDATES = "ListCandidatesForAutoMLJob"
EXECUTIONS = "ListMonitoringExecutions"


class ListBelow(NamedTuple):
    """A field of a resource that holds a list of its own."""

    resource: Resource
    child: Child
    filter: str
    """The GraphQL type, as below."""
    order: str


def lists_below() -> Iterator[tuple[str, ListBelow]]:
    """Yield the name of each field that holds a list below a resource, and what it is."""
    for resource in RESOURCES:
        type_ = CORE_SCHEMA.type_map[resource.type_name]
        assert isinstance(type_, GraphQLObjectType)
        for name, definition in type_.fields.items():
            source = definition.extensions["strawberry-definition"].metadata[SOURCE]
            if isinstance(source, Page):
                assert isinstance(source.kind, Child)
                inputs = (str(definition.args[each].type) for each in ("filter", "orderBy"))
                yield name, ListBelow(resource, source.kind, *inputs)


BELOW: Final = dict(lists_below())


def query_of(field: str, selection: str | None = None) -> str:
    """Return the query of one page of a list below a resource."""
    resource, child, filter_, order = BELOW[field]
    return f"""
      query ($id: ID!, $first: Int, $after: String, $filter: {filter_}, $orderBy: {order}) {{
        node(id: $id) {{ ... on {resource.type_name} {{
          {field}(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {{
            nodes {selection or every_field(child.type_name)}
            edges {{ cursor }}
            pageInfo {{ hasNextPage endCursor }}
          }}
        }} }}
      }}
    """


async def rows(gateway: Gateway, field: str, id_: str, **variables: Any) -> list[Any]:
    """Return the rows of a list below a resource, read to its end."""
    found: list[Any] = []
    after = None
    while True:
        data = await gateway.data(query_of(field), id=id_, after=after, **variables)
        page = data["node"][field]
        assert len(page["nodes"]) == len(page["edges"]) <= variables.get("first", 20)
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        assert page["pageInfo"]["endCursor"] not in {None, after}
        after = page["pageInfo"]["endCursor"]


def boto_rows(client: Any, field: str, name: str, **parameters: Any) -> list[Any]:
    """Return what boto3's paginator finds."""
    listing = BELOW[field].child.listing
    paginator = client.get_paginator(xform_name(listing.operation))
    pages = paginator.paginate(**{str(listing.parent): name}, **parameters)
    return [row for page in pages for row in page[listing.rows]]


@pytest.mark.parametrize(
    ("field", "first"), [("candidates", 2), ("executions", 7), ("trainingJobs", 3)]
)
async def test_all_rows_equal_boto3_s(
    gateway: Gateway, twin: Twin, boto: BotoClients, field: str, first: int, count: Count
) -> None:
    """Every row of every seeded list is there once, with all that AWS says, newest first."""
    resource, child, *_ = BELOW[field]
    type_: Any = CORE_SCHEMA.type_map[child.type_name]
    shape = MODEL.shape_for(child.type_name)
    equality, compared = Equality(), 0
    for region in twin.regions():
        for name, answer in twin.answers(resource.describe, region).items():
            id_ = answer[resource.arn]
            expected = boto_rows(
                boto(region), field, name, SortBy="CreationTime", SortOrder="Descending"
            )
            got = await rows(gateway, field, id_, first=first)
            assert len(got) == len(expected), id_
            for one, other in zip(expected, got, strict=True):
                equality.structure(id_, shape, one, type_, other)
            compared += len(got)
            gateway.clock.advance(0.1)

    assert equality.differences == []
    assert compared > 50
    count(f"rows compared: {field}", compared)


@pytest.mark.parametrize(
    ("field", "given", "order", "parameters"),
    [
        ("candidates", {"statusEquals": "COMPLETED"}, {}, {"StatusEquals": "Completed"}),
        ("candidates", {"statusEquals": "FAILED"}, {}, {"StatusEquals": "Failed"}),
        (
            "candidates",
            {},
            {"field": "FINAL_OBJECTIVE_METRIC_VALUE", "direction": "DESCENDING"},
            {"SortBy": "FinalObjectiveMetricValue", "SortOrder": "Descending"},
        ),
        (
            "candidates",
            {},
            {"field": "STATUS", "direction": "ASCENDING"},
            {"SortBy": "Status", "SortOrder": "Ascending"},
        ),
        ("trainingJobs", {"statusEquals": "FAILED"}, {}, {"StatusEquals": "Failed"}),
        (
            "trainingJobs",
            {"statusEquals": "COMPLETED"},
            {"field": "FINAL_OBJECTIVE_METRIC_VALUE"},
            {"StatusEquals": "Completed", "SortBy": "FinalObjectiveMetricValue"},
        ),
        (
            "trainingJobs",
            {},
            {"field": "NAME", "direction": "ASCENDING"},
            {"SortBy": "Name", "SortOrder": "Ascending"},
        ),
        ("trainingJobs", {}, {"field": "STATUS"}, {"SortBy": "Status"}),
        (
            "executions",
            {"statusEquals": "COMPLETED_WITH_VIOLATIONS"},
            {},
            {"StatusEquals": "CompletedWithViolations"},
        ),
        (
            "executions",
            {},
            {"field": "SCHEDULED_TIME", "direction": "ASCENDING"},
            {"SortBy": "ScheduledTime", "SortOrder": "Ascending"},
        ),
        (
            "executions",
            {"scheduledTimeBefore": "2026-03-04T08:00:00Z"},
            {},
            {"ScheduledTimeBefore": "2026-03-04T08:00:00Z"},
        ),
        (
            "executions",
            {"creationTimeAfter": "2026-03-04T09:00:00+01:00"},
            {},
            {"CreationTimeAfter": "2026-03-04T08:00:00Z"},
        ),
    ],
)
async def test_filters_and_orders_are_awss(  # a case each
    gateway: Gateway,
    twin: Twin,
    boto: BotoClients,
    field: str,
    given: dict[str, Any],
    order: dict[str, Any],
    parameters: dict[str, Any],
) -> None:
    """Rows come as AWS filters and sorts them."""
    resource, child, *_ = BELOW[field]
    key, name = child.name, field_name(child.name)
    found = 0
    for each, answer in twin.answers(resource.describe, "eu-west-1").items():
        chosen = {"SortBy": "CreationTime", "SortOrder": "Descending", **parameters}
        expected = boto_rows(boto("eu-west-1"), field, each, **chosen)
        got = await rows(gateway, field, answer[resource.arn], filter=given, orderBy=order)
        texts = [
            row[key] if isinstance(row[key], str) else row[key].isoformat(timespec="milliseconds")
            for row in expected
        ]
        assert [row[name].replace("Z", "+00:00") for row in got] == texts
        found += len(got)
    assert found > 0


@pytest.mark.parametrize("field", BELOW)
@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"first": 0}, "`first` must be from 1 to 100, not 0"),
        ({"first": 101}, "`first` must be from 1 to 100, not 101"),
        ({"after": "abc"}, "`after` is not a cursor"),
        ({"filter": {"statusEquals": "UNKNOWN"}}, "`statusEquals` cannot be UNKNOWN"),
    ],
)
async def test_wrong_arguments_are_refused(
    gateway: Gateway, twin: Twin, field: str, variables: dict[str, Any], message: str
) -> None:
    """The field is null with what to change; all else is there."""
    resource = BELOW[field].resource
    id_ = next(iter(twin.answers(resource.describe, "eu-west-1").values()))[resource.arn]

    got = await gateway.query(query_of(field), id=id_, **variables)

    assert got.data == {"node": {field: None}}
    assert got.codes == ["BAD_USER_INPUT"]
    assert got.error["message"].startswith(message)
    assert got.error["path"] == ["node", field]


async def test_text_too_long_for_aws_is_refused(gateway: Gateway, twin: Twin) -> None:
    """A text that no name can be is not sent, nor remembered."""
    id_ = next(iter(twin.answers(AUTO_ML, "eu-west-1").values()))["AutoMLJobArn"]
    for text, sent in (("x" * 2_049, 0), ("x" * 65, 1)):
        twin.reset_calls()
        got = await gateway.query(
            query_of("candidates"), id=id_, filter={"candidateNameEquals": text}
        )
        assert got.codes == ["BAD_USER_INPUT"]
        assert twin.calls().get(CANDIDATES, 0) == sent


async def test_cursor_belongs_to_its_resource(gateway: Gateway, twin: Twin) -> None:
    """A cursor of one schedule's executions is none of another's."""
    schedules = twin.answers(SCHEDULE, "eu-west-1").values()
    ids = [each["MonitoringScheduleArn"] for each in schedules]
    pages = {
        id_: (await gateway.data(query_of("executions"), id=id_, first=1))["node"]["executions"]
        for id_ in ids
    }
    one, other = [id_ for id_, page in pages.items() if page["pageInfo"]["hasNextPage"]][:2]

    got = await gateway.query(
        query_of("executions"), id=other, after=pages[one]["pageInfo"]["endCursor"]
    )

    assert got.codes == ["BAD_USER_INPUT"]


async def test_same_list_with_other_arguments_is_another(gateway: Gateway, twin: Twin) -> None:
    """One operation can hold a list several times; one document serves all values of variables."""
    for name in twin.answers(SCHEDULE, "eu-west-1"):
        query = """query ($name: String!, $first: Int, $status: ExecutionStatus) {
          monitoringSchedule(name: $name) {
            all: executions(first: 100) { nodes { monitoringExecutionStatus } }
            some: executions(first: $first, filter: {statusEquals: $status}) {
              nodes { monitoringExecutionStatus }
            }
          }
        }"""
        for first in (1, 2):
            for status in ("COMPLETED", "FAILED"):
                data = await gateway.data(query, name=name, first=first, status=status)
                lists = {
                    key: [node["monitoringExecutionStatus"] for node in page["nodes"]]
                    for key, page in data["monitoringSchedule"].items()
                }
                matching = [each for each in lists["all"] if each == status]
                assert lists["some"] == matching[:first]


async def test_lists_below_rows_need_no_describe(gateway: Gateway, twin: Twin) -> None:
    """The list of schedules with the last run of each costs list calls only."""
    data = await gateway.data(
        """{ monitoringSchedules(first: 5) { nodes {
          monitoringScheduleName executions(first: 1) { nodes { monitoringExecutionStatus } }
        } } }"""
    )

    assert len(data["monitoringSchedules"]["nodes"]) == 5
    assert twin.calls() == {"ListMonitoringSchedules": 1, EXECUTIONS: 5}


async def test_violations_are_visible_on_the_job(
    gateway: Gateway, twin: Twin, boto: BotoClients, count: Count
) -> None:
    """Each processing job has the execution whose work it does, and no other has one."""
    runs: dict[str, Any] = {}
    jobs: dict[str, Any] = {}
    for region in twin.regions():
        jobs |= {job["ProcessingJobArn"]: job for job in twin.answers(PROCESSING, region).values()}
        for name in twin.answers(SCHEDULE, region):
            for row in boto_rows(boto(region), "executions", name):
                if row.get("ProcessingJobArn") in jobs or "ProcessingJobArn" in row:
                    runs[row["ProcessingJobArn"]] = row
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ProcessingJob {
      processingJobStatus
      monitoringExecution { monitoringExecutionStatus scheduledTime processingJobArn }
    } } }"""
    violated = 0
    ids = list(jobs)
    for start in range(0, len(ids), 100):
        chunk = ids[start : start + 100]
        for id_, job in zip(chunk, (await gateway.data(query, ids=chunk))["nodes"], strict=True):
            run = job["monitoringExecution"]
            assert (run is None) == (id_ not in runs), id_
            if run:
                assert run["processingJobArn"] == id_
                assert run["monitoringExecutionStatus"].replace("_", "") == (
                    runs[id_]["MonitoringExecutionStatus"].upper()
                )
                violated += (
                    run["monitoringExecutionStatus"] == "COMPLETED_WITH_VIOLATIONS"
                    and job["processingJobStatus"] == "COMPLETED"
                )
    assert violated > 3
    count("executions found by their jobs", len(runs.keys() & jobs.keys()))


async def test_jobs_of_one_schedule_share_a_call(gateway: Gateway, twin: Twin) -> None:
    """The page that holds one job's execution holds those of its neighbours."""
    by_schedule: dict[str, list[str]] = {}
    for job in twin.answers(PROCESSING, "eu-west-1").values():
        if "MonitoringScheduleArn" in job and job["CreationTime"].date() == NOW.date():
            ids = by_schedule.setdefault(job["MonitoringScheduleArn"], [])
            ids.append(job["ProcessingJobArn"])
    ids = max(by_schedule.values(), key=len)
    assert len(ids) > 1

    await gateway.data(
        """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ProcessingJob {
          monitoringExecution { monitoringExecutionStatus } } } }""",
        ids=ids,
    )

    assert twin.calls() == {PROCESSING: len(ids), EXECUTIONS: 1}


JOB = """{ processingJob(name: "stray") {
  processingJobName monitoringExecution { monitoringExecutionStatus }
} }"""


async def test_execution_that_aws_forgot_is_null(gateway: Gateway, twin: Twin, put: Put) -> None:
    """A job of a schedule that lists it no more, or that was deleted, has no execution."""
    known = next(iter(twin.answers(SCHEDULE, "eu-west-1").values()))["MonitoringScheduleArn"]
    for schedule in (known, arn("monitoring-schedule", "deleted")):
        put(PROCESSING, processing_job("stray", MonitoringScheduleArn=schedule))
        gateway.clock.advance(10_000)

        data = await gateway.data(JOB)

        assert data["processingJob"]["monitoringExecution"] is None


async def test_search_for_an_execution_ends() -> None:
    """Of a schedule with many runs no more pages are read than the bound says."""
    later = NOW + timedelta(hours=MAX_PAGES + 4)
    with Twin(jobs=40, seed=1, region="eu-west-1", clock=lambda: later, started=NOW) as twin:
        async with running(endpoint_url=twin.url) as gateway:
            ids = [
                each["MonitoringScheduleArn"]
                for each in twin.answers(SCHEDULE, "eu-west-1").values()
            ]
            by_length = {id_: len(await rows(gateway, "executions", id_)) for id_ in ids}
            longest = max(by_length, key=lambda each: by_length[each])
            assert by_length[longest] > MAX_PAGES
            twin.put(PROCESSING, processing_job("stray", MonitoringScheduleArn=longest))
            twin.set_faults(pageSize=1, operations=[EXECUTIONS])
            twin.reset_calls()
            gateway.clock.advance(10)

            answer = await gateway.query(JOB)

            job = {"processingJobName": "stray", "monitoringExecution": None}
            assert answer.data["processingJob"] == job
            assert answer.codes == ["UPSTREAM_UNAVAILABLE"]
            assert answer.error["path"] == ["processingJob", "monitoringExecution"]
            assert twin.calls() == {PROCESSING: 1, EXECUTIONS: MAX_PAGES}


@pytest.mark.parametrize("field", BELOW)
async def test_list_that_fails_fails_alone(gateway: Gateway, twin: Twin, field: str) -> None:
    """AWS's refusal is the error of the list, the resource around it is there."""
    resource, child, *_ = BELOW[field]
    answer = next(iter(twin.answers(resource.describe, "eu-west-1").values()))
    operation = child.listing.operation
    twin.set_faults(errorRate=1, errorCode="AccessDeniedException", operations=[operation])

    got = await gateway.query(
        f"""query ($id: ID!) {{ node(id: $id) {{ id ... on {resource.type_name} {{
          creationTime {field} {{ nodes {{ creationTime }} }} }} }} }}""",
        id=answer[resource.arn],
    )

    assert got.data["node"]["creationTime"]
    assert got.data["node"][field] is None
    assert got.codes == ["UPSTREAM_ACCESS_DENIED"]
    assert got.error["path"] == ["node", field]


FORWARD = {
    "trainingJobs": """id
      debugRuleEvaluationStatuses { job: ruleEvaluationJob { id creationTime } }
      profilerRuleEvaluationStatuses { job: ruleEvaluationJob { id creationTime } }""",
    "autoMLJobs": """id candidates(first: 100) { pageInfo { hasNextPage } nodes {
      candidateSteps { job: candidateStepJob {
        ... on ProcessingJob { id creationTime }
        ... on TrainingJob { id creationTime }
        ... on TransformJob { id creationTime }
      } }
    } }""",
    "hyperParameterTuningJobs": """id trainingJobs(first: 100) { pageInfo { hasNextPage } nodes {
      job: trainingJob { id creationTime }
    } }""",
    "monitoringSchedules": """id executions(first: 100) { pageInfo { hasNextPage } nodes {
      job: processingJob { id creationTime }
    } }""",
}
BACKWARD = {
    "processingJobs": """id
      trainingJob { id creationTime }
      autoMLJob { id creationTime }
      monitoringSchedule { id creationTime }
      monitoringExecution { processingJobArn }""",
    "trainingJobs": "id autoMLJob { id creationTime } tuningJob { id creationTime }",
    "transformJobs": "id autoMLJob { id creationTime }",
}
ENDS = ("trainingJob", "autoMLJob", "tuningJob", "monitoringSchedule")
Edge = tuple[str, str]


async def nodes(gateway: Gateway, field: str, selection: str, region: str) -> AsyncIterator[Any]:
    """Yield the nodes of a list of resources, to its end."""
    after = None
    while True:
        data = await gateway.data(
            f"""query ($after: String, $region: String) {{
              {field}(first: 50, after: $after, region: $region) {{
                nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }}
              }}
            }}""",
            after=after,
            region=region,
        )
        page = data[field]
        for node in page["nodes"]:
            yield node
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def jobs_below(value: Any) -> list[str]:
    """Return the ids of the existing jobs that an answer leads forward to."""
    if isinstance(value, list):
        return [id_ for item in value for id_ in jobs_below(item)]
    if not isinstance(value, dict):
        return []
    assert not value.get("pageInfo", {}).get("hasNextPage")
    job = value.get("job")
    own = [job["id"]] if job else []
    return own + [id_ for name, item in value.items() if name != "job" for id_ in jobs_below(item)]


@pytest.mark.parametrize("seed", [1, 2])
async def test_forward_edges_equal_backward_edges(seed: int, count: Count) -> None:
    """Walked over HTTP from either end, the graph has the same edges: none missing, none extra."""
    clock = TwinClock()
    with Twin(jobs=20, seed=seed, region="eu-west-1", clock=clock, started=NOW) as twin:
        async with running(
            endpoint_url=twin.url, max_calls=100_000, calls_per_minute="unlimited"
        ) as gateway:
            forward: set[Edge] = set()
            backward: set[Edge] = set()
            executed: set[Edge] = set()
            for region in twin.regions():
                for field, selection in FORWARD.items():
                    async for node in nodes(gateway, field, selection, region):
                        forward |= {(node["id"], job) for job in jobs_below(node)}
                for field, selection in BACKWARD.items():
                    async for node in nodes(gateway, field, selection, region):
                        ends = [node.get(name) for name in ENDS]
                        backward |= {(end["id"], node["id"]) for end in ends if end}
                        if node.get("monitoringExecution"):
                            run = node["monitoringExecution"]["processingJobArn"]
                            executed.add((node["monitoringSchedule"]["id"], run))

    assert forward == backward
    assert executed == {edge for edge in backward if ":monitoring-schedule/" in edge[0]}
    kinds = {tuple(end.split(":")[5].split("/")[0] for end in edge) for edge in forward}
    assert len(kinds) == 6
    count(f"edges walked from both ends: seed {seed}", len(forward))
