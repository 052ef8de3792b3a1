"""Headers for HTTP caches, conditional requests, compression, and batches."""

import gzip
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from gateway.http.negotiation import Coding
from gateway.http.responses import compress

from ..gateway_under_test import Gateway, running

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = [pytest.mark.anyio, pytest.mark.servers("mounted", "minimal")]


def url(name: str, fields: str = "processingJobName") -> str:
    """Return the URL that asks for fields of a processing job."""
    return f'/graphql?query={{processingJob(name:"{name}"){{{fields}}}}}'


async def test_max_age_is_the_remaining_freshness(gateway: Gateway, twin: "Twin") -> None:
    """The response for a finished job is fresh for as long as the gateway's cache is."""
    job = url(twin.examples()["processingJob"])
    first = await gateway.http.get(job)
    gateway.clock.advance(600)
    later = await gateway.http.get(job)

    assert first.headers["cache-control"] == "private, max-age=3600"
    assert later.headers["cache-control"] == "private, max-age=3000"
    assert "Accept-Encoding" in later.headers["vary"]


async def test_shortest_freshness_counts(gateway: Gateway, twin: "Twin") -> None:
    """A link to a schedule that runs makes the response as short-lived as the schedule."""
    fields = "processingJobName monitoringSchedule{monitoringScheduleStatus}"
    response = await gateway.http.get(url(twin.examples()["processingJob"], fields))

    assert response.headers["cache-control"] == "private, max-age=5"


async def test_errors_are_not_kept(gateway: Gateway) -> None:
    """A response with an error in it may not be stored by anyone."""
    for query in ("{", '{processingJob(name:"-"){id}}'):
        response = await gateway.http.get("/graphql", params={"query": query})
        assert "errors" in response.json()
        assert response.headers["cache-control"] == "no-store"


async def test_public_is_a_setting(twin: "Twin") -> None:
    """Shared caches may store responses if the setting allows it."""
    async with running(endpoint_url=twin.url, public_caching=True) as gateway:
        response = await gateway.http.get(url(twin.examples()["processingJob"]))

    assert response.headers["cache-control"] == "public, max-age=3600"


async def test_unchanged_response_is_304(gateway: Gateway, twin: "Twin") -> None:
    """A client that has the response already gets its head alone."""
    job = url(twin.examples()["processingJob"])
    etag = (await gateway.http.get(job)).headers["etag"]
    same = await gateway.http.get(job, headers={"if-none-match": f'"other", {etag}'})
    other = await gateway.http.get(job, headers={"if-none-match": '"other"'})

    assert same.status_code == 304
    assert same.content == b""
    assert same.headers["etag"] == etag
    assert same.headers["cache-control"] == "private, max-age=3600"
    assert other.status_code == 200


async def test_no_cache_asks_aws_again(gateway: Gateway, twin: "Twin") -> None:
    """The client can have it newer than the cache, but no more than once a second."""
    job = url(twin.examples()["processingJob"])
    for advance, calls in ((0, 1), (0.5, 1), (0.6, 2), (0.5, 2)):
        gateway.clock.advance(advance)
        response = await gateway.http.get(job, headers={"cache-control": "no-cache"})
        assert "errors" not in response.json()
        assert twin.calls()["DescribeProcessingJob"] == calls


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("zstd, gzip", "gzip"),
        ("gzip;q=0.5, zstd", "zstd"),
        ("GZIP ; Q=0.5, ZSTD ; Q=0.4", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.0, zstd", "zstd"),
        ("gzip;q=0.000, *", "zstd"),
        ("*", "gzip"),
        ("*;q=0", None),
        ("*;q=0, gzip;q=0.001", "gzip"),
        ("x-gzip", "gzip"),
        ("identity, gzip;q=0.9", None),
        ("identity;q=0, zstd;q=0.1", "zstd"),
        ("identity;q=0", None),
        ("gzip;q=nonsense", None),
        ("", None),
        ("zstd;q=0, gzip", "gzip"),
        ("zstd;q=0.5", "zstd"),
        ("identity", None),
        ("br", None),
    ],
)
@pytest.mark.servers
async def test_long_body_is_compressed(gateway: Gateway, accept: str, encoding: str | None) -> None:
    """A body worth it comes in the coding that the client prefers, gzip where it has no wish."""
    query = {"query": "{__schema{types{name description}}}"}
    response = await gateway.http.post("/graphql", json=query, headers={"accept-encoding": accept})

    assert response.headers.get("content-encoding") == encoding
    assert len(response.json()["data"]["__schema"]["types"]) > 100


