"""What ends work and connections: the client's disconnect, a limit, the shutdown."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from starlette.types import Message, Receive, Scope

from gateway.http.asgi import ClientDisconnected
from gateway.http.lifecycle import GracePeriodOver, Lifecycle
from tests.aws_answers import PROCESSING
from tests.clocks import TwinClock, until
from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway
from tests.replicas import eventually

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = [pytest.mark.anyio, pytest.mark.servers("mounted", "minimal")]


class Client:
    """One request to a gateway, whose connection the test can close."""

    def __init__(
        self, gateway: Gateway, request: Any, method: str = "POST", cache_control: bytes = b""
    ) -> None:
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []
        body = json.dumps(request).encode() if method == "POST" else b""
        query = b"" if method == "POST" else request
        self._inbox.put_nowait({"type": "http.request", "body": body, "more_body": False})
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": "/graphql",
            "query_string": query,
            "headers": [
                (b"content-type", b"application/json"),
                (b"apollo-require-preflight", b"1"),
                (b"cache-control", cache_control),
            ],
        }
        self.task = asyncio.create_task(self._ask(gateway, scope))

    async def _ask(self, gateway: Gateway, scope: Scope) -> None:
        await gateway.app(scope, self._inbox.get, self._send)

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    async def leave(self) -> None:
        """Close the connection, and wait until the gateway is done with the request."""
        self._inbox.put_nowait({"type": "http.disconnect"})
        await asyncio.wait_for(self.task, 10)

    async def body(self) -> Any:
        """Return what the gateway answered."""
        await asyncio.wait_for(self.task, 10)
        return json.loads(self.sent[1]["body"])


def query(name: str) -> dict[str, str]:
    """Return a request for one job."""
    return {"query": f'{{ processingJob(name: "{name}") {{ processingJobName }} }}'}


@pytest.fixture
async def narrow(start_gateway: StartGateway, twin_clock: TwinClock) -> AsyncIterator[Gateway]:
    """Yield a gateway that makes one AWS call at a time; none ends before the clock is opened."""
    gateway = await start_gateway(aws_concurrency=1, max_batch=5)
    twin_clock.close()
    yield gateway
    twin_clock.open()


async def has_begun(gateway: Gateway, calls: int) -> bool:
    """Tell whether the gateway has begun so many calls, queued ones included."""
    metrics = (await gateway.http.get("/metrics")).text
    return f'gateway_aws_calls_total{{operation="{PROCESSING}"}} {calls}.0' in metrics


@pytest.mark.parametrize("sent", ["", "no-cache", "get", "batch"])
async def test_call_that_nobody_waits_for_is_not_made(
    narrow: Gateway, twin: "Twin", twin_clock: TwinClock, sent: str
) -> None:
    """A queued call whose only client disconnects never reaches AWS."""
    first = Client(narrow, query("first"))
    await until(lambda: twin.calls().get(PROCESSING))
    if sent == "get":
        gone = Client(narrow, b'query={processingJob(name:"gone"){processingJobName}}', "GET")
    elif sent == "batch":
        gone = Client(narrow, [query("gone"), query("gone-too")])
    else:
        gone = Client(narrow, query("gone"), cache_control=sent.encode())
    last = Client(narrow, query("last"))
    await eventually(partial(has_begun, narrow, 4 if sent == "batch" else 3))
    await gone.leave()
    twin_clock.open()

    assert await first.body() == await last.body() == {"data": {"processingJob": None}}
    assert twin.calls() == {PROCESSING: 2}
    assert gone.sent == []


async def test_other_clients_get_their_response(
    narrow: Gateway, twin: "Twin", twin_clock: TwinClock
) -> None:
    """The disconnect of one client does not affect others that wait for the same job."""
    clients = [Client(narrow, query("shared")) for _ in range(3)]
    await until(lambda: twin.calls().get(PROCESSING))
    await clients[0].leave()
    await clients[2].leave()
    twin_clock.open()

    assert await clients[1].body() == {"data": {"processingJob": None}}
    assert twin.calls() == {PROCESSING: 1}


async def test_later_client_makes_a_new_call(
    narrow: Gateway, twin: "Twin", twin_clock: TwinClock
) -> None:
    """A client does not wait for a call whose clients have all disconnected; it makes a new one."""
    gone = Client(narrow, query("shared"))
    await until(lambda: twin.calls().get(PROCESSING))
    await gone.leave()
    late = Client(narrow, query("shared"))
    twin_clock.open()

    assert await late.body() == {"data": {"processingJob": None}}
    assert twin.calls() == {PROCESSING: 2}


async def test_request_that_is_cut_off_is_answered(
    narrow: Gateway, twin: "Twin", twin_clock: TwinClock
) -> None:
    """At the end of the grace period a client gets an error that says to try again."""
    clients = [Client(narrow, query("slow")), Client(narrow, [query("slow"), query("slower")])]
    await until(lambda: twin.calls().get(PROCESSING))
    narrow.lifecycle.cancel_work()
    bodies = [await client.body() for client in clients]

    assert [client.sent[0]["status"] for client in clients] == [503, 503]
    for body in bodies:
        assert body["errors"][0]["extensions"] == {"code": "UPSTREAM_TIMEOUT"}


# What follows tests `Lifecycle` alone.


class Work:
    """Work that ends when the test sets its event."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.was_cancelled = False
        self.error_on_cancel: Exception | None = None

    async def __call__(self) -> str:
        """Wait, and return a result."""
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            if self.error_on_cancel is not None:
                raise self.error_on_cancel from None
            raise
        return "done"


