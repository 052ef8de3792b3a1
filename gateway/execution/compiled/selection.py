"""A selection compiled against one object type.

It is the same object wherever the same fields are selected under the same keys, in whatever
operation: what is rendered for one serves the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final
from weakref import WeakValueDictionary

from gateway.aws.resources import SEARCHED_TRAINING_JOB
from gateway.schema.connection_page import Wanted
from gateway.schema.connections import PageArguments
from gateway.schema.fields import Beside
from gateway.schema.rows import answered


@dataclass(frozen=True, slots=True, eq=False)
class Refused:
    """Arguments that cannot be."""

    error: Exception


class Kind(Enum):
    """How a selected field is read."""

    TYPENAME = auto()
    PLAIN = auto()
    """JSON as it is: text, number, Boolean, or a list of them."""
    ENUM = auto()
    DATE_TIME = auto()
    OBJECT = auto()
    LINK = auto()
    BESIDE = auto()
    ROWS = auto()
    """Rows of a list, or the one row of an edge."""


_LEADING: Final = frozenset({Kind.LINK, Kind.ROWS})
_SEARCHED: Final = SEARCHED_TRAINING_JOB.type_name


@dataclass(frozen=True, slots=True)
class SelectedField:
    """One response key of a selection."""

    key: str
    kind: Kind
    name: str
    """The GraphQL field."""
    attribute: str
    """Of the object: where the value is, or for a link where the ARN is."""
    is_list: bool = False
    most: int | None = None
    """How many items a list has, where they lead on."""
    selections: tuple["Selection", ...] = ()
    """One, but for a link one per type that it can lead to."""
    source: Beside | None = None
    """What locates that which is kept beside the object."""
    arguments: PageArguments | Refused | None = None
    """What a list beside the object is asked with."""


class Selection:
    """The fields selected of a type, in the order of the response. Made by `intern` only."""

    __slots__ = (
        "__weakref__",
        "field_names",
        "fields",
        "is_searchable",
        "leads_to_search",
        "type_name",
    )

    def __init__(self, type_name: str, fields: tuple[SelectedField, ...]) -> None:
        self.type_name = type_name
        self.fields = fields
        self.field_names = {field.name for field in fields}
        self.is_searchable = type_name == _SEARCHED and self.field_names <= answered(
            SEARCHED_TRAINING_JOB
        )
        """Whether Search tells all that is selected of the object."""
        self.leads_to_search: bool = any(
            below.leads_to_search or (below.is_searchable and field.kind in _LEADING)
            for field in fields
            for below in field.selections
        )
        """Whether there may be such objects below."""


_interned: Final[WeakValueDictionary[Any, Selection]] = WeakValueDictionary()


def intern(type_name: str, fields: tuple[SelectedField, ...]) -> Selection:
    """Return the one `Selection` of these fields."""
    key = (type_name, fields)
    selection = _interned.get(key)
    if selection is None:
        selection = _interned[key] = Selection(type_name, fields)
    return selection


def wanted_of(selection: Selection) -> Wanted:
    """Return what a selection on a connection asks of it."""
    fields: set[str] = set()
    look_ahead = False
    for field in selection.fields:
        for below in field.selections:
            if field.kind is Kind.ROWS:
                fields |= below.field_names
            elif field.name == "edges":
                fields |= wanted_of(below).fields
            look_ahead = look_ahead or "hasNextPage" in below.field_names
    return Wanted(frozenset(fields), look_ahead)


def by_type(selections: tuple[Selection, ...]) -> Mapping[str, Selection]:
    """Return the selections by the type that they are of."""
    return {selection.type_name: selection for selection in selections}
