"""What is rendered once and copied ever after: bytes of JSON, with holes where links lead on."""

from dataclasses import dataclass

from gateway.aws.reader import EntryKey, ResourceKey
from gateway.execution.compiled.selection import Selection
from gateway.schema.connection_page import RowLink

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a template that another resource fills, the tags of one, or a list."""

    key: EntryKey
    arn: str | None
    """What the resource must be; `None` when it was asked for by name."""
    selection: Selection
    path: Path
    """From the object that the template renders to this place."""
    row: RowLink | None = None
    """The row of a list that led here, which answers in part when the resource cannot be read."""
    searched: ResourceKey | None = None
    """Under what the cache may hold a record of Search's that answers the selection too."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place in a template that stays null, with an error.

    A `GraphQLError` is graphql-core's about an argument, and says where in the document that is.
    """

    error: Exception
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """JSON in pieces: `chunks[0]`, what fills `holes[0]`, `chunks[1]` and so on."""

    chunks: tuple[bytes, ...]
    holes: tuple[Hole | Refusal, ...]


Fragment = bytes | Template
"""The JSON of one selection of one object: complete, or with holes."""


def size_of(fragment: Fragment) -> int:
    """Return about how many bytes of memory a fragment takes."""
    if isinstance(fragment, bytes):
        return len(fragment) + 100
    return sum(len(chunk) + 50 for chunk in fragment.chunks) + 300 * len(fragment.holes) + 200
