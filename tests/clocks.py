"""Clocks that stand still until a test moves them, so that no test sleeps."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

NOW: Final = datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC)
"""The instant at which the twin's clock stands."""

# What tests wait for happens in other threads and tasks, which give no signal: hence the loops at
# the end of this module, and their `noqa`.
PATIENCE: Final = 10.0
"""Seconds after which what should happen at once is taken never to happen."""


class Clock:
    """The gateway's clock: seconds, as `time.monotonic` counts them."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        """Return the seconds."""
        return self.seconds

    def now(self) -> float:
        """Return the seconds since 1970."""
        return NOW.timestamp() + self.seconds

    def advance(self, seconds: float) -> None:
        """Let time pass, and wake whoever has slept long enough."""
        self.seconds += seconds
        for until, sleeper in self._sleepers:
            if until <= self.seconds and not sleeper.done():
                sleeper.set_result(None)

    async def sleep(self, seconds: float) -> None:
        """Wait until so much time has passed on this clock."""
        sleeper = (self.seconds + seconds, asyncio.get_running_loop().create_future())
        self._sleepers.append(sleeper)
        try:
            await sleeper[1]
        finally:
            self._sleepers.remove(sleeper)

    @property
    def sleepers(self) -> int:
        """How many sleep."""
        return len(self._sleepers)

    def sleeping(self, seconds: float) -> int:
        """Return how many sleep for exactly so much longer."""
        return sum(until == self.seconds + seconds for until, _ in self._sleepers)


class TwinClock:
    """The twin's clock, which it reads once in every call that it answers.

    So it can hold calls back, and a test can tell what was under way at once without measuring
    time: `meet` lets none pass before all have come, `close` none before `open`.
    """

    def __init__(self) -> None:
        self.meet: threading.Barrier | None = None
        self._gate = threading.Event()
        self._gate.set()

    def __call__(self) -> datetime:
        """Return the one instant that this clock knows."""
        if self.meet is not None:
            self.meet.wait(PATIENCE)
        assert self._gate.wait(PATIENCE), "nobody opened the clock again"
        return NOW

    def close(self) -> None:
        """Hold every call back from now on."""
        self._gate.clear()

    def open(self) -> None:
        """Let all calls pass."""
        self.meet = None
        self._gate.set()


async def until(condition: Callable[[], object]) -> None:
    """Let the event loop run until the condition holds. Fails when it never does."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def until_true(ask: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until the answer is yes. Fails when it never is."""
    async with asyncio.timeout(PATIENCE):
        while not await ask():  # noqa: ASYNC110
            await asyncio.sleep(0)
