"""References: fields that lead from one AWS answer to another.

A reference finds what a field leads to, and knows its cost in AWS calls. Both executors, the cost
and the Strawberry resolver call its methods, and know no kind of reference by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import strawberry

from gateway.aws.cache import Entry
from gateway.aws.call_budget import Cost
from gateway.aws.errors import Refused
from gateway.aws.loader import Key, Loader, Notice
from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import Resource
from gateway.aws.view_check import ViewKey
from gateway.grants import Grants, View
from gateway.schema.scopes import UnauthorizedFieldOrType
from gateway.settings import ListSettings

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    from gateway.schema.selection import Selection

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """The entry that a field leads to, and the selection on the object in it."""

    key: Key
    selection: "Selection"
    arn: str | None = None
    """The ARN that the entry must have; `None` for a resource that is identified by name."""
    searched: ResourceKey | None = None
    """The key of a record of Search that would answer the selection too."""
    owner: ResourceKey | None = None
    """The resource that must be in the caller's view, where it is not that of `key`."""
    check: ViewKey | None = None
    """The key of the entry that says whether the caller may see the resource."""
    is_in_view: ClassVar[bool] = False
    """Whether the caller is known to be allowed to see it."""

    def value(self, entry: Entry) -> Any:
        """Return the object that the entry holds; `None` when the entry has another ARN."""
        return entry.value if self.arn is None or entry.is_of(self.arn) else None

    def notice(self, entry: Entry, path: Path) -> Notice | None:
        """Return the notice about the entry for the field at `path`, if there is one."""
        return None

    def fallback(self, error: Exception) -> Any:
        """Return an object to show when reading the entry raised `error`. Raises it by default."""
        raise error


@dataclass(frozen=True, slots=True)
class NamedTarget(Target):
    """The entry that a client names by an argument."""

    def fallback(self, error: Exception) -> Any:
        """Raise `error`; if AWS refused the name, as `BadUserInput`."""
        raise error.to_bad_user_input() if isinstance(error, Refused) else error


@dataclass(frozen=True, slots=True)
class InPlace:
    """An object that a field leads to without any AWS call."""

    value: Any
    selection: "Selection"


Found = Target | InPlace | Exception | None
"""What a field leads to: an entry, an object, the error of the field, or nothing."""


class Costs(Protocol):
    """What a reference needs to work out its cost."""

    @property
    def settings(self) -> ListSettings:
        """The settings of lists."""

    def below(self, selection: "Selection") -> Cost:
        """Return the cost of the fields below one object."""

    def describe(self, selection: "Selection", *, calls: int = 1, objects: int = 1) -> Cost:
        """Return the cost of `calls` describes; Search may answer `objects` resources instead."""

    def check(self, selection: "Selection") -> Cost:
        """Return the cost of checking by its tags whether one resource is in the view."""


class Reference(ABC):
    """Says what a field leads to, and at which cost."""

    attributes: tuple[str, ...] = ()
    """The attributes of the object that `find` reads."""
    needs_spelling = False
    """Whether `find` needs the object's ARN in the right letter case."""

    def bind(self, arguments: Mapping[str, Any]) -> Hashable:
        """Return the field's arguments in a form that can be compared. Raises `BadUserInput`."""
        return None

    @abstractmethod
    def find(
        self, reader: Reader, root: Any, arguments: Any, selections: tuple["Selection", ...]
    ) -> Found | list[Found]:
        """Return what the field of `root` leads to, with the arguments as `bind` returned them.

        `selections` has one selection per object type that the field can hold. Raises `CodedError`,
        and whatever reading an attribute of an incomplete row raises.
        """

    @abstractmethod
    def cost(self, arguments: Any, selection: "Selection", costs: Costs) -> Cost:
        """Return the cost of the field for one object that it leads to."""

    def cost_below(self, arguments: Any, selection: "Selection", costs: Costs) -> Cost:
        """Return the part of the cost that is left where another field has read the object."""
        return costs.below(selection)


