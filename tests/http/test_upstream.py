"""AWS calls are reported on request, planned before they are made, and bounded by the plan."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from gateway.app import create_app
from gateway.http.lifecycle import Lifecycle
from gateway.settings import Settings
from gateway.twin import Twin
from tests.aws_answers import AUTO_ML, PROCESSING, TRAINING, arn, auto_ml_job, processing_job
from tests.clocks import Clock
from tests.conftest import Count, Put, StartGateway
from tests.execution.differential.strategies import Example, examples
from tests.gateway_under_test import Gateway, lifespan
from tests.graphql_responses import Answer

pytestmark = pytest.mark.anyio

CALLS = Path(__file__).parents[2] / "docs" / "calls.md"
LIST = "ListProcessingJobs"
PAGE = "{ processingJobs(first: 20) { nodes { roleArn } } }"


async def post(
    gateway: Gateway, query: str, upstream: str | None = "report", **headers: str
) -> Any:
    """Return the response to an operation with the header, as JSON."""
    if upstream is not None:
        headers["X-Upstream"] = upstream
    response = await gateway.http.post("/graphql", json={"query": query}, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


async def upstream(gateway: Gateway, query: str, value: str = "report", **headers: str) -> Any:
    """Return a response's report of AWS calls."""
    return (await post(gateway, query, value, **headers))["extensions"]["upstream"]


def pages() -> dict[str, str]:
    """Return the queries of the documentation, by the name above each."""
    blocks = re.findall(
        r"^([A-Z][a-z ]+):\n\n```graphql\n(.*?)```", CALLS.read_text(), re.MULTILINE | re.DOTALL
    )
    return {name.lower(): text for name, text in blocks}


def table() -> dict[str, tuple[str, ...]]:
    """Return the rows of the documentation's table of pages, by their first cells."""
    rows = CALLS.read_text().partition("## Six pages")[2].splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if row[:1] == "|"]
    return {name: tuple(others) for name, *others in cells[2:]}


@pytest.mark.parametrize("name", pages())
async def test_pages_of_the_documentation(gateway: Gateway, twin: Twin, name: str) -> None:
    """Each typical page takes the calls in the table, and none when it is requested again."""
    assert pages().keys() == table().keys()
    told = await upstream(gateway, pages()[name])
    calls = twin.calls()

    spent = {each: figures["spent"] for each, figures in told["operations"].items()}
    assert {each: number for each, number in spent.items() if number} == calls
    by_operation = ", ".join(f"{each} {calls[each]}" for each in sorted(calls))
    found = (str(told["planned"]), str(told["spent"]), by_operation)
    assert found == table()[name]
    assert told["spent"] <= told["planned"]

    again = await upstream(gateway, pages()[name])
    assert twin.calls() == calls
    assert (again["spent"], again["planned"]) == (0, told["planned"])
    assert again["fromCache"] > 0


async def test_response_is_the_same_besides(gateway: Gateway) -> None:
    """The header adds `extensions.upstream` and changes nothing else, in GET as in POST."""
    query = '{ processingJob(name: "nobody") { id } bad: processingJob(name: "-") { id } }'
    plain = await post(gateway, query, None)
    told = await post(gateway, query)
    got = await gateway.http.get(
        "/graphql", params={"query": query}, headers={"X-Upstream": "report"}
    )

    assert told.pop("extensions")["upstream"]["spent"] == 0
    assert told == plain
    assert got.json()["extensions"]["upstream"]["fromCache"] == 1
    assert got.headers["cache-control"] == "no-store"
    assert "X-Upstream" in got.headers["vary"]


async def test_notices_and_freshness_stand_beside(start_gateway: StartGateway, twin: Twin) -> None:
    """What else is in `extensions` stays."""
    gateway = await start_gateway(list_calls=1)
    twin.set_faults(emptyPages=True, pageSize=1)
    query = "{ processingJobs(first: 5) { nodes { id } } }"

    told = await post(gateway, query)

    assert told["extensions"].keys() == {"notices", "upstream"}
    assert told["extensions"]["upstream"]["spent"] == 1


