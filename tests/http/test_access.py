"""What callers with few scopes or with a view get over HTTP, whatever others have read before."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.callers import Callers, start_callers
from tests.clocks import until
from tests.conftest import Put, StartGateway
from tests.issuer import LocalIssuer, issuer_section

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

JOB = """{ processingJob(name: "job") {
  id failureReason environment { key value }
  appSpecification { imageUri containerArguments }
  trainingJob { trainingJobName hyperParameters { key value } }
} }"""
TOKEN = "hf_" + "aB3" * 11


CALLERS = {
    "all": 'scopes = ["read", "read:secrets", "introspection", "upstream", "no-cache"]',
    "reader": 'scopes = ["read"]',
    "processing": 'scopes = ["read:processing-jobs", "read:secrets"]',
    "nobody": "",
    "team": 'scopes = ["read", "read:secrets"]\nview = "team"',
    "named": 'scopes = ["read", "read:secrets"]\nview = "named"',
}
VIEWS = """
[[views]]
name = "team"
tags = { team = ["risk"] }

[[views]]
name = "named"
kinds = ["ProcessingJob"]
names = ["jo*"]
"""


@pytest.fixture
async def callers(start_guarded: StartGateway, put: Put) -> Callers:
    """Return the callers; AWS has a job with secrets that is linked to a training job."""
    training = training_job("training", HyperParameters={"lr": "0.1"})
    put(TRAINING, training)
    put(
        PROCESSING,
        processing_job(
            "job",
            FailureReason=f"login with {TOKEN} failed",
            Environment={"MODE": "fast"},
            AppSpecification={"ImageUri": "image", "ContainerArguments": ["--x", "1"]},
            TrainingJobArn=arn("training-job", "training"),
        ),
    )
    return await start_callers(start_guarded, CALLERS, VIEWS)


SHOWN = {
    "failureReason": f"login with {TOKEN} failed",
    "environment": [{"key": "MODE", "value": "fast"}],
    "appSpecification": {"imageUri": "image", "containerArguments": ["--x", "1"]},
    "trainingJob": {
        "trainingJobName": "training",
        "hyperParameters": [{"key": "lr", "value": "0.1"}],
    },
}
HIDDEN = {
    "failureReason": "login with [redacted:hugging-face-token] failed",
    "environment": [{"key": "MODE", "value": "[redacted]"}],
    "appSpecification": {"imageUri": "image", "containerArguments": ["[redacted]", "[redacted]"]},
    "trainingJob": {
        "trainingJobName": "training",
        "hyperParameters": [{"key": "lr", "value": "[redacted]"}],
    },
}


@pytest.mark.parametrize("order", [("all", "reader"), ("reader", "all")])
async def test_secrets_need_a_scope(callers: Callers, order: tuple[str, str]) -> None:
    """Secret values are replaced for who has no scope for them, whoever has read them before."""
    expected = {"all": SHOWN, "reader": HIDDEN}
    for name in (*order, *order):
        job = (await callers.data(name, JOB))["processingJob"]
        assert job.pop("id") == arn("processing-job", "job")
        assert job == expected[name]


async def test_stream_and_subscription_redact(callers: Callers) -> None:
    """Parts of a response and events of a subscription are redacted as whole responses are."""
    deferred = '{ processingJob(name: "job") { id ... @defer { environment { value } } } }'
    changes = 'subscription { processingJob(name: "job") { environment { value } } }'

    for query, accept in (
        (deferred, "multipart/mixed; deferSpec=20220824"),
        (changes, "text/event-stream"),
    ):
        response = await callers.ask("reader", query, accept=accept)
        assert "[redacted]" in response.text
        assert "fast" not in response.text


async def test_kind_without_scope_is_null_with_an_error(callers: Callers) -> None:
    """A link to a kind that the caller has no scope for is null; the rest of the job is there."""
    body = (await callers.ask("processing", JOB)).json()

    expected = {**SHOWN, "trainingJob": None, "id": arn("processing-job", "job")}
    assert body["data"]["processingJob"] == expected
    (error,) = body["errors"]
    assert error["path"] == ["processingJob", "trainingJob"]
    assert error["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"


@pytest.mark.parametrize(
    "query",
    [
        '{ found: trainingJob(name: "training") { trainingJobName } }',
        f'{{ found: node(id: "{arn("training-job", "training")}") {{ id }} }}',
        "{ found: trainingJobs { nodes { id } } }",
        '{ found: trainingJobs(filter: {nameContains: "training"}) { edges { node { id } } } }',
        "fragment F on Query { found: trainingJobs { nodes { id } } } { ...F }",
    ],
)
async def test_kind_without_scope_costs_nothing(callers: Callers, twin: "Twin", query: str) -> None:
    """Whichever way leads to the kind, AWS is not asked and nothing is told."""
    body = (await callers.ask("processing", query)).json()

    assert body["data"] == {"found": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == [
        "UNAUTHORIZED_FIELD_OR_TYPE"
    ]
    assert not twin.calls()


async def test_caller_without_scopes_sees_nothing(callers: Callers) -> None:
    """No scope at all leaves the names of types, and nothing of AWS."""
    body = (await callers.ask("nobody", f"{{ __typename {JOB[1:]}")).json()
    assert body["data"] == {"__typename": "Query", "processingJob": None}


async def test_operation_is_refused_whole_where_a_setting_says_so(
    start_guarded: StartGateway, twin: "Twin"
) -> None:
    """With `reject_unauthorized`, nothing of such an operation is executed."""
    callers = await start_callers(start_guarded, {"a": ""}, reject_unauthorized=True)

    response = await callers.ask("a", JOB)

    assert "data" not in response.json()
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"
    assert not twin.calls()


async def test_redacted_tag_cannot_be_found_out_by_a_filter(callers: Callers) -> None:
    """A filter by the value of a tag that is redacted is refused; by another it is not."""
    query = '{ processingJobs(filter: {tags: [{key: "%s", value: "x"}]}) { nodes { id } } }'

    assert (await callers.ask("reader", query % "db-password")).json()["errors"]
    await callers.data("reader", query % "team")
    await callers.data("all", query % "db-password")


@pytest.mark.parametrize("name", ["reader", "all"])
async def test_introspection_needs_a_scope(callers: Callers, name: str) -> None:
    """The schema is for callers with the scope; `__typename` is for all."""
    body = (await callers.ask(name, "{ __schema { queryType { name } } }")).json()
    assert ("errors" in body) == (name == "reader")
    assert await callers.data(name, "{ __typename }") == {"__typename": "Query"}


async def test_upstream_calls_need_a_scope(callers: Callers) -> None:
    """What an operation took tells what others have read, so it takes a scope to be told."""
    for name in ("reader", "all"):
        body = (await callers.ask(name, JOB, **{"x-upstream": "1"})).json()
        assert ("upstream" in body.get("extensions", {})) == (name == "all")


async def test_reading_past_the_cache_needs_a_scope(callers: Callers, twin: "Twin") -> None:
    """`no-cache` of a caller without the scope has no effect."""
    await callers.data("all", JOB)
    callers.gateway.clock.advance(2)
    twin.reset_calls()

    await callers.ask("reader", JOB, **{"cache-control": "no-cache"})
    assert not twin.calls()
    await callers.ask("all", JOB, **{"cache-control": "no-cache"})
    assert twin.calls()


async def test_responses_are_private(callers: Callers) -> None:
    """No shared cache may store a response; it depends on the token."""
    response = await callers.get("reader", JOB)
    assert "private" in response.headers["cache-control"]
    assert "Authorization" in response.headers["vary"]


@pytest.mark.parametrize("order", [("all", "team", "named"), ("named", "team", "all")])
async def test_views(callers: Callers, twin: "Twin", order: tuple[str, ...]) -> None:
    """A job outside of a view is null without an error, and so is a linked one."""
    query = '{ processingJob(name: "job") { trainingJob { trainingJobName } } }'
    found = {"processingJob": {"trainingJob": {"trainingJobName": "training"}}}
    expected = {
        "all": found,
        "team": {"processingJob": None},
        "named": {"processingJob": {"trainingJob": None}},
    }
    for name in (*order, *order):
        assert await callers.data(name, query) == expected[name], name
    twin.set_faults(errorRate=1)
    callers.gateway.clock.advance(30)
    for name in ("team", "named", "all"):
        body = (await callers.ask(name, query)).json()
        assert body["data"] == expected[name], name


async def test_view_of_a_claim(start_guarded: StartGateway, issuer: LocalIssuer, put: Put) -> None:
    """What a token says of its caller decides about the view; without the claim it sees nothing."""
    for name in ("risk-1", "growth-1"):
        put(PROCESSING, processing_job(name))
    view = '[[views]]\nname = "own"\nnames = ["${claim.team}-*"]\n'
    gateway = await start_guarded(issuer_section(issuer, 'view = "own"') + view)
    query = '{ r: processingJob(name: "risk-1") { id } g: processingJob(name: "growth-1") { id } }'

    async def seen(**claims: Any) -> set[str]:
        response = await gateway.http.post(
            "/graphql",
            json={"query": query},
            headers={"authorization": f"Bearer {issuer.sign(**claims)}"},
        )
        return {key for key, value in response.json()["data"].items() if value}

    assert await seen(team="risk") == {"r"}
    assert await seen(team=["risk", "growth"]) == {"r", "g"}
    assert await seen(team="*") == set()
    assert await seen(team="") == set()
    assert await seen() == set()
    assert await seen(team={"x": 1}) == set()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('scopes = ["raed"]', "There is no scope 'raed'. Did you mean 'read'?"),
        ('view = "own"', "views: none has the name 'own'."),
        ('[[views]]\nname = "v"\nkinds = ["ProcessingJobs"]', "Did you mean 'ProcessingJob'?"),
        ('[[views]]\nname = "v"\nnames = ["${claims.x}"]', "is not a text such as"),
        ('[[views]]\nname = "v"\nnames = []', "names"),
        ('[[views]]\nname = "v"\ntag = 1', "Did you mean `tags`?"),
    ],
)
async def test_wrong_rules_are_refused_at_the_start(
    start_guarded: StartGateway, lines: str, message: str
) -> None:
    """The message says what is wrong."""
    section = f'[[api_keys]]\nname = "a"\nhash = "sha256:{"0" * 64}"\n'
    with pytest.raises(Exception, match=r"access\.toml") as raised:
        await start_guarded(section + lines)
    assert message in str(raised.value)


async def test_strangers_see_no_secrets(start_gateway: StartGateway, put: Put) -> None:
    """A gateway that is told to listen for everybody redacts; one on loopback does not."""
    put(PROCESSING, processing_job("job", Environment={"MODE": "fast"}))
    query = '{ processingJob(name: "job") { environment { value } } }'

    for settings, value in (({"allow_unauthenticated": True}, "[redacted]"), ({}, "fast")):
        gateway = await start_gateway(**settings)
        data = await gateway.data(query)
        assert json.dumps(data).count(value) == 1


async def test_flood_of_one_caller_holds_up_no_other(
    start_guarded: StartGateway, twin: "Twin"
) -> None:
    """A caller's one call to AWS comes among the first of another caller's many."""
    scopes = dict.fromkeys(("flood", "single"), 'scopes = ["read"]')
    callers = await start_callers(start_guarded, scopes, aws_concurrency=2)
    twin.set_faults(latencyMs=20)
    ended: list[str] = []

    async def ask(name: str, job: str) -> None:
        await callers.ask(name, f'{{ processingJob(name: "{job}") {{ id }} }}')
        ended.append(name)

    flood = [asyncio.create_task(ask("flood", f"job-{index}")) for index in range(60)]
    await until(lambda: sum(twin.calls().values()) >= 2)
    await ask("single", "another")
    await asyncio.gather(*flood)

    # Two calls are under way and eight wait for the threads when it comes.
    assert ended.index("single") < 20
