"""Generates grants: what the caller of a request may see."""

from gateway.grants import ALL_GRANTS, READ, SECRETS, Grants, grants_of

from .choices import Choices


def draw_grants(choices: Choices) -> Grants:
    """Return the grants of a caller; most may see everything."""
    if choices.chance(70):
        return ALL_GRANTS
    scopes = {READ} | ({SECRETS} if choices.chance(30) else set())
    return grants_of(frozenset(scopes))
