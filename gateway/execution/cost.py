"""The most AWS calls that an operation can cause, known before the first is made.

Each place of the operation that takes calls counts as often as there can be objects there: lists by
their `first`, lists that AWS sends whole by the most that AWS's model allows. What the cache holds
is not looked at, so the figure is the same whenever it is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any, Final
from weakref import WeakKeyDictionary

from gateway.aws.pagination.cached import ListKey
from gateway.aws.pagination.query import ListQuery
from gateway.aws.reader import ResourceKey
from gateway.aws.resources import RESOURCES, SEARCH, TAGS, Resource
from gateway.aws.tags import MOST_PAGES
from gateway.errors import BadUserInput
from gateway.execution.compiled.selection import Kind, SelectedField, Selection, wanted_of
from gateway.execution.compiled.template import Hole, Template
from gateway.schema.connection_page import page_size
from gateway.schema.connections import PageArguments
from gateway.schema.identity import IDENTITIES
from gateway.schema.rows import answered
from gateway.settings import ReaderSettings

Keys = tuple[str, ...]
"""Response keys on the way to a field."""


@dataclass(frozen=True, slots=True)
class Planned:
    """At most so many calls."""

    singly: int = 0
    """All but searches."""
    searchable: int = 0
    """Training jobs that may be searched for: a search is made for two of them or more."""
    calls: Mapping[tuple[Keys, str], int] = field(default_factory=dict)
    """Calls by place and AWS's operation, all but searches."""

    @classmethod
    def of(cls, operation: str, calls: int, *, searchable: int = 0) -> "Planned":
        """Return so many calls of one operation."""
        return cls(calls, searchable, {((), operation): calls})

    @property
    def searches(self) -> int:
        """How many of the calls may be searches."""
        return self.searchable // 2

    @property
    def most(self) -> int:
        """How many calls there are at most in all."""
        return self.singly + self.searches

    def by_operation(self) -> dict[str, int]:
        """Return the calls of each of AWS's operations.

        Their sum may be more than `most`: a link that can lead to several kinds leads to one.
        """
        found: dict[str, int] = {}
        for (_, operation), calls in self.calls.items():
            found[operation] = found.get(operation, 0) + calls
        return found | ({SEARCH: self.searches} if self.searches else {})

    def __add__(self, other: "Planned") -> "Planned":
        """Return the calls of both."""
        if not other.calls:
            return self
        if not self.calls:
            return other
        singly, searchable = self.singly + other.singly, self.searchable + other.searchable
        return Planned(singly, searchable, _merged(self, other))

    def __or__(self, other: "Planned") -> "Planned":
        """Return the calls of one of both, whichever it will be."""
        singly = max(self.singly, other.singly)
        return Planned(singly, max(self.searchable, other.searchable), _merged(self, other))

    def __mul__(self, times: int) -> "Planned":
        """Return the calls of as many objects."""
        calls = {place: times * calls for place, calls in self.calls.items()}
        return Planned(times * self.singly, times * self.searchable, calls)

    def at(self, *keys: str) -> "Planned":
        """Return the same calls, made below these keys."""
        if not self.calls:
            return self
        calls = {((*keys, *path), name): calls for (path, name), calls in self.calls.items()}
        return Planned(self.singly, self.searchable, calls)


def _merged(one: Planned, other: Planned) -> Mapping[tuple[Keys, str], int]:
    calls = dict(one.calls)
    for place, more in other.calls.items():
        calls[place] = calls.get(place, 0) + more
    return calls


NOTHING: Final = Planned()
_BY_TYPE: Final = {resource.type_name: resource for resource in RESOURCES}
_LEADING: Final = frozenset({Kind.OBJECT, Kind.LINK, Kind.BESIDE})


