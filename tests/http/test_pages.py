"""The start page, the icon, and what answers where there is nothing."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.twin import Twin
from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway, running

pytestmark = pytest.mark.anyio

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def links(html: str) -> list[str]:
    """Return the addresses that a page links to."""
    return [unescape(link) for link in re.findall(r'<a href="([^"]*)"', html)]


async def test_start_page_leads_to_everything(gateway: Gateway) -> None:
    """Each link of the page leads to something."""
    response = await gateway.http.get("/", headers=BROWSER)
    found = links(response.text)

    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert {"/graphql", "/healthz", "/readyz", "/metrics"} <= set(found)
    for link in found:
        answer = await gateway.http.get(link, headers=BROWSER)
        assert answer.status_code in ({200, 503} if link == "/readyz" else {200}), link


async def test_start_page_for_programs(gateway: Gateway) -> None:
    """A program that asks there has a wrong address, and reads the right one."""
    response = await gateway.http.post("/", json={"query": "{ __typename }"})
    page = await gateway.http.get("/")

    assert (response.status_code, page.status_code) == (405, 404)
    assert page.headers["vary"] == "Accept"
    for each in (response, page):
        assert "GraphQL is at /graphql." in each.json()["errors"][0]["message"]


async def test_start_page_links_to_examples(twin: Twin) -> None:
    """In the demo the page links to queries, whose jobs exist."""
    settings: Any = {"endpoint_url": twin.url}
    async with running(examples=twin.examples(), **settings) as gateway:
        html = (await gateway.http.get("/", headers=BROWSER)).text
        queries = [urlsplit(link).query for link in links(html) if "query=" in link]
        answers = [
            (await gateway.http.get(f"/graphql?{query}")).json()["data"] for query in queries
        ]

    assert len(queries) == 4
    assert all("variables" in parse_qs(query) for query in queries)
    assert None not in [value for data in answers for value in data.values()]


async def test_start_page_without_what_is_off(start_gateway: StartGateway) -> None:
    """Where GraphiQL and metrics are switched off, the page does not speak of them."""
    gateway = await start_gateway(graphiql=False, metrics=False)
    html = (await gateway.http.get("/", headers=BROWSER)).text

    assert "GraphiQL" not in html
    assert "/metrics" not in html


@pytest.mark.parametrize(
    "path", ["/nope", "/graphql/nope", "/graphiql/assets/nope.js", "//graphql"]
)
async def test_nothing_there(gateway: Gateway, path: str) -> None:
    """A path without a page says so, and where GraphQL is, in the form that the client reads."""
    page = await gateway.http.get(f"http://gateway{path}", headers=BROWSER)
    answer = await gateway.http.post(f"http://gateway{path}", json={"query": "{ __typename }"})

    assert (page.status_code, answer.status_code) in {(404, 404), (404, 405)}
    assert "GraphQL is at /graphql." in page.text
    assert links(page.text) == ["/"]
    (error,) = answer.json()["errors"]
    assert "GraphQL is at /graphql." in error["message"]


async def test_wrong_method(gateway: Gateway) -> None:
    """A method that a path does not have is named, with those that it has."""
    response = await gateway.http.delete("/healthz")

    assert response.status_code == 405
    assert "There is no DELETE at /healthz." in response.json()["errors"][0]["message"]
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_path_is_text(gateway: Gateway) -> None:
    """A hostile path is shown as text, and a long one is cut off."""
    page = await gateway.http.get("/%3Cscript%3Ealert(1)%3C/script%3E", headers=BROWSER)
    long = await gateway.http.get("/" + "a" * 5_000, headers=BROWSER)

    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert len(long.text) < 2_000


@pytest.mark.parametrize("stripped", ["", "/data"])
@pytest.mark.parametrize("path", ["", "/", "/nope"])
async def test_below_a_path(start_gateway: StartGateway, stripped: str, path: str) -> None:
    """Below a root path all links begin with it, whether a proxy has removed it or not."""
    gateway = await start_gateway(root_path="/data")
    page = await gateway.http.get((stripped + path) or "/", headers=BROWSER)

    assert page.status_code == (404 if path == "/nope" else 200)
    assert all(link.startswith("/data/") for link in links(page.text))
    assert 'href="/data/favicon.ico"' in page.text


async def test_icon(gateway: Gateway) -> None:
    """Browsers that ask for the icon get one."""
    response = await gateway.http.get("/favicon.ico")

    assert response.headers["content-type"] == "image/svg+xml"
    assert response.text.startswith("<svg")
