"""GraphiQL of a gateway that asks who its callers are: the token, and what needs scopes."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Request

from gateway.app import create_app
from gateway.auth.api_keys import create_key, hash_key
from gateway.settings import Settings
from tests.conftest import REGION
from tests.gateway_under_test import serving
from tests.issuer import issuer_section, local_issuer

from .visit import Visit

if TYPE_CHECKING:
    from gateway.twin import Twin

CALLERS: Final = {
    "reader": ["read", "introspection"],
    "processing": ["read:processing-jobs", "introspection"],
    "blind": ["read"],
}
UNAUTHORIZED: Final = "401 (Unauthorized)"


@dataclass(frozen=True)
class Guarded:
    """A gateway below a path, the keys of its callers, and a token that it takes from a cookie."""

    url: str
    keys: dict[str, str]
    cookie: str


@pytest.fixture(scope="module")
def guarded(session_twin: "Twin", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Yield a gateway with an access file."""
    keys = {name: create_key() for name in CALLERS}
    hashes = {name: hash_key(key.encode()) for name, key in keys.items()}
    sections = [
        f'[[api_keys]]\nname = "{name}"\nhash = "{hashes[name]}"\nscopes = {scopes}'
        for name, scopes in CALLERS.items()
    ]
    access_file = tmp_path_factory.mktemp("access") / "access.toml"
    with local_issuer() as issuer:
        scopes = 'scope_map = { staff = ["graphiql", "introspection"] }'
        sections.append(issuer_section(issuer, 'cookies = ["session"]', scopes))
        access_file.write_text("\n".join(sections))
        settings = Settings(
            region=REGION,
            endpoint_url=session_twin.url,
            access_file=access_file,
            root_path="/sagemaker",
        )
        with serving(create_app(settings)) as url:
            yield Guarded(f"{url}/sagemaker", keys, issuer.sign(scope="staff"))


Open = Callable[..., Visit]


@pytest.fixture
def visit_as(chromium: Browser, guarded: Guarded) -> Iterator[Open]:
    """Yield a function that opens GraphiQL and uses the key of a caller.

    Afterwards the console may hold nothing but that the gateway has refused requests.
    """
    with ExitStack() as stack:
        visits = []

        def open_page(caller: str | None, cookie: str = "", **options: Any) -> Visit:
            context = stack.enter_context(chromium.new_context(**options))
            context.set_default_timeout(15_000)
            if cookie:
                context.add_cookies([{"name": "session", "value": cookie, "url": guarded.url}])
            visit = Visit(context.new_page(), guarded.url)
            visits.append(visit)
            visit.open()
            if caller is not None:
                use_token(visit, guarded.keys[caller])
                status(visit, "The token is accepted.")
            return visit

        yield open_page
    assert [each for visit in visits for each in visit.problems if UNAUTHORIZED not in each] == []


def token_field(visit: Visit) -> Locator:
    """Return the field for the token, as a screen reader finds it."""
    return visit.page.get_by_role("textbox", name="Token")


def use_token(visit: Visit, token: str) -> None:
    """Type a token, by the keyboard alone."""
    token_field(visit).fill(token)
    visit.page.keyboard.press("Enter")


def status(visit: Visit, text: str) -> None:
    """Wait until the page says so of the token."""
    visit.page.locator("#token-status", has_text=text).wait_for()


def notices(visit: Visit, count: int) -> list[str]:
    """Return what the page says of the response, once that is as many sentences."""
    region = visit.page.get_by_role("status", name="About the response")
    region.locator(f".notice:nth-child({count}):last-child").wait_for()
    return [each.inner_text() for each in region.locator(".notice").all()]


def run(visit: Visit, operation: str) -> Any:
    """Run an operation, and return the response."""
    visit.paste(operation)
    visit.run()
    return visit.response()


def is_refused(visit: Visit, text: str) -> None:
    """Fail unless the page says why it has no access, and the field waits for another token."""
    status(visit, text)
    assert token_field(visit).evaluate("field => field === document.activeElement")
    assert token_field(visit).get_attribute("aria-invalid") == "true"


def stored(visit: Visit, storage: str) -> str:
    """Return all that the browser has stored, as text."""
    text: str = visit.page.evaluate(f"JSON.stringify({storage})")
    return text


def introspects_with(token: str) -> Callable[[Request], bool]:
    """Return whether a request asks for the schema with a token."""
    return lambda request: (
        "IntrospectionQuery" in (request.post_data or "")
        and request.headers.get("authorization") == f"Bearer {token}"
    )


def test_token_lasts_for_the_session(visit_as: Open, guarded: Guarded) -> None:
    """The page asks for a token, reads the schema with it, and forgets it with the session."""
    key = guarded.keys["reader"]
    visit = visit_as(None)
    page = visit.page
    is_refused(visit, "The gateway needs a token or an API key.")
    assert token_field(visit).get_attribute("type") == "password"

    use_token(visit, "wrong")
    is_refused(visit, "The token or the API key is not valid.")
    with page.expect_request(introspects_with(key)):
        use_token(visit, f" Bearer {key} ")
    status(visit, "The token is accepted.")
    assert run(visit, "query Mine { __typename }") == {"data": {"__typename": "Query"}}
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Link copied").wait_for()
    visit.wait_until_saved()

    assert key not in page.url
    assert key not in stored(visit, "localStorage")
    assert key not in str(page.context.cookies())
    assert key in stored(visit, "sessionStorage")
    with page.expect_request(introspects_with(key)):
        page.reload()
    status(visit, "The token is accepted.")

    page.get_by_role("button", name="Forget").click()
    is_refused(visit, "The gateway needs a token or an API key.")
    assert stored(visit, "sessionStorage") == "{}"
    assert token_field(visit).input_value() == ""