async def test_setting_tells_always(start_gateway: StartGateway) -> None:
    """The operator can have every response tell."""
    gateway = await start_gateway(expose_upstream=True, max_batch=2)

    told = await post(gateway, PAGE, None)
    batch = await gateway.http.post("/graphql", json=[{"query": PAGE}, {"query": "{ nope }"}])

    assert told["extensions"]["upstream"]["spent"] == 21
    assert batch.json()[0]["extensions"]["upstream"]["spent"] == 0
    assert "extensions" not in batch.json()[1]


async def test_shared_call_belongs_to_the_one_that_began_it(gateway: Gateway, twin: Twin) -> None:
    """Of several requests that wait for one call, one has spent it; none found it in the cache."""
    query = f'{{ processingJob(name: "{twin.examples()["processingJob"]}") {{ roleArn }} }}'

    told = await asyncio.gather(*(upstream(gateway, query) for _ in range(4)))

    assert sorted(each["spent"] for each in told) == [0, 0, 0, 1]
    assert [each["fromCache"] for each in told] == [0] * 4
    assert twin.calls() == {PROCESSING: 1}


async def test_no_cache_spends_again(gateway: Gateway) -> None:
    """Reads past the cache are spent, except of entries younger than a second."""
    no_cache = {"Cache-Control": "no-cache"}
    assert (await upstream(gateway, PAGE))["spent"] == 21
    young = await upstream(gateway, PAGE, **no_cache)
    assert (young["spent"], young["fromCache"]) == (0, 21)
    gateway.clock.advance(1.5)
    assert (await upstream(gateway, PAGE, **no_cache))["spent"] == 21


@pytest.mark.parametrize(
    ("query", "planned", "plan"),
    [
        ("{ __typename }", 0, []),
        ("{ __schema { queryType { name } } }", 0, []),
        ('{ processingJob(name: "-") { id } }', 0, []),
        (
            '{ processingJob(name: "a") { id } b: processingJob(name: "a") { roleArn } }',
            1,
            [("processingJob", PROCESSING, 1)],
        ),
        (
            '{ a: processingJob(name: "a") { trainingJob { id } autoMLJob { tags { key } } } }',
            7,
            [
                ("a", PROCESSING, 1),
                ("a.autoMLJob", AUTO_ML, 1),
                ("a.autoMLJob.tags", "ListTags", 5),
            ],
        ),
        (
            "{ processingJobs(first: 3) { nodes { id } edges { node { trainingJobArn } } } }",
            13,
            [("processingJobs", LIST, 10), ("processingJobs.nodes", PROCESSING, 3)],
        ),
        (
            "{ trainingJobs(first: 3) { nodes { tags { key } } } }",
            28,
            [
                ("trainingJobs", "ListTrainingJobs", 10),
                # ListTags compares letter case, and a row may not spell the ARN as the describe.
                ("trainingJobs.nodes", TRAINING, 3),
                ("trainingJobs.nodes.tags", "ListTags", 15),
            ],
        ),
        (
            """{ trainingJobs(filter: {statusIn: []}) { nodes { roleArn } }
                 autoMLJobs(first: 1000) { nodes { roleArn } } }""",
            0,
            [],
        ),
        (
            """{ __type(name: "Query") { name }
                 trainingJobs(first: 4) { edges { n: node { roleArn } } } }""",
            16,
            [("trainingJobs", "ListTrainingJobs", 10), ("trainingJobs.edges.n", TRAINING, 4)],
        ),
        (
            """{ trainingJob(name: "a") { debugRuleEvaluationStatuses {
              ruleEvaluationJob { exitMessage } } } }""",
            21,
            [
                ("trainingJob", TRAINING, 1),
                (
                    "trainingJob.debugRuleEvaluationStatuses.ruleEvaluationJob",
                    PROCESSING,
                    20,
                ),
            ],
        ),
        (
            """{ autoMLJob(name: "a") { candidates(first: 2) { nodes { candidateSteps {
              job: candidateStepJob {
                ... on ProcessingJob { exitMessage } ... on TrainingJob { roleArn tags { key } }
              } } } } } }""",
            1 + 10 + 2 * 10 * (1 + 5),
            [
                ("autoMLJob", AUTO_ML, 1),
                ("autoMLJob.candidates", "ListCandidatesForAutoMLJob", 10),
                ("autoMLJob.candidates.nodes.candidateSteps.job", PROCESSING, 20),
                ("autoMLJob.candidates.nodes.candidateSteps.job", TRAINING, 20),
                ("autoMLJob.candidates.nodes.candidateSteps.job.tags", "ListTags", 100),
            ],
        ),
        (
            'subscription { processingJob(name: "a") { trainingJob { roleArn } } }',
            2,
            [("processingJob", PROCESSING, 1), ("processingJob.trainingJob", TRAINING, 1)],
        ),
        (
            '{ processingJob(name: "a") { ... @defer { trainingJob { roleArn } } } }',
            2,
            [("processingJob", PROCESSING, 1), ("processingJob.trainingJob", TRAINING, 1)],
        ),
    ],
)
async def test_explain_tells_and_calls_nothing(
    gateway: Gateway, twin: Twin, query: str, planned: int, plan: list[tuple[str, str, int]]
) -> None:
    """The plan comes back in place of data."""
    told = await post(gateway, query, "explain")

    assert told["data"] is None
    assert told["extensions"]["upstream"]["budget"] == 5_000
    found = [
        (".".join(each["path"]), each["operation"], each["planned"])
        for each in told["extensions"]["upstream"]["plan"]
    ]
    assert found == plan
    assert told["extensions"]["upstream"]["planned"] == planned
    assert twin.calls() == {}


