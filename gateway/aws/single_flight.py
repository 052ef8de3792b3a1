"""Single flight: callers who want the same thing at the same time share one run of the work."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Flight(Generic[V]):
    __slots__ = ("task", "waiting")

    def __init__(self, task: asyncio.Task[V]) -> None:
        self.task = task
        self.waiting = 0


class SingleFlight(Generic[K, V]):
    """At most one running task per key, in one event loop."""

    def __init__(self) -> None:
        self._flights: dict[K, _Flight[V]] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._flights

    async def join(self, key: K, work: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Return what the running work for `key` returns, starting `work` if none runs.

        A caller that is cancelled leaves the others' work alone; the last one to leave stops it.
        """
        flight = self._flights.get(key) or self.start(key, work)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._leave(key, flight)
                flight.task.cancel()

    def start(self, key: K, work: Callable[[], Coroutine[Any, Any, V]]) -> _Flight[V]:
        """Start `work` for `key`, for which none may be running; whoever comes next joins it."""
        flight = self._flights[key] = _Flight(asyncio.create_task(work()))
        flight.task.add_done_callback(lambda task: self._land(key, flight, task))
        return flight

    def _land(self, key: K, flight: _Flight[V], task: asyncio.Task[V]) -> None:
        self._leave(key, flight)
        if not task.cancelled():
            # Seen, or asyncio would report the failure of work that nobody waits for any more.
            task.exception()

    def _leave(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
