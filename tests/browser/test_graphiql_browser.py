"""GraphiQL in headless Chromium, with the network cut, against the running gateway."""

import json
import re
import time
from typing import Any

import httpx
import pytest

from .visit import RESPONSE, Visit

DEFAULT_TABS = ("JobWithLinks", "FailedJob", "MonitoringSchedule")
LIST_TAB = "LatestJobs"
LOADED_FONTS = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"


BREACHES = """async () => {
    const found = [];
    addEventListener('securitypolicyviolation', event => found.push(event.effectiveDirective));
    // What the debugger calls may evaluate; what follows later is the page's.
    await new Promise(resolve => setTimeout(resolve));
    try { eval('window.evaluated = 1') } catch (error) { found.push(error.name) }
    const script = document.createElement('script');
    script.textContent = 'window.inlined = 1';
    document.body.append(script);
    const image = new Image();
    const failed = new Promise(resolve => { image.onerror = resolve });
    image.src = 'http://foreign.example/secret.png';
    await failed;
    try { new Worker('data:text/javascript,1') } catch (error) { found.push(error.name) }
    await new Promise(resolve => setTimeout(resolve, 100));
    return [found, window.evaluated ?? null, window.inlined ?? null];
}"""
"""Does what a script of an attacker would do: returns what was reported, and what has run."""


def post(origin: str, query: str) -> Any:
    """Return the data of a query sent to the gateway without the browser."""
    answer = httpx.post(f"{origin}/graphql", json={"query": query}, trust_env=False)
    return answer.json()["data"]


def test_page_loads_from_the_gateway_alone(visit: Visit) -> None:
    """The page, its editor and its three workers come from the gateway."""
    workers = [f"/graphiql/assets/{name}.worker-" for name in ("editor", "graphql", "json")]
    deadline = time.monotonic() + 15
    while not all(any(worker in url for url in visit.requests) for worker in workers):
        assert time.monotonic() < deadline, "the editor's workers were not asked for"
        visit.page.wait_for_timeout(50)

    assert visit.page.title() == "SageMaker GraphQL gateway"
    assert visit.page.get_by_role("textbox", name="Token").count() == 0
    assert visit.foreign_requests() == []


@pytest.mark.parametrize("address", ["http://graphiql.example/", "http://192.0.2.1/"])
def test_network_is_cut(visit: Visit, address: str) -> None:
    """The browser reaches no other host, and these tests would notice if it tried."""
    with visit.page.context.expect_event("requestfailed") as failed:
        visit.page.evaluate("url => window.open(url)", address)

    assert failed.value.failure == "net::ERR_NAME_NOT_RESOLVED"
    assert visit.foreign_requests() == [address]
    visit.requests.clear()


def test_fonts_are_ours(visit: Visit) -> None:
    """Text is drawn in GraphiQL's own fonts, not in whatever the machine has."""
    visit.page.evaluate("document.fonts.ready")

    assert {"Roboto", "Fira Code"} <= set(visit.page.evaluate(LOADED_FONTS))


def test_what_the_policy_forbids(visit: Visit) -> None:
    """Nothing is evaluated, no inline script runs, and no other place is asked for anything."""
    found, evaluated, inlined = visit.page.evaluate(BREACHES)

    assert evaluated is None
    assert inlined is None
    assert {"script-src", "script-src-elem", "img-src", "worker-src", "EvalError"} <= set(found)
    assert len(visit.problems) >= 3
    visit.problems.clear()
    visit.requests.clear()


def test_other_windows_cannot_reach_the_page(visit: Visit) -> None:
    """A page that opens GraphiQL gets no handle of its window (Cross-Origin-Opener-Policy)."""
    with visit.page.context.expect_page() as opening:
        visit.page.evaluate("url => { window.child = window.open(url) }", "about:blank")
    opener = opening.value
    opener.goto(f"{visit.origin}/healthz")
    with visit.page.context.expect_page() as opened:
        opener.evaluate("url => { window.child = window.open(url) }", f"{visit.origin}/graphql")
    opened.value.locator(".graphiql-query-editor .view-line").first.wait_for()

    assert opener.evaluate("window.child.closed")
    assert opened.value.evaluate("window.opener") is None


