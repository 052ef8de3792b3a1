"""How much each caller may take, as it shows over HTTP, streams and WebSockets."""

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.auth.api_keys import create_key, hash_key
from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.callers import start_callers
from tests.clocks import TwinClock, until, until_true
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway
from tests.http.asgi_client import PROTOCOL, open_initialised_websocket, open_post, open_websocket

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENTS = "text/event-stream"


def job(name: str) -> str:
    """Return an operation that plans one AWS call."""
    return f'{{ processingJob(name: "{name}") {{ processingJobStatus }} }}'


async def post(gateway: Gateway, query: Any, accept: str = JSON, **headers: str) -> httpx.Response:
    """Send an operation, or a batch of operations."""
    body = [{"query": each} for each in query] if isinstance(query, list) else {"query": query}
    return await gateway.http.post("/graphql", json=body, headers={"accept": accept, **headers})


async def budget(gateway: Gateway, **headers: str) -> Any:
    """Return `extensions.budget` of an operation that needs no AWS call."""
    response = await post(gateway, "{ __typename }", **{"X-Budget": "1", **headers})
    return response.json()["extensions"]["budget"]


def code_of(body: Any) -> str:
    """Return the code of the only error."""
    (error,) = body["errors"]
    code: str = error["extensions"]["code"]
    return code


async def has_left(gateway: Gateway, calls: int) -> bool:
    """Tell whether the caller may take so many AWS calls."""
    found: bool = (await budget(gateway))["calls"]["remaining"] == calls
    return found


def located(gateway: Gateway) -> ASGIApp:
    """Return the gateway as it sees requests of the address that httpx gives its own."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await gateway.app({**scope, "client": ("127.0.0.1", 123)}, receive, send)

    return app


async def test_budget_shows_in_headers_and_on_request(start_gateway: StartGateway) -> None:
    """Each response has the IETF draft's headers; by `X-Budget` its extensions say it too."""
    gateway = await start_gateway(calls_per_minute=60, calls_burst=10, requests_per_minute=120)

    response = await post(gateway, job("a"), **{"X-Budget": "1"})

    assert response.headers["ratelimit-policy"] == (
        '"calls";q=10;qu="aws-calls";w=10, "requests";q=120;w=60'
    )
    assert response.headers["ratelimit"] == '"calls";r=9;t=1, "requests";r=119;t=1'
    assert response.json()["extensions"]["budget"] == {
        "planned": 1,
        "spent": 1,
        "calls": {"limit": 10, "remaining": 9, "restoredPerMinute": 60, "resetAfterMs": 1_000},
        "requests": {
            "limit": 120,
            "remaining": 119,
            "restoredPerMinute": 120,
            "resetAfterMs": 500,
        },
    }
    assert "extensions" not in (await post(gateway, job("a"))).json()


async def test_cached_answers_are_free(start_gateway: StartGateway, twin: "Twin") -> None:
    """What the cache answers takes from the budget of requests only, also with a report."""
    gateway = await start_gateway(calls_per_minute=1, requests_per_minute=100)
    assert (await post(gateway, job("a"))).status_code == 200

    for headers in ({}, {"X-Upstream": "1"}):
        response = await post(gateway, job("a"), **headers)
        assert response.status_code == 200

    assert response.headers["ratelimit"].startswith('"calls";r=0;t=60, "requests";r=97;')
    assert sum(twin.calls().values()) == 1


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_spent_budget(start_gateway: StartGateway, twin: "Twin", accept: str) -> None:
    """Nothing is executed, and after exactly the time of the error it is."""
    gateway = await start_gateway(calls_per_minute=40, calls_burst=1)
    await post(gateway, job("a"))
    gateway.clock.advance(0.5)
    twin.reset_calls()

    response = await post(gateway, job("b"), accept)

    assert response.status_code == 429
    assert response.headers["content-type"].startswith(accept)
    assert response.headers["retry-after"] == "1"
    assert response.headers["ratelimit"] == '"calls";r=0;t=1'
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {
        "errors": [
            {
                "message": "The caller may cause 40 AWS calls per minute. This takes up to 1, and "
                "0 are left: try again in 1000 ms.",
                "extensions": {
                    "code": "RATE_LIMITED",
                    "retryAfterMs": 1_000,
                    "budget": "calls",
                    "planned": 1,
                    "remaining": 0,
                    "limit": 1,
                },
            }
        ]
    }
    assert twin.calls() == {}
    gateway.clock.advance(0.999)
    assert (await post(gateway, job("b"))).status_code == 429
    gateway.clock.advance(0.001)
    assert (await post(gateway, job("b"))).status_code == 200


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL, 400)])
async def test_operation_that_never_fits(
    start_gateway: StartGateway, twin: "Twin", accept: str, status: int
) -> None:
    """An operation of more calls than the budget ever holds is told so, and not to try again."""
    gateway = await start_gateway(calls_per_minute=60, calls_burst=2)
    three = "{ " + " ".join(f'{n}: processingJob(name: "{n}") {{ roleArn }}' for n in "abc") + " }"

    response = await post(gateway, three, accept)

    assert response.status_code == status
    assert "retry-after" not in response.headers
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "QUERY_TOO_COMPLEX", "planned": 3, "budget": 2}
    assert "again" not in error["message"]
    batch_start = await start_gateway(calls_per_minute=60, calls_burst=2, max_batch=2)
    first, second = (await post(batch_start, [three, "{ __typename }"])).json()
    assert code_of(first) == "QUERY_TOO_COMPLEX"
    assert second == {"data": {"__typename": "Query"}}
    async with open_initialised_websocket(located(gateway)) as socket:
        socket.subscribe("1", three)
        message = await socket.receive_message()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"] == error["extensions"]
    async with open_post(located(gateway), f"subscription {job('a')}", EVENTS) as stream:
        assert (await stream.receive_start())[0] == 200
    assert twin.calls().keys() <= {"DescribeProcessingJob"}