def test_headers_are_not_stored(visit_as: Open) -> None:
    """Neither the tabs nor the history store headers; what an earlier version stored is removed."""
    visit = visit_as("reader")
    page = visit.page
    page.get_by_role("button", name="Headers").click()
    page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines").click()
    page.keyboard.insert_text('{"x-api-key": "SECRET-IN-HEADERS"}')
    assert "data" in run(visit, "query Mine { __typename }")
    page.wait_for_function("() => JSON.stringify(localStorage).includes('queries')")
    page.get_by_label("Open settings dialog").click()
    page.get_by_role("button", name="Dark", exact=True).wait_for()

    assert page.get_by_text("Persist headers").count() == 0
    assert "SECRET-IN-HEADERS" not in stored(visit, "localStorage")

    page.evaluate(
        """() => {
          const item = { query: '{ a }', variables: '', headers: 'SECRET-OF-OLD' };
          const tab = { ...item, id: '1', title: 'Old', operationName: null, response: null };
          const prefix = 'sagemaker-gateway:graphiql:';
          const store = (key, value) => localStorage.setItem(prefix + key, value);
          store('headers', 'SECRET-OF-OLD');
          store('queries', JSON.stringify({ queries: [item] }));
          store('tabState', JSON.stringify({ tabs: [tab], activeTabIndex: 0 }));
        }"""
    )
    page.reload()
    page.get_by_role("tab", name="Old").wait_for()
    assert "SECRET-OF-OLD" not in stored(visit, "localStorage")
    assert "{ a }" in stored(visit, "localStorage")


def test_token_goes_with_every_transport(visit_as: Open, session_twin: "Twin") -> None:
    """Parts of a response and WebSockets are asked for with the token, and may be refused."""
    name = min(session_twin.answers("DescribeProcessingJob", REGION))
    job = f'processingJob(name: "{name}")'
    expected = {"processingJob": {"processingJobName": name}}
    visit = visit_as("reader")

    run(visit, f"query Parts {{ ... @defer {{ {job} {{ processingJobName }} }} }}")
    visit.page.locator(".result-window", has_text=name).wait_for()
    assert visit.response()["data"] == expected
    watched = run(visit, f"subscription Watch {{ {job} {{ processingJobName }} }}")
    assert watched == {"data": expected}

    use_token(visit, "wrong")
    is_refused(visit, "The token or the API key is not valid.")
    visit.page.get_by_role("button", name="History").focus()
    visit.run()
    (error,) = visit.response()["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    is_refused(visit, "The token or the API key is not valid.")


def test_redacted_and_refused_fields_are_explained(visit_as: Open, session_twin: "Twin") -> None:
    """Sentences count what is redacted and refused, marks show where; narrow windows have room."""
    answers = session_twin.answers("DescribeProcessingJob", REGION)
    name = min(name for name, answer in answers.items() if len(answer.get("Environment", {})) > 1)
    visit = visit_as("processing")

    response = run(
        visit,
        f'query Mine {{ processingJob(name: "{name}") {{ environment {{ key value }} }} '
        "trainingJobs { nodes { trainingJobName } } }",
    )
    redacted, refused = notices(visit, 2)

    count = len(response["data"]["processingJob"]["environment"])
    assert redacted == f"{count} values are redacted: secrets need the scope read:secrets."
    assert refused.startswith("1 field is refused: trainingJobs. The caller has no scope")
    marked = visit.page.locator(".response-mark").all_inner_texts()
    assert set(marked) == {"UNAUTHORIZED_FIELD_OR_TYPE", "[redacted]"}

    visit.page.set_viewport_size({"width": 375, "height": 667})
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 375
    bar = visit.page.locator(".token-bar").bounding_box()
    button = visit.page.get_by_role("button", name="Forget").bounding_box()
    assert bar
    assert button
    assert bar["height"] < 100
    assert button["x"] + button["width"] < 375


def test_caller_without_introspection_still_queries(visit_as: Open) -> None:
    """The page says that the schema is missing and which scope it needs; operations run."""
    visit = visit_as("blind")
    (missing,) = notices(visit, 1)

    assert "the schema needs the scope introspection" in missing
    assert run(visit, "query Mine { __typename }") == {"data": {"__typename": "Query"}}


def test_cookie_is_enough(visit_as: Open, guarded: Guarded) -> None:
    """Whoever a cookie lets in gets the page and its answers without a token."""
    visit = visit_as(None, cookie=guarded.cookie)

    status(visit, "The gateway answers without a token, too.")
    assert run(visit, "query Mine { __typename }") == {"data": {"__typename": "Query"}}


def test_rate_limit_is_explained(visit_as: Open) -> None:
    """A refusal for want of a budget is a sentence that says when to try again."""
    visit = visit_as("reader")
    error = {"message": "Later.", "extensions": {"code": "RATE_LIMITED", "retryAfterMs": 2100}}
    visit.page.route(
        "**/graphql",
        lambda route: route.fulfill(
            status=429, content_type="application/json", body=json.dumps({"errors": [error]})
        ),
    )
    visit.run()

    (sentence,) = notices(visit, 1)
    assert "try again in 3 seconds" in sentence
    visit.problems[:] = [each for each in visit.problems if "429" not in each]
