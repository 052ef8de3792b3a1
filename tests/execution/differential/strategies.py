"""Hypothesis' strategy: a scenario and the requests that are made in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from gateway.execution.request import Request

from .choices import Choices
from .request_generator import draw_requests
from .scenarios import Scenario, draw_scenario


@dataclass(frozen=True)
class Example:
    """A scenario and its requests. The `repr` can be pasted into a regression test."""

    scenario: Scenario
    requests: tuple[Request, ...]


@st.composite
def examples(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Example:
    """Return the strategy of all examples."""
    choices = Choices(draw)
    return Example(draw_scenario(choices), draw_requests(choices))
