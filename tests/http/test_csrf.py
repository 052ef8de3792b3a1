"""Requests that a page of another site can make a browser send."""

from typing import TYPE_CHECKING

import pytest

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
    ],
)
async def test_simple_request_from_a_browser_is_refused(
    gateway: Gateway, headers: dict[str, str]
) -> None:
    """What a browser sends without asking first is not executed."""
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


async def test_listed_origin_may_read_responses(twin: "Twin") -> None:
    """A preflight from a listed origin is granted, from another one it is not."""
    origin = "https://app.example"
    async with running(endpoint_url=twin.url, cors_origins=origin) as gateway:
        preflight = {
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        }
        granted = await gateway.http.options("/graphql", headers={"origin": origin, **preflight})
        refused = await gateway.http.options(
            "/graphql", headers={"origin": "https://evil.example", **preflight}
        )
        answered = await gateway.http.post(
            "/graphql", json={"query": "{__typename}"}, headers={"origin": origin}
        )

    assert granted.status_code == 200
    assert granted.headers["access-control-allow-origin"] == origin
    assert refused.status_code == 400
    assert answered.headers["access-control-allow-origin"] == origin
