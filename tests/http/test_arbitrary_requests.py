"""No request causes a 5xx, a traceback in the log, or a response that is not GraphQL's."""

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..conftest import Count, StartGateway
from ..gateway_under_test import Gateway
from . import strategies
from .asgi_client import open_websocket
from .error_log import ErrorLog, no_errors_logged
from .raw_requests import JSON, RawResponse, check_response, check_websocket_message, send_raw

pytestmark = pytest.mark.anyio

MAX_BODY_BYTES = 100_000
PROTOCOL = "graphql-transport-ws"
CONNECTION_INIT = '{"type":"connection_init"}'
MEGABYTE = b"{" * 2**20
ACCEPT = [b"*/*", b"application/graphql-response+json", b"text/event-stream", b"multipart/mixed"]
ACCEPT += [b"multipart/mixed;deferSpec=20220824, application/json"]


class Target:
    """A gateway that gets arbitrary requests; counts them and checks every response."""

    def __init__(self, gateway: Gateway, error_log: ErrorLog, count: Count) -> None:
        self._app = gateway.app
        self._error_log = error_log
        self._count = count
        self._sent = 0

    async def send(self, *chunks: bytes, **request: Any) -> RawResponse:
        """Send a request and check the response."""
        response = await send_raw(self._app, chunks, **request)
        self._sent += 1
        assert self._error_log.take() == []
        if response.status:
            check_response(response, method=request.get("method", "POST"))
        else:
            assert not request.get("whole", True), "no response"
        return response

    async def send_messages(self, texts: list[str]) -> None:
        """Open a WebSocket, send messages, disconnect, and check what came back."""
        async with open_websocket(self._app, PROTOCOL) as socket:
            for text in texts:
                socket.send_message(text)
            # As long as it takes to answer what needs no call.
            for _ in range(20):
                await asyncio.sleep(0)
        self._sent += len(texts)
        assert self._error_log.take() == []
        assert (await socket.receive())["type"] == "websocket.accept"
        while not socket.has_received_all:
            check_websocket_message(await socket.receive(), "".join(texts).encode())

    def report(self, what: str) -> None:
        """Print the number of requests at the end of the run."""
        self._count(f"arbitrary requests, {what}", self._sent)

    async def check_still_answers(self) -> None:
        """Fail unless a valid request is answered as before."""
        response = await self.send(b'{"query":"{__typename}"}')
        assert response.body == b'{"data":{"__typename":"Query"}}'


@pytest.fixture
def error_log() -> Iterator[ErrorLog]:
    """Yield the errors that are logged; fail if any are left at the end."""
    with no_errors_logged() as error_log:
        yield error_log


@pytest.fixture
async def target(start_gateway: StartGateway, error_log: ErrorLog, count: Count) -> Target:
    """Return a target that accepts batches, so that those are tried as well."""
    gateway = await start_gateway(max_batch=3, max_body_bytes=MAX_BODY_BYTES, aws_attempts=1)
    return Target(gateway, error_log, count)


def many(examples: int) -> Callable[[Any], Any]:
    """Return a decorator for a property with this number of examples."""
    # All examples use one gateway, so that the traces of one would show in the next.
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, suppress_health_check=checks)


def damaged(body: bytes, dice: random.Random) -> bytes:
    """Return the body with a few bytes of it changed, lost, doubled or swapped."""
    changed = bytearray(body or b"\x00")
    for _ in range(dice.randrange(1, 4)):
        place, other = dice.randrange(len(changed)), dice.randrange(len(changed))
        how = dice.randrange(4)
        if how == 0:
            changed[place] = dice.choice(b'\x00{}[]":,\\0e-\xff\x80\xed u')
        elif how == 1 and len(changed) > 1:
            del changed[min(place, other) : max(place, other)][:20]
        elif how == 2:
            changed[place:place] = changed[other : other + dice.randrange(20)]
        else:
            changed[place], changed[other] = changed[other], changed[place]
    return bytes(changed)


def in_chunks(body: bytes, dice: random.Random) -> list[bytes]:
    """Return the body in up to five parts, some of them empty."""
    places = sorted(dice.randrange(len(body) + 1) for _ in range(dice.randrange(5)))
    return [body[start:end] for start, end in zip([0, *places], [*places, len(body)], strict=True)]


@many(700)
@given(body=strategies.bodies)
async def test_any_body(target: Target, body: bytes) -> None:
    """Every body, whole, in chunks, cut off or damaged, is answered or refused."""
    # Sending is quick and drawing is not, so each body is response in several ways.
    dice = random.Random(body)
    headers = [JSON, (b"accept", dice.choice(ACCEPT))]
    await target.send(body, headers=headers)
    await target.send(*in_chunks(body, dice), headers=headers)
    await target.send(*in_chunks(body, dice), whole=False)
    await target.send(body[: dice.randrange(len(body) + 1)])
    await target.send(b"[" + body + b"," + body + b"]", headers=headers)
    for _ in range(4):
        await target.send(damaged(body, dice), headers=headers)
    url = b"query=" + quote_from_bytes(body[:5_000]).encode()
    await target.send(method="GET", query_string=url, headers=headers[1:])
    await target.check_still_answers()
    target.report("as bodies")


@many(400)
@given(query_string=strategies.query_strings)
async def test_any_url(target: Target, query_string: bytes) -> None:
    """Every query string is answered or refused."""
    dice = random.Random(query_string)
    accept = [(b"accept", dice.choice([*ACCEPT, b"text/html"]))]
    await target.send(method="GET", query_string=query_string)
    await target.send(method="GET", query_string=query_string, headers=accept)
    await target.send(method="HEAD", query_string=query_string, headers=accept)
    await target.send(method="GET", query_string=damaged(query_string, dice), headers=accept)
    await target.check_still_answers()
    target.report("as URLs")


@many(400)
@given(headers=strategies.headers)
async def test_any_headers(target: Target, headers: strategies.Headers) -> None:
    """A request with any headers is answered or refused."""
    body = b'{"query":"{ __typename __schema { types { name description } } }"}'
    url = b"query={__typename}"
    await target.send(body, headers=headers)
    await target.send(body, headers=[*headers, JSON])
    await target.send(body, headers=[JSON, *headers])
    await target.send(method="GET", query_string=url, headers=headers)
    await target.send(method="PUT", headers=headers)
    await target.check_still_answers()
    target.report("with odd headers")


@many(300)
@given(texts=strategies.messages, initialised=st.booleans())
async def test_any_message(target: Target, texts: list[str], *, initialised: bool) -> None:
    """Every message on a WebSocket is answered, or closes it with a code of the protocol."""
    await target.send_messages([CONNECTION_INIT, *texts] if initialised else texts)
    await target.check_still_answers()
    target.report("as messages on WebSockets")


@pytest.mark.parametrize(
    ("announced", "received"),
    [(b"", 1), (b"10485760", 0), (b"0010485760", 0), (b"9" * 5_000, 0), (b"7", 1), (b"-1", 1)],
    ids=["chunked", "announced", "padded", "absurd", "short", "negative"],
)
async def test_ten_megabytes(target: Target, announced: bytes, received: int) -> None:
    """A body of 10 MB is refused before it is read, whatever its header gives as its length."""
    headers = [JSON, *([(b"content-length", announced)] if announced else [])]
    response = await target.send(*[MEGABYTE] * 10, headers=headers)

    assert response.status == 413
    assert response.received == received
    await target.check_still_answers()
