"""The least recently used values go first, and their sizes stay within the bound."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.execution.lru_cache import LruCache, TwoQueueCache


def test_value_that_was_used_last_stays() -> None:
    """A look-up counts as a use, so that another value is evicted."""
    cache: LruCache[str, int] = LruCache(3_000)
    cache.put("a", 1, 1_000)
    cache.put("b", 2, 1_000)
    assert cache.get("a") == 1

    cache.put("c", 3, 1_000)

    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_value_is_replaced() -> None:
    """A key holds the value that was put last, and counts with that value's size."""
    cache: LruCache[str, int] = LruCache(4_000)
    cache.put("a", 1, 3_000)
    cache.put("a", 2, 1_000)
    cache.put("b", 3, 2_000)

    assert (cache.get("a"), cache.get("b"), len(cache)) == (2, 3, 2)


def test_value_larger_than_the_bound_stays_alone() -> None:
    """One value always fits; it displaces all others and goes with the next."""
    cache: LruCache[str, int] = LruCache(3_000)
    cache.put("a", 1, 1_000)
    cache.put("large", 2, 100_000)
    assert (cache.get("large"), len(cache)) == (2, 1)

    cache.put("b", 3, 1_000)

    assert (cache.get("large"), cache.get("b")) == (None, 3)


def test_dropped_key_is_gone() -> None:
    """A dropped key holds nothing; dropping what is not there does nothing."""
    cache: LruCache[str, int] = LruCache(3_000)
    cache.put("a", 1, 2_000)
    cache.drop("a")
    cache.drop("a")

    assert cache.get("a") is None
    assert (len(cache), cache.bytes) == (0, 0)


def test_value_that_grows_evicts_others() -> None:
    """What a value grows by counts; for a key that is gone it does not."""
    cache: LruCache[str, int] = LruCache(4_000)
    cache.put("a", 1, 1_000)
    cache.put("b", 2, 1_000)
    before = cache.bytes
    cache.grow("c", 1_000)
    assert cache.bytes == before

    cache.grow("b", 2_000)

    assert (cache.get("a"), cache.get("b")) == (None, 2)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9))))
def test_sizes_stay_within_the_bound(puts: list[tuple[int, int]]) -> None:
    """After each put the value is there, and all sizes fit into the bound but for a single one."""
    cache: LruCache[int, int] = LruCache(12_000)
    for key, size in puts:
        cache.put(key, size, size * 1_000)

        held = [held for other in range(10) if (held := cache.get(other)) is not None]
        assert cache.get(key) == size
        assert sum(held) * 1_000 < cache.bytes <= 12_000
        assert len(held) == len(cache)


def test_value_asked_for_only_once_does_not_stay() -> None:
    """Values that nobody asks for again displace each other; one that was asked for stays."""
    cache: TwoQueueCache[int, int] = TwoQueueCache(2**24)
    cache.put(0, 0, 1_000)
    assert cache.get(0) == 0
    for key in range(1, 3_000):
        cache.put(key, key, 1_000)

    assert cache.get(0) == 0
    assert cache.peek(1) is None
    assert cache.peek(2_999) == 2_999
    cache.grow(2_999, 2**21)
    cache.put(3_000, 3_000, 1_000)
    assert cache.get(2_999) is None


def test_values_asked_for_in_turn_stay() -> None:
    """Keys that come again after more others than there is room for stay from then on."""
    cache: TwoQueueCache[int, int] = TwoQueueCache(2**24)
    for _ in range(2):
        for key in range(3_000):
            if cache.get(key) is None:
                cache.put(key, key, 1_000)

    assert all(cache.get(key) == key for key in range(3_000))
