"""How much memory values take: what caches are charged for them."""

import sys
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final

_SHARED: Final = (bool, type(None), Enum)
"""Values of which there is one object, whoever refers to it."""
_LEAVES: Final = (str, bytes, int, float, datetime)


def weigh(value: Any) -> int:
    """Return about how many bytes a tree of values takes: texts, numbers, lists, maps, objects.

    What is in the tree twice counts twice. A class is not counted, nor what it holds.
    """
    total = 0
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, _SHARED):
            continue
        total += sys.getsizeof(each)
        if isinstance(each, _LEAVES):
            continue
        if isinstance(each, Mapping):
            left.extend(each.keys())
            left.extend(each.values())
        elif isinstance(each, list | tuple | set | frozenset):
            left.extend(each)
        elif hasattr(each, "__dict__"):
            members = vars(each)
            # The names of attributes are shared by all objects of a class.
            total += sys.getsizeof(members)
            left.extend(members.values())
    # Allocators round up, and leave gaps.
    return total * 11 // 10