def find(
    reference: Reference,
    reader: Reader,
    root: Any,
    arguments: Any,
    selections: tuple["Selection", ...],
) -> Found | list[Found]:
    """Return what `reference` finds, as far as the caller of the operation may see it."""
    found = reference.find(reader, root, arguments, selections)
    if isinstance(found, list):
        return [_authorize(each) for each in found]
    return _authorize(found)


def _authorize(found: Found) -> Found:
    if not isinstance(found, Target | InPlace):
        return found
    if not found.selection.is_authorized:
        return UnauthorizedFieldOrType()
    view = found.selection.grants.view
    return found if view is None or isinstance(found, InPlace) else _look_through(view, found)


def _look_through(view: View, target: Target) -> Target | None:
    """Return the target if its resource can be in the view, with a check of what tags decide."""
    key = target.owner or target.key
    if target.is_in_view or not isinstance(key, ResourceKey) or not isinstance(key.kind, Resource):
        return target
    if not (view.has_place(key.kind.type_name, key.region) and view.has_name(key.name)):
        return None
    # A record of Search would serve before the check is read.
    return replace(target, check=ViewKey(key, view), searched=None) if view.tags else target


class Context(ABC):
    """What the resolvers of one operation share when graphql-core executes it."""

    def __init__(self, loader: Loader, grants: Grants) -> None:
        self.loader = loader
        self.grants = grants

    @abstractmethod
    def select(self, info: "GraphQLResolveInfo[Any]") -> tuple["Selection", ...]:
        """Return the selections on the field that is being resolved, one per object type."""

    @abstractmethod
    async def load(self, target: Target) -> Entry | None:
        """Return the entry of `target`; `None` if it is not in the caller's view.

        Raises what reading it raised.
        """

    @abstractmethod
    async def wait_for_turn(self, selection: "Selection") -> None:
        """Wait until an object may be completed without holding up the event loop for long."""


async def follow(
    reference: Reference, root: Any, info: strawberry.Info[Context, None], **arguments: Any
) -> Any:
    """Resolve a field: return the object, or a list of awaitables, that `reference` leads to.

    `arguments` that are `UNSET` were not given.
    An object of a list is awaited for itself, so that `@stream` need not wait for the whole list.
    Raises `CodedError`, and so may the awaitables.
    """
    raw = info._raw_info  # noqa: SLF001  # Strawberry's `selected_fields` does not merge or skip
    context, path = info.context, raw.path.as_list()
    given = {name: value for name, value in arguments.items() if value is not strawberry.UNSET}
    selections = context.select(raw)
    found = find(reference, context.loader.reader, root, reference.bind(given), selections)
    if not isinstance(found, list):
        return await _load(context, found, path)
    return [_Item(context, each, [*path, index]) for index, each in enumerate(found)]


@dataclass(frozen=True, slots=True)
class _Item:
    """Awaits one object of a list. Unlike a coroutine, it may be dropped without being awaited."""

    context: Context
    found: Found
    path: Sequence[str | int]

    def __await__(self) -> Generator[Any, None, Any]:
        return _load(self.context, self.found, self.path).__await__()


async def _load(context: Context, found: Found, path: Sequence[str | int]) -> Any:
    if isinstance(found, Exception):
        raise found
    if found is None:
        return None
    value = await _load_target(context, found, path) if isinstance(found, Target) else found.value
    await context.wait_for_turn(found.selection)
    return value


async def _load_target(context: Context, target: Target, path: Sequence[str | int]) -> Any:
    try:
        entry = await context.load(target)
    except Exception as error:  # noqa: BLE001  # `fallback` raises it, or shows something else
        return target.fallback(error)
    if entry is None:
        return None
    notice = target.notice(entry, tuple(path))
    if notice is not None:
        context.loader.notices.append(notice)
    return target.value(entry)
