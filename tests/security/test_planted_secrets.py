"""Credentials in every text of AWS's answers reach nobody who lacks the scope for them."""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import httpx
import pytest

from gateway.aws.resources import Resource
from gateway.logs.lines import LineFormatter
from gateway.schema.fields import field_name
from gateway.schema.registry import RESOURCES
from tests.aws_answers import PROCESSING, arn, processing_job
from tests.callers import Callers, start_callers
from tests.conftest import Count, Put, StartGateway
from tests.http.asgi_client import PROTOCOL, open_websocket
from tests.schema.boto3_comparison import every_field

from .planting import Planted, plant

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

SCOPES: Final = '"read", "introspection", "upstream", "no-cache", "graphiql"'
CALLERS: Final = {
    "with": f'scopes = [{SCOPES}, "read:secrets"]',
    "without": f"scopes = [{SCOPES}]",
    "stranger": "scopes = []",
}


class Way(NamedTuple):
    """A way to read what is planted."""

    query: str
    accept: str = "application/json"
    by_get: bool = False


def ways(resource: Resource) -> Iterator[Way]:
    """Yield ways to read what is planted of a kind."""
    fields = every_field(resource.type_name)
    single = field_name(resource.type_name)
    every = 'first: 50, filter: { nameContains: "planted-" }'
    ids = [arn(resource.arn_type, f"planted-{number}") for number in range(4)]
    inline = f"... on {resource.type_name} {fields}"

    def by_name(number: int) -> str:
        return f'{{ {single}(name: "planted-{number}") {fields} }}'

    yield Way(f"{{ {single}s({every}) {{ nodes {fields} }} }}")
    yield Way(by_name(1))
    yield Way(by_name(2), by_get=True)
    yield Way(by_name(3), accept="text/event-stream")
    yield Way(f'{{ node(id: "{ids[0]}") {{ {inline} }} }}')
    yield Way(f"{{ nodes(ids: {json.dumps(ids)}) {{ alias: __typename {inline} }} }}")
    for accept in ("multipart/mixed; incrementalSpec=v0.2", "multipart/mixed; deferSpec=20220824"):
        yield Way(by_name(4).replace("{", "{ ... @defer {", 1) + "}", accept)
        rows = f"{single}s({every}) {{ nodes @stream(initialCount: 2) {fields} }}"
        yield Way(f"{{ {rows} }}", accept)


LINKS: Final = """{ processingJob(name: "leads-to-planted") {
    trainingJob TRAINING autoMLJob AUTOML monitoringSchedule SCHEDULE } }"""


def all_ways() -> list[Way]:
    """Return the ways of all kinds, links, and the subscription."""
    links = LINKS
    for name, type_name in (
        ("TRAINING", "TrainingJob"),
        ("AUTOML", "AutoMLJob"),
        ("SCHEDULE", "MonitoringSchedule"),
    ):
        links = links.replace(name, every_field(type_name))
    watched = f'subscription {{ processingJob(name: "planted-5") {every_field("ProcessingJob")} }}'
    return [
        *(way for resource in RESOURCES for way in ways(resource)),
        Way(links),
        Way(watched, "text/event-stream"),
    ]


class Searched:
    """Searches texts for what is planted, and counts what it has searched."""

    def __init__(self, planted: Planted) -> None:
        self._planted = planted
        self.places: Counter[str] = Counter()
        self.found: Counter[str] = Counter()

    def search(self, where: str, text: str) -> None:
        """Search a text."""
        self.places[where] += 1
        self.found.update(f"{where}: {member}" for member in self._planted.find_in(text))

    def search_response(self, response: httpx.Response) -> None:
        """Search a response and each of its headers."""
        self.search("bodies", response.text)
        for header in response.headers.items():
            self.search("headers", str(header))


@pytest.fixture(scope="module")
def planted() -> Planted:
    """Return answers with credentials in all texts."""
    return plant(RESOURCES)


