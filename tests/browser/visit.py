"""A browser's visit to GraphiQL: the actions of a user, and the requests of the page."""

import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, WebSocket

RESPONSE: Final = (
    "__MONACO.editor.getModels().find(m => m.uri.path.endsWith('response.json')).getValue()"
)


@dataclass
class Visit:
    """A page of a fresh browser profile."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Open GraphiQL and wait for its editor; record what the page does."""
        # On the context: a page's own events leave out what its workers ask for.
        self.page.context.on("request", self._on_request)
        self.page.on("websocket", self._on_websocket)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.open_link()

    def open_link(self, **parameters: str) -> None:
        """Open GraphiQL with these parameters in its URL, and wait for its editor."""
        query_string = f"?{urlencode(parameters)}" if parameters else ""
        self.page.goto(f"{self.origin}/graphql{query_string}")
        self.page.locator(".graphiql-query-editor .view-line").first.wait_for()

    def wait_until_saved(self) -> None:
        """Wait until GraphiQL has saved its tabs, which it does half a second after a change."""
        self.page.wait_for_function(
            "() => Object.keys(localStorage).some((key) => key.includes('tabState'))"
        )

    def response(self) -> Any:
        """Return what the response's editor holds, once it is JSON."""
        self.page.wait_for_function(
            f"() => {{ try {{ return JSON.parse({RESPONSE}) }} catch {{ }} }}"
        )
        return json.loads(self.page.evaluate(RESPONSE))

    def tabs(self) -> list[str]:
        """Return the titles of the tabs."""
        return [tab.inner_text() for tab in self.page.get_by_role("tab").all()]

    def foreign_requests(self) -> list[str]:
        """Return the addresses that are neither the gateway's nor inlined data."""
        inlined = ("data:", f"blob:{self.origin}/")
        return [
            url
            for url in self.requests
            if not url.startswith(inlined) and _origin(url) != self.origin
        ]

    def text(self, selector: str) -> str:
        """Return an element's text as a reader sees it: Monaco draws spaces as no-break spaces."""
        return self.page.locator(selector).first.inner_text().replace("\xa0", " ").strip()

    def choose_tab(self, name: str) -> None:
        """Switch to a tab, and wait as long as a user's hand takes to reach the next button.

        GraphiQL reads the tab's operation name a tenth of a second after it shows the tab.
        """
        self.page.get_by_role("tab", name=name).click()
        self.page.wait_for_timeout(500)

    def run(self) -> None:
        """Press the button that runs the operation."""
        self.page.locator(".graphiql-execute-button").click()

    def retype(self, text: str) -> None:
        """Replace the operation as a user would, key by key."""
        self._select_operation()
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text, delay=20)

    def paste(self, operation: str) -> None:
        """Replace the operation by a named one at once, and wait until GraphiQL knows its name."""
        self._select_operation()
        self.page.keyboard.insert_text(operation)
        self.page.get_by_role("tab", name=operation.split()[1]).wait_for()

    def _select_operation(self) -> None:
        # Not its text, of which the middle may lie below the response.
        self.page.locator(".graphiql-query-editor .monaco-editor").first.click()
        self.page.keyboard.press("Control+A")

    def suggestions(self) -> list[str]:
        """Return the proposals at the cursor, asked for until the worker has the schema."""
        rows = self.page.locator(".suggest-widget.visible .monaco-list-row")
        for _ in range(20):
            self.page.keyboard.press("Control+Space")
            self.page.wait_for_timeout(500)
            if labels := _labels(rows):
                return labels
            self.page.keyboard.press("Escape")
        return []

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _on_websocket(self, socket: WebSocket) -> None:
        # ws and wss become http and https, so that all addresses compare alike.
        self.requests.append(socket.url.replace("ws", "http", 1))

    def _on_console(self, message: ConsoleMessage) -> None:
        # A breach of the page's own content security policy is reported here too.
        if message.type in {"error", "warning"}:
            self.problems.append(message.text)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _labels(rows: Locator) -> list[str]:
    return [row.get_attribute("aria-label") or "" for row in rows.all()]
