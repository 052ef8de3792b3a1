"""The memory tier: bounded by bytes, read without waiting, and an aiocache backend all the same."""

import pytest
from aiocache.base import BaseCache
from hypothesis import given
from hypothesis import strategies as st

from gateway.aws.cache import Entry, MemoryCache


class Item(Entry):
    """An entry of a known size."""

    def __init__(self, size: int) -> None:
        super().__init__(None, "", 0.0, 0.0)
        self.size = size


def test_what_is_kept_is_found() -> None:
    """An entry is found by its key until it is dropped."""
    cache, item = MemoryCache(100), Item(1)
    cache.put("key", item)

    assert cache.peek("key") is item
    assert cache.peek("other") is None
    assert cache.drop("key")
    assert not cache.drop("key")
    assert cache.peek("key") is None
    assert (len(cache), cache.bytes) == (0, 0)


def test_newer_entry_takes_the_place_of_the_older() -> None:
    """One key has one entry, whose size alone is counted."""
    cache, item = MemoryCache(100), Item(20)
    cache.put("key", Item(90))
    cache.put("key", item)

    assert cache.peek("key") is item
    assert (len(cache), cache.bytes) == (1, 20)


def test_oldest_goes_when_memory_is_full() -> None:
    """Beyond the bound the entry that came first is forgotten first."""
    cache = MemoryCache(100)
    for name in "abcde":
        cache.put(name, Item(25))

    assert [name for name in "abcde" if cache.peek(name)] == ["b", "c", "d", "e"]
    assert cache.bytes == 100


def test_what_was_used_stays_longer() -> None:
    """An entry that was read since it came is passed over once."""
    cache = MemoryCache(100)
    for name in "abcd":
        cache.put(name, Item(25))
    cache.peek("a")
    cache.put("e", Item(25))

    assert [name for name in "abcde" if cache.peek(name)] == ["a", "c", "d", "e"]


def test_entry_larger_than_the_bound_is_not_kept() -> None:
    """What does not fit at all is forgotten at once, and the bound holds."""
    cache = MemoryCache(100)
    cache.put("small", Item(10))
    cache.put("large", Item(101))

    assert cache.peek("large") is None
    assert cache.bytes <= 100


def test_entry_that_grows_counts() -> None:
    """What is rendered from an entry is counted with it, and pushes others out."""
    cache, item = MemoryCache(100), Item(40)
    cache.put("other", Item(50))
    cache.put("key", item)
    cache.grow("key", item, 20)

    assert cache.peek("other") is None
    assert (cache.peek("key"), cache.bytes, item.size) == (item, 60, 60)


def test_entry_that_was_replaced_does_not_count() -> None:
    """What is rendered from an entry that is no longer there costs the new one nothing."""
    cache, old = MemoryCache(100), Item(10)
    cache.put("key", old)
    cache.put("key", Item(10))
    cache.grow("key", old, 50)

    assert (old.size, cache.bytes) == (10, 10)


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["keep", "peek", "drop", "grow"]),
        st.integers(0, 9),
        st.integers(0, 120),
    ),
    max_size=60,
)


@given(OPERATIONS)
def test_bytes_are_those_of_the_entries(operations: list[tuple[str, int, int]]) -> None:
    """Whatever happens, the count is the sum of what is there and never above the bound."""
    cache = MemoryCache(100)
    kept: dict[int, Item] = {}
    for operation, key, size in operations:
        if operation == "keep":
            kept[key] = Item(size)
            cache.put(key, kept[key])
        elif operation == "peek":
            assert cache.peek(key) in {None, kept.get(key)} if key not in kept else True
        elif operation == "drop":
            cache.drop(key)
        elif key in kept:
            cache.grow(key, kept[key], size)
        there = [item for key in range(10) if (item := cache._entries.get(key))]
        assert cache.bytes == sum(item.size for item in there) <= 100
        assert len(cache) == len(there)


@pytest.mark.anyio
async def test_it_is_an_aiocache_backend() -> None:
    """Through aiocache's own interface it is the same store."""
    cache, item = MemoryCache(100), Item(1)
    assert isinstance(cache, BaseCache)

    await cache.set("key", item)
    assert await cache.get("key") is item
    assert cache.peek("key") is item
    assert await cache.exists("key")
    assert await cache.multi_get(["key", "other"]) == [item, None]
    assert await cache.delete("key") == 1
    assert await cache.get("key", "nothing") == "nothing"
    await cache.set("key", item)
    await cache.clear()
    assert (len(cache), cache.bytes) == (0, 0)


def test_validity_lasts_while_the_entry_is_there() -> None:
    """Replaced, dropped, evicted or cleared: whoever was made of the entry can tell."""
    cache = MemoryCache(20)
    replaced, dropped, evicted, other = (Item(10) for _ in range(4))
    cache.put("a", replaced)
    cache.put("a", dropped)
    assert not replaced.validity.is_valid
    assert dropped.validity.is_valid
    cache.drop("a")
    assert not dropped.validity.is_valid
    cache.put("b", evicted)
    cache.put("c", other)
    cache.put("d", Item(10))
    assert not evicted.validity.is_valid
    assert other.validity.is_valid


def test_entry_used_through_its_validity_stays_longer() -> None:
    """Those who were made of an entry keep it in memory by their use, not by holding it."""
    cache = MemoryCache(20)
    used, unused = Item(10), Item(10)
    cache.put("used", used)
    cache.put("unused", unused)
    used.validity.used = True

    cache.put("new", Item(10))

    assert used.validity.is_valid
    assert not unused.validity.is_valid
    assert not used.validity.used
