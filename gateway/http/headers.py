"""The headers of a GraphQL request, parsed once for all requests that send the same ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final

from gateway.grants import NO_CACHE, UPSTREAM, Grants
from gateway.http import csrf
from gateway.http.asgi import Headers
from gateway.http.negotiation import (
    Accepted,
    Coding,
    choose_coding,
    has_directive,
    is_json,
    negotiate,
)

TIMING_HEADER: Final = b"x-server-timing"
"""A request with this header, whatever its value, gets `Server-Timing` in its response."""

UPSTREAM_HEADER: Final = b"x-upstream"
"""A request with this header gets the AWS calls that it took or, with `explain`, would take."""

BUDGET_HEADER: Final = b"x-budget"
"""A request with this header, whatever its value, gets what its caller may still take."""

_PARSED: Final = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"cache-control",
        b"content-encoding",
        b"content-type",
        TIMING_HEADER,
        UPSTREAM_HEADER,
        BUDGET_HEADER,
        *csrf.HEADERS,
    }
)
_MAX_REMEMBERED: Final = 1_000
_MAX_NAME_BYTES: Final = 100
"""The longest name that is remembered as irrelevant."""
_MAX_REMEMBERED_BYTES: Final = 2_000
"""The longest headers that are remembered."""


class NotNormalised(Exception):
    """The headers are not a list of tuples with names in lower case."""


class Upstream(Enum):
    """What a client asks about AWS calls."""

    REPORT = auto()
    """The calls that the operation took."""
    EXPLAIN = auto()
    """The calls that it would take; none is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedHeaders:
    """What the headers of a request ask for."""

    accepted: Accepted
    coding: Coding | None
    is_json: bool
    body_coding: bytes | None
    """The coding of the request's body; `None` where it is not compressed."""
    is_cross_site: bool
    """A page of another site may have caused the request without its user's knowledge."""
    no_cache: bool
    is_timed: bool
    upstream: Upstream | None
    budget: bool
    """Whether the client asks how much it may still take."""
    asks_for_report: bool = field(init=False)
    """Whether it asks for anything about its AWS calls."""
    is_simple: bool = field(init=False)
    """Whether it is a JSON request for one response, about which there is nothing to refuse."""

    def __post_init__(self) -> None:
        """Work out once, for all requests with these headers, what is the case for most."""
        is_single = self.accepted.single is not None and self.accepted.stream is None
        is_simple = (
            is_single and self.is_json and self.body_coding is None and not self.is_cross_site
        )
        object.__setattr__(self, "is_simple", is_simple)
        object.__setattr__(self, "asks_for_report", self.budget or self.upstream is not None)

    def for_grants(self, grants: Grants) -> "ParsedHeaders":
        """Return the headers without what the caller has no scope to ask for."""
        if grants.scopes is None or not (self.no_cache or self.upstream):
            return self
        return replace(
            self,
            no_cache=self.no_cache and grants.has_scope(NO_CACHE),
            upstream=self.upstream if grants.has_scope(UPSTREAM) else None,
        )


class HeaderParser:
    """Parses headers, and remembers the results.

    It remembers irrelevant names too. So each header of a request costs one lookup, although names
    may come in any case.
    """

    __slots__ = ("_allowed_origins", "_ignored_names", "_reads_upstream", "_remembered")

    def __init__(
        self, allowed_origins: frozenset[str] = frozenset(), *, reads_upstream: bool = True
    ) -> None:
        """Parse headers. Unless it `reads_upstream`, the header about AWS calls is ignored."""
        self._allowed_origins = allowed_origins
        self._reads_upstream = reads_upstream
        self._remembered: dict[tuple[tuple[bytes, bytes], ...], ParsedHeaders] = {}
        self._ignored_names: set[bytes] = set()

    def parse(self, headers: Headers) -> ParsedHeaders:
        """Return the parsed headers of a request. Raises `NotNormalised`."""
        if type(headers) is not list:
            raise NotNormalised
        ignored = self._ignored_names
        try:
            key = tuple([header for header in headers if header[0] not in ignored])
            return self._remembered.get(key) or self._parse(key)
        except TypeError as error:
            # A pair is a list, which has no hash, or an iterator, which has no items.
            raise NotNormalised from error

    def _parse(self, headers: tuple[tuple[bytes, bytes], ...]) -> ParsedHeaders:
        if any(name != name.lower() for name, _ in headers):
            raise NotNormalised
        self._ignore_names({name for name, _ in headers} - _PARSED)
        key = tuple([header for header in headers if header[0] in _PARSED])
        parsed = parse_headers(_join_fields(key), self._allowed_origins)
        if not self._reads_upstream:
            parsed = replace(parsed, upstream=None)
        # Most clients send the same headers each time; an attacker may send new ones each time.
        if sum(len(value) for _, value in key) <= _MAX_REMEMBERED_BYTES:
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = parsed
        return parsed

    def _ignore_names(self, names: set[bytes]) -> None:
        short = {name for name in names if len(name) <= _MAX_NAME_BYTES}
        if len(self._ignored_names) + len(short) > _MAX_REMEMBERED:
            self._ignored_names.clear()
        self._ignored_names |= short


def _join_fields(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return headers by name. Several fields of one name are one list (RFC 9110, 5.3)."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return joined


def parse_headers(headers: Mapping[bytes, bytes], allowed_origins: frozenset[str]) -> ParsedHeaders:
    """Parse headers by name; the names are in lower case."""
    return ParsedHeaders(
        accepted=negotiate(headers.get(b"accept", b"")),
        coding=choose_coding(headers.get(b"accept-encoding", b"")),
        is_json=is_json(headers.get(b"content-type", b"")),
        body_coding=_parse_coding(headers.get(b"content-encoding", b"")),
        is_cross_site=csrf.is_cross_site(headers, allowed_origins),
        no_cache=has_directive(headers.get(b"cache-control", b""), "no-cache"),
        is_timed=TIMING_HEADER in headers,
        budget=BUDGET_HEADER in headers,
        upstream=_parse_upstream(headers.get(UPSTREAM_HEADER)),
    )


def _parse_coding(value: bytes) -> bytes | None:
    coding = value.strip().lower().removeprefix(b"x-")
    return None if coding in {b"", b"identity"} else coding


def _parse_upstream(value: bytes | None) -> Upstream | None:
    if value is None:
        return None
    return Upstream.EXPLAIN if value.strip().lower() == b"explain" else Upstream.REPORT


def find_header(name: bytes, headers: Headers) -> bytes:
    """Return the value of one header, of all its fields; empty when the request has none."""
    return b", ".join([value for each, value in headers if each == name])