def receiving(*types: str) -> Receive:
    """Return a `receive` with these messages, after which it waits for ever."""
    messages = iter(types)

    async def receive() -> Message:
        for type_ in messages:
            return {"type": type_}
        await asyncio.Event().wait()
        raise AssertionError

    return receive


async def test_result_of_work_is_returned() -> None:
    """Work that ends while its client is there is not disturbed, whatever else is received."""
    work = Work()
    work.may_end.set()

    assert (
        await Lifecycle().run_for_client(receiving("http.request", "http.request"), work())
        == "done"
    )


async def test_error_of_work_is_raised() -> None:
    """Work that fails fails as if it had been awaited."""

    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await Lifecycle().run_for_client(receiving(), fail())


async def test_disconnect_cancels_work() -> None:
    """The client's going away ends the wait, and the work."""
    work = Work()
    with pytest.raises(ClientDisconnected):
        await Lifecycle().run_for_client(receiving("http.request", "http.disconnect"), work())
    await until(lambda: work.was_cancelled)


async def test_work_that_fails_as_it_is_cancelled_is_not_reported() -> None:
    """An error that work raises when it is cancelled is not reported."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    work = Work()
    work.error_on_cancel = ValueError("while stopping")
    with pytest.raises(ClientDisconnected):
        await Lifecycle().run_for_client(receiving("http.disconnect"), work())
    await until(lambda: work.was_cancelled)
    await asyncio.sleep(0)

    assert complaints == []


async def test_cancellation_reaches_the_work() -> None:
    """Cancelling the request cancels its work and raises nothing else."""
    work = Work()
    waiting = asyncio.create_task(Lifecycle().run_for_client(receiving(), work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await until(lambda: work.was_cancelled)


async def test_cancel_work_ends_all_work() -> None:
    """`cancel_work` cancels what runs, and whoever waits for it gets an error."""
    lifecycle = Lifecycle()
    works = [Work(), Work()]
    waiting = [asyncio.create_task(lifecycle.run_for_client(receiving(), work())) for work in works]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    lifecycle.cancel_work()

    for task in waiting:
        with pytest.raises(GracePeriodOver):
            await task
    assert all(work.was_cancelled for work in works)
