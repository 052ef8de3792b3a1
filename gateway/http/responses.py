"""HTTP responses: their bytes, what caches may do with them, their compression, refusals."""

import gzip
import hashlib
import time
from collections.abc import Mapping
from functools import cache
from typing import Final

import orjson
import zstandard
from starlette.types import Receive, Scope, Send

from gateway.errors import Code, CodedError
from gateway.execution.errors import request_error, unexpected_error
from gateway.http.headers import ParsedHeaders
from gateway.http.negotiation import Coding, MediaType, split_list
from gateway.http.persisted_documents import PersistedQueryNotFound

Header = tuple[bytes, bytes]

_MIN_COMPRESSED: Final = 1_000
"""Bytes. A shorter body fits into one packet, compressed or not."""
_MAX_MAX_AGE: Final = 3_600
"""Seconds."""

CONTENT_TYPES: Final[Mapping[MediaType, Header]] = {
    media_type: (b"content-type", f"{media_type.value}; charset=utf-8".encode())
    for media_type in (MediaType.JSON, MediaType.GRAPHQL)
}
VARY: Final[Header] = (b"vary", b"Accept, Accept-Encoding, X-Upstream, X-Budget")
NO_STORE: Final[Header] = (b"cache-control", b"no-store")


class BytesResponse:
    """An ASGI application that sends one body, or headers alone where that is `None`.

    Starlette's responses cost several times as much.
    """

    __slots__ = ("_body", "_headers", "status_code")

    def __init__(self, body: bytes | None, status_code: int, *headers: Header) -> None:
        self._body = body
        self._headers = headers
        self.status_code = status_code

    def with_headers(self, *headers: Header) -> "BytesResponse":
        """Return the same response with additional headers."""
        return BytesResponse(self._body, self.status_code, *self._headers, *headers)

    def without_body(self) -> "BytesResponse":
        """Return the response to the same request by `HEAD`."""
        if self._body is None:
            return self
        length = (b"content-length", b"%d" % len(self._body))
        return BytesResponse(None, self.status_code, *self._headers, length)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        body, status, headers = self._body, self.status_code, [*self._headers]
        if body is None:
            body = b""
        else:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def cache_control(seconds: float, *, public: bool) -> Header:
    """Return `Cache-Control` for a response that is fresh for `seconds` more."""
    return _max_age(int(min(max(seconds, 0), _MAX_MAX_AGE)), public)


@cache
def _max_age(seconds: int, public: bool) -> Header:  # noqa: FBT001  # `cache` is fastest with positions
    return (b"cache-control", b"%s, max-age=%d" % (b"public" if public else b"private", seconds))


def etag_of(body: bytes, media_type: MediaType) -> bytes:
    """Return a weak validator, which is the same whatever compression the response gets."""
    digest = hashlib.blake2b(body, digest_size=12, person=media_type.name.encode()[:16])
    return b'W/"%s"' % digest.hexdigest().encode()


def matches(etag: bytes, if_none_match: bytes) -> bool:
    """Tell whether `If-None-Match` names this validator (RFC 9110, 13.1.2)."""
    known = {candidate.removeprefix("W/") for candidate in split_list(if_none_match)}
    return "*" in known or etag.decode("latin-1").removeprefix("W/") in known


def compress(body: bytes, coding: Coding | None) -> tuple[bytes, tuple[Header, ...]]:
    """Return the body, compressed if it is long enough for that, and the header that says how."""
    if coding is None or len(body) < _MIN_COMPRESSED:
        return body, ()
    if coding is Coding.ZSTD:
        return zstandard.compress(body, 3), ((b"content-encoding", b"zstd"),)
    return gzip.compress(body, 3, mtime=0), ((b"content-encoding", b"gzip"),)


def server_timing(started: float) -> Header:
    """Return `Server-Timing` with the milliseconds since `started`, by `time.perf_counter`.

    Source: https://www.w3.org/TR/server-timing/
    """
    milliseconds = (time.perf_counter() - started) * 1_000
    return b"server-timing", b"total;dur=%.3f" % milliseconds


class GraphiQLNotGranted(CodedError):
    """The caller has no scope for GraphiQL."""

    code = Code.FORBIDDEN


class CrossSiteRequest(CodedError):
    """A page of another site may have caused the request without its user's knowledge."""

    code = Code.FORBIDDEN


def refuse(
    status: int,
    error: CodedError | str,
    *headers: Header,
    media_type: MediaType = MediaType.JSON,
) -> BytesResponse:
    """Return the response to a request of which nothing is executed because of `error`."""
    return refuse_with(status, orjson.dumps(request_error(error)), *headers, media_type=media_type)


def refuse_with(
    status: int, body: bytes, *headers: Header, media_type: MediaType = MediaType.JSON
) -> BytesResponse:
    """Return the response to a request of which nothing is executed, with this GraphQL response."""
    return BytesResponse(body, status, CONTENT_TYPES[media_type], VARY, NO_STORE, *headers)


def refuse_parameters(error: CodedError, headers: ParsedHeaders) -> BytesResponse:
    """Return the response to parameters that are no GraphQL request."""
    # Clients of Apollo's protocol look for this error in a successful response.
    status = 200 if isinstance(error, PersistedQueryNotFound) else 400
    return refuse(status, error, media_type=headers.accepted.single or MediaType.JSON)


def refuse_operation(error: CodedError, headers: ParsedHeaders) -> BytesResponse:
    """Return the response to a GraphQL request of which nothing is executed."""
    media_type = headers.accepted.single or MediaType.JSON
    # As in `GraphQLEndpoint`: a 4xx in plain JSON could come from any proxy.
    return refuse(400 if media_type is MediaType.GRAPHQL else 200, error, media_type=media_type)


METHOD_NOT_ALLOWED: Final = refuse(405, "Use GET or POST.", (b"allow", b"GET, HEAD, POST"))
NOT_ACCEPTABLE: Final = refuse(
    406, f"The response is one of {', '.join(media_type.value for media_type in CONTENT_TYPES)}."
)
CROSS_SITE: Final = refuse(
    403,
    CrossSiteRequest(
        "Blocked as a possible cross-site request forgery: send `content-type: application/json` "
        "or a non-empty `apollo-require-preflight` header."
    ),
)
NO_GRAPHIQL: Final = refuse(
    403, GraphiQLNotGranted("The caller has no scope for GraphiQL: `graphiql`.")
)
STREAM_OVER_HTTP_1_0: Final = refuse(
    406,
    "A stream needs HTTP/1.1 or newer, and the request came by HTTP/1.0. If a proxy changed that, "
    "change its settings: nginx needs `proxy_http_version 1.1`.",
)
UNSUPPORTED_CODING: Final = refuse(
    415,
    "Send the body as it is or compressed with gzip, with the header `content-encoding: gzip`.",
    (b"accept-encoding", b"gzip"),
)
UNSUPPORTED_MEDIA_TYPE: Final = refuse(415, "Send the request as application/json in UTF-8.")
UNEXPECTED_ERROR: Final = refuse_with(500, orjson.dumps(unexpected_error()))
