"""Selections: selection sets compiled against one object type.

Equal selections are the same object, in whatever operation they stand: so JSON that was rendered
for one operation serves the others.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from gateway.grants import Grants
from gateway.schema.identity import root_type_named
from gateway.schema.rows import answered_by_search

if TYPE_CHECKING:
    from gateway.schema.fields import Derived
    from gateway.schema.references import Reference


class Kind(Enum):
    """How the value of a selected field is read and written."""

    TYPENAME = auto()
    PLAIN = auto()
    """JSON as it is: text, number, Boolean, or a list of them."""
    ENUM = auto()
    DATE_TIME = auto()
    LONG_AS_TEXT = auto()
    OBJECT = auto()
    DERIVED = auto()
    REFERENCE = auto()
    """It leads to another AWS answer."""
    UNAUTHORIZED = auto()
    """The caller may not see it."""


@dataclass(frozen=True, slots=True, eq=False)
class WrongArguments:
    """Stands for the arguments of a field when they are wrong."""

    error: Exception


@dataclass(frozen=True, slots=True)
class SelectedField:
    """One response key of a selection, and how its value is found."""

    key: str
    kind: Kind
    name: str
    """The GraphQL field."""
    attribute: str = ""
    """The attribute with the value."""
    is_list: bool = False
    most: int | None = None
    """The most items of a list whose items have references."""
    selections: tuple["Selection", ...] = ()
    """One per object type that the field can hold."""
    source: "Reference | Derived | None" = None
    arguments: Hashable = None
    """The arguments as the reference binds them, or `WrongArguments`."""
    is_secret: bool = False
    """Whether callers need the scope for secrets to see the value."""


_NUMBERS: Final = count()


class Selection:
    """The fields that a caller with certain grants selects on a type. Create it by `intern`.

    The fields are in the order of the response.
    """

    __slots__ = (
        "__weakref__",
        "_weight",
        "field_count",
        "field_names",
        "fields",
        "grants",
        "is_authorized",
        "is_searchable",
        "key_bytes",
        "leads_to_search",
        "number",
        "secret_members",
        "type_name",
    )

    def __init__(
        self,
        type_name: str,
        fields: tuple[SelectedField, ...],
        grants: Grants,
        *,
        is_authorized: bool = True,
    ) -> None:
        self.number = next(_NUMBERS)
        """No other selection has it, nor ever had: so a cache need not keep the selection."""
        self.type_name = type_name
        self.fields = fields
        self.grants = grants
        self.is_authorized = is_authorized
        """Whether the caller may see objects of the type."""
        self.key_bytes = sum(len(field.key) for field in fields) + 4 * len(fields)
        """The bytes that the keys take in the JSON of one object, at the least."""
        self.field_names = {field.name for field in fields if field.kind is not Kind.UNAUTHORIZED}
        self.field_count: int = len(fields) + sum(
            below.field_count
            for field in fields
            if field.kind is not Kind.REFERENCE
            for below in field.selections
        )
        """The fields of an object with those of the objects in it, each list counted as one."""
        root = root_type_named(type_name)
        self._weight: int | None = None
        self.is_searchable = root is not None and self.field_names <= answered_by_search(root)
        """Whether Search answers all fields of the selection."""
        self.leads_to_search: bool = any(
            below.leads_to_search or (below.is_searchable and field.kind is Kind.REFERENCE)
            for field in fields
            for below in field.selections
        )
        """Whether a field below leads to objects that Search may answer."""
        is_noted = grants.scopes is not None and not grants.redacts
        self.secret_members: tuple[str, ...] = _secret_members(fields) if is_noted else ()
        """What is secret in an object and those in it: paths of fields, each once.

        Empty where the caller has not been given the scope for secrets by name.
        """

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes, with the selections below it."""
        if self._weight is None:
            found = {self}
            left = [self]
            while left:
                below = {each for field in left.pop().fields for each in field.selections} - found
                found |= below
                left += below
            self._weight = sum(each.own_weight() for each in found)
        return self._weight

    def own_weight(self) -> int:
        """Return about how many bytes of memory it takes without what is below it."""
        return _SELECTION_BYTES + sum(_FIELD_BYTES + len(field.key) for field in self.fields)


def _secret_members(fields: tuple[SelectedField, ...]) -> tuple[str, ...]:
    """Return the paths of the secret fields, without those of resources that are links."""
    found: set[str] = set()
    for field in fields:
        if field.is_secret:
            found.add(field.name)
            continue
        for below in field.selections:
            if root_type_named(below.type_name) is None:
                found |= {f"{field.name}.{member}" for member in below.secret_members}
    return tuple(sorted(found))


_SELECTION_BYTES: Final = 800
_FIELD_BYTES: Final = 320
_interned: Final[WeakValueDictionary[Any, Selection]] = WeakValueDictionary()


def intern(
    type_name: str,
    fields: tuple[SelectedField, ...],
    grants: Grants,
    *,
    is_authorized: bool = True,
) -> Selection:
    """Return the one `Selection` of these fields and grants."""
    key = (type_name, fields, grants, is_authorized)
    selection = _interned.get(key)
    if selection is None:
        selection = _interned[key] = Selection(
            type_name, fields, grants, is_authorized=is_authorized
        )
    return selection


def by_type(selections: tuple[Selection, ...]) -> Mapping[str, Selection]:
    """Return the selections by the name of their type."""
    return {selection.type_name: selection for selection in selections}
