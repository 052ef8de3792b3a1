"""Render JSON: the selected fields of an object, with placeholders for other entries."""

from collections.abc import Iterator
from datetime import datetime
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from gateway.aws.reader import Reader
from gateway.errors import CodedError
from gateway.execution.compiled.template import Rendered, Template
from gateway.execution.errors import ResponseTooLarge
from gateway.execution.turns import Turns
from gateway.redaction import redact
from gateway.schema.decode import ShortenedList
from gateway.schema.enums import OpenEnum
from gateway.schema.fields import Derived
from gateway.schema.references import Found, InPlace, Path, Reference, Target, find
from gateway.schema.scalars import serialize_date_time, serialize_long_as_text
from gateway.schema.scopes import UnauthorizedFieldOrType
from gateway.schema.selection import Kind, SelectedField, Selection, WrongArguments

if TYPE_CHECKING:
    from gateway.aws.loader import Notice

# JSON text never contains a raw NUL, so the text can be split at each to get the chunks.
_PLACEHOLDER: Final = orjson.Fragment(b"\0")
_WRITTEN_AS_READ: Final = frozenset({Kind.PLAIN, Kind.DERIVED})


def render(
    reader: Reader,
    value: object,
    selection: Selection,
    max_bytes: int,
    turns: Turns | None = None,
) -> Rendered:
    """Return the JSON of `selection` on an object, or on each object of a list.

    `reader` makes the keys of the targets that references find. Raises `ResponseTooLarge` for more
    than `max_bytes`, and `TurnIsOver` for more than `turns` allow now.
    """
    rendering = _Rendering(reader, max_bytes, turns, redacts=selection.grants.redacts)
    if isinstance(value, list):
        tree: Any = [
            rendering.render(item, selection, (index,)) for index, item in enumerate(value)
        ]
    else:
        tree = rendering.render(value, selection, ())
    return rendering.finish(tree)


async def render_in_turns(
    reader: Reader, value: object, selection: Selection, max_bytes: int, turns: Turns
) -> Rendered:
    """Return what `render` does, but wait for turns that have time for it."""
    rendering = _Rendering(reader, max_bytes, turns, redacts=selection.grants.redacts)
    if isinstance(value, list):
        tree: Any = [
            await rendering.render_in_turns(item, selection, (index,))
            for index, item in enumerate(value)
        ]
    else:
        tree = await rendering.render_in_turns(value, selection, ())
    return rendering.finish(tree)


class _Object(NamedTuple):
    """An object to render at its place in the response."""

    value: object
    selection: Selection
    path: Path


