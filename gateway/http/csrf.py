"""Refuse requests that a page of another site made a browser send.

A browser sends "simple" requests to any site without asking it first. A request that says it is
JSON, or has a header of the page's own, is not simple: the browser asks, and CORS decides. The rule
and the headers are Apollo Router's. Requests that no browser sent (curl, a server) are allowed.
Sources: https://www.apollographql.com/docs/graphos/routing/security/csrf and
https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Fetch-Site
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from gateway.http.negotiation import is_json

PREFLIGHT_HEADERS: Final = (b"apollo-require-preflight", b"x-apollo-operation-name")
_BROWSER_HEADERS: Final = (b"origin", b"referer", b"cookie", b"sec-fetch-site")
_OWN_SITE: Final = frozenset({b"same-origin", b"none"})

_PORTS: Final = {"http": 80, "https": 443}

HEADERS: Final = (*PREFLIGHT_HEADERS, *_BROWSER_HEADERS, b"host")
"""The request headers that the rule reads."""


def is_allowed_origin(origin: str, allowed: frozenset[str]) -> bool:
    """Tell whether pages of an origin may read responses; `*` among those stands for all."""
    return not allowed.isdisjoint({"*", origin})


def is_same_origin(origin: str, host: str) -> bool:
    """Tell whether an origin is the host of the request, whatever scheme a proxy changed it to."""
    scheme, _, origin_host = origin.partition("://")
    if scheme not in _PORTS:
        return False
    try:
        ours, theirs = urlsplit(f"//{host}"), urlsplit(f"//{origin_host}")
        default = _PORTS[scheme]
        ports = (ours.port or default, theirs.port or default)
    except ValueError:
        return False
    return ours.hostname is not None and ours.hostname == theirs.hostname and ports[0] == ports[1]


def is_cross_site(headers: Mapping[bytes, bytes], allowed_origins: frozenset[str]) -> bool:
    """Tell whether this is a simple request that another site's page could have caused.

    Pages of `allowed_origins` may send such requests: an `EventSource` can send no others.
    """
    origin = headers.get(b"origin")
    if origin is not None and is_allowed_origin(origin.decode("latin-1"), allowed_origins):
        return False
    if is_json(headers.get(b"content-type", b"")):
        return False
    if any(headers.get(name) for name in PREFLIGHT_HEADERS):
        return False
    site = headers.get(b"sec-fetch-site")
    if site in _OWN_SITE:
        return False
    if site is None and origin is not None:
        # A browser too old to say more.
        host = headers.get(b"host", b"").decode("latin-1")
        return not is_same_origin(origin.decode("latin-1"), host)
    return any(name in headers for name in _BROWSER_HEADERS)
