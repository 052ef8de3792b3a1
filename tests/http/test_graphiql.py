"""The GraphiQL page without a browser: its headers, its configuration and its assets."""

import asyncio
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.http import graphiql
from gateway.http.graphiql import GraphiQLConfig, Tab, default_tabs
from gateway.schema.schema import CORE_SCHEMA

ROOT = Path(__file__).parents[2]
STATIC = Path(graphiql.__file__).parent / "static" / "graphiql"
ASSETS = sorted(path.name for path in (STATIC / "assets").iterdir())
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
HASHED_NAME = re.compile(r"[\w.-]+-[\w-]{8}\.(?:css|js|svg|ttf|woff2?)\b")


class PageParser(HTMLParser):
    """Collect what a page loads, the nonces of its scripts and the text of its configuration."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.nonces: list[str | None] = []
        self.config = ""
        self._in_config = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element loads."""
        found = dict(attrs)
        self.loaded += [found[name] or "" for name in ("src", "href") if name in found]
        if tag == "script":
            self.nonces.append(found.get("nonce"))
        self._in_config = found.get("id") == "graphiql-config"

    def handle_data(self, data: str) -> None:
        """Record the text of the configuration."""
        if self._in_config:
            self.config += data


class Visitor:
    """A client of an application that serves the page alone."""

    def __init__(self, config: GraphiQLConfig | None = None) -> None:
        def page(_request: Request) -> Response:
            return graphiql.page(config or GraphiQLConfig())

        app = Starlette(routes=[Route("/graphql", page), graphiql.assets()])
        self._transport = httpx.ASGITransport(app)

    def get(self, url: str = "/graphql", method: str = "GET", **headers: str) -> httpx.Response:
        """Return the response to a GET, or to a HEAD."""
        return asyncio.run(self._get(url, method, headers))

    async def _get(self, url: str, method: str, headers: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://test") as client:
            return await client.request(method, url, headers=headers)


def parsed(html: str) -> PageParser:
    """Return the parts of a page."""
    parser = PageParser()
    parser.feed(html)
    return parser


def policy(response: httpx.Response) -> dict[str, list[str]]:
    """Return the sources of each directive of the page's policy."""
    header = response.headers["content-security-policy"]
    directives = (part.split() for part in header.split(";"))
    return {name: sources for name, *sources in directives}


def test_page_is_html_with_our_title() -> None:
    """The page is HTML with the gateway's title."""
    response = Visitor().get()

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>SageMaker GraphQL gateway</title>" in response.text


def test_policy_names_no_other_host() -> None:
    """The page may load from the gateway and from itself, and from nowhere else."""
    found = policy(Visitor().get())

    sources = {source for sources in found.values() for source in sources}
    hosts = {s for s in sources if not s.startswith("'nonce-")} - {"data:"}
    assert hosts == {"'self'", "'none'", "'unsafe-inline'"}
    assert found["default-src"] == ["'self'"]
    assert "connect-src" not in found


def test_policy_lets_only_our_scripts_run() -> None:
    """A script runs by the nonce of this very page, never because it is inline."""
    response = Visitor().get()

    (source,) = policy(response)["script-src"]
    assert {f"'nonce-{nonce}'" for nonce in parsed(response.text).nonces} == {source}


def test_every_page_has_its_own_nonce() -> None:
    """A nonce seen once is of no use on the next page."""
    visitor = Visitor()

    policies = {visitor.get().headers["content-security-policy"] for _ in range(5)}

    assert len(policies) == 5


def test_page_is_neither_stored_nor_sniffed_nor_a_referrer() -> None:
    """The page is not cached, not sniffed, and sends no referrer."""
    headers = Visitor().get().headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_configuration_reaches_the_page() -> None:
    """The page's JSON block holds the configuration."""
    config = GraphiQLConfig("/api", "/live", (Tab("{ a }", '{"b": 1}'), Tab("{ c }")))

    found = json.loads(parsed(Visitor(config).get().text).config)

    assert found == {
        "endpoint": "/api",
        "subscriptionEndpoint": "/live",
        "tabs": [{"query": "{ a }", "variables": '{"b": 1}'}, {"query": "{ c }", "variables": ""}],
    }


def test_page_knows_whether_the_gateway_takes_tokens() -> None:
    """The page has a field for the token where the gateway asks who sends a request."""
    html = Visitor(GraphiQLConfig(takes_tokens=True)).get().text

    assert json.loads(parsed(html).config)["takesTokens"] is True


@pytest.mark.parametrize(
    "hostile",
    ["</script><script>alert(1)</script>", "<!--<script>", "a & b", "\u2028\u2029", "é 漢 🙂"],
)
def test_configuration_cannot_break_out_of_its_element(hostile: str) -> None:
    """Text that means something to an HTML parser arrives as text."""
    html = Visitor(GraphiQLConfig(tabs=(Tab(hostile),))).get().text

    page = parsed(html)
    assert json.loads(page.config)["tabs"][0]["query"] == hostile
    assert not re.search("[<>&\u2028\u2029]", page.config)
    assert len(page.nonces) == 2


def test_configuration_holds_no_placeholders() -> None:
    """Text that looks like one of the template's placeholders is left alone."""
    query = "__CONFIG__ __NONCE__ ./assets/"

    html = Visitor(GraphiQLConfig(tabs=(Tab(query),))).get().text

    assert json.loads(parsed(html).config)["tabs"][0]["query"] == query


def test_assets_can_be_served_under_another_path() -> None:
    """Below a path prefix the page loads its assets from there."""
    html = Visitor(GraphiQLConfig(assets_path="/data/graphiql/assets")).get().text

    assert all(url.startswith("/data/graphiql/assets/") for url in parsed(html).loaded)


def test_everything_that_the_page_loads_is_served() -> None:
    """Each address in the page is an asset of the gateway."""
    visitor = Visitor()
    loaded = parsed(visitor.get().text).loaded

    assert len(loaded) >= 3
    assert [visitor.get(url).status_code for url in loaded] == [200] * len(loaded)


def test_assets_name_each_other_and_nothing_else() -> None:
    """Following names from the page reaches every file, and finds none that is missing."""
    reached: set[str] = set()
    texts = [(STATIC / "index.html").read_text(encoding="utf-8")]
    while texts:
        for name in set(HASHED_NAME.findall(texts.pop())) - reached:
            reached.add(name)
            texts.append((STATIC / "assets" / name).read_bytes().decode(errors="replace"))

    assert sorted(reached) == ASSETS


def test_page_loads_nothing_from_another_host() -> None:
    """No address in the page has a scheme or a host."""
    loaded = parsed(Visitor().get().text).loaded

    assert [url for url in loaded if not url.startswith("/graphiql/assets/")] == []


@pytest.mark.parametrize("name", [name for name in ASSETS if name.endswith(".css")])
def test_styles_load_nothing_from_another_host(name: str) -> None:
    """Style sheets refer to inlined data and to their neighbours only."""
    text = (STATIC / "assets" / name).read_text(encoding="utf-8")

    urls = re.findall(r"""url\(\s*["']?([^)"']+)""", text)
    assert [url for url in urls if not url.startswith(("data:", "./", "#"))] == []
    assert "@import" not in text


@pytest.mark.parametrize("name", [name for name in ASSETS if name.endswith(".js")])
def test_scripts_load_nothing_from_another_host(name: str) -> None:
    """No script imports, or starts a worker, from an absolute address."""
    text = (STATIC / "assets" / name).read_text(encoding="utf-8")

    loads = re.findall(
        r"""(?:\bimport|\bfrom|Worker|importScripts|\bfetch|sendBeacon)\s*\(?\s*["'`](?:https?:)?//""",
        text,
    )
    assert loads == []
    assert "sourceMappingURL=" not in text


@pytest.mark.parametrize(("suffix", "media_type"), MEDIA_TYPES.items())
def test_assets_are_typed_and_kept_for_good(suffix: str, media_type: str) -> None:
    """Each kind of asset has its media type, is cacheable for a year and is not sniffed."""
    visitor = Visitor()

    for name in (name for name in ASSETS if name.endswith(suffix)):
        headers = visitor.get(f"/graphiql/assets/{name}").headers
        assert headers["content-type"] == media_type
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert headers["x-content-type-options"] == "nosniff"


def test_every_kind_of_asset_has_a_type_of_ours() -> None:
    """No asset's type is left to the guess of the machine that serves it."""
    assert {Path(name).suffix for name in ASSETS} == set(MEDIA_TYPES)


def test_unchanged_asset_is_not_sent_again() -> None:
    """A conditional request for an unchanged asset gets 304."""
    visitor = Visitor()
    url = f"/graphiql/assets/{ASSETS[0]}"
    tag = visitor.get(url).headers["etag"]

    again = visitor.get(url, **{"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, deflate, br, zstd", "gzip"), ("zstd", "zstd"), ("br", None)]
)
def test_assets_are_compressed(accepted: str, coding: str | None) -> None:
    """Each asset comes in a coding that the browser accepts, and is the file once decompressed."""
    visitor = Visitor()
    for name in ASSETS:
        url, file = f"/graphiql/assets/{name}", (STATIC / "assets" / name).read_bytes()
        response = visitor.get(url, **{"Accept-Encoding": accepted})
        head = visitor.get(url, "HEAD", **{"Accept-Encoding": accepted})

        assert response.headers.get("content-encoding") == coding
        # httpx decompresses by that header.
        assert response.content == file
        assert head.headers == response.headers
        assert response.headers["vary"] == "Accept-Encoding"
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_page_is_small_on_its_way() -> None:
    """All that a first visit may load is less than a third of its size on disk."""
    visitor = Visitor()
    sent = loaded = 0
    for name in ASSETS:
        head = visitor.get(f"/graphiql/assets/{name}", "HEAD", **{"Accept-Encoding": "gzip"})
        sent += int(head.headers["content-length"])
        loaded += (STATIC / "assets" / name).stat().st_size

    assert sent < loaded / 3


