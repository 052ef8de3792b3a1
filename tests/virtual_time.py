"""An event loop whose clock jumps to the next timer, so that seconds pass without a wait."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.clocks import PATIENCE

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Waits for no timer: what the loop would have waited is added to `seconds`."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready. Only a thread, which takes no virtual time, is waited for."""
        if timeout is None:
            ready = super().select(PATIENCE)
            assert ready, "nothing is left that could wake the loop"
            return ready
        self.seconds += max(timeout, 0)
        return super().select(0)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop for code that waits for timers, tasks and threads, not for sockets."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Return the seconds that have passed on this loop's clock."""
        return self._virtual.seconds


def run_in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """Return what the coroutine returns."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)
