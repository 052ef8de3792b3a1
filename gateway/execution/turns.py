"""Spread long work over many turns of the event loop, which serves others between them."""

import asyncio
from collections import deque
from typing import Final

MOST_FIELDS: Final = 500
"""Fields that are rendered in one turn: one or two milliseconds."""


class TurnIsOver(Exception):
    """More would take too long in this turn of the event loop."""


class Turns:
    """Counts the fields that are rendered in each turn of the event loop, for the whole process.

    Must be used in one event loop. Whoever waits is served first come, first served.
    """

    def __init__(self, most: int = MOST_FIELDS) -> None:
        self._most = most
        self._spent = 0
        self._is_planned = False
        """Whether the next turn will begin to count anew."""
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    @property
    def is_over(self) -> bool:
        """Whether nothing more may be rendered in this turn."""
        return self._spent >= self._most

    def spend(self, fields: int) -> None:
        """Count fields that are rendered now. Raises `TurnIsOver` where too many were already."""
        if self.is_over:
            raise TurnIsOver
        self._count(fields)

    def take(self, fields: int) -> asyncio.Future[None] | None:
        """Count fields to render. Return what to await before that, `None` if it may be now."""
        if not self.is_over:
            self._count(fields)
            return None
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((future, fields))
        return future

    def _count(self, fields: int) -> None:
        self._spent += fields
        if not self._is_planned:
            self._is_planned = True
            asyncio.get_running_loop().call_soon(self._begin_turn)

    def _begin_turn(self) -> None:
        self._spent = 0
        while self._waiting and not self.is_over:
            future, fields = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                self._spent += fields
        # After the tasks that were woken just now.
        self._is_planned = self._spent > 0
        if self._is_planned:
            asyncio.get_running_loop().call_soon(self._begin_turn)
