"""Trusted documents: the steps to them, a manifest that changes, and documents that are warmed."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ConfigurationError
from gateway.execution.compiled.compiler import Compiler
from gateway.execution.document import Documents
from gateway.execution.parser import parse_document
from gateway.grants import ALL_GRANTS
from gateway.http import trusted_documents
from gateway.http.manifest import hash_text
from gateway.http.trusted_documents import Warming
from gateway.schema.schema import CORE_SCHEMA
from gateway.settings import EngineSettings
from tests.clocks import until
from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway

pytestmark = pytest.mark.anyio

QUERY = "query Which { __typename }"
ANSWER = {"data": {"__typename": "Query"}}
OTHER = "query Other { __typename other: __typename }"


async def post(gateway: Gateway, **body: Any) -> Any:
    """Return the JSON of the response to a body."""
    return (await gateway.http.post("/graphql", json=body)).json()


async def code(gateway: Gateway, **body: Any) -> str:
    """Return the code of the only error in the response to a body."""
    (error,) = (await post(gateway, **body))["errors"]
    return str(error["extensions"]["code"])


def by_hash(text: str) -> Any:
    """Return the extension of Apollo's protocol that names a text."""
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_text(text)}}


def events(caplog: pytest.LogCaptureFixture, name: str) -> list[dict[str, Any]]:
    """Return what the events of a name in the log say."""
    return [vars(record) for record in caplog.records if record.msg == name]


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Return a manifest with one document, `which`."""
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"which": QUERY}))
    return path


def write(path: Path, text: str | None) -> None:
    """Give a file another text, or remove it."""
    if text is None:
        path.unlink()
    else:
        path.write_text(text)


APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": "which", "name": "Which", "type": "query", "body": QUERY}],
}


@pytest.mark.parametrize("content", [{"which": QUERY}, APOLLO])
async def test_document_is_named_by_id(
    start_gateway: StartGateway, manifest: Path, content: Any
) -> None:
    """`documentId` and Apollo's extension both name it, and other texts are still answered."""
    # With the byte order mark that some editors write.
    write(manifest, "\ufeff" + json.dumps(content))
    gateway = await start_gateway(trusted_documents=manifest)
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "which"}}

    assert await post(gateway, documentId="which") == ANSWER
    assert await post(gateway, extensions=extensions) == ANSWER
    assert await post(gateway, extensions=by_hash(QUERY)) == ANSWER
    assert await post(gateway, query="{ __typename }") == ANSWER
    assert await code(gateway, documentId="other") == "PERSISTED_QUERY_NOT_FOUND"
    assert await code(gateway, documentId=5) == "BAD_USER_INPUT"


