"""Nothing that a client sends becomes a line of its own in the log, or moves a terminal."""

import json
import logging
import unicodedata
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest

from gateway.logs.lines import LineFormatter
from tests.callers import start_callers
from tests.conftest import Count, StartGateway
from tests.gateway_under_test import Gateway
from tests.http.asgi_client import PROTOCOL, open_websocket
from tests.issuer import LocalIssuer, issuer_section

pytestmark = pytest.mark.anyio

LINE: Final = "2026-11-25T19:17:50.123Z 1 INFO gateway.listening host=forged"
ENDS_OF_LINES: Final = ("\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x1e")
FOR_TERMINALS: Final = ("\x1b[2J", "\x9b2J", "\x08" * 80, "\x00", "\u202e", "\u2066", "\ud800")
FORGED: Final = tuple(f"x{end}{LINE}" for end in (*ENDS_OF_LINES, *FOR_TERMINALS))
HEADERS: Final = (
    *("authorization", "x-api-key", "cookie", "host", "origin", "accept", "content-type"),
    *("x-request-id", "traceparent", "user-agent", "apollographql-client-name", "x-forwarded-for"),
)
NOT_IN_LINES: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of control, format and surrogate characters, and of ends of lines."""


def bodies(text: str) -> Iterator[dict[str, Any]]:
    """Yield requests that have a text in one place after the other."""
    quoted = json.dumps(text)
    yield {"query": f"# {text}\n{{ __typename }}", "operationName": text}
    yield {"query": "query Known { __typename }", "operationName": text}
    yield {"query": f"{{ processingJob(name: {quoted}) {{ id }} }}"}
    yield {"query": f'{{ processingJob(name: "a", region: {quoted}) {{ id }} }}'}
    yield {"query": f"{{ {text} }}", "variables": {text: text}}
    yield {"query": "query ($id: ID!) { node(id: $id) { id } }", "variables": {"id": text}}
    yield {"documentId": text, "extensions": {text: text}}


def tokens(issuer: LocalIssuer, text: str) -> Iterator[str]:
    """Yield tokens that have a text in one place after the other."""
    for claim in ("sub", "scope", "iss", "aud", "exp"):
        claims: dict[str, Any] = {claim: text}
        yield issuer.sign(**claims)
    yield issuer.sign(headers={"kid": text})


async def send_everywhere(gateway: Gateway, issuer: LocalIssuer, token: str, text: str) -> None:
    """Send a text in each place that takes one."""
    url, encoded = "/graphql?query={__typename}", quote(text, errors="surrogatepass")
    known = {"authorization": token, "content-type": "application/json"}
    for body in bodies(text):
        await gateway.http.post("/graphql", content=json.dumps(body), headers=known)
    for address in (f"{url}&operationName={encoded}", f"/graphql?query={encoded}", f"/{encoded}"):
        await gateway.http.get(address, headers=known)
    raw = text.encode("utf-8", "surrogatepass")
    for name in HEADERS:
        await gateway.http.get(url, headers=[(name.encode(), raw)])
    for forged in tokens(issuer, text):
        await gateway.http.get(url, headers={"authorization": f"Bearer {forged}"})
    async with open_websocket(gateway.app, PROTOCOL) as socket:
        await socket.receive()
        payload = {"authorization": text}
        socket.send_message(json.dumps({"type": "connection_init", "payload": payload}))
        await socket.receive_close()


async def test_no_text_of_a_client_forges_a_line(
    start_guarded: StartGateway,
    issuer: LocalIssuer,
    caplog: pytest.LogCaptureFixture,
    count: Count,
) -> None:
    """Each event is one line, in letters that a terminal shows."""
    caplog.set_level(logging.DEBUG, logger="gateway")
    keys = {"reader": 'scopes = ["read"]'}
    settings = {"allowed_documents": "log-unknown"}
    callers = await start_callers(start_guarded, keys, issuer_section(issuer), **settings)
    for text in FORGED:
        await send_everywhere(callers.gateway, issuer, callers.token("reader"), text)

    ours = [record for record in caplog.records if record.name.startswith("gateway")]
    lines = [LineFormatter().format(record) for record in ours]
    count("lines of the log that clients tried to forge", len(lines))
    assert len(lines) > 10 * len(FORGED)
    for line in lines:
        assert not [each for each in line if unicodedata.category(each) in NOT_IN_LINES], line