async def test_refund(start_gateway: StartGateway) -> None:
    """A page is planned for each of its rows; what it did not take comes back."""
    gateway = await start_gateway(calls_per_minute=60, calls_burst=1_000)
    page = "{ processingJobs(first: 1) { nodes { roleArn trainingJob { roleArn } } } }"

    response = await post(gateway, page, **{"X-Budget": "1", "X-Upstream": "1"})

    extensions = response.json()["extensions"]
    spent = extensions["upstream"]["spent"]
    assert 0 < spent < extensions["upstream"]["planned"]
    assert extensions["budget"]["spent"] == spent
    assert (await budget(gateway))["calls"]["remaining"] == 1_000 - spent


async def test_refund_of_what_fails(start_gateway: StartGateway, twin: "Twin") -> None:
    """An operation that AWS fails has spent the calls that were made, and no more."""
    gateway = await start_gateway(calls_per_minute=60, calls_burst=10)
    twin.set_faults({"errorRate": 1.0})
    query = """{ processingJob(name: "a") { trainingJob { roleArn }
      autoMLJob { roleArn } } }"""

    body = (await post(gateway, query)).json()

    assert body["errors"]
    assert (await budget(gateway))["calls"]["remaining"] == 9


async def test_refund_of_what_is_cancelled(
    start_gateway: StartGateway, twin_clock: TwinClock
) -> None:
    """A client that disconnects gets back what was not called when it did."""
    gateway = await start_gateway(calls_per_minute=60, calls_burst=10)
    query = '{ processingJob(name: "a") { trainingJob { roleArn autoMLJob { roleArn } } } }'
    twin_clock.close()
    async with open_post(located(gateway), query, JSON) as stream:
        await until_true(lambda: has_left(gateway, 7))
        stream.disconnect()
        await until_true(lambda: has_left(gateway, 9))
    twin_clock.open()


async def test_requests_are_counted_too(start_gateway: StartGateway) -> None:
    """Operations that need no AWS call have a budget, each of a batch and each invalid one."""
    gateway = await start_gateway(requests_per_minute=6, max_batch=5)

    await post(gateway, "{ __typename }")
    await post(gateway, "{ nothing }")
    whole = await post(gateway, ["{ __typename }"] * 3)
    part = (await post(gateway, ["{ __typename }"] * 2)).json()
    refused = await post(gateway, "{ __typename }")

    assert [each["data"]["__typename"] for each in whole.json()] == ["Query"] * 3
    assert part[0] == {"data": {"__typename": "Query"}}
    assert code_of(part[1]) == "RATE_LIMITED"
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["extensions"]["budget"] == "requests"
    assert refused.json()["errors"][0]["extensions"]["retryAfterMs"] == 10_000


async def test_batch_that_is_refused_whole(start_gateway: StartGateway) -> None:
    """A batch of which nothing is executed has the status and the time of its refusals."""
    gateway = await start_gateway(calls_per_minute=60, calls_burst=1, max_batch=3)
    await post(gateway, job("a"))

    response = await post(gateway, [job("b"), job("c")])

    assert response.status_code == 429
    assert response.headers["retry-after"] == "1"
    assert [code_of(each) for each in response.json()] == ["RATE_LIMITED"] * 2


