"""Templates: rendered JSON with placeholders for the JSON of other entries."""

from dataclasses import dataclass

from gateway.aws.loader import Notice
from gateway.schema.references import Path, Target


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


Rendered = bytes | Template
"""The JSON of one selection of one object: complete, or with placeholders."""


def size_of(rendered: Rendered) -> int:
    """Return about how many bytes of memory it takes."""
    if isinstance(rendered, bytes):
        return len(rendered) + 100
    places = len(rendered.placeholders)
    return sum(len(chunk) + 50 for chunk in rendered.chunks) + 300 * places + 200
