"""Dictionaries with a bound that evict the least recently used values.

`cachetools.LRUCache` does the same, but a hit takes longer, and every request has one.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

_ITEM_BYTES: Final = 300
"""The place of a key and its value in the dictionary, and the tuple around the value."""

_PROBATION_BYTES: Final = 1024 * 1024
_MOST_SEEN: Final = 20_000
"""Keys of which is remembered that they were put before."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """Values by key, which take at most `max_bytes` of memory together; one always fits."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.bytes = 0
        """The memory that keys and values are taken to use."""
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: K) -> V | None:
        """Return the value of `key` and mark it used."""
        item = self._items.get(key)
        if item is None:
            return None
        self._items.move_to_end(key)
        return item[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Add `value`, which takes `size` bytes together with its key, and evict others if need be.

        `size` counts all that would be freed with the two.
        """
        self.drop(key)
        self._items[key] = (value, size + _ITEM_BYTES)
        self.bytes += size + _ITEM_BYTES
        self._evict()

    def size(self, key: K) -> int:
        """Return how many bytes `key` and its value are taken to use, 0 when there is none."""
        item = self._items.get(key)
        return 0 if item is None else item[1]

    def grow(self, key: K, size: int) -> None:
        """Count `size` bytes more for a value that has grown, if it is still here."""
        item = self._items.get(key)
        if item is not None:
            self._items[key] = (item[0], item[1] + size)
            self.bytes += size
            self._evict()

    def _evict(self) -> None:
        while self.bytes > self._max_bytes and len(self._items) > 1:
            self.drop(next(iter(self._items)))

    def drop(self, key: K) -> int:
        """Forget `key`. Return the size of its value, 0 when there is none."""
        item = self._items.pop(key, None)
        if item is None:
            return 0
        self.bytes -= item[1]
        return item[1] - _ITEM_BYTES


class TwoQueueCache(Generic[K, V]):
    """Values by key, at most `max_bytes` of them; those asked for only once do not stay long.

    A new value is on probation, with little room, until it is asked for or put again. So keys that
    never repeat displace no others, and end before the garbage collector takes them for long-lived.
    Source: Johnson and Shasha, 2Q: A Low Overhead High Performance Buffer Management Replacement
    Algorithm, 1994.
    """

    def __init__(self, max_bytes: int) -> None:
        self._kept: LruCache[K, V] = LruCache(max_bytes)
        self._on_probation: LruCache[K, V] = LruCache(min(_PROBATION_BYTES, max_bytes))
        self._seen: dict[int, None] = {}
        """The hashes of keys that were put, also of those whose values are gone."""

    def get(self, key: K) -> V | None:
        """Return the value of `key`, which stays from now on."""
        value = self._kept.get(key)
        if value is None:
            value = self._on_probation.get(key)
            if value is not None:
                self._kept.put(key, value, self._on_probation.drop(key))
        return value

    def peek(self, key: K) -> V | None:
        """Return the value of `key` for the one who has put it."""
        value = self._kept.get(key)
        return self._on_probation.get(key) if value is None else value

    def put(self, key: K, value: V, size: int) -> None:
        """Add a new `value`, which takes `size` bytes together with its key."""
        seen = hash(key)
        if seen in self._seen:
            self._kept.put(key, value, size)
            return
        if len(self._seen) >= _MOST_SEEN:
            del self._seen[next(iter(self._seen))]
        self._seen[seen] = None
        self._on_probation.put(key, value, size)

    def size(self, key: K) -> int:
        """Return how many bytes `key` and its value are taken to use, 0 when there is none."""
        return self._kept.size(key) or self._on_probation.size(key)

    def drop(self, key: K) -> None:
        """Forget `key`."""
        self._kept.drop(key)
        self._on_probation.drop(key)

    def grow(self, key: K, size: int) -> None:
        """Count `size` bytes more for a value that has grown, if it is still here."""
        self._kept.grow(key, size)
        self._on_probation.grow(key, size)