async def test_unknown_documents_are_logged(
    start_gateway: StartGateway, manifest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first step: others are answered, and each is logged once, by hash and name."""
    gateway = await start_gateway(trusted_documents=manifest, allowed_documents="log-unknown")

    await post(gateway, documentId="which")
    await post(gateway, query=QUERY)
    assert events(caplog, "gateway.unknown_document") == []
    for variables in ({}, {"a": 1}):
        assert "errors" not in await post(gateway, query=OTHER, variables=variables)
    forged = "{ __typename }"
    await post(gateway, query=forged, operationName="a b\nc", extensions=by_hash(forged))
    await post(gateway, extensions=by_hash(forged))
    found = [
        (each["hash"], each["operation_name"])
        for each in events(caplog, "gateway.unknown_document")
    ]
    assert found == [(hash_text(OTHER), "Other"), (hash_text(forged), None)]


async def test_unknown_documents_do_not_flood_the_log(
    start_gateway: StartGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """A hundred are logged in a minute; those left out are, when they come again later."""
    gateway = await start_gateway(allowed_documents="log-unknown")

    for minute in range(2):
        for number in range(110):
            await post(gateway, query=f"{{ a{number}: __typename }}", variables={"m": minute})
        gateway.clock.advance(60)

    found = [each["hash"] for each in events(caplog, "gateway.unknown_document")]
    assert len(found) == len(set(found)) == 110


async def test_only_trusted_documents(start_gateway: StartGateway, manifest: Path) -> None:
    """The second step: texts of the manifest pass, any other is refused and not registered."""
    gateway = await start_gateway(trusted_documents=manifest, allowed_documents="trusted")

    assert await post(gateway, documentId="which") == ANSWER
    assert await post(gateway, query=QUERY) == ANSWER
    assert await post(gateway, query=QUERY, extensions=by_hash(QUERY)) == ANSWER
    assert await post(gateway, extensions=by_hash(QUERY)) == ANSWER
    assert await code(gateway, query=OTHER) == "FORBIDDEN"
    assert await code(gateway, query=f"{QUERY} ") == "FORBIDDEN"
    assert await code(gateway, query=OTHER, extensions=by_hash(OTHER)) == "FORBIDDEN"
    assert await code(gateway, extensions=by_hash(OTHER)) == "PERSISTED_QUERY_NOT_FOUND"
    assert await code(gateway, query=OTHER, extensions=by_hash(QUERY)) == "FORBIDDEN"


async def test_only_ids_of_trusted_documents(start_gateway: StartGateway, manifest: Path) -> None:
    """The third step: no text passes, whatever it is sent with."""
    gateway = await start_gateway(trusted_documents=manifest, allowed_documents="trusted-ids")

    assert await post(gateway, documentId="which") == ANSWER
    assert await post(gateway, extensions=by_hash(QUERY)) == ANSWER
    assert await post(gateway, query="", documentId="which") == ANSWER
    assert await code(gateway, query=QUERY) == "FORBIDDEN"
    assert await code(gateway, query=QUERY, documentId="which") == "FORBIDDEN"
    assert await code(gateway, query=QUERY, extensions=by_hash(QUERY)) == "FORBIDDEN"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": 1}', '{"operations": [{"id": "a"}]}'])
async def test_unreadable_manifest_stops_the_start(
    start_gateway: StartGateway, manifest: Path, text: str
) -> None:
    """A manifest of another shape is named before anything is served."""
    write(manifest, text)

    with pytest.raises(ConfigurationError, match="GATEWAY_TRUSTED_DOCUMENTS"):
        await start_gateway(trusted_documents=manifest)


async def look_at_the_file(gateway: Gateway) -> None:
    """Let so much time pass that the gateway looks at the manifest, and has done so."""
    await until(lambda: gateway.clock.sleeping(2.0))
    gateway.clock.advance(2)
    await until(lambda: gateway.clock.sleeping(2.0))


async def test_new_manifest(
    start_gateway: StartGateway, manifest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A changed manifest is in force after two seconds, also for what was answered before."""
    caplog.set_level("INFO", logger="gateway")
    gateway = await start_gateway(trusted_documents=manifest, allowed_documents="trusted")
    for _ in range(2):
        assert await post(gateway, query=QUERY) == ANSWER
        assert (await gateway.http.get("/graphql?documentId=which")).json() == ANSWER

    write(manifest, json.dumps({"other": OTHER}))
    await look_at_the_file(gateway)

    assert await code(gateway, query=QUERY) == "FORBIDDEN"
    assert (await gateway.http.get("/graphql?documentId=which")).json().keys() == {"errors"}
    assert "errors" not in await post(gateway, documentId="other")
    assert [each["documents"] for each in events(caplog, "gateway.manifest_read")] == [1]


async def test_wrong_new_manifest(
    start_gateway: StartGateway, manifest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A new manifest that is wrong or gone is not in force, and the log says so each time."""
    gateway = await start_gateway(trusted_documents=manifest, allowed_documents="trusted-ids")

    write(manifest, "[]")
    await look_at_the_file(gateway)
    write(manifest, None)
    await look_at_the_file(gateway)

    assert await post(gateway, documentId="which") == ANSWER
    refused = events(caplog, "gateway.manifest_refused")
    assert ["is not a manifest" in each["reason"] for each in refused] == [True, False]
    assert "No such file" in refused[1]["reason"]


async def test_manifest_is_read_on_request(
    start_gateway: StartGateway, manifest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The lifecycle's `reload`, which SIGHUP calls, has it read although it looks the same."""
    caplog.set_level("INFO", logger="gateway")
    gateway = await start_gateway(trusted_documents=manifest)

    await look_at_the_file(gateway)
    assert not events(caplog, "gateway.manifest_read")
    assert gateway.lifecycle.reload()
    await look_at_the_file(gateway)

    assert events(caplog, "gateway.manifest_read")


async def test_documents_are_warmed(
    start_gateway: StartGateway,
    manifest: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At the start and with a new manifest: the first request parses and compiles nothing."""
    done: list[str] = []
    parse = counted(parse_document, done)
    monkeypatch.setattr("gateway.execution.document.parse_document", parse)
    monkeypatch.setattr(Compiler, "compile", counted(Compiler.compile, done))
    caplog.set_level("INFO", logger="gateway")
    gateway = await start_gateway(trusted_documents=manifest)
    assert done == ["parse_document", "compile"]
    assert await post(gateway, documentId="which") == ANSWER
    assert done == ["parse_document", "compile"]

    write(manifest, json.dumps({"other": OTHER, "wrong": "{ nothing }"}))
    await look_at_the_file(gateway)
    await until(lambda: len(events(caplog, "gateway.documents_warmed")) == 2)
    done.clear()
    assert "errors" not in await post(gateway, documentId="other")
    assert done == []
    (invalid,) = events(caplog, "gateway.trusted_document_invalid")
    assert invalid["hash"] == hash_text("{ nothing }")
    assert "nothing" in invalid["reason"]


def counted(function: Any, done: list[str]) -> Any:
    """Return a function that writes down that it is called."""

    def call(*arguments: Any) -> Any:
        done.append(function.__name__)
        return function(*arguments)

    return call


async def test_start_does_not_wait_for_all_documents(
    start_gateway: StartGateway, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests are answered while documents are still warmed, and a shutdown ends that."""
    monkeypatch.setattr(trusted_documents, "_START_SECONDS", 0)
    texts = {str(number): f"{{ a{number}: __typename }}" for number in range(1_000)}
    write(manifest, json.dumps(texts))
    warmed: list[str] = []
    monkeypatch.setattr(Documents, "warm", counted(Documents.warm, warmed))
    gateway = await start_gateway(trusted_documents=manifest)

    assert await post(gateway, documentId="7") == {"data": {"a7": "Query"}}
    assert len(warmed) < 1_000


async def test_warming_lets_others_run() -> None:
    """Between two documents everything else has its turn."""
    turns = 0
    texts = [f"{{ a{number}: __typename }}" for number in range(50)]
    documents = Documents(CORE_SCHEMA, EngineSettings())
    task = asyncio.create_task(Warming(documents, 10**6, lambda: [ALL_GRANTS]).warm(texts))
    while not task.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns >= 50


async def test_warming_has_a_bound(caplog: pytest.LogCaptureFixture) -> None:
    """Documents that take more memory than they may are left to requests."""
    caplog.set_level("INFO", logger="gateway")
    texts = [f"{{ a{number}: __typename }}" for number in range(50)]
    documents = Documents(CORE_SCHEMA, EngineSettings())
    await Warming(documents, 50_000, lambda: [ALL_GRANTS]).warm(texts)

    (event,) = events(caplog, "gateway.documents_warmed")
    assert 0 < event["documents"] < 50
    assert event["documents"] + event["left_out"] == 50
