"""The claims of a token."""

from collections.abc import Mapping
from typing import Any


def claim_of(claims: Mapping[str, Any], name: str) -> object:
    """Return a claim: that of the name, or else that at the path, such as `realm_access.roles`."""
    if name in claims:
        return claims[name]
    value: object = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
