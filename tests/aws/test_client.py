"""The one place that calls boto3: regions, clients, deadlines and what stays of a call."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from gateway.aws.client import SageMaker
from gateway.aws.errors import NotFound, TimedOut
from gateway.errors import BadUserInput, ConfigurationError
from gateway.settings import AwsSettings
from tests.aws.stub import Request, Response, refusal, stub
from tests.aws_answers import PROCESSING, processing_job
from tests.clocks import PATIENCE, TwinClock, until
from tests.conftest import Put

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio


@pytest.fixture
def client(twin: "Twin") -> Iterator[Callable[..., SageMaker]]:
    """Yield a function that makes a client of the twin's SageMaker."""
    made: list[SageMaker] = []

    def make(**options: Any) -> SageMaker:
        given = {"region": "eu-west-1", "endpoint_url": twin.url, "aws_attempts": 1, **options}
        made.append(SageMaker(AwsSettings(**given)))
        return made[-1]

    yield make
    for each in made:
        each.close()


async def test_call_is_what_boto3_answers(client: Callable[..., SageMaker], put: Put) -> None:
    """A call takes AWS's own names and gives AWS's own answer."""
    put(PROCESSING, processing_job("job"))

    answer = await client().call("eu-west-1", PROCESSING, ProcessingJobName="job")

    assert answer["AppSpecification"] == processing_job("job")["AppSpecification"]


async def test_calls_are_counted(client: Callable[..., SageMaker]) -> None:
    """Each call counts, whether it succeeds or not."""
    sagemaker = client()
    for _ in range(3):
        with pytest.raises(NotFound):
            await sagemaker.call("eu-west-1", PROCESSING, ProcessingJobName="job")

    assert sagemaker.calls == {PROCESSING: 3}


async def test_settings_reach_boto3(client: Callable[..., SageMaker], twin: "Twin") -> None:
    """The settings of calls are those of boto3's client."""
    sagemaker = client(aws_concurrency=3, aws_attempts=4, aws_connect_timeout=5, aws_read_timeout=6)

    meta = sagemaker._client("eu-west-1").meta

    assert (meta.endpoint_url, meta.region_name) == (twin.url, "eu-west-1")
    assert meta.config.max_pool_connections == 3
    assert meta.config.retries["total_max_attempts"] == 4
    assert (meta.config.connect_timeout, meta.config.read_timeout) == (5, 6)


def test_regions_of_the_settings_are_served(client: Callable[..., SageMaker]) -> None:
    """Where the settings name regions, only they and the default one are served."""
    sagemaker = client(regions="us-east-1")
    sagemaker.check_region("us-east-1")
    sagemaker.check_region("eu-west-1")

    with pytest.raises(BadUserInput):
        sagemaker.check_region("us-west-2")


