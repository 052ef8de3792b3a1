"""A dictionary with a bound that evicts the least recently used values.

`cachetools.LRUCache` does the same, but a hit takes longer, and every request has one.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

_ITEM_BYTES: Final = 300
"""The place of a key and its value in the dictionary, and the tuple around the value."""

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
