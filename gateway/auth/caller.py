"""Who sends a request."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from gateway.grants import ALL_GRANTS, Grants


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

    @property
    def key(self) -> tuple[str, str | None, str]:
        """What tells this caller from others."""
        return self.kind, self.issuer, self.name or self.address


class Strangers:
    """Tells callers who have not shown who they are apart by their addresses."""

    _MOST = 10_000

    def __init__(self) -> None:
        self._known: dict[tuple[Caller, str], Caller] = {}

    def caller_at(self, caller: Caller, client: Sequence[Any] | None) -> Caller:
        """Return the caller with the address of `client`, which is ASGI's: host and port."""
        if caller.kind is not CallerKind.ANONYMOUS or not client:
            return caller
        key = (caller, str(client[0]))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= self._MOST:
                self._known.clear()
            known = self._known[key] = replace(caller, address=key[1])
        return known


ANYBODY: Final = Caller(CallerKind.ANONYMOUS, ALL_GRANTS)
"""Every caller where the gateway does not ask who they are."""