@pytest.mark.parametrize("tab", DEFAULT_TABS)
def test_default_tab_runs_and_shows_its_result(visit: Visit, tab: str) -> None:
    """On a first visit each tab holds an operation and variables that give data without errors."""
    config = json.loads(visit.text("#graphiql-config"))
    name = json.loads(config["tabs"][DEFAULT_TABS.index(tab)]["variables"])["name"]

    visit.choose_tab(tab)
    assert name in visit.text(".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines")
    visit.run()

    visit.page.locator(".result-window", has_text=name).wait_for()
    result = json.loads(visit.page.evaluate(RESPONSE))
    assert "errors" not in result
    assert name in next(iter(result["data"].values())).values()


def test_list_runs_and_shows_its_page(visit: Visit) -> None:
    """The tab with the list gives a page of twenty jobs, and says that more follow."""
    visit.choose_tab(LIST_TAB)
    visit.run()

    visit.page.locator(".result-window", has_text="processingJobStatus").wait_for()
    visit.page.wait_for_function(
        f"() => {{ try {{ return JSON.parse({RESPONSE}).data }} catch {{ }} }}"
    )
    result = json.loads(visit.page.evaluate(RESPONSE))
    assert "errors" not in result
    page = result["data"]["processingJobs"]
    assert len({node["processingJobName"] for node in page["nodes"]}) == 20
    assert page["pageInfo"]["hasNextPage"]
    assert page["pageInfo"]["endCursor"]


def test_returning_user_finds_the_tabs_as_they_were(visit: Visit) -> None:
    """A second visit brings back what was typed, and no tab more."""
    visit.retype("query Mine { __typename }")
    visit.page.get_by_role("tab", name="Mine").wait_for()
    # GraphiQL saves half a second after the last key.
    visit.page.wait_for_timeout(1500)
    visit.page.reload()

    visit.page.get_by_role("tab", name="Mine").wait_for()
    assert visit.tabs() == ["Mine", *DEFAULT_TABS[1:], LIST_TAB]


LINK = {
    "query": "query One { __typename } query Two($no: Boolean!) { two: __typename @skip(if: $no) }",
    "variables": '{"no":false}',
    "operationName": "Two",
}


def test_link_opens_its_operation(visit: Visit) -> None:
    """A link fills the editors and selects its operation, beside the tabs that there were."""
    visit.wait_until_saved()
    visit.open_link(**LINK)
    visit.page.get_by_role("tab", name="Two").wait_for()
    assert visit.tabs() == [*DEFAULT_TABS, LIST_TAB, "Two"]
    assert '"no": false' in visit.text(
        ".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines"
    )
    # In the operation's editor, the key would run what the cursor is in.
    visit.page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines").click()
    with visit.page.expect_request(lambda request: request.method == "POST") as sent:
        visit.page.keyboard.press("Control+Enter")

    assert json.loads(sent.value.post_data or "")["operationName"] == "Two"
    assert visit.page.url == f"{visit.origin}/graphql"


def test_link_adds_one_tab_only(visit: Visit) -> None:
    """Whoever follows a link again finds its tab, and a reload keeps what there was."""
    visit.wait_until_saved()
    for _ in range(2):
        visit.open_link(**LINK)
        visit.page.get_by_role("tab", name="Two").wait_for()
        # GraphiQL saves half a second after a change.
        visit.page.wait_for_timeout(1500)
    visit.page.reload()
    visit.page.get_by_role("tab", name="Two").wait_for()

    assert visit.tabs() == [*DEFAULT_TABS, LIST_TAB, "Two"]


