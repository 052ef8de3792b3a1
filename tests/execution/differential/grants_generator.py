"""Generates grants: what the caller of a request may see."""

from typing import Final

from gateway.grants import ALL_GRANTS, INTROSPECTION, READ, SECRETS, Grants, View, grants_of
from gateway.schema.registry import RESOURCES

from .choices import Choices

_SCOPES: Final = (READ, SECRETS, *(resource.scope for resource in RESOURCES))
_NAMES: Final = ("churn*", "*-0*", "*autopilot*", "FRAUD-*", "global-?*", "nobody's")
_TAGS: Final = (
    ("team", None),
    ("team", frozenset({"risk", "growth"})),
    ("environment", frozenset({"production"})),
    ("nobody's", None),
)


def draw_grants(choices: Choices) -> Grants:
    """Return the grants of a caller; most may see everything."""
    if choices.chance(50):
        return ALL_GRANTS
    read = {READ} if choices.chance(60) else set()
    # Without it, no engine executes an operation with introspection.
    scopes = frozenset({INTROSPECTION, *choices.pick_some(_SCOPES, 4), *read})
    view = _draw_view(choices) if choices.chance(60) else None
    return grants_of(scopes, view, is_authenticated=choices.chance(80))


def _draw_view(choices: Choices) -> View:
    kinds = tuple(resource.type_name for resource in RESOURCES)
    return View(
        frozenset(choices.pick_some(("eu-west-1", "us-east-1"), 2)) if choices.chance(30) else None,
        frozenset(choices.pick_some(kinds, 5)) if choices.chance(30) else None,
        tuple(choices.pick_some(_NAMES, 3)) if choices.chance(40) else (),
        tuple(choices.pick_some(_TAGS, 2)) if choices.chance(40) else (),
    )
