"""Templates: JSON that is rendered once and copied often, with placeholders for other entries."""

from dataclasses import dataclass

from gateway.schema.references import Path, Target


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """JSON in pieces: `chunks[0]`, what fills the first placeholder, `chunks[1]` and so on."""

    chunks: tuple[bytes, ...]
    placeholders: tuple[Target | Exception, ...]
    """The entry that fills each, or why it stays null.

    A `GraphQLError` is graphql-core's about an argument, and says where in the document that is.
    """
    paths: tuple[Path, ...]
    """The path of each, from the object that the template renders."""
    unknown_values: tuple[tuple[Path, str], ...] = ()
    """AWS's words that are shown as `UNKNOWN`, with their paths."""


Rendered = bytes | Template
"""The JSON of one selection of one object: complete, or with placeholders."""


def size_of(rendered: Rendered) -> int:
    """Return about how many bytes of memory it takes."""
    if isinstance(rendered, bytes):
        return len(rendered) + 100
    places = len(rendered.placeholders)
    return sum(len(chunk) + 50 for chunk in rendered.chunks) + 300 * places + 200