class _Rendering:
    """One rendering, and its placeholders so far."""

    __slots__ = (
        "_max_bytes",
        "_reader",
        "_redacts",
        "_size",
        "_turns",
        "notices",
        "paths",
        "placeholders",
        "unknown_values",
    )

    def __init__(
        self, reader: Reader, max_bytes: int, turns: Turns | None, *, redacts: bool
    ) -> None:
        self._reader = reader
        self._turns = turns
        self._max_bytes = max_bytes
        self._size = 0
        self._redacts = redacts
        self.placeholders: list[Target | Exception] = []
        self.paths: list[Path] = []
        self.unknown_values: list[tuple[Path, str]] = []
        self.notices: list[Notice] = []

    def finish(self, tree: Any) -> Rendered:
        """Return the JSON of what was rendered. Raises `ResponseTooLarge`."""
        text = orjson.dumps(tree)
        if len(text) > self._max_bytes:
            raise ResponseTooLarge(self._max_bytes)
        if not (self.placeholders or self.unknown_values or self.notices):
            return text
        return Template(
            tuple(text.split(b"\0")),
            tuple(self.placeholders),
            tuple(self.paths),
            tuple(self.unknown_values),
            tuple(self.notices),
        )

    def render(self, value: object, selection: Selection, path: Path) -> dict[str, Any]:
        self._count(selection.key_bytes)
        if self._turns is not None:
            self._turns.spend(len(selection.fields))
        tree: dict[str, Any] = {}
        for field in selection.fields:
            found = self._find(value, selection, field, (*path, field.key))
            if found.__class__ is _Object:
                found = self.render(*found)
            elif found.__class__ is GeneratorType:
                # One after the other, so that placeholders are in the order of the text.
                found = [
                    self.render(*each) if each.__class__ is _Object else each for each in found
                ]
            tree[field.key] = found
        return tree

    async def render_in_turns(
        self, value: object, selection: Selection, path: Path
    ) -> dict[str, Any]:
        """Return what `render` does; each object waits for a turn that has time for it."""
        assert self._turns is not None
        self._count(selection.key_bytes)
        turn = self._turns.take(len(selection.fields))
        if turn is not None:
            await turn
        tree: dict[str, Any] = {}
        for field in selection.fields:
            found = self._find(value, selection, field, (*path, field.key))
            if found.__class__ is _Object:
                found = await self.render_in_turns(*found)
            elif found.__class__ is GeneratorType:
                found = [
                    await self.render_in_turns(*each) if each.__class__ is _Object else each
                    for each in found
                ]
            tree[field.key] = found
        return tree

    def _find(self, value: object, selection: Selection, field: SelectedField, path: Path) -> Any:
        """Return the JSON of a field, an `_Object` to render, or a generator of either."""
        if field.kind is Kind.TYPENAME:
            return selection.type_name
        if field.kind is Kind.REFERENCE:
            return self._find_reference(value, field, path)
        found = _read_field(value, field)
        if isinstance(found, Exception):
            return self._add_placeholder(found, path)
        if isinstance(found, ShortenedList):
            self.notices.append(found.notice(path))
        if found is None or field.kind in _WRITTEN_AS_READ:
            if isinstance(found, str | list):
                self._count(len(found) if isinstance(found, str) else sum(map(_length, found)))
            return redact(found) if self._redacts else found
        if not field.is_list:
            return self._find_item(found, field, path)
        return self._find_items(found, field, path)

    def _find_items(self, values: Any, field: SelectedField, path: Path) -> Iterator[Any]:
        for index, value in enumerate(values):
            yield self._find_item(value, field, (*path, index))

    def _find_item(self, value: Any, field: SelectedField, path: Path) -> Any:
        if field.kind is Kind.ENUM:
            assert isinstance(value, OpenEnum)
            if value.is_unknown:
                word = redact(value.value) if self._redacts else value.value
                self.unknown_values.append((path, word))
            return value.name
        if field.kind is Kind.DATE_TIME:
            assert isinstance(value, datetime)
            return serialize_date_time(value)
        if field.kind is Kind.LONG_AS_TEXT:
            return serialize_long_as_text(value)
        return _Object(value, field.selections[0], path)

    def _find_reference(self, value: object, field: SelectedField, path: Path) -> Any:
        assert isinstance(field.source, Reference)
        if isinstance(field.arguments, WrongArguments):
            return self._add_placeholder(field.arguments.error, path)
        try:
            found = find(field.source, self._reader, value, field.arguments, field.selections)
        except Exception as error:  # noqa: BLE001  # as above
            return self._add_placeholder(error, path)
        if isinstance(found, list):
            return (self._place(each, (*path, index)) for index, each in enumerate(found))
        return self._place(found, path)

    def _place(self, found: Found, path: Path) -> Any:
        if found is None:
            return None
        if isinstance(found, InPlace):
            return _Object(found.value, found.selection, path)
        return self._add_placeholder(found, path)

    def _count(self, size: int) -> None:
        """Count bytes before they are written, since a tree of many references takes little."""
        self._size += size
        if self._size > self._max_bytes:
            raise ResponseTooLarge(self._max_bytes)

    def _add_placeholder(self, placeholder: Target | Exception, path: Path) -> orjson.Fragment:
        if isinstance(placeholder, CodedError):
            # A template is cached; the traceback would keep the frames, and the document in them.
            placeholder = placeholder.with_traceback(None)
            placeholder.__cause__ = placeholder.__context__ = None
        self.placeholders.append(placeholder)
        self.paths.append(path)
        return _PLACEHOLDER


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else 1


def _read_field(value: object, field: SelectedField) -> Any:
    """Return the field's value, or the exception that it has instead of one."""
    if field.kind is Kind.UNAUTHORIZED:
        return UnauthorizedFieldOrType()
    try:
        if isinstance(field.source, Derived):
            return field.source.value(value)
        return getattr(value, field.attribute)
    except Exception as error:  # noqa: BLE001  # why the rest of a row's resource is not there
        return error
