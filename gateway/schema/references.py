"""References: fields that lead from one AWS answer to another.

A reference finds what a field leads to, and says how many AWS calls that can cause. Both executors,
the cost and the Strawberry resolver ask it, and know no kind of reference by name.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gateway.aws.cache import Entry
from gateway.aws.call_budget import Cost
from gateway.aws.errors import Refused
from gateway.aws.loader import Key, Loader, Notice
from gateway.aws.reader import Reader, ResourceKey
from gateway.settings import ListSettings

if TYPE_CHECKING:
    import strawberry
    from graphql import GraphQLResolveInfo

    from gateway.schema.selection import Selection

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """An entry that a field leads to, and what is selected of it."""

    key: Key
    selection: "Selection"
    arn: str | None = None
    """The ARN that the entry must be of; `None` when it was asked for by name."""
    searched: ResourceKey | None = None
    """The key of the record of Search that answers the selection too."""

    def value(self, entry: Entry) -> Any:
        """Return the object that the entry holds, `None` when it is not the one that is meant."""
        return entry.value if self.arn is None or entry.is_of(self.arn) else None

    def notice(self, entry: Entry, path: Path) -> Notice | None:
        """Return what the client should know of the entry at `path`, if there is anything."""
        return None

    def fallback(self, error: Exception) -> Any:
        """Return what to show although reading the entry failed. Raises `error` without it."""
        raise error


@dataclass(frozen=True, slots=True)
class NamedTarget(Target):
    """An entry that the caller named by an argument, so that what AWS refuses the caller wrote."""

    def fallback(self, error: Exception) -> Any:
        """Raise `error`, as `BadUserInput` where AWS refused the name."""
        raise error.to_bad_user_input() if isinstance(error, Refused) else error


@dataclass(frozen=True, slots=True)
class InPlace:
    """An object that a field leads to without any AWS call."""

    value: Any
    selection: "Selection"


Found = Target | InPlace | Exception | None
"""What a field leads to: an entry, an object, an error or nothing."""


class Costs(Protocol):
    """What a reference needs to work out its cost."""

    @property
    def settings(self) -> ListSettings:
        """The settings of lists."""

    def below(self, selection: "Selection") -> Cost:
        """Return the calls below one object."""

    def describe(self, selection: "Selection", *, calls: int = 1, objects: int = 1) -> Cost:
        """Return so many describes of objects, which may be searched for instead."""


class Reference(ABC):
    """How a field leads to other AWS answers."""

    attributes: tuple[str, ...] = ()
    """The attributes of the object that say where it leads."""
    needs_spelling = False
    """Whether it depends on the letter case of the object's ARN."""

    def bind(self, arguments: Mapping[str, Any]) -> Hashable:
        """Return the field's arguments in a form that can be compared. Raises `BadUserInput`."""
        return None

    @abstractmethod
    def find(
        self, reader: Reader, root: Any, arguments: Any, selections: tuple["Selection", ...]
    ) -> Found | list[Found]:
        """Return what the field of `root` leads to, given `arguments` that `bind` returned.

        `selections` has one selection per object type that the field can hold. Raises `CodedError`,
        and what reading an attribute of a row raises that has not all.
        """

    @abstractmethod
    def cost(self, arguments: Any, selection: "Selection", costs: Costs) -> Cost:
        """Return the most AWS calls that one object that the field leads to can cause."""


class Context(ABC):
    """What the resolvers of one operation share when graphql-core executes it."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    @abstractmethod
    def select(self, info: "GraphQLResolveInfo[Any]") -> tuple["Selection", ...]:
        """Return what is selected of the field that is resolved, by type."""


async def follow(
    reference: Reference, root: Any, info: "strawberry.Info[Context, None]", **arguments: Any
) -> Any:
    """Resolve a field: return the object, or the objects, that `reference` leads to.

    Raises `CodedError`; among several objects an exception is the error of its place alone.
    """
    raw = info._raw_info  # noqa: SLF001  # Strawberry's `selected_fields` does not merge or skip
    context, path = info.context, raw.path.as_list()
    found = reference.find(
        context.loader.reader, root, reference.bind(arguments), context.select(raw)
    )
    if not isinstance(found, list):
        return await _load(context.loader, found, path)
    loads = (_load(context.loader, each, [*path, index]) for index, each in enumerate(found))
    return await asyncio.gather(*loads, return_exceptions=True)


async def _load(loader: Loader, found: Found, path: Sequence[str | int]) -> Any:
    if isinstance(found, Exception):
        raise found
    if not isinstance(found, Target):
        return None if found is None else found.value
    try:
        entry = await loader.load(found.key)
    except Exception as error:  # noqa: BLE001  # whatever it is, the target knows what to show
        return found.fallback(error)
    notice = found.notice(entry, tuple(path))
    if notice is not None:
        loader.notices.append(notice)
    return found.value(entry)