async def test_one_client_per_region_is_made_once(
    client: Callable[..., SageMaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many threads want a region's client at once, one is made."""
    made: list[str] = []
    create = SageMaker._create_client

    def counting(self: SageMaker, region: str) -> Any:
        made.append(region)
        return create(self, region)

    monkeypatch.setattr(SageMaker, "_create_client", counting)
    sagemaker = client()
    calls = [
        sagemaker.call(region, PROCESSING, ProcessingJobName="job")
        for region in ["eu-west-1", "us-west-2"] * 10
    ]
    results = await asyncio.gather(*calls, return_exceptions=True)

    assert {type(result) for result in results} == {NotFound}
    assert sorted(made) == ["eu-west-1", "us-west-2"]


async def test_calls_beyond_the_limit_wait(
    client: Callable[..., SageMaker], twin: "Twin", twin_clock: TwinClock, put: Put
) -> None:
    """No more calls than allowed are in flight, and those that wait are made in their turn."""
    put(PROCESSING, processing_job("job"))
    sagemaker = client(aws_concurrency=2)
    await sagemaker.call("eu-west-1", PROCESSING, ProcessingJobName="job")
    twin.reset_calls()
    twin_clock.meet = threading.Barrier(2)

    calls = [sagemaker.call("eu-west-1", PROCESSING, ProcessingJobName="job") for _ in range(6)]
    answers = await asyncio.gather(*calls)

    assert len(answers) == 6
    assert twin.calls() == {PROCESSING: 6}


async def test_deadline_ends_the_wait(
    client: Callable[..., SageMaker], twin: "Twin", twin_clock: TwinClock
) -> None:
    """A call is given up at its deadline, its wait for a free thread included."""
    sagemaker = client(aws_concurrency=1, aws_deadline=0.1)
    twin_clock.close()
    first = asyncio.create_task(sagemaker.call("eu-west-1", PROCESSING, ProcessingJobName="job"))
    await until(twin.calls)

    with pytest.raises(TimedOut):
        await sagemaker.call("eu-west-1", PROCESSING, ProcessingJobName="job")
    with pytest.raises(TimedOut):
        await first
    assert twin.calls() == {PROCESSING: 1}


async def test_no_attempt_begins_after_the_deadline(client: Callable[..., SageMaker]) -> None:
    """A thread whose call nobody waits for any longer is free after the attempt under way."""
    over = threading.Event()

    def answer(_: Request) -> Response:
        over.wait(PATIENCE)
        return refusal("InternalFailure", "We broke.", 500)

    with stub(answer) as aws:
        sagemaker = client(endpoint_url=aws.url, aws_attempts=2, aws_deadline=0.1)
        sagemaker.start()
        await until(lambda: sagemaker.check_readiness() is None)
        with pytest.raises(TimedOut):
            await sagemaker.call("eu-west-1", PROCESSING, ProcessingJobName="job")

        over.set()
        await asyncio.to_thread(sagemaker._threads.shutdown)

        assert len(aws.requests) == 1


async def test_call_that_is_given_up_is_logged(
    client: Callable[..., SageMaker], twin_clock: TwinClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The deadline leaves a line, as every other failure does."""
    twin_clock.close()
    with pytest.raises(TimedOut):
        await client(aws_deadline=0.1).call("eu-west-1", PROCESSING, ProcessingJobName="job")

    assert [record.message for record in caplog.records] == ["gateway.aws_call_failed"]


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_partition_is_that_of_the_region(
    client: Callable[..., SageMaker], region: str, partition: str
) -> None:
    """The gateway serves the partition that its region is in."""
    sagemaker = client(region=region)

    assert sagemaker.partition == partition
    sagemaker.check_region(region)


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "mars-north-1", ""])
def test_regions_of_other_partitions_are_not_served(
    client: Callable[..., SageMaker], region: str
) -> None:
    """A region that the credentials cannot be good for is refused before any call."""
    with pytest.raises(BadUserInput):
        client().check_region(region)


def test_configuration_is_checked_before_the_start(
    client: Callable[..., SageMaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would make every call fail is found before the first."""
    client().check()
    for options in ({"region": None}, {"region": "mars-north-1"}, {"profile": "nobody"}):
        with pytest.raises(ConfigurationError):
            client(**options).check()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ConfigurationError, match="No AWS credentials"):
        client().check()


async def test_not_ready_before_the_client_stands(
    client: Callable[..., SageMaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client says why it is not ready, until it is."""
    sagemaker = client()
    create, may_create = sagemaker._session.client, threading.Event()

    def create_later(*args: Any, **options: Any) -> Any:
        assert may_create.wait(PATIENCE)
        return create(*args, **options)

    monkeypatch.setattr(sagemaker._session, "client", create_later)
    sagemaker.start()
    assert sagemaker.check_readiness() == "The AWS client is being created."

    may_create.set()
    await until(lambda: sagemaker.check_readiness() is None)


async def test_client_that_cannot_be_made_is_said(
    client: Callable[..., SageMaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway whose client cannot be created is not ready, and says why."""
    sagemaker = client()
    monkeypatch.setattr(sagemaker._session, "client", lambda *_, **__: 1 / 0)
    sagemaker.start()

    await until(lambda: "could not be created" in (sagemaker.check_readiness() or ""))
