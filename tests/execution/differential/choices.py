"""Random choices drawn from hypothesis, so that a failing example can be shrunk."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@cache
def _below(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


class Choices:
    """Makes choices with a `draw` of hypothesis; the first alternative is the simplest."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def number_below(self, count: int) -> int:
        """Return a number from 0 to `count` - 1."""
        number: int = self._draw(_below(count)) if count > 1 else 0
        return number

    def chance(self, percent: int) -> bool:
        """Tell whether something happens that does so `percent` times in a hundred."""
        return self.number_below(100) >= 100 - percent

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.number_below(len(options))]

    def pick_some(self, options: Sequence[T], most: int) -> list[T]:
        """Return up to `most` of the options, not one of them twice."""
        picked = (self.pick(options) for _ in range(self.number_below(most + 1)))
        return list(dict.fromkeys(picked))