def test_part_of_an_asset_is_not_compressed() -> None:
    """A range is one of the file itself."""
    visitor = Visitor()
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=0-9"}
    part = visitor.get(f"/graphiql/assets/{ASSETS[0]}", **headers)

    assert (part.status_code, len(part.content)) == (206, 10)
    assert "content-encoding" not in part.headers


def test_unchanged_compressed_asset_is_not_sent_again() -> None:
    """The validator of a compressed asset is weak, and gets 304."""
    visitor = Visitor()
    url = f"/graphiql/assets/{ASSETS[0]}"
    tag = visitor.get(url, **{"Accept-Encoding": "gzip"}).headers["etag"]

    assert tag.startswith("W/")
    assert visitor.get(url, **{"If-None-Match": tag}).status_code == 304


def test_page_shows_that_it_loads() -> None:
    """Before its scripts run, the page is not white, and what it waits for until then is small."""
    visitor = Visitor()
    html = visitor.get("/graphql").text
    sizes = [
        int(visitor.get(url, "HEAD", **{"Accept-Encoding": "gzip"}).headers["content-length"])
        for url in re.findall(r'<link rel="stylesheet"[^>]* href="([^"]+)"', html)
    ]

    assert "Loading GraphiQL" in html
    assert html.index(".loading{") < html.index('rel="stylesheet"')
    assert len(sizes) >= 1
    assert sum(sizes) < 40_000


