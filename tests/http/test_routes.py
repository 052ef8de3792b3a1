"""Liveness and readiness."""

import httpx
import pytest
from starlette.applications import Starlette

from gateway.http.routes import health_routes
from tests.clocks import until
from tests.gateway_under_test import Gateway

pytestmark = pytest.mark.anyio


def client(reason: str | None) -> httpx.AsyncClient:
    """Return a client of an application that is not ready for this reason."""
    app = Starlette(routes=health_routes(lambda: reason))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")


@pytest.mark.parametrize("reason", [None, "AWS is far away."])
async def test_alive_whether_ready_or_not(reason: str | None) -> None:
    """A process that answers is alive, and is not to be restarted for AWS's sake."""
    async with client(reason) as http:
        response = await http.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "alive"})


async def test_ready() -> None:
    """A gateway with no reason not to be is ready."""
    async with client(None) as http:
        response = await http.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


async def test_not_ready() -> None:
    """A gateway that is not ready gives the reason, and a status for load balancers."""
    async with client("AWS is far away.") as http:
        response = await http.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "reason": "AWS is far away."}


async def test_gateway_becomes_ready_without_a_query(gateway: Gateway) -> None:
    """The gateway creates its AWS client at start-up, without a query."""
    statuses: list[int] = []

    async def ask() -> None:
        statuses.append((await gateway.http.get("/readyz")).status_code)

    await ask()
    while statuses[-1] != 200:
        assert statuses[-1] == 503
        await until(lambda: True)
        await ask()

    assert (await gateway.http.get("/healthz")).status_code == 200
