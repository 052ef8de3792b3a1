"""Which other sites' pages may talk to the gateway."""

from collections.abc import Iterable

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from gateway.http.csrf import PREFLIGHT_HEADERS

_REQUEST_HEADERS = ("authorization", "cache-control", "content-type", "if-none-match", "x-upstream")


def with_cors(app: ASGIApp, origins: Iterable[str]) -> ASGIApp:
    """Return `app` with CORS for pages of `origins`; `*` stands for all."""
    return CORSMiddleware(
        app,
        allow_origins=tuple(origins),
        allow_methods=("GET", "POST"),
        allow_headers=(*_REQUEST_HEADERS, *(name.decode() for name in PREFLIGHT_HEADERS)),
        expose_headers=("etag", "server-timing"),
        max_age=3_600,
    )