def test_licences_of_all_parts() -> None:
    """Each part of the page has its licence with its text, or says where that stands; fonts too."""
    text = (STATIC / "LICENSES.md").read_text(encoding="utf-8")
    _, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    (without,) = (each for each in sections if each.startswith("Packages without a text"))
    styles = "".join((STATIC / "assets" / name).read_text() for name in ASSETS if ".css" in name)
    families = set(re.findall(r"@font-face\s*{[^}]*font-family:([^;]+)", styles))

    assert families == {"Roboto", "Fira Code", "codicon"}
    for title in ("Roboto - ", "Fira Code - ", "Codicons - "):
        assert f"\n## {title}" in text
    for section in sections:
        name = section.partition(" - ")[0]
        assert len(section) > 150 or f"{name}:" in without or f"{name}," in without, name


@pytest.mark.parametrize(
    "path",
    [
        "",
        "%2e%2e/index.html",
        "..%2findex.html",
        "..%2f..%2f..%2fgraphiql.py",
        "%2fetc%2fpasswd",
        "..%5c..%5cgraphiql.py",
        "%00",
        "no-such-file.js",
    ],
)
def test_assets_hold_nothing_but_assets(path: str) -> None:
    """No path leads out of the directory of assets, and there is no listing of it."""
    assert Visitor().get(f"/graphiql/assets/{path}").status_code == 404


def test_default_tabs_use_the_examples() -> None:
    """Each of the tabs for one job asks for that which the examples name for it."""
    examples = {"processingJob": "a", "failedProcessingJob": "b", "monitoringSchedule": "c"}

    tabs = default_tabs(examples)

    by_name = [{"name": name} for name in "abc"]
    assert [json.loads(tab.variables) for tab in tabs] == [*by_name, {"first": 20}]


@pytest.mark.parametrize("examples", [None, {}])
def test_first_tab_needs_no_name(examples: dict[str, str] | None) -> None:
    """Without examples the first tab is a list, and the others say what users have to fill in."""
    newest, *by_name = default_tabs(examples)

    assert "processingJobs(" in newest.query
    assert json.loads(newest.variables) == {"first": 20}
    assert [json.loads(tab.variables) for tab in by_name] == [{"name": "your-job-name"}] * 3
    assert all(tab.query.startswith("# Put the name of") for tab in by_name)


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_default_tabs_fit_the_schema(index: int) -> None:
    """A default tab asks only for what the schema has."""
    assert validate(CORE_SCHEMA, parse(default_tabs()[index].query)) == []


def test_lock_file_holds_no_addresses() -> None:
    """The assets can be built again with any registry."""
    lock = (ROOT / "graphiql" / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in lock
