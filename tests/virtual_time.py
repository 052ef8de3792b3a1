"""An event loop whose clock jumps to the next timer, so that seconds pass without a wait."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Never waits: what the loop would have waited is added to `seconds`."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready now. Fails where the loop would wait for ever."""
        assert timeout is not None, "nothing is left that could wake the loop"
        self.seconds += max(timeout, 0)
        return super().select(0)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop for code that waits for timers and tasks only, not for sockets or threads."""

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
