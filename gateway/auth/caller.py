"""Who sends a request."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

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
    expires_at: float = math.inf
    """When the token or the key expires, in seconds since 1970."""
    source: object = field(default=None, repr=False, compare=False)
    """The entry of the access file that lets the caller in."""


ANYBODY: Final = Caller(CallerKind.ANONYMOUS, ALL_GRANTS)
"""Every caller where the gateway does not ask who they are."""
