"""A response that is bytes already, with the headers that caches go by."""

import gzip
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Final

import zstandard
from starlette.types import Receive, Scope, Send

from gateway.http.negotiation import MediaType

Header = tuple[bytes, bytes]

# Under this a compressed body rides in the same packet as the plain one.
_LEAST_COMPRESSED: Final = 1_000
_MOST_MAX_AGE: Final = 3_600

CONTENT_TYPES: Final[Mapping[MediaType, Header]] = {
    media_type: (b"content-type", f"{media_type.value}; charset=utf-8".encode())
    for media_type in (MediaType.JSON, MediaType.GRAPHQL)
}
VARY: Final[Header] = (b"vary", b"Accept, Accept-Encoding, X-Upstream")
NO_STORE: Final[Header] = (b"cache-control", b"no-store")


class BytesResponse:
    """An ASGI application like Starlette's responses, without their care for text and cookies."""

    __slots__ = ("_body", "_headers", "status_code")

    def __init__(self, body: bytes, status_code: int, *headers: Header) -> None:
        self._body = body
        self._headers = headers
        self.status_code = status_code

    def with_header(self, header: Header) -> "BytesResponse":
        """Return the same response with one header more."""
        return BytesResponse(self._body, self.status_code, *self._headers, header)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        headers = [*self._headers, (b"content-length", b"%d" % len(self._body))]
        status = self.status_code
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": self._body})


def cache_control(seconds: float | None, *, public: bool) -> Header:
    """Return `Cache-Control` for a response that stays the same for `seconds`; `None`: unknown."""
    if seconds is None:
        return NO_STORE
    return _max_age(int(min(max(seconds, 0), _MOST_MAX_AGE)), public)


@cache
def _max_age(seconds: int, public: bool) -> Header:  # noqa: FBT001  # `cache` knows positions best
    return (b"cache-control", b"%s, max-age=%d" % (b"public" if public else b"private", seconds))


def etag_of(body: bytes, media_type: MediaType) -> bytes:
    """Return a weak validator: the same for every encoding of the same response."""
    digest = hashlib.blake2b(body, digest_size=12, person=media_type.name.encode()[:16])
    return b'W/"%s"' % digest.hexdigest().encode()


def matches(etag: bytes, if_none_match: bytes) -> bool:
    """Tell whether a conditional request has this response already (RFC 9110, 13.1.2)."""
    known = {candidate.strip().removeprefix(b"W/") for candidate in if_none_match.split(b",")}
    return b"*" in known or etag.removeprefix(b"W/") in known


def compress(body: bytes, accept_encoding: bytes) -> tuple[bytes, tuple[Header, ...]]:
    """Return the body as the client likes it best, with the header that says how.

    `accept_encoding` is in lower case.
    """
    if len(body) < _LEAST_COMPRESSED or not accept_encoding:
        return body, ()
    accepted = {
        coding.split(b";")[0].strip()
        for coding in accept_encoding.split(b",")
        if b"q=0" not in coding.replace(b" ", b"") or b"q=0." in coding.replace(b" ", b"")
    }
    if b"zstd" in accepted:
        return zstandard.compress(body, 3), ((b"content-encoding", b"zstd"),)
    if b"gzip" in accepted:
        return gzip.compress(body, 3, mtime=0), ((b"content-encoding", b"gzip"),)
    return body, ()
