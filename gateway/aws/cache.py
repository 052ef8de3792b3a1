"""The memory tier of the cache: an aiocache backend that is bounded and can be read synchronously.

aiocache's own memory backend has no bound and can only be awaited (version 0.12.3); compiled plans
read without awaiting. This is the only module that imports aiocache.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Protocol

from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer


class Mark:
    """What those know of an entry who were made of it and must not keep it in memory."""

    __slots__ = ("is_good", "used")

    def __init__(self) -> None:
        self.is_good = True
        """`False` once the entry left the cache, or AWS failed to give a newer one."""
        self.used = False
        """Set by them, as `Sized.used` is by readers of the entry."""


class Sized(Protocol):
    """What the cache needs to know of a value that it holds."""

    mark: Mark

    size: int
    """Bytes of memory that the value is taken to use."""
    used: bool
    """Set by whoever reads the entry."""


class MemoryCache(BaseCache):  # type: ignore[misc]  # aiocache has no type hints
    """Entries by key; beyond `max_bytes` those go that were not used for longest.

    Use is noted by a mark on the entry alone, and an entry with a mark is passed over once when
    room is made (the CLOCK approximation of least recently used): moving it in an order at each
    read costs more than the read.

    The synchronous door is `peek`, `keep`, `drop` and `grow`; the rest of
    aiocache's interface is the same store behind `await`.
    """

    NAME = "bounded-memory"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(serializer=NullSerializer(), timeout=0)
        self.max_bytes = max_bytes
        self.bytes = 0
        self._entries: OrderedDict[Any, Sized] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def peek(self, key: Any) -> Any:
        """Return the entry of `key` and mark it used; `None` when there is none.

        Whether its time is up is for the caller to see, who has looked at the clock already.
        """
        entry = self._entries.get(key)
        if entry is not None:
            entry.used = True
        return entry

    def keep(self, key: Any, entry: Sized) -> None:
        """Put `entry` in place of what `key` held, and evict what no longer fits."""
        self.drop(key)
        self._entries[key] = entry
        self.bytes += entry.size
        self._evict()

    def drop(self, key: Any) -> bool:
        """Forget `key`; tell whether it was there."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        self.bytes -= entry.size
        entry.mark.is_good = False
        return True

    def grow(self, key: Any, entry: Sized, size: int) -> None:
        """Count `size` bytes more for `entry`, unless `key` holds another one by now."""
        if self._entries.get(key) is entry:
            entry.size += size
            self.bytes += size
            self._evict()

    def _evict(self) -> None:
        while self.bytes > self.max_bytes and self._entries:
            key, entry = self._entries.popitem(last=False)
            if entry.used or entry.mark.used:
                entry.used = entry.mark.used = False
                self._entries[key] = entry
            else:
                self.bytes -= entry.size
                entry.mark.is_good = False

    async def _get(self, key: Any, encoding: str = "", _conn: Any = None) -> Any:
        return self.peek(key)

    async def _multi_get(self, keys: Iterable[Any], encoding: str = "", _conn: Any = None) -> Any:
        return [self.peek(key) for key in keys]

    async def _set(
        self, key: Any, value: Any, ttl: Any = None, _cas_token: Any = None, _conn: Any = None
    ) -> bool:
        self.keep(key, value)
        return True

    async def _exists(self, key: Any, _conn: Any = None) -> bool:
        return self.peek(key) is not None

    async def _delete(self, key: Any, _conn: Any = None) -> int:
        return int(self.drop(key))

    async def _clear(self, namespace: Any = None, _conn: Any = None) -> bool:
        for entry in self._entries.values():
            entry.mark.is_good = False
        self._entries.clear()
        self.bytes = 0
        return True

    def _build_key(self, key: Any, namespace: Any = None) -> Any:
        return key
