"""`@defer` and `@stream`: parts of a response over multipart/mixed and server-sent events."""

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.aws_answers import (
    AUTO_ML,
    PROCESSING,
    TRAINING,
    arn,
    auto_ml_job,
    processing_job,
    training_job,
)
from tests.clocks import TwinClock, until
from tests.conftest import Put, StartGateway
from tests.gateway_under_test import Gateway
from tests.http.asgi_client import StreamClient, open_post

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = [pytest.mark.anyio, pytest.mark.servers("mounted", "minimal")]

MULTIPART = "multipart/mixed;incrementalSpec=v0.2, application/json"
BY_PATH = "multipart/mixed;deferSpec=20220824, application/json"
SUBSCRIPTION = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0, application/json"
LINK = arn("training-job", "linked")
DEFER = """{
  processingJob(name: "job") {
    processingJobStatus
    ... @defer(label: "link") { trainingJob { trainingJobStatus } }
  }
}"""
STREAM = f"""{{
  nodes(ids: ["{arn("processing-job", "job")}", "{LINK}", "{arn("training-job", "no")}"])
    @stream(initialCount: 1) {{ id }}
}}"""
JOB = {"processingJobStatus": "COMPLETED"}
LATER = {"trainingJob": {"trainingJobStatus": "FAILED"}}
WHOLE = {"data": {"processingJob": {**JOB, **LATER}}}


@pytest.fixture(autouse=True)
def jobs(put: Put) -> None:
    """Give AWS a job and the one that it links to."""
    put(PROCESSING, processing_job("job", TrainingJobArn=LINK))
    put(TRAINING, training_job("linked", "Failed"))


def parts(body: str) -> list[Any]:
    """Return the parts of a multipart body. Fails when it is not framed as it must be."""
    opening, *inner, closing = body.split("\r\n---")
    assert opening == ""
    assert closing == "--\r\n"
    found = []
    for part in inner:
        head, text = part.split("\r\n\r\n")
        assert head == "\r\ncontent-type: application/json; charset=utf-8"
        found.append(json.loads(text))
    return found


async def answered(gateway: Gateway, query: str, accept: str) -> tuple[str, str]:
    """Return the media type and body of the response."""
    async with open_post(gateway.app, query, accept) as stream:
        status, headers = await stream.receive_start()
        assert status == 200
        return headers["content-type"], await stream.receive_rest()


async def test_defer(gateway: Gateway) -> None:
    """The deferred part comes later, named by the id that was announced."""
    media_type, body = await answered(gateway, DEFER, MULTIPART)

    assert media_type == 'multipart/mixed; boundary="-"'
    first, second = parts(body)
    assert first == {
        "data": {"processingJob": JOB},
        "pending": [{"id": "0", "path": ["processingJob"], "label": "link"}],
        "hasNext": True,
    }
    assert second == {
        "incremental": [{"id": "0", "data": LATER}],
        "completed": [{"id": "0"}],
        "hasNext": False,
    }


async def test_first_part_is_not_late(gateway: Gateway, twin_clock: TwinClock) -> None:
    """The first part is sent, with its boundary, before AWS has answered for the rest."""
    await gateway.data('{ processingJob(name: "job") { id } }')
    twin_clock.close()
    async with open_post(gateway.app, DEFER, MULTIPART) as stream:
        await stream.receive_start()
        seen = await _until_boundary(stream)
        assert json.loads(seen.partition("\r\n\r\n")[2])["data"] == {"processingJob": JOB}
        assert stream.has_received_all
        twin_clock.open()

        assert '"trainingJobStatus":"FAILED"' in await stream.receive_rest()


async def _until_boundary(stream: StreamClient) -> str:
    assert await stream.receive_chunk() == "\r\n---"
    return (await stream.receive_chunk()).removesuffix("\r\n---")


@pytest.mark.parametrize("accept", [MULTIPART, BY_PATH])
async def test_keep_alive(start_gateway: StartGateway, twin_clock: TwinClock, accept: str) -> None:
    """While a part is waited for, spaces before its JSON show that the stream is alive."""
    gateway = await start_gateway(stream_keep_alive=7)
    await gateway.data('{ processingJob(name: "job") { id } }')
    twin_clock.close()
    async with open_post(gateway.app, DEFER, accept) as stream:
        await stream.receive_start()
        body = await stream.receive_chunk() + await stream.receive_chunk()
        for expected in ("\r\ncontent-type: application/json; charset=utf-8\r\n\r\n ", " "):
            await until(lambda: gateway.clock.sleeping(7) == 1)
            gateway.clock.advance(7)
            chunk = await stream.receive_chunk()
            assert chunk == expected
            body += chunk
        twin_clock.open()
        body += await stream.receive_rest()

    assert [part["hasNext"] for part in parts(body)] == [True, False]


