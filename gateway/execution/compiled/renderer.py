"""From an object and a selection to a fragment, once per object and selection."""

from datetime import datetime
from enum import Enum
from typing import Any, Final

import orjson

from gateway.aws.errors import Unavailable
from gateway.aws.pagination.merge import Listed
from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import SEARCHED_TRAINING_JOB
from gateway.execution.compiled.selection import (
    Kind,
    Refused,
    SelectedField,
    Selection,
    by_type,
    wanted_of,
)
from gateway.execution.compiled.template import Fragment, Hole, Path, Refusal, Template
from gateway.schema.connection_page import ListedPage, RowLink, nodes_of
from gateway.schema.identity import IDENTITIES
from gateway.schema.references import link_arn, link_key
from gateway.schema.scalars import serialize_date_time

# JSON text never holds a raw NUL, so it marks the holes while the pieces are still one text.
_HOLE: Final = orjson.Fragment(b"\0")


class Renderer:
    """Renders objects whose links are found through `reader`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def render(self, value: object, selection: Selection) -> Fragment:
        """Return the JSON of `selection` on an object, a page of a list, or some objects."""
        holes: list[Hole | Refusal] = []
        if isinstance(value, Listed):
            value = ListedPage(value, nodes_of(value, wanted_of(selection).fields))
        if isinstance(value, list):
            tree: Any = [
                self._object(item, selection, (index,), holes) for index, item in enumerate(value)
            ]
        else:
            tree = self._object(value, selection, (), holes)
        text = orjson.dumps(tree)
        return Template(tuple(text.split(b"\0")), tuple(holes)) if holes else text

    def _object(
        self, value: object, selection: Selection, path: Path, holes: list[Hole | Refusal]
    ) -> dict[str, Any]:
        return {
            field.key: self._field(value, selection, field, path, holes)
            for field in selection.fields
        }

    def _field(
        self,
        value: object,
        selection: Selection,
        field: SelectedField,
        path: Path,
        holes: list[Hole | Refusal],
    ) -> Any:
        if field.kind is Kind.TYPENAME:
            return selection.type_name
        if field.kind is Kind.BESIDE:
            return self._beside(value, field, (*path, field.key), holes)
        try:
            found = getattr(value, field.attribute)
        except Exception as error:  # noqa: BLE001  # why the rest of a row's resource is not there
            holes.append(Refusal(error, (*path, field.key)))
            return _HOLE
        return self._found(found, field, path, holes)

    def _found(
        self, found: Any, field: SelectedField, path: Path, holes: list[Hole | Refusal]
    ) -> Any:
        if found is None or field.kind is Kind.PLAIN:
            return found
        if field.kind is Kind.LINK:
            return self._link(found, field, (*path, field.key), holes)
        if not field.is_list:
            return self._one(found, field, (*path, field.key), holes)
        return [
            self._one(item, field, (*path, field.key, index), holes)
            for index, item in enumerate(found)
        ]

    def _one(
        self, value: Any, field: SelectedField, path: Path, holes: list[Hole | Refusal]
    ) -> Any:
        if field.kind is Kind.ENUM:
            assert isinstance(value, Enum)
            return value.name
        if field.kind is Kind.DATE_TIME:
            assert isinstance(value, datetime)
            return serialize_date_time(value)
        if isinstance(value, RowLink):
            return self._row(value, field.selections[0], path, holes)
        return self._object(value, field.selections[0], path, holes)

    def _row(
        self, row: RowLink, selection: Selection, path: Path, holes: list[Hole | Refusal]
    ) -> Any:
        try:
            key = row.key(self._reader)
            arn = row.row.arn
            holes.append(Hole(key, arn, selection, path, row, _searched(key, selection)))
        except Unavailable as error:
            return self._object(row.partial(error), selection, path, holes)
        return _HOLE

    def _link(
        self, text: str, field: SelectedField, path: Path, holes: list[Hole | Refusal]
    ) -> Any:
        try:
            arn = link_arn(text)
            identity = IDENTITIES.get(arn.type)
            if identity is None or identity.type_name not in (
                possible := by_type(field.selections)
            ):
                return None
            selection = possible[identity.type_name]
            if identity.answers(selection.field_names):
                return self._object(identity.from_arn(text, arn), selection, path, holes)
            key = link_key(self._reader, text)
            holes.append(Hole(key, text, selection, path, None, _searched(key, selection)))
        except Unavailable as error:
            holes.append(Refusal(error, path))
        return _HOLE

    def _beside(
        self, value: object, field: SelectedField, path: Path, holes: list[Hole | Refusal]
    ) -> Any:
        assert field.source is not None
        given = field.arguments
        if isinstance(given, Refused):
            holes.append(Refusal(given.error, path))
            return _HOLE
        arguments = () if given is None else (given,)
        try:
            key = field.source.key(self._reader, value, *arguments)
        except Exception as error:  # noqa: BLE001  # as above
            holes.append(Refusal(error, path))
            return _HOLE
        if key is None:
            return None
        holes.append(Hole(key, None, field.selections[0], path))
        return _HOLE


def _searched(key: ResourceKey, selection: Selection) -> ResourceKey | None:
    if not selection.is_searchable:
        return None
    return ResourceKey(SEARCHED_TRAINING_JOB, key.region, key.name)
