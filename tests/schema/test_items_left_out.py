"""Items of AWS's lists that the schema cannot hold: the response tells of each that is left out."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from gateway.schema.decode import ITEMS_LEFT_OUT
from tests.aws.stub import Request, Response, stub
from tests.aws_answers import arn, processing_job, training_job
from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway

pytestmark = pytest.mark.anyio

EXECUTORS: Final = ["", "__schema { __typename }"]
JOB: Final = processing_job(
    "job",
    AppSpecification={"ImageUri": "i", "ContainerArguments": ["--a", None, "--b", 7]},
    ProcessingInputs=[None, {"InputName": "in"}],
    Environment={"EMPTY": None, "FULL": "1"},
    TrainingJobArn=arn("training-job", "job"),
)
LINKED: Final = training_job("job", SecondaryStatusTransitions=[{"Status": "Starting"}, None])
QUERY: Final = """{ processingJob(name: "job") {
  app: appSpecification { containerArguments }
  processingInputs { inputName }
  environment { key value }
  trainingJob { steps: secondaryStatusTransitions { status } } } %s }"""
NOTICES: Final = [
    (
        ["processingJob", "app", "containerArguments"],
        "Of the 4 items that AWS answered with, 2 without a value are left out, at index 1, 3.",
    ),
    (
        ["processingJob", "processingInputs"],
        "Of the 2 items that AWS answered with, 1 without a value are left out, at index 0.",
    ),
    (
        ["processingJob", "trainingJob", "steps"],
        "Of the 2 items that AWS answered with, 1 without a value are left out, at index 1.",
    ),
]


def answer(request: Request) -> Response:
    """Answer with jobs whose lists have items that are null or of a wrong type."""
    bodies: dict[str, Any] = {"DescribeProcessingJob": JOB, "DescribeTrainingJob": LINKED}
    body = json.dumps(bodies[request.operation], default=lambda time: time.timestamp())
    return Response(200, body.encode())


@pytest.fixture
def url() -> Iterator[str]:
    """Yield the address of a stub of AWS."""
    with stub(answer) as served:
        yield served.url


@pytest.fixture
async def gateway(start_gateway: StartGateway, url: str) -> Gateway:
    """Return a gateway in front of the stub."""
    return await start_gateway(endpoint_url=url)


def notices(body: Any) -> list[tuple[Any, str]]:
    """Return path and message of each notice about items that are left out."""
    found = body.get("extensions", {}).get("notices", [])
    assert all(each["code"] == ITEMS_LEFT_OUT for each in found)
    return [(each["path"], each["message"]) for each in found]


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_response_tells_which_items_are_left_out(gateway: Gateway, executor: str) -> None:
    """The other items are there; cold and from the cache a notice has the path and the indexes."""
    for _ in range(3):
        answered = await gateway.query(QUERY % executor)

        assert not answered.errors
        assert sorted(notices(answered.body), key=str) == NOTICES
        assert answered.data["processingJob"] == {
            "app": {"containerArguments": ["--a", "--b"]},
            "processingInputs": [{"inputName": "in"}],
            "environment": [{"key": "EMPTY", "value": None}, {"key": "FULL", "value": "1"}],
            "trainingJob": {"steps": [{"status": "STARTING"}]},
        }


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_whole_lists_have_no_notice(gateway: Gateway, executor: str) -> None:
    """Fields that are not selected, and lists whose items all have a value, are not told of."""
    answered = await gateway.query(
        f'{{ processingJob(name: "job") {{ environment {{ key }} }} {executor} }}'
    )

    assert "extensions" not in answered.body


async def test_parts_and_events_tell_their_own(gateway: Gateway) -> None:
    """A deferred part has the notice of the list that it holds; an event of a subscription too."""
    deferred = """{ processingJob(name: "job") { processingInputs { inputName }
      ... @defer { appSpecification { containerArguments } } } }"""
    followed = 'subscription { processingJob(name: "job") { processingInputs { inputName } } }'
    read: list[tuple[str, str, Callable[[str], bool]]] = [
        (deferred, "multipart/mixed;incrementalSpec=v0.2, application/json", _is_json),
        (followed, "text/event-stream", lambda line: line.startswith("data: {")),
    ]

    found = []
    for query, accept, is_part in read:
        response = await gateway.http.post(
            "/graphql", json={"query": query}, headers={"Accept": accept}
        )
        lines = filter(is_part, response.text.splitlines())
        found.append([notices(json.loads(line.removeprefix("data: "))) for line in lines])

    paths = [[path for part in parts for path, _ in part] for parts in found]
    inputs = ["processingJob", "processingInputs"]
    assert paths == [
        [inputs, ["processingJob", "appSpecification", "containerArguments"]],
        [inputs],
    ]


def _is_json(line: str) -> bool:
    return line.startswith("{")


async def test_notice_is_bounded(start_gateway: StartGateway) -> None:
    """Of many items that are left out the notice names the first."""
    job = processing_job("job", ProcessingInputs=[None] * 1_000)
    body = json.dumps(job, default=lambda time: time.timestamp()).encode()
    with stub(lambda _: Response(200, body)) as served:
        gateway = await start_gateway(endpoint_url=served.url)
        answered = await gateway.query(
            '{ processingJob(name: "job") { processingInputs { inputName } } }'
        )

    ((_, message),) = notices(answered.body)
    assert message.endswith("18, 19 and others.")
    assert "1000 without a value" in message
