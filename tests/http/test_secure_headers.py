"""The headers that limit what a browser does with a response."""

import pytest

from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway
from tests.http.asgi_client import open_websocket

pytestmark = pytest.mark.anyio

PATHS = ["/graphql?query={__typename}", "/graphql", "/healthz", "/metrics", "/nothing"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", ["text/html", "application/json", "image/png"])
async def test_every_response_is_sealed(gateway: Gateway, path: str, accept: str) -> None:
    """No response may be taken for a script or be part of another site's page, pages included."""
    response = await gateway.http.get(path, headers={"accept": accept})

    assert response.headers.get_list("x-content-type-options") == ["nosniff"]
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in response.headers


async def test_page_allows_no_eval(gateway: Gateway) -> None:
    """GraphiQL's page runs the scripts with its nonce alone, and no text as a script."""
    response = await gateway.http.get("/graphql", headers={"accept": "text/html"})
    policy = response.headers["content-security-policy"]

    assert "unsafe-eval" not in policy
    assert "script-src 'nonce-" in policy
    assert "frame-ancestors 'none'" in policy


async def test_page_is_alone(gateway: Gateway) -> None:
    """GraphiQL's page sends no referrer, and pages that open it have no handle of its window."""
    response = await gateway.http.get("/graphql", headers={"accept": "text/html"})

    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"


async def test_https_by_setting(start_gateway: StartGateway) -> None:
    """With the setting, browsers are told to use HTTPS alone."""
    gateway = await start_gateway(hsts_seconds=86_400)
    response = await gateway.http.post("/graphql", json={"query": "{ __typename }"})

    assert response.headers["strict-transport-security"] == "max-age=86400"


async def test_refused_handshake(gateway: Gateway) -> None:
    """The response to a refused WebSocket has the headers too."""
    async with open_websocket(gateway.app, headers={"origin": "https://evil.example"}) as socket:
        headers = dict((await socket.receive())["headers"])

    assert headers[b"x-content-type-options"] == b"nosniff"


async def test_ids_of_requests_are_not_taken_over(
    start_gateway: StartGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """What a client calls its request is neither in the response nor in the log."""
    gateway = await start_gateway(endpoint_url="http://127.0.0.1:9", aws_attempts=1)
    names = ("x-request-id", "x-correlation-id", "x-amzn-trace-id", "traceparent", "forwarded")
    headers = dict.fromkeys(names, 'planted" level=ERROR')

    response = await gateway.http.post(
        "/graphql", json={"query": '{ processingJob(name: "a") { roleArn } }'}, headers=headers
    )

    assert response.json()["errors"]
    assert "gateway.aws_call_failed" in caplog.messages
    assert "planted" not in str(response.headers) + response.text
    assert "planted" not in str([vars(record) for record in caplog.records])


async def test_metrics_can_be_switched_off(start_gateway: StartGateway) -> None:
    """`/metrics` has a switch of its own."""
    on, off = await start_gateway(), await start_gateway(metrics=False)

    assert (await on.http.get("/metrics")).status_code == 200
    assert (await off.http.get("/metrics")).status_code == 404
