"""Fill a template with entries that the operation has read or the cache holds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.aws.cache import Entry
from gateway.aws.loader import Key, Outcome
from gateway.aws.reader import Reader
from gateway.execution.compiled.renderer import render
from gateway.execution.compiled.template import Rendered, Template, size_of
from gateway.execution.errors import ResponseTooLarge
from gateway.execution.request import ALWAYS
from gateway.schema.references import Path, Target

if TYPE_CHECKING:
    from gateway.aws.cache import Validity
    from gateway.aws.loader import Notice

# Selections per entry; beyond it, the JSON that was rendered first is dropped.
_MOST_RENDERED = 64

Types = tuple[tuple[int, str], ...]
"""The types of the objects that a path leads through, each with the length of the path to it."""

Peek = Callable[[Key, float], Outcome | None]
"""Returns the outcome of a key at an instant, if it is known without waiting."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error at a place of the response."""

    error: Exception
    path: Path
    types: Types


class Filling:
    """The result of filling a template once: JSON, errors and the targets that are missing."""

    __slots__ = (
        "chunks",
        "errors",
        "fresh_until",
        "is_too_large",
        "missing",
        "notices",
        "size",
        "stale",
        "unknown_values",
        "validities",
    )

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = 0
        """The bytes of the chunks, and of the paths in the response's `extensions`."""
        self.is_too_large = False
        """Whether it was given up because the response is too large."""
        self.validities: list[Validity] = []
        """The `Validity` of each entry used."""
        self.missing: list[Target] = []
        self.errors: list[FieldError] = []
        self.notices: list[Notice] = []
        self.unknown_values: list[tuple[Path, str]] = []
        """AWS's words that are shown as `UNKNOWN`, with their places."""
        self.stale: dict[int, Entry] = {}
        """Entries that AWS failed to renew."""
        self.fresh_until = ALWAYS
        """When the first of the entries used stops being fresh."""

    def give_up(self) -> None:
        """Note that the response is too large, for which nothing more has to be read."""
        self.is_too_large = True
        self.missing.clear()


def find_rendered(target: Target, entry: Entry | None) -> Rendered | None:
    """Return the rendered JSON for a placeholder, if the entry has it and needs no notice.

    That is so for nearly all placeholders of nearly all requests.
    """
    if entry is None or entry.has_notice:
        return None
    rendered: Rendered | None = entry.rendered.get(target.selection.number)
    return rendered if target.arn is None or target.arn == entry.arn else None