@pytest.mark.parametrize(
    "accept", ["text/event-stream, application/json", "multipart/mixed;deferSpec=20220824, */*"]
)
async def test_explain_needs_no_stream(gateway: Gateway, twin: Twin, accept: str) -> None:
    """A client that would take a stream gets the plan in one piece."""
    query = 'subscription { processingJob(name: "a") { roleArn } }'

    assert (await upstream(gateway, query, "explain", Accept=accept))["planned"] == 1
    assert twin.calls() == {}


async def test_explain_of_nonsense_is_an_error(gateway: Gateway) -> None:
    """An operation that cannot be executed has no plan."""
    response = await gateway.http.post(
        "/graphql", json={"query": "{ nope }"}, headers={"X-Upstream": "explain"}
    )

    assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "extensions" not in response.json()


async def test_variable_without_a_value_is_planned_for(gateway: Gateway, twin: Twin) -> None:
    """Where a directive's variable is null, graphql-core decides; the plan has all there may be."""
    query = """query ($no: Boolean = true) {
      processingJob(name: "a") { roleArn trainingJob { roleArn @skip(if: $no) } }
    }"""
    response = await gateway.http.post(
        "/graphql",
        json={"query": query, "variables": {"no": None}},
        headers={"X-Upstream": "explain"},
    )

    assert response.json()["extensions"]["upstream"]["planned"] == 2


TOO_MUCH = """{ autoMLJobs(first: 100) { nodes { candidates(first: 100) { nodes {
  candidateSteps { candidateStepJob { ... on TrainingJob { roleArn } } }
} } } } }"""


@pytest.mark.parametrize("operation", [TOO_MUCH, "{ __typename } ".replace("}", TOO_MUCH[1:])])
async def test_over_the_budget_is_refused(gateway: Gateway, twin: Twin, operation: str) -> None:
    """The refusal has both figures, and nothing is called."""
    answer = Answer.of(await gateway.http.post("/graphql", json={"query": operation}))

    planned = 10 + 100 * 10 + 100 * 100 * 10 + 100 * 100 * 10 // 2
    assert answer.codes == ["QUERY_TOO_COMPLEX"]
    assert answer.error["extensions"] == {
        "code": "QUERY_TOO_COMPLEX",
        "planned": planned,
        "budget": 5_000,
    }
    assert f"{planned} AWS calls, more than the 5000 allowed" in answer.error["message"]
    assert "data" not in answer.http.json()
    assert (await upstream(gateway, operation, "explain"))["planned"] == planned
    assert twin.calls() == {}


@pytest.mark.parametrize(("budget", "refused"), [(30, False), (29, True)])
async def test_budget_is_a_setting(
    start_gateway: StartGateway, budget: int, *, refused: bool
) -> None:
    """An operation passes that is planned to take as many calls as are allowed."""
    gateway = await start_gateway(max_calls=budget)

    response = await gateway.http.post("/graphql", json={"query": PAGE})

    assert ("errors" in response.json()) == refused