async def test_defer_by_path(gateway: Gateway) -> None:
    """Clients of the format of August 2022 get that: a part has the path of its object."""
    media_type, body = await answered(gateway, DEFER, BY_PATH)

    assert media_type == 'multipart/mixed; boundary="-"; deferSpec=20220824'
    assert parts(body) == [
        {"data": {"processingJob": JOB}, "hasNext": True},
        {
            "incremental": [{"data": LATER, "path": ["processingJob"], "label": "link"}],
            "hasNext": False,
        },
    ]


OVERLAPPING = """query ($no: Boolean = false) { processingJob(name: "job") {
  id
  ... @defer(label: "A") { trainingJob { trainingJobName trainingJobStatus } }
  ...F @defer
  again: trainingJob { ... @defer(label: "D") { trainingJobStatus } }
} }
fragment F on ProcessingJob {
  trainingJob { trainingJobStatus ... @defer(if: $no) { secondaryStatus } }
  processingJobStatus
  ... @defer(label: "C") { roleArn trainingJob { trainingJobName } }
}"""


async def test_fragments_by_path_are_whole(gateway: Gateway) -> None:
    """Each deferred fragment is one entry at its own path, with the fields that others share.

    Clients of the older format merge nothing across fragments: Relay lost what others had.
    """
    _, body = await answered(gateway, OVERLAPPING, BY_PATH)
    whole = await gateway.data(OVERLAPPING)
    training = whole["processingJob"]["trainingJob"]
    entries = {
        entry.get("label"): (entry["path"], entry["data"])
        for part in parts(body)
        for entry in part.get("incremental", ())
    }

    job = ["processingJob"]
    assert entries == {
        "A": (job, {"trainingJob": only(training, "trainingJobName", "trainingJobStatus")}),
        None: (
            job,
            {
                "trainingJob": only(training, "trainingJobStatus", "secondaryStatus"),
                "processingJobStatus": whole["processingJob"]["processingJobStatus"],
            },
        ),
        "C": (
            job,
            {
                "roleArn": whole["processingJob"]["roleArn"],
                "trainingJob": only(training, "trainingJobName"),
            },
        ),
        "D": ([*job, "again"], only(training, "trainingJobStatus")),
    }
    assert sum(len(part.get("incremental", ())) for part in parts(body)) == 4
    assert [part["hasNext"] for part in parts(body)][-1] is False


