"""The figures for Prometheus on a port of their own, for each process one."""

import asyncio
import signal
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.replicas import Replica, eventually, replica

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

HALF_A_HEAD = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"


def ports(served: Replica) -> list[int]:
    """Return the ports at which the metrics of each process are."""
    return served.found(r"gateway\.listening_for_metrics host=127\.0\.0\.1 port=(\d+)")


async def get(port: int, path: str = "/metrics", host: str = "localhost") -> httpx.Response:
    """Return the response to a request at a port."""
    async with httpx.AsyncClient(verify=False) as http:
        return await http.get(f"http://127.0.0.1:{port}{path}", headers={"Host": host})


async def test_metrics_are_at_their_own_port_only(twin: "Twin") -> None:
    """They are on that port, and nothing else is; a client that stalls there is cut off."""
    async with replica(twin.url, metrics_port=0, head_timeout=0.5) as served:
        (port,) = ports(served)
        assert "gateway_cache_entries" in (found := await get(port)).text
        assert found.headers["x-content-type-options"] == "nosniff"
        assert (await get(served.port)).status_code == 404
        assert (await get(port, "/graphql?query={__typename}")).status_code == 404
        assert (await get(port, host="example.com")).status_code == 403

        stalled, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HALF_A_HEAD)
        assert (await stalled.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_shutdown(twin: "Twin") -> None:
    """The port is open until the gateway stops listening, and stalled clients do not keep it so."""
    async with replica(twin.url, metrics_port=0, shutdown_delay=1) as served:
        (port,) = ports(served)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HALF_A_HEAD)

        served.signal(signal.SIGTERM)
        await eventually(served.says_not_ready, served)
        assert (await get(port)).status_code == 200
        assert await served.end() == 0
        assert "Traceback" not in served.log
        with pytest.raises(httpx.ConnectError):
            await get(port)
        writer.close()


async def test_each_worker_has_a_port(twin: "Twin") -> None:
    """Each worker shows its own figures, and so does the one that replaces it at the same port."""
    async with replica(twin.url, workers=2, metrics_port=0, shutdown_delay=0) as served:
        first, second = ports(served)
        assert first != second

        async def operations(port: int) -> float:
            lines = (await get(port)).text.splitlines()
            (found,) = [line for line in lines if 'operations_total{executor="compiled"}' in line]
            return float(found.split()[-1])

        async with served.client() as http:
            for _ in range(3):
                await http.post("/graphql", json={"query": "{ __typename }"})
        assert {await operations(first), await operations(second)} == {0.0, 3.0}