def test_compressed_bodies_decompress() -> None:
    """The compressed bytes are read by the encodings' own libraries."""
    body = b"x" * 5_000

    assert gzip.decompress(compress(body, Coding.GZIP)[0]) == body
    assert zstandard.decompress(compress(body, Coding.ZSTD)[0]) == body


async def test_short_body_is_not_compressed(gateway: Gateway) -> None:
    """What fits a packet anyway stays as it is."""
    response = await gateway.http.post(
        "/graphql", json={"query": "{__typename}"}, headers={"accept-encoding": "gzip"}
    )

    assert "content-encoding" not in response.headers


async def test_batch_is_answered_in_order(twin: "Twin") -> None:
    """Each operation of a batch has its own result, and one that is wrong fails alone."""
    batch: list[Any] = [
        {"query": "{a:__typename}"},
        {"query": "{"},
        5,
        {"query": "{b:__typename}"},
    ]
    async with running(endpoint_url=twin.url, max_batch=4) as gateway:
        first, second, third, last = (await gateway.http.post("/graphql", json=batch)).json()

    assert first == {"data": {"a": "Query"}}
    assert second["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert third["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert last == {"data": {"b": "Query"}}


@pytest.mark.parametrize(("most", "length"), [(1, 1), (1, 2), (2, 3), (2, 0)])
async def test_batch_over_the_bound_is_refused(twin: "Twin", most: int, length: int) -> None:
    """Batches are off by default, and never longer than the setting."""
    async with running(endpoint_url=twin.url, max_batch=most) as gateway:
        response = await gateway.http.post("/graphql", json=[{"query": "{__typename}"}] * length)

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("fields", [["gzip", "zstd;q=0.5"], ["zstd;q=0.5", "gzip"]])
async def test_encodings_in_several_fields(gateway: Gateway, fields: list[str]) -> None:
    """Several fields of `Accept-Encoding` are one list."""
    headers = [("accept-encoding", field) for field in fields]
    query = {"query": "{__schema{types{name description}}}"}
    gateway.http.headers.pop("accept-encoding")
    response = await gateway.http.post("/graphql", json=query, headers=headers)

    assert response.headers["content-encoding"] == "gzip"


async def test_validators_in_several_fields(gateway: Gateway, twin: "Twin") -> None:
    """Several fields of `If-None-Match` are one list."""
    job = url(twin.examples()["processingJob"])
    etag = (await gateway.http.get(job)).headers["etag"]
    headers = [("if-none-match", '"other"'), ("if-none-match", etag), ("if-none-match", '"more"')]

    assert (await gateway.http.get(job, headers=headers)).status_code == 304


@pytest.mark.parametrize("value", ['no-cache="set-cookie"', "max-age=0 , No-Cache"])
@pytest.mark.parametrize("other", ['x="no-cache"', "no-cache-please", "max-age=0"])
async def test_no_cache_is_a_directive(
    gateway: Gateway, twin: "Twin", value: str, other: str
) -> None:
    """The directive counts, with whatever argument; text that only contains its name does not."""
    job = url(twin.examples()["processingJob"])
    for header in (other, other, value):
        gateway.clock.advance(2)
        await gateway.http.get(job, headers={"cache-control": header})

    assert twin.calls()["DescribeProcessingJob"] == 2


@pytest.mark.parametrize("tags", ['"a,*,b"', '"W/*"', '"other" , "more"'])
async def test_comma_in_a_validator(gateway: Gateway, twin: "Twin", tags: str) -> None:
    """A comma within a validator separates none: no part of it matches."""
    job = url(twin.examples()["processingJob"])
    etag = (await gateway.http.get(job)).headers["etag"]

    assert (await gateway.http.get(job, headers={"if-none-match": tags})).status_code == 200
    both = {"if-none-match": f"{tags}, {etag}"}
    assert (await gateway.http.get(job, headers=both)).status_code == 304


async def test_no_cache_in_several_fields(gateway: Gateway, twin: "Twin") -> None:
    """`no-cache` counts in whichever field of `Cache-Control` it stands."""
    job = url(twin.examples()["processingJob"])
    for _ in range(2):
        gateway.clock.advance(2)
        headers = [("cache-control", "no-cache"), ("cache-control", "max-age=0")]
        await gateway.http.get(job, headers=headers)

    assert twin.calls()["DescribeProcessingJob"] == 2
