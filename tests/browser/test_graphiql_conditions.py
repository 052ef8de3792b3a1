"""GraphiQL where it is less at home: narrow windows, slow networks, a gateway that is gone."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from playwright.sync_api import Browser, ViewportSize

from gateway.app import create_app
from gateway.settings import Settings
from tests.conftest import REGION
from tests.gateway_under_test import serving

from .visit import Visit

if TYPE_CHECKING:
    from gateway.twin import Twin

PHONE: Final[ViewportSize] = {"width": 375, "height": 667}
SUBSCRIPTION: Final = 'subscription Watch { processingJob(name: "x") { processingJobName } }'


@contextmanager
def visiting(chromium: Browser, origin: str, **options: Any) -> Iterator[Visit]:
    """Open GraphiQL of a gateway; unlike the fixture, look at no error of the browser's."""
    context = chromium.new_context(**options)
    context.set_default_timeout(15_000)
    visit = Visit(context.new_page(), origin)
    visit.open()
    yield visit
    context.close()


@pytest.fixture
def phone(chromium: Browser, gateway_url: str) -> Iterator[Visit]:
    """Yield a visit by a window as narrow as a phone's."""
    with visiting(chromium, gateway_url, viewport=PHONE) as visit:
        yield visit
        assert visit.problems == []


class Box(NamedTuple):
    """The edges of an element, in pixels."""

    left: float
    top: float
    right: float
    bottom: float


def box(visit: Visit, selector: str) -> Box:
    """Return where an element is."""
    found = visit.page.locator(selector).first.bounding_box()
    assert found is not None, selector
    left, top = found["x"], found["y"]
    return Box(left, top, left + found["width"], top + found["height"])


def test_narrow_window_shows_query_and_response(phone: Visit) -> None:
    """Editor and response stand one above the other, each as wide as the window; all is in it."""
    phone.run()
    phone.response()
    editor, response = box(phone, ".graphiql-query-editor"), box(phone, ".graphiql-response")
    sidebar = box(phone, ".graphiql-sidebar")

    for each in (editor, response):
        assert each.right - each.left > 300
        assert each.bottom - each.top > 150
    assert editor.bottom <= response.top
    assert response.bottom <= sidebar.top
    assert sidebar.bottom <= PHONE["height"]
    assert phone.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_narrow_window_reaches_every_button(phone: Visit) -> None:
    """Variables, documentation, history and settings open and close, and nothing covers them."""
    page = phone.page
    page.get_by_role("button", name="Variables").click()
    page.locator(".graphiql-editor-tool .view-lines", has_text="name").first.wait_for()
    for plugin in ("Documentation Explorer", "History"):
        page.get_by_label(f"Show {plugin}").click()
        assert box(phone, ".graphiql-plugin")[::2] == (0, PHONE["width"])
        page.get_by_label(f"Hide {plugin}").click()
    page.get_by_label("Open settings dialog").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.locator("body.graphiql-dark").wait_for()
    page.keyboard.press("Escape")
    phone.run()

    assert "data" in phone.response()


def test_first_visit_is_small(phone: Visit) -> None:
    """What a first visit loads is less than 1.7 MB on its way, with the workers of its editors."""
    phone.wait_until_saved()
    # The worker that checks operations comes last, when the schema has been read.
    sizes = phone.page.wait_for_function("""() => {
        const resources = performance.getEntriesByType('resource');
        return resources.some(e => e.name.includes('graphql.worker'))
            && resources.map(e => e.encodedBodySize || e.decodedBodySize);
    }""").json_value()

    assert len(sizes) > 10
    assert 1_000_000 < sum(sizes) < 1_700_000


def test_page_says_that_it_loads(chromium: Browser, gateway_url: str) -> None:
    """While its scripts are on their way, a visitor reads that the page loads."""
    context = chromium.new_context()
    page = context.new_page()
    page.route("**/*.js", lambda route: None)
    page.goto(f"{gateway_url}/graphql", wait_until="commit")

    page.get_by_role("status", name="").get_by_text("Loading GraphiQL").wait_for()
    context.close()


@pytest.mark.parametrize("query", ["query Ask { __typename }", SUBSCRIPTION])
def test_dead_gateway(chromium: Browser, session_twin: "Twin", query: str) -> None:
    """A gateway that has gone is one error with a sentence."""
    app = create_app(Settings(region=REGION, endpoint_url=session_twin.url))
    with ExitStack() as stack:
        with serving(app) as url:
            visit = stack.enter_context(visiting(chromium, url))
            visit.paste(query)
        visit.run()

        (error,) = visit.response()["errors"]
        assert error.keys() == {"message"}
        assert url.partition("://")[2] in error["message"]
        assert "running" in error["message"]


def test_refused_socket(chromium: Browser, session_twin: "Twin") -> None:
    """A WebSocket that the gateway refuses is one error with what may be the reasons."""
    settings = Settings(region=REGION, endpoint_url=session_twin.url, max_streams=1)
    with serving(create_app(settings)) as url, visiting(chromium, url) as visit:
        visit.page.evaluate(
            """async (url) => {
              window.first = new WebSocket(url, 'graphql-transport-ws');
              await new Promise((open) => { window.first.onopen = open; });
            }""",
            f"{url.replace('http', 'ws')}/graphql",
        )
        visit.paste(SUBSCRIPTION)
        visit.run()

        (error,) = visit.response()["errors"]
        assert error.keys() == {"message"}
        assert "refused" in error["message"]
        assert "GATEWAY_MAX_STREAMS" in error["message"]
