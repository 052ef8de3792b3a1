"""A headless Chromium that can reach this machine and nothing else."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.skipping import skip

from .visit import Visit

CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Cuts the network: no name resolves, nor any address but the gateway's.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


# Playwright's synchronous interface keeps an event loop running in this thread for as long as it
# lives, and asynchronous tests cannot run beside it: so not for the whole session.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Yield Debian's Chromium, or skip the test where there is none."""
    executable = shutil.which("chromium")
    if executable is None:
        skip("chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, gateway_url: str) -> Iterator[Visit]:
    """Yield a visit to GraphiQL, after which nothing may have left the gateway or gone wrong."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(15_000)
    visit = Visit(context.new_page(), gateway_url.rstrip("/"))
    visit.open()
    yield visit
    context.close()

    assert visit.foreign_requests() == []
    assert visit.problems == []