async def test_subscription_over_the_budget_is_refused(start_gateway: StartGateway) -> None:
    """A subscription is planned for each of its looks."""
    gateway = await start_gateway(max_calls=1)
    query = 'subscription { processingJob(name: "a") { trainingJob { roleArn } } }'
    response = await gateway.http.post(
        "/graphql", json={"query": query}, headers={"Accept": "text/event-stream"}
    )

    assert "QUERY_TOO_COMPLEX" in response.text


async def test_more_than_was_planned_is_not_called(gateway: Gateway, twin: Twin, put: Put) -> None:
    """Where AWS answers with more than it is known to, the plan still holds; then it gets on."""
    names = [f"step-{number}" for number in range(14)]
    for name in names:
        put(PROCESSING, processing_job(name))
    steps = [
        {
            "CandidateStepType": "AWS::SageMaker::ProcessingJob",
            "CandidateStepArn": arn("processing-job", name),
            "CandidateStepName": name,
        }
        for name in names
    ]
    put(AUTO_ML, auto_ml_job("long", BestCandidate={"CandidateName": "c", "CandidateSteps": steps}))
    query = """{ autoMLJob(name: "long") { bestCandidate { candidateSteps {
      candidateStepJob { ... on ProcessingJob { roleArn processingJobStatus } }
    } } } }"""

    for spent, failed in ((11, 4), (4, 0)):
        twin.reset_calls()
        told = await post(gateway, query)
        assert sum(twin.calls().values()) == told["extensions"]["upstream"]["spent"] == spent
        assert told["extensions"]["upstream"]["planned"] == 11
        errors = told.get("errors", [])
        assert [each["extensions"]["code"] for each in errors] == ["QUERY_TOO_COMPLEX"] * failed


def test_spent_is_never_more_than_planned(session_twin: Twin, count: Count) -> None:
    """Generated operations, over HTTP: `spent` is what AWS saw, and within what was planned."""
    session_twin.clear_faults()
    told: list[tuple[int, int]] = []

    @settings(
        max_examples=30,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        derandomize=True,
    )
    @given(examples())
    def check(example: Example) -> None:
        asyncio.run(spend(session_twin, example, told))

    check()
    assert sum(spent > 0 for spent, _ in told) > 15
    count("operations within their plan", len(told))
    count("calls that they made", sum(spent for spent, _ in told))


async def spend(twin: Twin, example: Example, told: list[tuple[int, int]]) -> None:
    """Send the requests of an example with an empty cache, and check each report."""
    roomy = ("tokens", "depth", "aliases", "directives", "root_fields")
    bounds = {f"max_{name}": 50_000 for name in roomy} | {"max_calls": 10**12}
    chosen: dict[str, Any] = {"region": "eu-west-1", "endpoint_url": twin.url, **bounds}
    app = create_app(Settings(**chosen), clock=Clock())
    gateway = Gateway(app, Clock(), Lifecycle())
    async with lifespan(app), gateway.http:
        for request in example.requests:
            body = {
                "query": request.query,
                "operationName": request.operation_name,
                "variables": request.variables,
            }
            twin.reset_calls()
            response = await gateway.http.post(
                "/graphql", json=body, headers={"X-Upstream": "report"}
            )
            figures = response.json().get("extensions", {}).get("upstream")
            if figures is None:
                assert twin.calls() == {}
                continue
            assert figures["spent"] == sum(twin.calls().values()) <= figures["planned"]
            for name, spent in twin.calls().items():
                assert spent == figures["operations"][name]["spent"]
                assert spent <= figures["operations"][name]["planned"]
            told.append((figures["spent"], figures["planned"]))


async def test_nobody_may_ask(start_gateway: StartGateway) -> None:
    """With the setting the header is ignored: no report, and a plan is not all that is made."""
    gateway = await start_gateway(upstream=False)

    for value in ("report", "explain"):
        response = await post(gateway, PAGE, value)
        assert "extensions" not in response
        assert response["data"]["processingJobs"]