async def test_websocket(start_gateway: StartGateway) -> None:
    """Each operation over a WebSocket is charged; a refusal is an `error` message."""
    gateway = await start_gateway(calls_per_minute=60, calls_burst=1, requests_per_minute=3)
    async with open_initialised_websocket(located(gateway)) as socket:
        for id_, query in enumerate([job("a"), job("b"), "{ __typename }", "{ __typename }"]):
            socket.subscribe(str(id_), query)
            message = await socket.receive_message()
            if message["type"] == "next":
                assert (await socket.receive_message())["type"] == "complete"
            else:
                assert id_ in (1, 3)
                (error,) = message["payload"]
                assert error["extensions"]["code"] == "RATE_LIMITED"
                assert error["extensions"]["budget"] == ("calls" if id_ == 1 else "requests")
                assert error["extensions"]["retryAfterMs"] > 0


@pytest.mark.parametrize("operation", [job("b"), f"subscription {job('b')}"])
async def test_stream_over_the_budget(start_gateway: StartGateway, operation: str) -> None:
    """A stream that cannot begin is refused by its status."""
    gateway = await start_gateway(calls_per_minute=60, calls_burst=1)
    await post(gateway, job("a"))
    async with open_post(located(gateway), operation, EVENTS) as stream:
        status, headers = await stream.receive_start()

        assert status == 429
        assert headers["retry-after"] == "1"
        assert code_of(json.loads(await stream.receive_rest())) == "RATE_LIMITED"


async def test_events_of_a_subscription_are_charged(
    start_gateway: StartGateway, put: Put, twin: "Twin"
) -> None:
    """Each look at the job takes a call; without budget the next event waits for it."""
    gateway = await start_gateway(calls_per_minute=1, calls_burst=2)
    put(PROCESSING, processing_job("watched", "InProgress"))
    async with open_post(located(gateway), f"subscription {job('watched')}", EVENTS) as stream:
        await stream.receive_start()
        assert "IN_PROGRESS" in await next_event(stream)
        assert (await budget(gateway))["calls"]["remaining"] == 1
        await until(lambda: gateway.clock.sleeping(2.0))
        gateway.clock.advance(6)
        await until(lambda: gateway.clock.sleeping(2.0))
        put(PROCESSING, processing_job("watched", "Completed"))
        gateway.clock.advance(6)
        await until(lambda: gateway.clock.sleeping(48.0))
        assert sum(twin.calls().values()) == 2
        gateway.clock.advance(48)
        assert "COMPLETED" in await next_event(stream)


async def test_incremental_delivery_is_charged(start_gateway: StartGateway, put: Put) -> None:
    """All parts of a response are planned before the first, and what they leave comes back."""
    put(TRAINING, training_job("training"))
    put(PROCESSING, processing_job("job", TrainingJobArn=arn("training-job", "training")))
    gateway = await start_gateway(calls_per_minute=60, calls_burst=2)
    query = """{ processingJob(name: "job") { roleArn
      ... @defer { trainingJob { roleArn } } } }"""

    response = await post(gateway, query, "multipart/mixed")

    assert response.headers["ratelimit-policy"].startswith('"calls";q=2;')
    assert (await budget(gateway))["calls"]["remaining"] == 0
    refused = await post(gateway, query.replace('"job"', '"other"'), "multipart/mixed")
    assert refused.status_code == 429


async def test_stale_answers_are_renewed_within_the_budget(
    start_gateway: StartGateway, put: Put, twin: "Twin"
) -> None:
    """The call that renews a stale answer is charged; without budget the answer stays stale."""
    put(PROCESSING, processing_job("job", "InProgress"))
    rich = await start_gateway(calls_per_minute=1, calls_burst=2)
    poor = await start_gateway(calls_per_minute=1, calls_burst=1)
    for gateway in (rich, poor):
        await post(gateway, job("job"))
        gateway.clock.advance(6)
        assert "IN_PROGRESS" in (await post(gateway, job("job"))).text
        assert await has_left(gateway, 0)
    await until(lambda: sum(twin.calls().values()) == 3)
    poor.clock.advance(5)
    assert (await post(poor, job("job"))).status_code == 429
    assert sum(twin.calls().values()) == 3


def key_section(name: str, key: str, rest: str = "") -> str:
    """Return the entry of an access file for an API key."""
    return f'[[api_keys]]\nname = "{name}"\nhash = "{hash_key(key.encode())}"\n{rest}\n'