class Filler:
    """Fills templates at one instant on the cache's clock, with what `peek` knows."""

    __slots__ = ("_max_bytes", "_now", "_peek_key", "_reader", "filling")

    def __init__(self, reader: Reader, peek: Peek, now: float, max_bytes: int) -> None:
        self._reader = reader
        self._max_bytes = max_bytes
        self._peek_key = peek
        self._now = now
        self.filling = Filling()

    def fill(self, template: Template, path: Path = (), types: Types = ()) -> None:
        """Append the template's bytes, placeholders filled, to the filling.

        Raises `ResponseTooLarge` when the filling has more than the bytes allowed.
        """
        filling, peek, now = self.filling, self._peek_key, self._now
        append = filling.chunks.append
        size = template.size
        if template.unknown_values or template.notices:
            size += self._note_extensions(template, path)
        for chunk, target, below in zip(
            template.chunks, template.placeholders, template.paths, strict=False
        ):
            append(chunk)
            if isinstance(target, Exception):
                self._add_error(target, path + below, types)
                continue
            outcome = peek(target.key, now) if target.check is None else self._peek(target)
            if outcome.__class__ is Entry:
                rendered = find_rendered(target, outcome)
                if rendered is not None:
                    if outcome.fresh_until < filling.fresh_until:  # noqa: PLR1730  # `min` takes twice as long
                        filling.fresh_until = outcome.fresh_until
                    filling.validities.append(outcome.validity)
                    if isinstance(rendered, bytes):
                        append(rendered)
                        size += len(rendered)
                    else:
                        self._fill_below(target, rendered, path + below, types)
                    continue
            self._fill_slowly(target, outcome, path + below, types)
        append(template.chunks[-1])
        filling.size += size
        if filling.size > self._max_bytes:
            raise ResponseTooLarge(self._max_bytes)

    def _note_extensions(self, template: Template, path: Path) -> int:
        """Add what the template tells besides its JSON. Return about how many bytes that takes."""
        filling = self.filling
        size = 0
        for place, word in template.unknown_values:
            filling.unknown_values.append((path + place, word))
            size += len(word) + _length_of(path) + _length_of(place)
        for notice in template.notices:
            filling.notices.append({**notice, "path": [*path, *notice["path"]]})
            size += _length_of(path) + _length_of(notice["path"])
        return size

    def _fill_slowly(
        self, target: Target, outcome: Outcome | None, path: Path, types: Types
    ) -> None:
        found = self._note_use(target, outcome)
        if found is None:
            self.filling.missing.append(target)
            return
        try:
            rendered = self.render(target, found)
        except ResponseTooLarge:
            raise
        except Exception as error:  # noqa: BLE001  # any error becomes that of the field
            self._add_error(error, path, types)
            return
        if isinstance(found, Entry) and (notice := target.notice(found, path)) is not None:
            self.filling.notices.append(notice)
        if isinstance(rendered, Template):
            self._fill_below(target, rendered, path, types)
        else:
            json = b"null" if rendered is None else rendered
            self.filling.chunks.append(json)
            self.filling.size += len(json)

    def _fill_below(self, target: Target, template: Template, path: Path, types: Types) -> None:
        self.fill(template, path, (*types, (len(path), target.selection.type_name)))

    def find_outcome(self, target: Target) -> Outcome | None:
        """Return the outcome of the target; `None` if it has to be read from AWS."""
        return self._note_use(target, self._peek(target))

    def _peek(self, target: Target) -> Outcome | None:
        """Return what is known of the target: an entry without object if it is in no view."""
        if target.check is None:
            return self._peek_key(target.key, self._now)
        checked = self._peek_key(target.check, self._now)
        if not isinstance(checked, Entry):
            return checked
        if checked.value:
            self._note_entry(checked)
            return self._peek_key(target.key, self._now)
        # Not the parts of the check, which would be labelled as stale.
        self.filling.validities.append(checked.validity)
        hidden = Entry(None, "", self._now, 0.0)
        hidden.fresh_until = checked.fresh_until
        return hidden

    def _note_entry(self, entry: Entry) -> None:
        filling = self.filling
        filling.validities.append(entry.validity)
        for part in (entry, *entry.made_of):
            if part.failure is not None:
                filling.stale[id(part)] = part
        if entry.fresh_until < filling.fresh_until:  # noqa: PLR1730  # `min` takes twice as long
            filling.fresh_until = entry.fresh_until

    def _note_use(self, target: Target, outcome: Outcome | None) -> Outcome | None:
        if outcome is None and target.searched is not None:
            outcome = self._peek_key(target.searched, self._now)
        if isinstance(outcome, Entry):
            self._note_entry(outcome)
        return outcome

    def render(self, target: Target, outcome: Outcome) -> Rendered | None:
        """Return the rendered JSON for the placeholder of `target`; `None` without an object.

        Raises the outcome's exception, unless the target has something to show in its place.
        """
        if isinstance(outcome, Exception):
            value = target.fallback(outcome)
            return render(self._reader, value, target.selection, self._max_bytes)
        value = target.value(outcome)
        if value is None:
            return None
        rendered: Rendered | None = outcome.rendered.get(target.selection.number)
        return rendered or self._render(target, outcome, value)

    def _render(self, target: Target, entry: Entry, value: object) -> Rendered:
        rendered = render(self._reader, value, target.selection, self._max_bytes)
        size = size_of(rendered)
        if len(entry.rendered) >= _MOST_RENDERED:
            size -= size_of(entry.rendered.pop(next(iter(entry.rendered))))
        entry.rendered[target.selection.number] = rendered
        # The entry has one of the two keys; for the other the cache does nothing.
        self._reader.cache.grow(target.key, entry, size)
        if target.searched is not None:
            self._reader.cache.grow(target.searched, entry, size)
        return rendered

    def _add_error(self, error: Exception, path: Path, types: Types) -> None:
        self.filling.chunks.append(b"null")
        self.filling.errors.append(FieldError(error, path, types))


def _length_of(path: Iterable[str | int]) -> int:
    """Return about how many bytes a path takes in JSON."""
    return sum(len(key) + 3 if isinstance(key, str) else 4 for key in path)