def only(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return the members of these names."""
    return {key: value[key] for key in keys}


async def test_failed_fragment_by_path(gateway: Gateway, twin: "Twin") -> None:
    """A fragment with an error is one entry too, with the error; the others are whole."""
    twin.set_faults(errorRate=1, operations=[TRAINING])
    _, body = await answered(gateway, OVERLAPPING, BY_PATH)
    entries = [entry for part in parts(body) for entry in part.get("incremental", ())]

    data = {entry.get("label"): entry["data"] for entry in entries}
    assert data["A"] == {"trainingJob": None}
    assert data[None]["trainingJob"] is None
    assert data[None]["processingJobStatus"]
    assert data["C"] == {"roleArn": None, "trainingJob": None}
    errors = [error for entry in entries for error in entry.get("errors", ())]
    errors += [error for part in parts(body) for error in part.get("errors", ())]
    assert {error["extensions"]["code"] for error in errors} == {"UPSTREAM_UNAVAILABLE"}


async def test_fragment_without_a_field_of_its_own_by_path(gateway: Gateway) -> None:
    """A fragment all of whose fields the first part has is an entry too: Relay waits for it."""
    query = """{ processingJob(name: "job") {
      id ...Shared @defer(label: "shared") ... @include(if: false) @defer { roleArn }
      trainingJob { trainingJobStatus }
    } }
    fragment Shared on ProcessingJob { id trainingJob { trainingJobStatus } }"""
    _, body = await answered(gateway, query, BY_PATH)
    shared = {"id": arn("processing-job", "job"), **LATER}

    assert parts(body) == [
        {"data": {"processingJob": shared}, "hasNext": True},
        {
            "incremental": [{"data": shared, "path": ["processingJob"], "label": "shared"}],
            "hasNext": False,
        },
    ]


async def test_stream_by_path(gateway: Gateway) -> None:
    """Each item is an entry at its own path, and so is a fragment in it."""
    query = STREAM.replace("{ id }", "{ __typename ... @defer { id } }")
    _, body = await answered(gateway, query, BY_PATH)
    first, *rest = parts(body)
    entries = [entry for part in rest for entry in part.get("incremental", ())]

    assert first == {"data": {"nodes": [{"__typename": "ProcessingJob"}]}, "hasNext": True}
    assert sorted(entries, key=lambda entry: (entry["path"][1], "data" in entry)) == [
        {"data": {"id": arn("processing-job", "job")}, "path": ["nodes", 0]},
        {"items": [{"__typename": "TrainingJob"}], "path": ["nodes", 1]},
        {"data": {"id": LINK}, "path": ["nodes", 1]},
        {"items": [None], "path": ["nodes", 2]},
    ]


async def test_stream(gateway: Gateway) -> None:
    """The items past the first come later."""
    _, body = await answered(gateway, STREAM, MULTIPART)
    first, *rest = parts(body)
    items = [
        item for part in rest for each in part.get("incremental", ()) for item in each["items"]
    ]

    assert first["data"] == {"nodes": [{"id": arn("processing-job", "job")}]}
    assert first["pending"] == [{"id": "0", "path": ["nodes"]}]
    assert items == [{"id": LINK}, None]
    assert [part["hasNext"] for part in (first, *rest)][-1] is False


async def test_items_are_not_read_one_after_another(
    gateway: Gateway, put: Put, twin: "Twin", twin_clock: TwinClock
) -> None:
    """What the items of a list lead to is read at once: each is answered when all are there."""
    names = ("one", "two", "three")
    for name in names:
        put(AUTO_ML, auto_ml_job(name))
        put(PROCESSING, processing_job(name, AutoMLJobArn=arn("automl-job", name)))
    ids = ", ".join(f'"{arn("processing-job", name)}"' for name in names)
    query = f"""{{ nodes(ids: [{ids}]) @stream {{
      id ... on ProcessingJob {{ processingJobStatus autoMLJob {{ autoMLJobStatus }} }}
    }} }}"""
    await gateway.data(f"{{ nodes(ids: [{ids}]) {{ ... on ProcessingJob {{ roleArn }} }} }}")
    twin.reset_calls()
    twin_clock.meet = threading.Barrier(len(names))
    _, body = await answered(gateway, query, MULTIPART)

    assert body.count('"autoMLJobStatus":"COMPLETED"') == len(names)
    assert twin.calls() == {AUTO_ML: len(names)}


async def test_item_does_not_wait_for_the_next(
    gateway: Gateway, put: Put, twin_clock: TwinClock
) -> None:
    """An item of a list is sent before AWS has answered for those behind it."""
    await gateway.data('{ processingJob(name: "job") { id } }')
    twin_clock.close()
    query = STREAM.replace("{ id }", "{ __typename ... on Node { id } }").replace(
        "/linked", "/next"
    )
    query = query.replace("initialCount: 1) {", "initialCount: 1) { ... on TrainingJob { roleArn }")
    async with open_post(gateway.app, query, MULTIPART) as stream:
        await stream.receive_start()
        seen = await _until_boundary(stream)
        twin_clock.open()
        await stream.receive_rest()

    first = json.loads(seen.partition("\r\n\r\n")[2])
    assert [node["id"] for node in first["data"]["nodes"]] == [arn("processing-job", "job")]


async def test_server_sent_events(gateway: Gateway) -> None:
    """The same parts come as events to a client that prefers those."""
    _, body = await answered(gateway, DEFER, "text/event-stream")
    events = body.removeprefix(":\n\n").removesuffix("event: complete\ndata: \n\n")
    first, second = (
        json.loads(event.removeprefix("event: next\ndata: "))
        for event in events.strip().split("\n\n")
    )

    assert first["data"] == {"processingJob": JOB}
    assert second["incremental"][0]["data"] == LATER


@pytest.mark.parametrize("query", [DEFER, STREAM])
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*"])
async def test_ignored(gateway: Gateway, query: str, accept: str) -> None:
    """A client that takes one response gets all of it, by the compiled plan."""
    media_type, body = await answered(gateway, query, accept)
    plain = await gateway.data(
        query.replace('... @defer(label: "link")', "...").replace("@stream(initialCount: 1)", "")
    )

    assert "json" in media_type
    assert json.loads(body) == {"data": plain}
    assert (
        'gateway_operations_total{executor="graphql-core"} 0.0'
        in (await gateway.http.get("/metrics")).text
    )


async def test_ignored_by_graphql_core(gateway: Gateway) -> None:
    """Responses of graphql-core are complete as well."""
    query = "{ __schema { __typename } ... @defer { __typename } }"
    _, body = await answered(gateway, query, "application/json")

    assert json.loads(body) == {
        "data": {"__schema": {"__typename": "__Schema"}, "__typename": "Query"}
    }


@pytest.mark.parametrize("stream", ["multipart/mixed;incrementalSpec=v0.2", "text/event-stream"])
async def test_stream_of_less_weight(gateway: Gateway, stream: str) -> None:
    """A client that prefers JSON gets JSON, of which nothing is left for later."""
    media_type, body = await answered(gateway, DEFER, f"application/json, {stream};q=0.1")

    assert media_type.startswith("application/json")
    assert json.loads(body) == WHOLE


async def test_cached_fields_are_not_deferred(gateway: Gateway) -> None:
    """Fields that the cache holds are not deferred."""
    await gateway.data(DEFER)
    media_type, body = await answered(gateway, DEFER, MULTIPART)

    assert media_type.startswith("application/json")
    assert json.loads(body) == WHOLE


@pytest.mark.parametrize("accept", [MULTIPART, "text/event-stream"])
@pytest.mark.parametrize("query", [DEFER, '{ processingJob(name: "job") { processingJobStatus } }'])
async def test_no_cache(gateway: Gateway, put: Put, twin: "Twin", accept: str, query: str) -> None:
    """`no-cache` reads past the cache, in parts as well as in one piece."""
    await gateway.data(query)
    put(PROCESSING, processing_job("job", "Stopped", TrainingJobArn=LINK))
    gateway.clock.advance(2)
    twin.reset_calls()
    headers = {"cache-control": "no-cache"}
    async with open_post(gateway.app, query, accept, **headers) as stream:
        await stream.receive_start()
        body = await stream.receive_rest()

    assert '"processingJobStatus":"STOPPED"' in body
    assert ('"hasNext":true' in body) == (query == DEFER)
    assert set(twin.calls()) == ({PROCESSING, TRAINING} if query == DEFER else {PROCESSING})


async def test_switched_off(gateway: Gateway) -> None:
    """`if: false` leaves nothing out."""
    query = DEFER.replace('label: "link"', "if: false")
    _, body = await answered(gateway, query, MULTIPART)

    assert parts(body) == [WHOLE]


@pytest.mark.parametrize(
    "query",
    [
        '{ processingJob(name: "job") @defer { id } }',
        '{ processingJob(name: "job") { id @stream } }',
        "{ __typename ... @defer(label: 1) { __typename } }",
        'subscription { ... @defer { processingJob(name: "job") { id } } }',
    ],
)
@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "multipart/mixed;incrementalSpec=v0.2, application/json",
        "multipart/mixed, application/json",
    ],
)
async def test_wrong_place(gateway: Gateway, query: str, accept: str) -> None:
    """The directives are validated, also where they are ignored."""
    _, body = await answered(gateway, query, accept)

    assert "GRAPHQL_VALIDATION_FAILED" in body


@pytest.mark.parametrize("accept", [MULTIPART, BY_PATH])
async def test_error_in_part(gateway: Gateway, twin: "Twin", accept: str) -> None:
    """An error of a deferred field comes with its part, coded, at its path in the whole."""
    twin.set_faults(errorRate=1, errorCode="AccessDeniedException", operations=[TRAINING])
    _, body = await answered(gateway, DEFER, accept)
    (later,) = parts(body)[1]["incremental"]
    (error,) = later["errors"]

    assert later["data"] == {"trainingJob": None}
    assert error["extensions"] == {"code": "UPSTREAM_ACCESS_DENIED"}
    assert error["path"] == ["processingJob", "trainingJob"]


async def test_stale_part(gateway: Gateway, twin: "Twin") -> None:
    """Stale data is labelled in the part that has it."""
    await gateway.data(DEFER)
    twin.set_faults(errorRate=1)
    gateway.clock.advance(3_700)
    _, body = await answered(gateway, DEFER, MULTIPART)
    last = parts(body)[-1]

    stale = {each["id"] for each in last["extensions"]["freshness"]["stale"]}
    assert stale == {LINK, arn("processing-job", "job")}


async def test_client_disconnects(gateway: Gateway, twin: "Twin", twin_clock: TwinClock) -> None:
    """The disconnect of the client stops the work on further parts."""
    await gateway.data('{ processingJob(name: "job") { id } }')
    twin_clock.close()
    async with open_post(gateway.app, DEFER, MULTIPART) as stream:
        await until(lambda: TRAINING in twin.calls())
        stream.disconnect()
        await until(lambda: stream.task and stream.task.done())
    twin_clock.open()
    await gateway.data(DEFER)

    assert twin.calls()[TRAINING] == 2


async def test_apollo_subscription(gateway: Gateway) -> None:
    """A subscription over multipart is in Apollo's envelope, where Apollo's client asks for it."""
    query = 'subscription { processingJob(name: "job") { processingJobStatus } }'
    enveloped, body = await answered(gateway, query, SUBSCRIPTION)
    plain, plain_body = await answered(gateway, query, MULTIPART)

    assert enveloped == 'multipart/mixed; boundary="-"; subscriptionSpec="1.0"'
    assert parts(body) == [{"payload": {"data": {"processingJob": JOB}}}]
    assert plain == 'multipart/mixed; boundary="-"'
    assert parts(plain_body) == [{"data": {"processingJob": JOB}}]