@pytest.fixture
async def callers(start_guarded: StartGateway, put: Put, planted: Planted) -> Callers:
    """Return callers of a gateway whose AWS answers with what is planted."""
    for resource, answer in planted.answers:
        put(resource.describe, answer)
    link = processing_job(
        "leads-to-planted",
        TrainingJobArn=arn("training-job", "planted-0"),
        AutoMLJobArn=arn("automl-job", "planted-0"),
        MonitoringScheduleArn=arn("monitoring-schedule", "planted-0"),
    )
    put(PROCESSING, link)
    return await start_callers(start_guarded, CALLERS, expose_upstream=True)


async def ask(callers: Callers, name: str, way: Way) -> httpx.Response:
    """Return the whole response to an operation."""
    headers = {"accept": way.accept, "x-upstream": "1"}
    send = callers.get if way.by_get else callers.ask
    return await send(name, way.query, **headers)


async def ask_by_websocket(callers: Callers, name: str, queries: Iterable[str]) -> str:
    """Return all messages that answer operations sent on one WebSocket."""
    messages: list[str] = []
    headers = {"authorization": callers.token(name)}
    async with open_websocket(callers.gateway.app, PROTOCOL, headers=headers) as socket:
        await socket.receive()
        socket.send_message({"type": "connection_init"})
        await socket.receive_message()
        for number, query in enumerate(queries):
            socket.subscribe(str(number), query)
            is_complete = False
            while not is_complete:
                message = await socket.receive_message()
                is_complete = message["type"] != "next"
                messages.append(json.dumps(message))
    return "\n".join(messages)


async def test_caller_with_the_scope_reads_all(callers: Callers, planted: Planted) -> None:
    """Whatever is planted can be read: what follows looks for it where it would be."""
    found: set[str] = set()
    for way in all_ways():
        response = await ask(callers, "with", way)
        assert "[redacted" not in response.text
        found.update(planted.find_in(response.text))

    assert set(planted.cores.values()) - found == set()


@pytest.mark.parametrize("order", [("without", "with"), ("with", "without")], ids=" then ".join)
async def test_no_caller_without_the_scope_reads_any(
    callers: Callers,
    planted: Planted,
    twin: "Twin",
    order: tuple[str, str],
    count: Count,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Cold, warm, stale, and when AWS fails or answers with half of an answer."""
    searched = Searched(planted)
    redacted = 0
    caplog.set_level(logging.INFO)

    async def search(names: tuple[str, ...]) -> None:
        nonlocal redacted
        for way in all_ways():
            for name in names:
                response = await ask(callers, name, way)
                if name != "with":
                    searched.search_response(response)
                    redacted += response.text.count("[redacted")

    await search((*order, "stranger"))
    await search(("without",))
    queries = [way.query for way in all_ways()]
    messages = await ask_by_websocket(callers, "without", queries)
    searched.search("messages of WebSockets", messages)
    assert messages.count("[redacted") > len(queries)
    callers.gateway.clock.advance(3_650)
    for code in ("InternalFailure", "ThrottlingException"):
        twin.set_faults(errorRate=1, errorCode=code)
        callers.gateway.clock.advance(60)
        before = redacted
        await search(("without",))
        assert redacted > before, "old answers are searched"
    twin.set_faults(malformedRate=1)
    callers.gateway.clock.advance(1_000_000)
    await search(("without",))
    for path in ("/metrics", "/healthz", "/readyz", "/graphql"):
        page = await callers.gateway.http.get(path, headers={"accept": "text/html, */*"})
        searched.search_response(page)
    for record in caplog.records:
        searched.search("lines of the log", LineFormatter().format(record))

    count("planted credentials: in texts of AWS", len(planted.cores))
    for where, number in {**searched.places, "found": searched.found.total()}.items():
        count(f"planted credentials, {order[0]} scope first: {where}", number)
    assert searched.found == Counter()
    assert redacted > 2 * len(planted.cores)
    assert searched.places["lines of the log"] > 10
