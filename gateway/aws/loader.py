"""What the resolvers of one operation share."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypedDict

from gateway.aws.entry import Entry
from gateway.aws.pagination.cached import ListKey
from gateway.aws.pagination.lookup import ExecutionKey
from gateway.aws.pagination.merge import Tags
from gateway.aws.pagination.pages import PageKey
from gateway.aws.reader import NEW_ENOUGH, EntryKey, Reader, ResourceKey
from gateway.aws.resources import TAGS


class Notice(TypedDict):
    """What a client should know of a field that holds no error."""

    path: list[str | int]
    code: str
    message: str


@dataclass(slots=True)
class OperationContext:
    """The way to AWS, and what one operation has read: each resource once."""

    reader: Reader
    fresh: bool = False
    """Read past the cache."""
    entries: dict[ResourceKey | ExecutionKey | PageKey, Entry] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    cached: set[EntryKey | PageKey] = field(default_factory=set)
    """What of it took no call, and no waiting for another's."""
    begun: dict[ResourceKey, asyncio.Task[Entry]] = field(default_factory=dict)
    """Calls begun for it before anybody waits for them."""
    _failures: dict[PageKey, Exception] = field(default_factory=dict)
    _tags: dict[ResourceKey, Entry | Exception] = field(default_factory=dict)

    async def read(self, key: ResourceKey | ExecutionKey, arn: str | None = None) -> object:
        """Return the object of a resource; `None` when there is none, or it is not that of `arn`.

        Raises `UpstreamError`.
        """
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = await self.read_entry(key)
        return entry.value if arn is None or entry.is_of(arn) else None

    async def read_entry(self, key: EntryKey) -> Entry:
        """Return the entry of a resource, a list or an execution. Raises `CodedError`."""
        if isinstance(key, ListKey):
            return await self.reader.lists.read(key, self)
        if isinstance(key, ExecutionKey):
            return await self.reader.executions.read(key, self)
        return await (self._read_tags if key.resource is TAGS else self._read_resource)(key)

    async def _read_tags(self, key: ResourceKey) -> Entry:
        # Filters look at tags before they are known to be selected, so there are two who ask.
        known = self._tags.get(key)
        if known is None:
            try:
                known = await self._read_resource(key)
            except Exception as error:  # noqa: BLE001  # raised again, below
                known = error
            self._tags[key] = known
        if isinstance(known, Exception):
            raise known
        return known

    async def _read_resource(self, key: ResourceKey) -> Entry:
        begun = self.begun.get(key)
        if begun is not None and begun.done() and not begun.cancelled():
            # It may be over before anybody came to wait, and not be kept where nothing is cached.
            return begun.result()
        entry = self._peek(key)
        if entry is not None:
            self.cached.add(key)
            return entry
        return await (self.reader.refresh if self.fresh else self.reader.read)(key)

    def _peek(self, key: ResourceKey) -> Entry | None:
        if self.fresh:
            return self.reader.peek_new(key)
        return self.reader.peek(key, self.reader.clock())

    def peek_page(self, key: PageKey) -> Entry | None:
        """Return a page of a list if that takes no AWS call."""
        entry = self.entries.get(key)
        if entry is None:
            most_age = NEW_ENOUGH if self.fresh else math.inf
            entry = self.reader.pages.peek(key, most_age)
            if entry is not None:
                self.entries[key] = entry
                self.cached.add(key)
        return entry

    async def read_page(self, key: PageKey) -> Entry:
        """Return a page of a list as AWS has it now. Raises `CodedError`."""
        failure = self._failures.get(key)
        if failure is not None:
            # The executions of several jobs are looked for on the same page.
            raise failure
        try:
            entry = self.entries[key] = await self.reader.pages.fetch(key)
        except Exception as error:
            self._failures[key] = error
            raise
        return entry

    async def has_tags(self, arn: str, tags: Tags) -> bool:
        """Tell whether the resource of `arn` has all of `tags`. Raises `CodedError`."""
        entry = await self.read_entry(self.reader.key_of_tags(arn))
        found: Any = entry.value
        held = {tag.key: tag.value for tag in found or ()}
        return all(key in held and value in {None, held[key]} for key, value in tags)


@dataclass(slots=True, kw_only=True)
class SubscriptionContext(OperationContext):
    """What the source of a subscription's events shares; each event has a context of its own."""

    pause: Callable[[], Awaitable[None]]
    """Returns when it is time to look again."""
