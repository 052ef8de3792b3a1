"""Render JSON: the selected fields of an object, with placeholders for other entries."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.aws.reader import Reader
from gateway.errors import CodedError
from gateway.execution.compiled.template import Rendered, Template
from gateway.execution.errors import ResponseTooLarge
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


def render(reader: Reader, value: object, selection: Selection, max_bytes: int) -> Rendered:
    """Return the JSON of `selection` on an object, or on each object of a list.

    `reader` makes the keys of the targets that references find. Raises `ResponseTooLarge` for more
    than `max_bytes`.
    """
    rendering = _Rendering(reader, max_bytes, redacts=selection.grants.redacts)
    if isinstance(value, list):
        tree: Any = [
            rendering.render(item, selection, (index,)) for index, item in enumerate(value)
        ]
    else:
        tree = rendering.render(value, selection, ())
    text = orjson.dumps(tree)
    if len(text) > max_bytes:
        raise ResponseTooLarge(max_bytes)
    if not (rendering.placeholders or rendering.unknown_values or rendering.notices):
        return text
    return Template(
        tuple(text.split(b"\0")),
        tuple(rendering.placeholders),
        tuple(rendering.paths),
        tuple(rendering.unknown_values),
        tuple(rendering.notices),
    )


class _Rendering:
    """One rendering, and its placeholders so far."""

    __slots__ = (
        "_max_bytes",
        "_reader",
        "_redacts",
        "_size",
        "notices",
        "paths",
        "placeholders",
        "unknown_values",
    )

    def __init__(self, reader: Reader, max_bytes: int, *, redacts: bool) -> None:
        self._reader = reader
        self._max_bytes = max_bytes
        self._size = 0
        self._redacts = redacts
        self.placeholders: list[Target | Exception] = []
        self.paths: list[Path] = []
        self.unknown_values: list[tuple[Path, str]] = []
        self.notices: list[Notice] = []

    def render(self, value: object, selection: Selection, path: Path) -> dict[str, Any]:
        self._count(selection.key_bytes)
        return {
            field.key: self._render_field(value, selection, field, (*path, field.key))
            for field in selection.fields
        }

    def _render_field(
        self, value: object, selection: Selection, field: SelectedField, path: Path
    ) -> Any:
        if field.kind is Kind.TYPENAME:
            return selection.type_name
        if field.kind is Kind.REFERENCE:
            return self._render_reference(value, field, path)
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
            return self._render_item(found, field, path)
        return [self._render_item(item, field, (*path, index)) for index, item in enumerate(found)]

    def _render_item(self, value: Any, field: SelectedField, path: Path) -> Any:
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
        return self.render(value, field.selections[0], path)

    def _render_reference(self, value: object, field: SelectedField, path: Path) -> Any:
        assert isinstance(field.source, Reference)
        if isinstance(field.arguments, WrongArguments):
            return self._add_placeholder(field.arguments.error, path)
        try:
            found = find(field.source, self._reader, value, field.arguments, field.selections)
        except Exception as error:  # noqa: BLE001  # as above
            return self._add_placeholder(error, path)
        if isinstance(found, list):
            return [self._render_found(each, (*path, index)) for index, each in enumerate(found)]
        return self._render_found(found, path)

    def _render_found(self, found: Found, path: Path) -> Any:
        if found is None:
            return None
        if isinstance(found, InPlace):
            return self.render(found.value, found.selection, path)
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
