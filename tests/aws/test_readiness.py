"""`/readyz` tells whether AWS takes the gateway's calls, and makes next to none itself."""

from collections.abc import Callable
from typing import Final

import pytest

from gateway.aws.errors import AccessDenied, InvalidCredentials, NotFound, Refused, Throttled
from gateway.aws.readiness import ANSWER_COUNTS_FOR, REFUSAL_COUNTS_FOR, TRIAL_PAUSE, Readiness
from tests.aws.stub import Request, Response, refusal, stub
from tests.clocks import Clock, until, until_true
from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway

pytestmark = pytest.mark.anyio

QUERY: Final = '{ processingJob(name: "x") { roleArn } }'
EXPIRED: Final = refusal("ExpiredTokenException", "The security token is expired")
DENIED: Final = refusal("AccessDeniedException", "User: u is not authorized", 400)
MISSING: Final = refusal("ValidationException", "Could not find requested job")


async def status(gateway: Gateway) -> int:
    """Return the status of `/readyz`."""
    return (await gateway.http.get("/readyz")).status_code


async def ready(gateway: Gateway) -> bool:
    """Tell whether the gateway says that it is."""
    return await status(gateway) == 200


@pytest.mark.parametrize(
    "answer",
    [
        EXPIRED,
        DENIED,
        refusal("UnrecognizedClientException", "The security token is invalid."),
        refusal("SomethingNewException", "No.", 403),
        Response(403, b"<html>No</html>", {"Content-Type": "text/html"}),
    ],
)
async def test_not_ready_while_every_call_is_refused(
    start_gateway: StartGateway, answer: Response
) -> None:
    """A gateway whose calls AWS refuses says why, and is alive all the same."""
    with stub(lambda _: answer) as aws:
        gateway = await start_gateway(endpoint_url=aws.url)
        await until_true(lambda: ready(gateway))
        assert (await gateway.query(QUERY)).codes == ["UPSTREAM_ACCESS_DENIED"]

        response = await gateway.http.get("/readyz")

        assert response.status_code == 503
        assert "AWS" in response.json()["reason"]
        assert (await gateway.http.get("/healthz")).status_code == 200


async def test_gateway_recovers_by_itself(start_gateway: StartGateway) -> None:
    """While nobody asks anything but `/readyz`, a trial call now and then finds out."""
    with stub(lambda _: EXPIRED) as aws:
        gateway = await start_gateway(endpoint_url=aws.url)
        await until_true(lambda: ready(gateway))
        await gateway.query(QUERY)
        for _ in range(5):
            assert await status(gateway) == 503
        await until(lambda: len(aws.requests) == 2)

        aws.answer = lambda _: Response(200, b'{"TrainingJobSummaries": []}')
        assert await status(gateway) == 503
        gateway.clock.advance(TRIAL_PAUSE)
        await until_true(lambda: ready(gateway))

        assert [request.operation for request in aws.requests[1:]] == [
            "ListProcessingJobs",
            "ListTrainingJobs",
        ]
        assert aws.requests[1].parameters == {"MaxResults": 1}


async def test_one_resource_that_is_denied_says_nothing_of_others(
    start_gateway: StartGateway,
) -> None:
    """Whoever asks for what the gateway may not see does not take it out of service."""
    answers = iter([MISSING, DENIED])
    with stub(lambda _: next(answers)) as aws:
        gateway = await start_gateway(endpoint_url=aws.url)
        await until_true(lambda: ready(gateway))
        await gateway.query(QUERY)
        assert (await gateway.query(QUERY.replace("x", "y"))).codes == ["UPSTREAM_ACCESS_DENIED"]

        assert await status(gateway) == 200
        assert len(aws.requests) == 2


async def test_region_that_is_not_enabled_says_nothing_of_others(
    start_gateway: StartGateway,
) -> None:
    """AWS takes the credentials for invalid in regions that the account has not enabled."""

    def answer(request: Request) -> Response:
        return EXPIRED if "af-south-1" in request.headers["Authorization"] else MISSING

    with stub(answer) as aws:
        gateway = await start_gateway(endpoint_url=aws.url)
        await until_true(lambda: ready(gateway))
        answered = await gateway.query(QUERY.replace('"x"', '"x", region: "af-south-1"'))

        assert answered.codes == ["UPSTREAM_ACCESS_DENIED"]
        assert await status(gateway) == 200


def fail(readiness: Readiness, error: Exception) -> None:
    """Let a call end with the error."""
    with pytest.raises(type(error)), readiness.observe():
        raise error


def succeed(readiness: Readiness) -> None:
    """Let a call end well."""
    with readiness.observe():
        pass


@pytest.mark.parametrize(
    "end",
    [
        succeed,
        lambda readiness: fail(readiness, NotFound("x")),
        lambda readiness: fail(readiness, Refused("ListTags", "x")),
    ],
)
def test_any_answer_is_an_end_of_the_refusals(end: Callable[[Readiness], None]) -> None:
    """AWS looks at credentials first: who reads "not found" has been let in."""
    readiness = Readiness(Clock())
    fail(readiness, InvalidCredentials("Expired."))
    assert readiness.reason == "Expired."

    end(readiness)

    assert readiness.reason is None


def test_throttling_says_nothing() -> None:
    """Neither a gateway that is throttled nor one that AWS does not answer is out of service."""
    readiness = Readiness(Clock())

    fail(readiness, Throttled("Wait."))

    assert readiness.reason is None


def test_credentials_that_expire_are_noticed_at_once() -> None:
    """However recently AWS answered, invalid credentials are the end of it."""
    readiness = Readiness(Clock())
    succeed(readiness)

    fail(readiness, InvalidCredentials("Expired."))

    assert readiness.reason == "Expired."


def test_missing_permission_counts_after_a_while_without_answers() -> None:
    """A permission that was taken away shows once no call has been answered for minutes."""
    clock = Clock()
    readiness = Readiness(clock)
    succeed(readiness)
    fail(readiness, AccessDenied("No."))
    assert readiness.reason is None

    clock.advance(ANSWER_COUNTS_FOR)
    fail(readiness, AccessDenied("No."))

    assert readiness.reason == "No."


def test_refusal_is_forgotten() -> None:
    """A refusal that nothing repeats does not keep a gateway out of service for ever."""
    clock = Clock()
    readiness = Readiness(clock)
    fail(readiness, InvalidCredentials("Expired."))

    clock.advance(REFUSAL_COUNTS_FOR)

    assert readiness.reason is None
    assert not readiness.begin_trial()


def test_trials_are_rare() -> None:
    """However often `/readyz` is asked, one trial is made in ten seconds."""
    clock = Clock()
    readiness = Readiness(clock)
    assert not readiness.begin_trial()
    fail(readiness, InvalidCredentials("Expired."))

    assert [readiness.begin_trial() for _ in range(3)] == [True, False, False]
    clock.advance(TRIAL_PAUSE)
    assert readiness.begin_trial()
