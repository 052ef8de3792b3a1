"""The views of the access file: which resources a caller may see, by what its token says of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from gateway.auth.claims import claim_of
from gateway.grants import View
from gateway.settings.values import refuse

NOTHING: Final = View(regions=frozenset())
"""The view of a caller whose token lacks a claim that its view needs."""

_CLAIM: Final = re.compile(r"\$\{claim\.([\w:./-]{1,200})\}")
_MOST_VALUES: Final = 100
"""Values that a claim may have in a view; a caller with more sees nothing."""
_LONGEST_VALUE: Final = 300
"""Characters of a value of a claim."""
_GLOB: Final = re.compile(r"[*?\[]")


def _check_text(text: str) -> str:
    if "${" in _CLAIM.sub("", text):
        refuse(f"{text!r} is not a text such as 'team-*' or '${{claim.team}}-*'.")
    if len(_CLAIM.findall(text)) > 1:
        refuse(f"{text!r} has more than one claim.")
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_check_text)]
Name = Annotated[str, StringConstraints(pattern=r"^[\w][\w .@:/-]{0,99}$")]


class ViewRules(BaseModel):
    """One `[[views]]`: the rules that a resource must meet, all of them.

    `${claim.NAME}` in a text stands for the claim of that name in the caller's token, or for each
    of its values where it has several.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name
    regions: tuple[Text, ...] | None = None
    """The regions; all where this is left out."""
    kinds: tuple[Name, ...] | None = None
    """The GraphQL types of resources; all where this is left out."""
    names: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """Patterns, of which a name must match one, in any letter case: `*`, `?` and `[ab]`."""
    tags: Mapping[Text, Text | tuple[Text, ...]] = Field(default_factory=dict)
    """Tags that a resource must have, with the value or one of the values that each may have."""

    def view_for(self, claims: Mapping[str, Any]) -> View:
        """Return the view of a caller whose token has these claims, none for API keys."""
        try:
            return View(
                None if self.regions is None else frozenset(_fill_all(self.regions, claims)),
                None if self.kinds is None else frozenset(self.kinds),
                tuple(_fill_all(self.names or (), claims, is_pattern=True)),
                tuple(
                    (
                        key,
                        frozenset(
                            _fill_all((values,) if isinstance(values, str) else values, claims)
                        ),
                    )
                    for key, values in sorted(self.tags.items())
                ),
            )
        except _MissingClaim:
            return NOTHING


class _MissingClaim(Exception):
    """The token lacks a claim, or the claim is no text."""


def _fill_all(
    texts: tuple[str, ...], claims: Mapping[str, Any], *, is_pattern: bool = False
) -> Iterator[str]:
    for text in texts:
        match = _CLAIM.search(text)
        if match is None:
            yield text
            continue
        for value in _values(claim_of(claims, match[1])):
            # A caller's own `*` must not match more than itself.
            shown = _GLOB.sub(lambda each: f"[{each[0]}]", value) if is_pattern else value
            yield text.replace(match[0], shown)


def _values(claim: object) -> list[str]:
    """Return the values of a claim. Raises `_MissingClaim` unless they are texts or numbers."""
    values = claim if isinstance(claim, list) else [claim]
    texts = [str(value) for value in values if _is_usable(value)]
    if not texts or len(texts) != len(values) or len(texts) > _MOST_VALUES:
        raise _MissingClaim
    return texts


def _is_usable(value: object) -> bool:
    """Tell whether it can be part of a rule: an empty text would let `${claim.team}*` match all."""
    if isinstance(value, str):
        return 1 <= len(value) <= _LONGEST_VALUE
    return isinstance(value, int) and not isinstance(value, bool)
