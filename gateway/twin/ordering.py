"""Items at their places in an order."""

from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
Key = tuple[int | float | str, str]


class Entry(NamedTuple, Generic[T]):
    """An item at its place in an order; the key's second part makes it unique."""

    key: Key
    item: T


def key_of(entry: Entry[Any]) -> Key:
    """Return the key to sort and search by."""
    return entry.key
