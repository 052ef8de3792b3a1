"""What the parts of one process have to know of its end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

_LONGEST_FAREWELL: Final = 1.0
"""Seconds after which a client that reads no more is not waited for."""

Farewell = Callable[[], Awaitable[None]]
"""Ends something that would not end by itself, such as a subscription."""


class Shutdown:
    """Begun when the process is told to stop; it still answers, until the farewells are said."""

    def __init__(self) -> None:
        self._begun = False
        self._farewells: dict[object, Farewell] = {}

    @property
    def not_ready(self) -> str | None:
        """Why no more requests should be sent, or `None` when they may."""
        return "The gateway is shutting down." if self._begun else None

    def begin(self) -> None:
        """Say not-ready from now on. May be called from a signal handler."""
        self._begun = True

    @contextmanager
    def on_farewell(self, farewell: Farewell) -> Iterator[None]:
        """Have `farewell` called if the process stops taking requests within this context.

        For what outlives requests; those are waited for.
        """
        key = object()
        self._farewells[key] = farewell
        try:
            yield
        finally:
            self._farewells.pop(key, None)

    async def say_farewells(self) -> None:
        """End what would not end by itself."""
        if self._farewells:
            farewells = [asyncio.ensure_future(say()) for say in self._farewells.values()]
            _, late = await asyncio.wait(farewells, timeout=_LONGEST_FAREWELL)
            for farewell in late:
                farewell.cancel()