async def test_each_caller_has_its_own(start_guarded: StartGateway) -> None:
    """API keys have budgets of their own, by the settings or by their entry of the access file."""
    keys = {name: create_key() for name in ("plain", "small", "free")}
    rest = {
        "plain": "",
        "small": "calls_per_minute = 6",
        "free": 'calls_per_minute = "unlimited"',
    }
    sections = [
        key_section(name, key, f'scopes = ["read"]\n{rest[name]}') for name, key in keys.items()
    ]
    gateway = await start_guarded("\n".join(sections), calls_per_minute=60)
    answers = {}
    for name, key in keys.items():
        answers[name] = await post(gateway, job(name), authorization=f"Bearer {key}")

    assert answers["plain"].headers["ratelimit"] == '"calls";r=59;t=1'
    assert answers["small"].headers["ratelimit"] == '"calls";r=5;t=10'
    assert "ratelimit" not in answers["free"].headers
    assert (await budget(gateway, authorization=f"Bearer {keys['small']}")) == {
        "planned": 0,
        "calls": {"limit": 6, "remaining": 5, "restoredPerMinute": 6, "resetAfterMs": 10_000},
    }


async def test_calls_tell_nothing_of_what_is_outside_of_a_view(
    start_guarded: StartGateway, twin: "Twin"
) -> None:
    """By tags, a view takes calls for jobs that exist: its caller is not shown what is left."""
    view = '\n[[views]]\nname = "team"\ntags = { team = "a" }\n'
    callers = {
        "limited": 'scopes = ["read"]\nview = "team"',
        "counting": 'scopes = ["read", "upstream"]\nview = "team"',
    }
    limits = {"calls_per_minute": 60, "calls_burst": 9, "requests_per_minute": 60}
    asked = await start_callers(start_guarded, callers, view, **limits)
    shown = {}
    for name in callers:
        response = await asked.ask(name, job("a"), **{"X-Budget": "1"})
        shown[name] = (
            response.headers["ratelimit"],
            response.json()["extensions"]["budget"].keys(),
        )
        assert response.headers["ratelimit-policy"].startswith('"calls";q=9;')

    assert shown["limited"] == ('"requests";r=59;t=1', {"planned", "requests"})
    assert shown["counting"][0].startswith('"calls";r=')
    assert shown["counting"][1] == {"planned", "spent", "calls", "requests"}


async def from_address(gateway: Gateway, address: str, query: str) -> int:
    """Return the status of the response to an operation that comes from an address."""
    transport = httpx.ASGITransport(gateway.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return (await client.post("/graphql", json={"query": query})).status_code


async def test_strangers_are_told_apart_by_address(start_gateway: StartGateway) -> None:
    """An IPv4 address is a caller, and so is a whole IPv6 network of 64 bits."""
    gateway = await start_gateway(requests_per_minute=1)
    addresses = {
        "192.0.2.1": 200,
        "::ffff:192.0.2.1": 429,
        "192.0.2.2": 200,
        "2001:db8:1:2::1": 200,
        "2001:db8:1:2:ffff::9": 429,
        "2001:db8:1:3::1": 200,
    }
    for address, status in addresses.items():
        assert await from_address(gateway, address, "{ __typename }") == status, address


async def test_guessing_at_keys_costs_the_address(start_guarded: StartGateway) -> None:
    """Wrong credentials cost their address a request; those that are known stay welcome."""
    key = create_key()
    access = key_section("mine", key, 'scopes = ["read"]\nrequests_per_minute = 100')
    gateway = await start_guarded(access, requests_per_minute=2)
    right = {"authorization": f"Bearer {key}"}
    assert (await post(gateway, "{ __typename }", **right)).status_code == 200

    wrong = [
        (await post(gateway, "{ __typename }", authorization=f"Bearer {create_key()}")).status_code
        for _ in range(3)
    ]

    assert wrong == [401, 401, 429]
    assert (await post(gateway, "{ __typename }", **right)).status_code == 200
    async with open_websocket(gateway.app, PROTOCOL, client=("127.0.0.1", 123)) as socket:
        await socket.receive()
        payload = {"authorization": f"Bearer {create_key()}"}
        socket.send_message({"type": "connection_init", "payload": payload})
        assert await socket.receive_close() == 4403


async def test_metrics_count_refusals(start_gateway: StartGateway) -> None:
    """`/metrics` says how many operations were refused by which budget."""
    gateway = await start_gateway(requests_per_minute=1)
    for _ in range(3):
        await post(gateway, "{ __typename }")

    metrics = (await gateway.http.get("/metrics")).text

    assert 'gateway_rate_limited_total{budget="requests"} 2' in metrics
    assert "gateway_budgets 1" in metrics


async def next_event(stream: Any) -> str:
    """Return the next event of a stream."""
    chunk: str = await stream.receive_chunk()
    while chunk == ":\n\n":
        chunk = await stream.receive_chunk()
    return chunk
