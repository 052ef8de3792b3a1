"""Generates grants: what the caller of a request may see."""

from typing import Final

from gateway.grants import ALL_GRANTS, READ, SECRETS, Grants, grants_of
from gateway.schema.registry import RESOURCES

from .choices import Choices

_SCOPES: Final = (READ, SECRETS, *(resource.scope for resource in RESOURCES))


def draw_grants(choices: Choices) -> Grants:
    """Return the grants of a caller; most may see everything."""
    if choices.chance(60):
        return ALL_GRANTS
    scopes = frozenset(choices.pick_some(_SCOPES, 4))
    return grants_of(scopes, is_authenticated=choices.chance(80))
