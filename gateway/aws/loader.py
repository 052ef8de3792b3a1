"""The loader of one operation: it reads each key once and remembers the outcome.

As the DataLoader library does, but over the cache and the calls that the whole process shares. Both
executors, lists, tag filters, searches and subscriptions read through it, so that one response
shows one state of each resource.
"""

import asyncio
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Protocol, TypedDict

from gateway.aws.cache import Entry
from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import Resource

if TYPE_CHECKING:
    from gateway.aws.single_flight import Wait


class Key(Hashable, Protocol):
    """The key of an entry in the cache, which also knows how to read the entry."""

    async def read_entry(self, loader: "Loader") -> Entry:
        """Return the entry, read through `loader`. Raises `CodedError`."""


Outcome = Entry | Exception
"""The entry of a key, or the exception that reading it raised."""


class Notice(TypedDict):
    """An item of `extensions.notices`: something about a field that is no error."""

    path: list[str | int]
    code: str
    message: str


class Loader:
    """Reads for one operation; with `past_cache` only answers younger than a second are used."""

    def __init__(self, reader: Reader, *, past_cache: bool = False) -> None:
        self.reader = reader
        self.past_cache = past_cache
        self.notices: list[Notice] = []
        self.from_cache = 0
        """How many entries were in the cache."""
        self._outcomes: dict[Key, Outcome] = {}
        self._pending: dict[Key, asyncio.Future[None]] = {}
        self._begun: dict[Key, Wait[Entry]] = {}

    def peek(self, key: Key, now: float) -> Outcome | None:
        """Return the outcome of `key` if it is known without waiting; `None` otherwise.

        `now` is on the cache's clock. An entry of the cache is remembered: this operation goes on
        using it even if it is renewed or evicted. Must be called in the event loop.
        """
        outcome = self._outcomes.get(key)
        if outcome is None and not self.is_reading(key):
            peek = self.reader.peek_new if self.past_cache else self.reader.peek
            outcome = peek(key, now)
            if outcome is not None:
                self._outcomes[key] = outcome
                self.from_cache += 1
        return outcome

    def is_reading(self, key: Key) -> bool:
        """Tell whether `key` is being read."""
        return key in self._pending or key in self._begun

    async def load(self, key: Key) -> Entry:
        """Return the entry of `key`. Raises what reading it raised, each time it is asked for."""
        outcome = await self.load_known(key)
        if isinstance(outcome, Exception):
            # Each raise would lengthen the traceback that the exception holds.
            raise outcome.with_traceback(None)
        return outcome

    async def load_known(self, key: Key) -> Outcome:
        """Return the outcome of `key`, whether or not `peek` knows it."""
        return self.peek(key, self.reader.clock()) or await self.load_outcome(key)

    def begin_call(self, key: Key) -> None:
        """Begin the AWS call that `load_outcome` will wait for, if `key` is that of a resource.

        With many requests at once, the event loop would begin the call only after it has started
        the tasks of all of them.
        """
        if isinstance(key, ResourceKey) and key not in self._begun:
            try:
                self._begun[key] = self.reader.fetch_entry(key)
            except Exception as error:  # noqa: BLE001  # `load` raises it
                self.set_outcome(key, error)

    async def load_outcome(self, key: Key) -> Outcome:
        """Return the outcome of a key of which `peek` knows nothing."""
        while (pending := self._pending.get(key)) is not None:
            # The task that reads it may be cancelled: then the next task that waits reads it.
            await asyncio.wait([pending])
        known = self._outcomes.get(key)
        return known if known is not None else await self._read(key)

    async def _read(self, key: Key) -> Outcome:
        pending = self._pending[key] = asyncio.get_running_loop().create_future()
        try:
            begun = self._begun.pop(key, None)
            outcome: Outcome = await (key.read_entry(self) if begun is None else begun)
        except Exception as error:  # noqa: BLE001  # any error becomes that of a field
            outcome = error
        finally:
            del self._pending[key]
            pending.set_result(None)
        self._outcomes[key] = outcome
        return outcome

    async def search_resources(self, resource: Resource, region: str, names: Iterable[str]) -> None:
        """Search for resources by name, so that `peek` returns the records of those found."""
        assert resource.search is not None
        for name, entry in (await self.reader.search.find_entries(resource, region, names)).items():
            self._outcomes[ResourceKey(resource.search, region, name)] = entry

    def set_outcome(self, key: Key, outcome: Outcome) -> None:
        """Set the outcome of `key`, which is then not read."""
        self._outcomes[key] = outcome

    @property
    def entries(self) -> list[Entry]:
        """The entries that were read."""
        return [each for each in self._outcomes.values() if isinstance(each, Entry)]
