"""Twins with clocks that stand still until a test moves them, and boto3 clients of them."""

import gc
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any, Final

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from gateway.twin import Twin

START: Final = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
REGION: Final = "eu-west-1"
Pages = Callable[..., list[dict[str, Any]]]


class MovableClock:
    """A twin's clock."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return the time that it was moved to."""
        return self.now

    def set(self, **after_start: float) -> None:
        """Move it to a time after the scenario's start."""
        self.now = START + timedelta(**after_start)


def connect(twin: Twin, region: str = REGION, service: str = "sagemaker", **config: Any) -> Any:
    """Return a boto3 client of a twin that never retries."""
    settings = Config(retries={"total_max_attempts": 1}, max_pool_connections=2, **config)
    client: Any = boto3.client(
        service,
        endpoint_url=twin.url,
        region_name=region,
        config=settings,
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
    )
    return client


def error_of(call: Any, **params: Any) -> tuple[str, str, int]:
    """Return code, message and HTTP status of the error that a call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    response: Any = caught.value.response
    error = response["Error"]
    return error["Code"], error["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


def all_pages(call: Callable[..., Any], rows: str, **params: Any) -> list[dict[str, Any]]:
    """Return the rows of all pages of a list operation."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = call(**params, **token)
        found += page[rows]
        if "NextToken" not in page:
            return found
        token = {"NextToken": page["NextToken"]}


@pytest.fixture(scope="session", autouse=True)
def rare_garbage_collections() -> Iterator[None]:
    """Collect garbage rarely: thousands of answers would make it a fifth of the time."""
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.fixture(scope="session")
def served() -> Iterator[Twin]:
    """Yield a twin whose clock stands at the scenario's start."""
    with Twin(clock=MovableClock(), started=START) as twin:
        yield twin


@pytest.fixture
def twin(served: Twin) -> Iterator[Twin]:
    """Yield the standing twin with no calls counted and no faults on."""
    served.clear_faults()
    served.reset_calls()
    yield served
    served.clear_faults()


@pytest.fixture(scope="session")
def client(served: Twin) -> Iterator[Any]:
    """Yield a boto3 client of the standing twin."""
    client = connect(served)
    yield client
    client.close()


@pytest.fixture
def clock() -> MovableClock:
    """Return a clock at the scenario's start."""
    return MovableClock()


@pytest.fixture
def moving(clock: MovableClock) -> Iterator[Twin]:
    """Yield a served twin of its own for a test that moves the clock."""
    with Twin(jobs=100, clock=clock) as twin:
        yield twin


class ControlClient:
    """A plain HTTP client of the twin's port."""

    def __init__(self, twin: Twin) -> None:
        self.http = HTTPConnection(twin.url.removeprefix("http://"))

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and JSON of an answer."""
        sent = body if body is None or isinstance(body, str) else json.dumps(body)
        self.http.request(method, path, sent)
        response = self.http.getresponse()
        return response.status, json.loads(response.read())


@pytest.fixture
def control(twin: Twin) -> Iterator[ControlClient]:
    """Yield a client of the control interface."""
    client = ControlClient(twin)
    yield client
    client.http.close()
