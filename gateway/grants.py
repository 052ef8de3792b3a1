"""Grants: what a caller may see.

Callers with the same grants have the same `Grants` object, and share everything that the gateway
remembers. Nothing that depends on grants is shared between different ones.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Final
from weakref import WeakValueDictionary

SECRETS: Final = "read:secrets"
"""The scope of callers who get secret values as AWS answers with them."""
READ: Final = "read"
"""The scope of callers who may read every kind of resource."""

INTROSPECTION: Final = "introspection"
"""The scope of callers who may ask for the schema."""
UPSTREAM: Final = "upstream"
"""The scope of callers who may ask for AWS calls, which tell what others have read."""
NO_CACHE: Final = "no-cache"
"""The scope of callers who may read past the cache."""
GRAPHIQL: Final = "graphiql"
"""The scope of callers who get GraphiQL where their requests say who they are."""
GATEWAY_SCOPES: Final = frozenset({READ, SECRETS, INTROSPECTION, UPSTREAM, NO_CACHE, GRAPHIQL})
"""The scopes that are not about one kind of resource."""

Requirement = tuple[frozenset[str], ...]
"""Sets of scopes, of which a caller must have one whole: `scopes` of `@requiresScopes`."""


@dataclass(frozen=True, slots=True)
class View:
    """The resources that a caller may see. What is outside of it is as if AWS did not have it."""

    regions: frozenset[str] | None = None
    """The regions; `None` for all."""
    kinds: frozenset[str] | None = None
    """The GraphQL types of resources; `None` for all."""
    names: tuple[str, ...] = ()
    """Patterns, of which a name must match one, in any letter case; none for all names.

    `*` and `?` stand for any letters and for one, as in the shell.
    """
    tags: tuple[tuple[str, frozenset[str] | None], ...] = ()
    """The keys of tags that a resource must have, each with the values it may have or `None`."""

    def has_place(self, kind: str, region: str) -> bool:
        """Tell whether any resource of that GraphQL type and region can be in the view."""
        return (self.kinds is None or kind in self.kinds) and (
            self.regions is None or region in self.regions
        )

    def has_name(self, name: str) -> bool:
        """Tell whether a resource of that name can be in the view.

        Letter case is ignored, because AWS writes some ARNs in lower case.
        """
        return not self.names or any(_pattern(each).match(name) for each in self.names)

    def has_tags(self, tags: Mapping[str, str | None]) -> bool:
        """Tell whether a resource with these tags can be in the view."""
        return all(
            key in tags and (values is None or tags[key] in values) for key, values in self.tags
        )

    def ordered(self) -> tuple[object, ...]:
        """Return the rules in an order that is the same in every process."""
        tags = [(key, values and sorted(values)) for key, values in self.tags]
        return (_sorted(self.regions), _sorted(self.kinds), self.names, tags)


def _sorted(words: frozenset[str] | None) -> list[str] | None:
    return None if words is None else sorted(words)


@lru_cache(maxsize=10_000)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(translate(text), re.IGNORECASE)


class Grants:
    """What a caller may see: scopes and a view. Create it by `grants_of`; compare by identity."""

    __slots__ = (
        "__weakref__",
        "has_everything",
        "is_authenticated",
        "redacts",
        "scopes",
        "view",
    )

    def __init__(
        self, scopes: frozenset[str] | None, view: View | None, *, is_authenticated: bool
    ) -> None:
        self.scopes = scopes
        """The scopes; `None` for all that there are."""
        self.view = view
        """The view; `None` for every resource."""
        self.is_authenticated = is_authenticated
        """Whether the caller has shown who it is."""
        self.has_everything = scopes is None and is_authenticated
        """Whether there is no field and no type that the caller may not see."""
        self.redacts = scopes is not None and SECRETS not in scopes
        """Whether secret values are replaced in what the caller gets."""

    def has_scope(self, scope: str) -> bool:
        """Tell whether the caller has that scope."""
        return self.scopes is None or scope in self.scopes

    def meets(self, requirement: Requirement) -> bool:
        """Tell whether the caller has all scopes of one of the sets."""
        return self.scopes is None or any(each <= self.scopes for each in requirement)


ALL_GRANTS: Final = Grants(None, None, is_authenticated=True)
"""The grants of every caller where the gateway does not ask who they are."""

_known: Final[WeakValueDictionary[object, Grants]] = WeakValueDictionary()


def grants_of(
    scopes: frozenset[str] | None, view: View | None = None, *, is_authenticated: bool = True
) -> Grants:
    """Return the one `Grants` object of these scopes, `None` for all, and this view."""
    if scopes is None and view is None and is_authenticated:
        return ALL_GRANTS
    key = (scopes, view, is_authenticated)
    found = _known.get(key)
    if found is None:
        found = _known[key] = Grants(scopes, view, is_authenticated=is_authenticated)
    return found
