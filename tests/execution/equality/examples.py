"""Examples for hypothesis: a world, and what is asked in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from gateway.execution.request import Request

from .dice import Dice
from .requests import draw_requests
from .worlds import World, draw_world


@dataclass(frozen=True)
class Example:
    """What is compared at once. Its representation can be pasted as a regression test."""

    world: World
    requests: tuple[Request, ...]


@st.composite
def examples(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Example:
    """Return the strategy of all examples."""
    dice = Dice(draw)
    return Example(draw_world(dice), draw_requests(dice))
