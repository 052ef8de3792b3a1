"""Templates: rendered JSON with placeholders for the JSON of other entries."""

import sys
from dataclasses import dataclass, field
from typing import Final

from gateway.aws.loader import Notice
from gateway.schema.references import Path, Target
from gateway.schema.selection import Selection


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """JSON in chunks: between `chunks[0]` and `chunks[1]` is the first placeholder, and so on."""

    chunks: tuple[bytes, ...]
    placeholders: tuple[Target | Exception, ...]
    """The target whose entry fills each, or the error for which it stays null.

    A `GraphQLError` is graphql-core's error about an argument, with its location in the document.
    """
    paths: tuple[Path, ...]
    """The path of each, from the object that the template renders."""
    unknown_values: tuple[tuple[Path, str], ...] = ()
    """AWS's words that are shown as `UNKNOWN`, with their paths."""
    notices: tuple[Notice, ...] = ()
    """What to tell of the fields of the object, with paths from the object on."""
    size: int = field(init=False)
    """The bytes of the chunks together."""

    def __post_init__(self) -> None:
        """Count once what each filling counts."""
        object.__setattr__(self, "size", sum(map(len, self.chunks)))


# Those of the caller, of the plan and of the template itself.
_REFERENCES_OF_ONE: Final = 6
_TEMPLATE_BYTES: Final = 400
_CHUNK_BYTES: Final = 60
# With its place in the dictionary of an entry.
_BYTES_BYTES: Final = 180
# A target with its key, and the path to it.
_PLACEHOLDER_BYTES: Final = 750

Rendered = bytes | Template
"""The JSON of one selection of one object: complete, or with placeholders."""


def _holders_of(selection: Selection) -> int:
    """Return about how many share a selection, as the requests with other variables do."""
    return max(1, sys.getrefcount(selection) - _REFERENCES_OF_ONE)


def size_of(rendered: Rendered) -> int:
    """Return about how many bytes of memory it takes."""
    if isinstance(rendered, bytes):
        return len(rendered) + _BYTES_BYTES
    targets = (each for each in rendered.placeholders if isinstance(each, Target))
    # The targets of a list's rows have one selection.
    selections = {target.selection for target in targets}
    return (
        sum(len(chunk) + _CHUNK_BYTES for chunk in rendered.chunks)
        + _PLACEHOLDER_BYTES * len(rendered.placeholders)
        + sum(selection.weight // _holders_of(selection) for selection in selections)
        + _TEMPLATE_BYTES
    )