class Planner:
    """Plans operations whose lists are read within the settings, with Search or without."""

    def __init__(self, settings: ReaderSettings) -> None:
        self._settings = settings
        self._known: WeakKeyDictionary[Selection, Planned] = WeakKeyDictionary()

    def plan(self, template: Template) -> Planned:
        """Return the most calls that filling a template can take."""
        planned = NOTHING
        read: set[Any] = set()
        for hole in template.holes:
            if isinstance(hole, Hole):
                keys = (key for key in hole.path if isinstance(key, str))
                planned += self._root(hole, is_read=hole.key in read).at(*keys)
                read.add(hole.key)
        return planned

    def _root(self, hole: Hole, *, is_read: bool) -> Planned:
        if isinstance(hole.key, ListKey):
            return self._page(hole.key.query, hole.key.first, hole.selection)
        assert isinstance(hole.key, ResourceKey)
        assert isinstance(hole.key.resource, Resource)
        below = self._below(hole.selection)
        return below if is_read else Planned.of(hole.key.resource.describe, 1) + below

    def _below(self, selection: Selection) -> Planned:
        """Return the calls below one object."""
        planned = self._known.get(selection)
        if planned is None:
            below = (
                self._field(field).at(field.key)
                for field in selection.fields
                if field.kind in _LEADING
            )
            planned = self._known[selection] = reduce(add, below, NOTHING)
        return planned

    def _field(self, field: SelectedField) -> Planned:
        if field.kind is Kind.LINK:
            return reduce(lambda one, other: one | other, map(self._link, field.selections))
        if field.kind is Kind.BESIDE:
            return self._beside(field)
        below = self._below(field.selections[0])
        if not below.calls or not field.is_list:
            return below
        assert field.most is not None, field.name
        return below * field.most

    def _link(self, selection: Selection) -> Planned:
        identity = next(
            each for each in IDENTITIES.values() if each.type_name == selection.type_name
        )
        if identity.answers(selection.field_names):
            return NOTHING
        describe = _BY_TYPE[selection.type_name].describe
        return self._read(describe, 1, 1, selection) + self._below(selection)

    def _beside(self, field: SelectedField) -> Planned:
        source, selection = field.source, field.selections[0]
        assert source is not None
        if source.listing is None:
            return Planned.of(source.operation, source.most) + self._below(selection)
        if not isinstance(field.arguments, PageArguments):
            return NOTHING
        settings, arguments = self._settings, field.arguments
        try:
            size = page_size(arguments.first, settings.default_page_size, settings.max_page_size)
        except BadUserInput:
            return NOTHING
        return self._page(arguments.query, size, selection)

    def _page(self, query: ListQuery, size: int, selection: Selection) -> Planned:
        streams, kind = len(query.streams()), query.listing.kind
        if not streams:
            return NOTHING
        planned = Planned.of(kind.list, max(self._settings.list_calls, streams))
        if query.tags:
            planned += Planned.of(TAGS.operation, self._settings.list_tag_reads * MOST_PAGES)
        is_described = isinstance(kind, Resource) and not (
            wanted_of(selection).fields <= answered(query.listing)
        )
        for place, (keys, rows) in enumerate(_rows(selection)):
            if is_described:
                # The same rows at another place are not described again, but may be searched for.
                times = 0 if place else size
                planned += self._read(query.listing.resource.describe, times, size, rows).at(*keys)
            planned += (self._below(rows) * size).at(*keys)
        return planned

    def _read(self, describe: str, times: int, objects: int, selection: Selection) -> Planned:
        is_searched = self._settings.search and selection.is_searchable
        return Planned.of(describe, times, searchable=objects if is_searched else 0)


def _rows(selection: Selection) -> list[tuple[Keys, Selection]]:
    """Return the places of a page's rows, each with what is selected there."""
    found: list[tuple[Keys, Selection]] = []
    for each in selection.fields:
        if each.kind is Kind.ROWS:
            found.append(((each.key,), each.selections[0]))
        elif each.name == "edges":
            found += [((each.key, *keys), rows) for keys, rows in _rows(each.selections[0])]
    return found
