"""Automatic persisted queries and trusted documents."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from ..gateway_under_test import Gateway, running

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.servers("lists", "minimal", "mounted", "uvicorn", "hypercorn"),
]

QUERY = "query Which { __typename }"
HASH = hashlib.sha256(QUERY.encode()).hexdigest()
EXTENSIONS = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}
ANSWER = {"data": {"__typename": "Query"}}


async def post(gateway: Gateway, **body: Any) -> Any:
    """Return the JSON of the response to a body."""
    return (await gateway.http.post("/graphql", json=body)).json()


def code(response: Any) -> str:
    """Return the code of the only error."""
    (error,) = response["errors"]
    return str(error["extensions"]["code"])


async def test_hash_is_answered_once_its_text_was_sent(gateway: Gateway) -> None:
    """Apollo's protocol: the hash alone, then hash and text, then the hash alone again."""
    unknown = await gateway.http.post("/graphql", json={"extensions": EXTENSIONS})
    registered = await post(gateway, query=QUERY, extensions=EXTENSIONS)
    known = await post(gateway, extensions=EXTENSIONS)

    assert unknown.status_code == 200
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert code(unknown.json()) == "PERSISTED_QUERY_NOT_FOUND"
    assert unknown.headers["cache-control"] == "no-store"
    assert registered == known == ANSWER


async def test_hash_works_over_get(gateway: Gateway) -> None:
    """A registered query can be asked for by URL, which caches go by."""
    await post(gateway, query=QUERY, extensions=EXTENSIONS)

    response = await gateway.http.get(f"/graphql?extensions={quote(json.dumps(EXTENSIONS))}")

    assert response.json() == ANSWER
    assert "etag" in response.headers


@pytest.mark.parametrize("absent", [None, ""])
async def test_hash_beside_an_empty_id(gateway: Gateway, absent: str | None) -> None:
    """An id that is null or empty does not hide the hash."""
    await post(gateway, query=QUERY, extensions=EXTENSIONS)

    assert await post(gateway, documentId=absent, extensions=EXTENSIONS) == ANSWER
    assert await post(gateway, documentId=absent, query=absent, extensions=EXTENSIONS) == ANSWER


@pytest.mark.parametrize(
    "persisted", [None, {}, {"version": 1, "sha256Hash": None}, {"sha256Hash": ""}]
)
async def test_query_beside_an_empty_hash(gateway: Gateway, persisted: Any) -> None:
    """A hash that is null or empty is none: the text alone counts."""
    assert await post(gateway, query=QUERY, extensions={"persistedQuery": persisted}) == ANSWER


async def test_wrong_hash_registers_nothing(gateway: Gateway) -> None:
    """A text cannot be registered under another text's hash."""
    wrong = await gateway.http.post(
        "/graphql", json={"query": "{nothing}", "extensions": EXTENSIONS}
    )

    assert wrong.status_code == 400
    assert code(wrong.json()) == "BAD_USER_INPUT"
    assert code(await post(gateway, extensions=EXTENSIONS)) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "extensions",
    [
        {"persistedQuery": 1},
        {"persistedQuery": {"version": 1}},
        {"persistedQuery": {"version": 2, "sha256Hash": HASH}},
        {"persistedQuery": {"version": 1, "sha256Hash": 5}},
        {"persistedQuery": {"version": 1, "sha256Hash": []}},
        [],
        "x",
    ],
)
async def test_malformed_extension_is_refused(gateway: Gateway, extensions: Any) -> None:
    """An extension of another shape or version is the client's error."""
    response = await gateway.http.post("/graphql", json={"extensions": extensions})

    assert response.status_code == 400
    assert code(response.json()) == "BAD_USER_INPUT"


async def test_only_persisted_documents_by_get(twin: "Twin", tmp_path: Path) -> None:
    """With the setting, GET and HEAD take ids and hashes only, whatever comes with a text."""
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"which": QUERY}))
    by_hash = f"extensions={quote(json.dumps(EXTENSIONS))}"
    async with running(
        endpoint_url=twin.url, trusted_documents=manifest, query_by_get=False
    ) as gateway:
        get = gateway.http.get
        for text in (f"query={quote(QUERY)}", f"query={quote(QUERY)}&{by_hash}"):
            refused = await get(f"/graphql?{text}")
            assert refused.status_code == 400
            assert code(refused.json()) == "FORBIDDEN"
            assert (await gateway.http.head(f"/graphql?{text}")).status_code == 400
        assert await post(gateway, query=QUERY, extensions=EXTENSIONS) == ANSWER
        for url in (
            f"/graphql?{by_hash}",
            f"/graphql?query=&{by_hash}",
            "/graphql?documentId=which",
        ):
            assert (await get(url)).json() == ANSWER
