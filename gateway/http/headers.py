"""What a request's headers say, worked out once for all requests that have the same ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from gateway.http import csrf
from gateway.http.negotiation import Accepted, is_json, negotiate

TIMING_HEADER: Final = b"x-server-timing"
"""A request with this header, whatever its value, is told how long its execution took."""

UPSTREAM_HEADER: Final = b"x-upstream"
"""A request with this header is told which AWS calls it took or, with `explain`, would take."""

_READ: Final = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"cache-control",
        b"content-type",
        TIMING_HEADER,
        UPSTREAM_HEADER,
        *csrf.HEADERS,
    }
)
_MOST_KEPT: Final = 1_000
_MOST_BYTES: Final = 2_000

Headers = Iterable[tuple[bytes, bytes]]


class Upstream(Enum):
    """What a client wants to know of AWS calls."""

    REPORT = auto()
    EXPLAIN = auto()
    """Which there would be; none is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A request without its method, its address and its body."""

    accept: bytes
    """In lower case."""
    accepted: Accepted
    accept_encoding: bytes
    is_json: bool
    is_cross_site: bool
    """A page of another site may have caused the request without its user's knowledge."""
    no_cache: bool
    is_timed: bool
    upstream: Upstream | None
    """`None` where it is nothing."""


class Heads:
    """Reads headers, and remembers what it read."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[tuple[bytes, bytes], ...], Head] = {}

    def read(self, headers: Headers) -> Head:
        """Return what the headers of a request say."""
        key = tuple([header for header in headers if header[0] in _READ])
        head = self._kept.get(key)
        return self._read(key) if head is None else head

    def _read(self, key: tuple[tuple[bytes, bytes], ...]) -> Head:
        head = read_head(dict(key))
        # Clients are few and send the same headers each time, except for those who try it on.
        if sum(len(value) for _, value in key) <= _MOST_BYTES:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = head
        return head


def read_head(headers: dict[bytes, bytes]) -> Head:
    """Return what headers say, given by their names in lower case."""
    accept = headers.get(b"accept", b"").lower()
    return Head(
        accept=accept,
        accepted=negotiate(accept),
        accept_encoding=headers.get(b"accept-encoding", b"").lower(),
        is_json=is_json(headers.get(b"content-type", b"")),
        is_cross_site=csrf.is_cross_site(headers),
        no_cache=b"no-cache" in headers.get(b"cache-control", b"").lower(),
        is_timed=TIMING_HEADER in headers,
        upstream=_upstream(headers.get(UPSTREAM_HEADER)),
    )


def _upstream(value: bytes | None) -> Upstream | None:
    if value is None:
        return None
    return Upstream.EXPLAIN if value.strip().lower() == b"explain" else Upstream.REPORT


def value_of(name: bytes, headers: Headers) -> bytes:
    """Return the value of one header; empty when the request has none such."""
    return next((value for each, value in headers if each == name), b"")
