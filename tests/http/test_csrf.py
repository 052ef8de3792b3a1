"""Requests that a page of another site can make a browser send."""

from typing import TYPE_CHECKING

import pytest

from ..conftest import StartGateway
from ..gateway_under_test import Gateway, running

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.servers("lists", "minimal", "mounted", "uvicorn", "hypercorn"),
]

GET = "/graphql?query={__typename}"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"referer": "https://evil.example/page"},
        {"cookie": "a=b"},
        {"origin": "https://evil.example", "content-type": "text/plain"},
        {"origin": "https://evil.example", "apollo-require-preflight": ""},
        {"host": "gateway:8000", "origin": "http://gateway:8001"},
        {"host": "gateway", "origin": "https://gateway", "sec-fetch-site": "cross-site"},
        {"host": "gateway", "origin": "null"},
    ],
)
async def test_simple_request_from_a_browser_is_refused(
    gateway: Gateway, headers: dict[str, str]
) -> None:
    """A request that a browser sends without a preflight is not executed."""
    response = await gateway.http.get(GET, headers=headers)

    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://app.example", "apollo-require-preflight": "1"},
        {"origin": "https://app.example", "x-apollo-operation-name": "Job"},
        {"origin": "https://app.example", "content-type": "application/json"},
        {"sec-fetch-site": "same-origin", "referer": "https://gateway/graphql"},
        {"sec-fetch-site": "none"},
        {"host": "gateway:8000", "origin": "http://gateway:8000"},
        {"host": "gateway", "origin": "https://gateway"},
    ],
)
async def test_request_that_no_other_page_can_cause_is_answered(
    gateway: Gateway, headers: dict[str, str]
) -> None:
    """A header of one's own, JSON, the gateway's own page, or no browser at all."""
    response = await gateway.http.get(GET, headers=headers)

    assert response.json() == {"data": {"__typename": "Query"}}


async def test_simple_post_from_a_browser_is_refused(gateway: Gateway) -> None:
    """A form's media types are refused before the body is read."""
    response = await gateway.http.post(
        "/graphql",
        content=b'{"query":"{__typename}"}',
        headers={"content-type": "text/plain", "origin": "https://evil.example"},
    )

    assert response.status_code == 403


async def test_prevention_is_a_setting(twin: "Twin") -> None:
    """Without it, such requests are answered."""
    async with running(endpoint_url=twin.url, csrf_prevention=False) as gateway:
        response = await gateway.http.get(GET, headers={"origin": "https://other.example"})

    assert response.status_code == 200


LISTED = "https://app.example"
PREFLIGHT = {"access-control-request-method": "POST"}


async def test_listed_origin_may_read_responses(start_gateway: StartGateway) -> None:
    """A preflight from a listed origin is granted, from another one it is not."""
    gateway = await start_gateway(cors_origins=LISTED)
    preflight = {**PREFLIGHT, "access-control-request-headers": "content-type"}
    granted = await gateway.http.options("/graphql", headers={"origin": LISTED, **preflight})
    refused = await gateway.http.options(
        "/graphql", headers={"origin": "https://evil.example", **preflight}
    )
    answered = await gateway.http.post(
        "/graphql", json={"query": "{__typename}"}, headers={"origin": LISTED}
    )

    assert granted.status_code == 200
    assert granted.headers["access-control-allow-origin"] == LISTED
    assert refused.status_code == 400
    assert answered.headers["access-control-allow-origin"] == LISTED


@pytest.mark.parametrize(
    ("settings", "header", "allowed"),
    [
        ({}, "apollographql-client-name", True),
        ({}, "Apollographql-Client-Version", True),
        ({}, "traceparent", True),
        ({}, "tracestate", True),
        ({}, "baggage", True),
        ({}, "sentry-trace", True),
        ({}, "x-request-id", True),
        ({}, "x-upstream", True),
        ({}, "x-server-timing", True),
        ({}, "if-none-match", True),
        ({}, "apollo-require-preflight", True),
        ({}, "x-mine", False),
        ({"cors_headers": "X-Mine, x-yours"}, "x-mine", True),
        ({"cors_headers": "X-Mine, x-yours"}, "content-type", True),
        ({"cors_headers": "X-Mine, x-yours"}, "baggage", False),
        ({"cors_headers": "*"}, "x-mine", True),
    ],
)
@pytest.mark.servers
async def test_headers_that_pages_may_send(
    start_gateway: StartGateway, settings: dict[str, str], header: str, *, allowed: bool
) -> None:
    """Pages may send the headers of the setting, and always those that the gateway reads."""
    gateway = await start_gateway(cors_origins=LISTED, **settings)
    preflight = {**PREFLIGHT, "access-control-request-headers": header}
    response = await gateway.http.options("/graphql", headers={"origin": LISTED, **preflight})

    assert response.status_code == (200 if allowed else 400)


async def test_headers_that_pages_may_read(start_gateway: StartGateway) -> None:
    """Pages may read the headers of the setting, and always those that the gateway sends."""
    gateway = await start_gateway(cors_origins=LISTED, cors_exposed_headers="X-Mine")
    response = await gateway.http.get(GET, headers={"origin": LISTED})

    assert response.headers["access-control-expose-headers"].split(", ") == [
        *("etag", "ratelimit", "ratelimit-policy", "retry-after", "server-timing"),
        *("www-authenticate", "x-mine"),
    ]


@pytest.mark.parametrize("origins", [LISTED, "*"])
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_listed_origin_may_send_simple_requests(
    start_gateway: StartGateway, origins: str, accept: str
) -> None:
    """An `EventSource` and a plain `fetch` of a page that may read responses are answered."""
    gateway = await start_gateway(cors_origins=origins)
    sent = {"origin": LISTED, "sec-fetch-site": "cross-site", "accept": accept}
    response = await gateway.http.get(GET, headers=sent)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] in {LISTED, "*"}
    assert '"__typename":"Query"' in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": f"{LISTED}.evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"referer": f"{LISTED}/page"},
    ],
)
async def test_other_simple_requests_stay_refused(
    start_gateway: StartGateway, headers: dict[str, str]
) -> None:
    """What does not name a listed origin is refused: an image or a form of any page."""
    gateway = await start_gateway(cors_origins=LISTED)

    assert (await gateway.http.get(GET, headers=headers)).status_code == 403
