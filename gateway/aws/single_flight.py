"""Single flight: callers who ask for the same key at the same time share one task."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Hashable
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

    def join(self, key: K, work: Callable[[], Coroutine[Any, Any, V]]) -> "Wait[V]":
        """Return the wait for the task of `key`; without a running one, `work` becomes it now.

        A caller that is cancelled while it waits does not stop the task while others wait for it;
        the last one does. Must be called in the event loop. Raises what calling `work` raises.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(work()))
            flight.task.add_done_callback(lambda task: self._finish(key, flight, task))
        flight.waiting += 1
        return Wait(flight, lambda: self._stop(key, flight))

    def _finish(self, key: K, flight: _Flight[V], task: asyncio.Task[V]) -> None:
        self._forget(key, flight)
        if not task.cancelled():
            # Or asyncio would report the exception of a task that nobody waits for any more.
            task.exception()

    def _stop(self, key: K, flight: _Flight[V]) -> None:
        self._forget(key, flight)
        flight.task.cancel()

    def _forget(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


class Wait(Generic[V]):
    """One caller's wait for a shared task, to be awaited once.

    A task that nobody awaits runs to its end.
    """

    __slots__ = ("_flight", "_stop")

    def __init__(self, flight: _Flight[V], stop: Callable[[], None]) -> None:
        self._flight = flight
        self._stop = stop

    def __await__(self) -> Generator[Any, None, V]:
        """Return what the task returns. Raises what it raises."""
        flight = self._flight
        try:
            return (yield from asyncio.shield(flight.task).__await__())
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._stop()
