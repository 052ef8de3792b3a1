"""The one place that wires the parts together: what goes in, and what comes out."""

import logging
from typing import TYPE_CHECKING, Any

import pytest

from gateway.app import create_app
from gateway.aws.client import SageMaker
from gateway.errors import ConfigurationError
from gateway.logs.background import BackgroundHandler
from gateway.settings import Settings

from .aws_answers import PROCESSING, processing_job
from .conftest import Put, StartGateway
from .gateway_under_test import Gateway, lifespan

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("settings", [{}, {"region": "mars-north-1"}, {"profile": "nobody"}])
def test_gateway_that_cannot_call_aws_is_not_made(settings: dict[str, Any]) -> None:
    """What is wrong with the configuration is said before anything is served."""
    with pytest.raises(ConfigurationError):
        create_app(Settings(**settings))


def test_making_a_gateway_calls_nobody(twin: "Twin") -> None:
    """A gateway can be made while AWS is away."""
    create_app(Settings(region="eu-west-1", endpoint_url=twin.url))

    assert twin.calls() == {}


async def test_gateways_share_nothing(start_gateway: StartGateway, twin: "Twin", put: Put) -> None:
    """Each gateway has a cache of its own."""
    put(PROCESSING, processing_job("job"))
    query = '{ processingJob(name: "job") { processingJobStatus } }'
    for _ in range(2):
        await (await start_gateway()).data(query)

    assert twin.calls() == {PROCESSING: 2}


async def test_gateway_closes_what_it_opened(monkeypatch: pytest.MonkeyPatch, twin: "Twin") -> None:
    """At shutdown the threads that call AWS are let go."""
    closed: list[SageMaker] = []
    close = SageMaker.close

    def noting(self: SageMaker) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(SageMaker, "close", noting)
    app = create_app(Settings(region="eu-west-1", endpoint_url=twin.url))

    async with lifespan(app):
        assert closed == []
    assert len(closed) == 1


async def test_dropped_log_lines_are_a_metric(gateway: Gateway) -> None:
    """A log that nobody reads can be seen in the metrics."""
    handler = BackgroundHandler(lambda text: None)
    handler.dropped = 3
    logging.getLogger().addHandler(handler)
    try:
        metrics = (await gateway.http.get("/metrics")).text
    finally:
        logging.getLogger().removeHandler(handler)

    assert "gateway_log_lines_dropped_total 3.0" in metrics
