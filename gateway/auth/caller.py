"""Who sends a request."""

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from gateway.budgets.limits import Limits
from gateway.grants import ALL_GRANTS, UPSTREAM, Grants

_IPV6_NETWORK: Final = 64
"""Bits of an IPv6 address that name the network. Its owner has all addresses in it."""


class CallerKind(StrEnum):
    """How a caller has shown who it is."""

    JWT = "jwt"
    API_KEY = "api_key"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, and what that caller may see. It holds no token and no key."""

    kind: CallerKind
    grants: Grants
    name: str = ""
    """The subject of the token, or the name of the API key."""
    issuer: str | None = None
    """The issuer of the token."""
    address: str = ""
    """The network address of a caller who has not shown who it is, where that is known."""
    expires_at: float = math.inf
    """When the token or the key expires, in seconds since 1970."""
    source: object = field(default=None, repr=False, compare=False)
    """The entry of the access file that lets the caller in."""
    limits: Limits | None = None
    """How much the caller may take; `None` for as much as it likes."""
    key: tuple[str, str | None, str] = field(init=False, repr=False, compare=False)
    """What tells this caller from others."""

    def __post_init__(self) -> None:
        """Work out the key once, as every request needs it."""
        key = (self.kind.value, self.issuer, self.name or self.address)
        object.__setattr__(self, "key", key)

    @property
    def may_count_calls(self) -> bool:
        """Whether the caller may see how many AWS calls its operations take.

        AWS is asked for the tags of a resource that exists, not of one that does not: the calls
        would tell a caller whose view goes by tags of what is outside of it.
        """
        view = self.grants.view
        return view is None or not view.tags or self.grants.has_scope(UPSTREAM)


class Strangers:
    """Tells callers who have not shown who they are apart by their addresses."""

    _MOST = 10_000

    def __init__(self) -> None:
        self._known: dict[str, tuple[Caller, Caller]] = {}
        """By address: the caller without and with it."""

    @property
    def known(self) -> int:
        """How many addresses are remembered."""
        return len(self._known)

    def caller_at(self, caller: Caller, client: Sequence[Any] | None) -> Caller:
        """Return the caller with the address of `client`, which is ASGI's: host and port.

        All addresses of an IPv6 network are one address.
        """
        if caller.kind is not CallerKind.ANONYMOUS or not client:
            return caller
        known = self._known.get(client[0])
        if known is not None and known[0] is caller:
            return known[1]
        while len(self._known) >= self._MOST:
            del self._known[next(iter(self._known))]
        located = replace(caller, address=_network_of(str(client[0])))
        self._known[client[0]] = (caller, located)
        return located


def _network_of(address: str) -> str:
    """Return an IPv4 address as it is, and of an IPv6 address the network."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        # A socket of the file system, or a name.
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))


ANYBODY: Final = Caller(CallerKind.ANONYMOUS, ALL_GRANTS)
"""Every caller where the gateway does not ask who they are."""
