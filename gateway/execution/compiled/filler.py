"""Fill a template with entries that the operation has read or the cache holds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.aws.cache import Entry
from gateway.aws.loader import Key, Outcome
from gateway.aws.reader import Reader
from gateway.execution.compiled.rendered_in_turns import RenderedInTurns
from gateway.execution.compiled.renderer import render, render_in_turns
from gateway.execution.compiled.template import Rendered, Template, size_of
from gateway.execution.errors import ResponseTooLarge
from gateway.execution.request import ALWAYS
from gateway.execution.secret_reads import SecretRead, secret_read
from gateway.execution.turns import TurnIsOver, Turns
from gateway.schema.references import Path, Target

if TYPE_CHECKING:
    from gateway.aws.cache import Validity
    from gateway.aws.loader import Notice

# Selections per entry; beyond it, the JSON that was rendered first is dropped.
_MOST_RENDERED = 64
# To create the object for a page takes as long as to render so many fields.
_FIELDS_OF_PAGE = 30

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
        "secret_reads",
        "size",
        "stale",
        "unknown_values",
        "unrendered",
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
        """What has to be read from AWS."""
        self.unrendered: list[Target] = []
        """What is known, and was not rendered for want of time in this turn of the event loop."""
        self.errors: list[FieldError] = []
        self.notices: list[Notice] = []
        self.secret_reads: list[SecretRead] = []
        self.unknown_values: list[tuple[Path, str]] = []
        """AWS's words that are shown as `UNKNOWN`, with their places."""
        self.stale: dict[int, Entry] = {}
        """Entries that AWS failed to renew."""
        self.fresh_until = ALWAYS
        """When the first of the entries used stops being fresh."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be waited for."""
        return not (self.missing or self.unrendered)

    def give_up(self) -> None:
        """Note that the response is too large, for which nothing more has to be read."""
        self.is_too_large = True
        self.missing.clear()
        self.unrendered.clear()


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

    __slots__ = (
        "_in_turns",
        "_max_bytes",
        "_now",
        "_peek_key",
        "_reader",
        "_turns",
        "filling",
    )

    def __init__(
        self,
        reader: Reader,
        peek: Peek,
        now: float,
        max_bytes: int,
        turns: Turns,
        in_turns: RenderedInTurns | None = None,
    ) -> None:
        """Fill within this turn of the event loop; `in_turns` has what took more than one."""
        self._reader = reader
        self._turns = turns
        self._in_turns = in_turns
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
                    if target.selection.secret_members:
                        filling.secret_reads.append(secret_read(target, outcome))
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
        except TurnIsOver:
            self.filling.unrendered.append(target)
            return
        except Exception as error:  # noqa: BLE001  # any error becomes that of the field
            self._add_error(error, path, types)
            return
        if isinstance(found, Entry) and (notice := target.notice(found, path)) is not None:
            self.filling.notices.append(notice)
        if rendered is not None and isinstance(found, Entry) and target.selection.secret_members:
            self.filling.secret_reads.append(secret_read(target, found))
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

        Raises the outcome's exception, unless the target has something to show in its place, and
        `TurnIsOver` where rendering would take too long in this turn of the event loop.
        """
        if _is_nothing(outcome):
            return None
        rendered = self._find_rendered(target, outcome)
        if rendered is None and self._turns.is_over:
            raise TurnIsOver
        value = _value_of(target, outcome)
        if value is None:
            return None
        if rendered is not None:
            return rendered
        rendered = render(self._reader, value, target.selection, self._max_bytes, self._turns)
        return self._remember(target, outcome, rendered)

    async def render_in_turns(self, target: Target, outcome: Outcome) -> Rendered | None:
        """Return what `render` does, in as many turns of the event loop as that takes."""
        assert self._in_turns is not None
        if _is_nothing(outcome):
            return None
        turn = self._turns.take(_FIELDS_OF_PAGE)
        if turn is not None:
            await turn
        rendered = self._find_rendered(target, outcome)
        try:
            value = _value_of(target, outcome)
            if value is None:
                rendered = None
            elif rendered is None:
                rendered = await render_in_turns(
                    self._reader, value, target.selection, self._max_bytes, self._turns
                )
        except Exception as error:
            self._in_turns.note(target, outcome, error)
            raise
        self._in_turns.note(target, outcome, rendered or b"null")
        return rendered and self._remember(target, outcome, rendered)

    def _find_rendered(self, target: Target, outcome: Outcome) -> Rendered | None:
        """Return what is rendered for a target. Raises what rendering it in turns has raised."""
        rendered: Rendered | None = None
        if isinstance(outcome, Entry):
            rendered = outcome.rendered.get(target.selection.number)
        if rendered is None and self._in_turns is not None:
            rendered = self._in_turns.find(target, outcome)
        return rendered

    def _remember(self, target: Target, entry: Outcome, rendered: Rendered) -> Rendered:
        """Have the entry hold what was rendered of it."""
        if isinstance(entry, Exception) or target.selection.number in entry.rendered:
            return rendered
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


def _is_nothing(outcome: Outcome) -> bool:
    """Tell whether AWS has no such resource, or the caller may not see it."""
    return isinstance(outcome, Entry) and outcome.value is None


def _value_of(target: Target, outcome: Outcome) -> object:
    """Return the object to show, or `None`. Raises the outcome's exception if there is none."""
    return target.fallback(outcome) if isinstance(outcome, Exception) else target.value(outcome)


def _length_of(path: Iterable[str | int]) -> int:
    """Return about how many bytes a path takes in JSON."""
    return sum(len(key) + 3 if isinstance(key, str) else 4 for key in path)
