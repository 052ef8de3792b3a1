"""A dictionary with a bound that evicts the least recently used values.

`cachetools.LRUCache` does the same, but a hit takes longer, and every request has one.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """Values by key. The sum of their sizes is at most `max_size`; one value always fits."""

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._size = 0
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
        """Add `value`, whose `size` has the unit of the bound, and evict others if need be."""
        self.drop(key)
        self._items[key] = (value, size)
        self._size += size
        while self._size > self._max_size and len(self._items) > 1:
            self.drop(next(iter(self._items)))

    def drop(self, key: K) -> None:
        """Forget `key`."""
        item = self._items.pop(key, None)
        if item is not None:
            self._size -= item[1]