def test_link_on_a_first_visit(visit: Visit) -> None:
    """Whoever has never been here gets the link's tab before the examples."""
    # In the new page: the page that is left may still write its tabs.
    visit.page.add_init_script("localStorage.clear()")
    visit.open_link(query="query Shared { __typename }")
    visit.page.get_by_role("tab", name="Shared").wait_for()

    assert visit.tabs() == ["Shared", *DEFAULT_TABS, LIST_TAB]
    assert "query Shared" in visit.text(".graphiql-query-editor .view-lines")


def test_operation_can_be_shared(visit: Visit) -> None:
    """The button puts a link into the address bar, which opens the same operation elsewhere."""
    visit.retype("query Mine { __typename")
    visit.page.keyboard.press("Escape")
    visit.page.get_by_role("tab", name="Mine").wait_for()
    visit.page.get_by_role("button", name="Copy link").click()
    visit.page.get_by_role("button", name="Link copied").wait_for()
    link = visit.page.url
    visit.page.add_init_script("localStorage.clear()")
    visit.page.goto(link)

    assert "operationName=Mine" in link
    visit.page.get_by_role("tab", name="Mine").wait_for()
    assert "query Mine" in visit.text(".graphiql-query-editor .view-lines")


def test_autocompletion_proposes_our_fields(visit: Visit) -> None:
    """Typing inside a job's selection lists the job's fields."""
    visit.retype('{ processingJob(name: "a") { processingJob')

    labels = visit.suggestions()

    for name in ("processingJobName", "processingJobStatus"):
        assert any(label.startswith(name) for label in labels), labels


def test_unknown_field_is_marked(visit: Visit) -> None:
    """A field that the schema does not have is underlined as it is typed."""
    visit.retype('{ processingJob(name: "a") { nope } }')

    visit.page.locator(".graphiql-query-editor .squiggly-error").first.wait_for()


def test_docs_show_the_description_of_a_type(visit: Visit) -> None:
    """The documentation panel leads to ProcessingJob and says what the schema says of it."""
    described = post(visit.origin, '{ __type(name: "ProcessingJob") { description } }')
    docs = visit.page.locator(".graphiql-doc-explorer")

    visit.page.get_by_label("Show Documentation Explorer").click()
    for name in ("Query", "ProcessingJob"):
        docs.locator(
            "a.graphiql-doc-explorer-type-name", has_text=re.compile(f"^{name}$")
        ).first.click()

    docs.locator(".graphiql-doc-explorer-title", has_text="ProcessingJob").wait_for()
    shown = visit.text(".graphiql-doc-explorer .graphiql-markdown-description")
    # Markdown's marks are drawn, not shown.
    assert shown == re.sub("[`*]", "", described["__type"]["description"])


def test_headers_can_be_set(visit: Visit) -> None:
    """What a user writes in the headers editor is sent with the operation."""
    visit.page.get_by_role("button", name="Headers").click()
    visit.page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines").click()
    visit.page.keyboard.insert_text('{"x-try": "1"}')

    with visit.page.expect_request(lambda request: request.headers.get("x-try") == "1") as sent:
        visit.run()
    assert sent.value.url == f"{visit.origin}/graphql"


def test_subscription_runs(visit: Visit) -> None:
    """A subscription goes over a WebSocket to the gateway, past the page's security policy."""
    name = json.loads(json.loads(visit.text("#graphiql-config"))["tabs"][0]["variables"])["name"]
    visit.paste(f'subscription Watch {{ processingJob(name: "{name}") {{ processingJobName }} }}')
    with visit.page.expect_websocket() as opened:
        visit.run()

    assert opened.value.url == visit.origin.replace("http", "ws") + "/graphql"
    visit.page.locator(".result-window", has_text=name).wait_for()
    result = json.loads(visit.page.evaluate(RESPONSE))
    assert result == {"data": {"processingJob": {"processingJobName": name}}}


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_theme_can_be_chosen(visit: Visit, theme: str) -> None:
    """The settings dialog switches the page between light and dark."""
    visit.page.get_by_label("Open settings dialog").click()
    visit.page.get_by_role("button", name=theme, exact=True).click()

    visit.page.locator(f"body.graphiql-{theme.lower()}").wait_for()
