"""Fill a template from what is at hand: entries held by the operation, or cached."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.aws.cache import Mark
from gateway.aws.entry import Entry
from gateway.aws.errors import Refused
from gateway.aws.pagination.cached import ListKey
from gateway.aws.pagination.merge import Listed
from gateway.aws.reader import EntryKey, Reader, ResourceKey
from gateway.execution.compiled.renderer import Renderer
from gateway.execution.compiled.template import Fragment, Hole, Path, Refusal, Template, size_of
from gateway.execution.result import ALWAYS
from gateway.schema.connection_page import cut_notice

if TYPE_CHECKING:
    from gateway.aws.cache import Mark
    from gateway.aws.loader import Notice

# What one selection too many costs an entry is its oldest fragment.
_MOST_FRAGMENTS = 64


Types = tuple[tuple[int, str], ...]
"""The types of the resources that a path leads through, each with the length of the path to it."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error at a place of the response."""

    error: Exception
    path: Path
    types: Types


class Pass:
    """What one try to fill a template came to."""

    __slots__ = ("chunks", "errors", "fresh_until", "marks", "missing", "notices", "stale")

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.marks: list[Mark] = []
        """Of the entries used."""
        self.missing: list[Hole] = []
        self.errors: list[FieldError] = []
        self.notices: list[Notice] = []
        self.stale: dict[EntryKey, Entry] = {}
        """Entries that AWS failed to renew."""
        self.fresh_until = ALWAYS
        """When the first of the entries used stops being fresh."""


Outcomes = dict[EntryKey, Entry | Exception]
"""What an operation has read so far."""


Peek = Callable[[EntryKey, float], Entry | None]


def at_hand(hole: Hole, entry: Entry | None) -> Fragment | None:
    """Return what fills the hole, if that is rendered and not told to be stale.

    That is the case for nearly all of the holes of nearly all requests.
    """
    if entry is None or entry.failure is not None:
        return None
    fragment = entry.fragments.get(hole.selection)
    return fragment if hole.arn is None or hole.arn == entry.arn else None


class Filler:
    """Fills templates at one instant. `outcomes` go before what the cache holds.

    `peek` looks into the cache: `Reader.peek`, or a function that finds nothing.
    """

    __slots__ = ("_now", "_outcomes", "_peek", "_reader", "_renderer", "result")

    def __init__(
        self, reader: Reader, renderer: Renderer, outcomes: Outcomes, now: float, peek: Peek
    ) -> None:
        self._reader = reader
        self._peek = peek
        self._renderer = renderer
        self._outcomes = outcomes
        self._now = now
        self.result = Pass()

    def fill(self, template: Template, path: Path = (), types: Types = ()) -> None:
        """Append the template's bytes, holes filled, to the result."""
        append, peek, now, outcomes = (
            self.result.chunks.append,
            self._peek,
            self._now,
            self._outcomes,
        )
        for chunk, hole in zip(template.chunks, template.holes, strict=False):
            append(chunk)
            if hole.__class__ is Hole and not outcomes:
                entry = peek(hole.key, now)
                ready = at_hand(hole, entry)
                if ready is not None and entry is not None:
                    if entry.fresh_until < self.result.fresh_until:  # noqa: PLR1730  # as in `find`
                        self.result.fresh_until = entry.fresh_until
                    self.result.marks.append(entry.mark)
                    if isinstance(ready, bytes):
                        append(ready)
                    else:
                        self._fill_below(hole, ready, path, types)
                    continue
            self._fill_slowly(hole, path, types)
        append(template.chunks[-1])

    def _fill_slowly(self, hole: Hole | Refusal, path: Path, types: Types) -> None:
        if isinstance(hole, Refusal):
            self._fail(hole.error, path + hole.path, types)
            return
        found = self.find(hole)
        self._note(hole, found, path)
        if found is None:
            self.result.missing.append(hole)
        elif isinstance(found, Exception) and hole.row is None:
            if isinstance(found, Refused) and isinstance(hole.key, ResourceKey) and not path:
                # A root field: the caller wrote its name or id. Lists see to their own values.
                found = found.to_bad_user_input()
            self._fail(found, path + hole.path, types)
        elif (fragment := self.fragment(hole, found)) is None:
            self.result.chunks.append(b"null")
        elif isinstance(fragment, bytes):
            self.result.chunks.append(fragment)
        else:
            self._fill_below(hole, fragment, path, types)

    def _fill_below(self, hole: Hole, template: Template, path: Path, types: Types) -> None:
        below = path + hole.path
        if isinstance(hole.key, ResourceKey):
            types = (*types, (len(below), hole.key.resource.type_name))
        self.fill(template, below, types)

    def find(self, hole: Hole) -> Entry | Exception | None:
        """Return what is known of the hole's resource; `None` when AWS must be asked."""
        found = self._look_up(hole.key)
        if found is None and hole.searched is not None:
            found = self._look_up(hole.searched)
        if isinstance(found, Entry):
            self.result.marks.append(found.mark)
            if found.failure is not None:
                self.result.stale[hole.key] = found
            if found.fresh_until < self.result.fresh_until:  # noqa: PLR1730  # `min` takes twice as long
                self.result.fresh_until = found.fresh_until
        return found

    def _look_up(self, key: EntryKey) -> Entry | Exception | None:
        return (self._outcomes and self._outcomes.get(key)) or self._peek(key, self._now)

    def fragment(self, hole: Hole, entry: Entry | Exception) -> Fragment | None:
        """Return what fills the hole; `None` when its resource does not exist.

        After an exception that is what the row says that led to the hole.
        """
        if isinstance(entry, Exception):
            assert hole.row is not None
            return self._renderer.render(hole.row.partial(entry), hole.selection)
        if entry.value is None or not (hole.arn is None or entry.is_of(hole.arn)):
            return None
        return entry.fragments.get(hole.selection) or self._render(hole, entry)

    def _render(self, hole: Hole, entry: Entry) -> Fragment:
        fragment = self._renderer.render(entry.value, hole.selection)
        if len(entry.fragments) >= _MOST_FRAGMENTS:
            oldest = next(iter(entry.fragments))
            self._count(hole, entry, -size_of(entry.fragments.pop(oldest)))
        entry.fragments[hole.selection] = fragment
        self._count(hole, entry, size_of(fragment))
        return fragment

    def _count(self, hole: Hole, entry: Entry, size: int) -> None:
        # The entry is under one of the keys, and the cache passes over the other.
        self._reader.keep_fragment(hole.key, entry, size)
        if hole.searched is not None:
            self._reader.keep_fragment(hole.searched, entry, size)

    def _note(self, hole: Hole, found: Entry | Exception | None, path: Path) -> None:
        if isinstance(hole.key, ListKey) and isinstance(found, Entry):
            assert isinstance(found.value, Listed)
            if found.value.is_cut:
                notice = cut_notice(path + hole.path, hole.key, found.value)
                self.result.notices.append(notice)

    def _fail(self, error: Exception, path: Path, types: Types) -> None:
        self.result.chunks.append(b"null")
        self.result.errors.append(FieldError(error, path, types))
