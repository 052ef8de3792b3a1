"""A queue before the threads that call AWS, in which callers take turns.

So one caller's flood does not hold up the others.

Source: the fair queueing of RFC 970, with one call a turn.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeVar

from gateway.aws.errors import Unavailable

T = TypeVar("T")
MOST_WAITING: Final = 50_000
"""Calls that wait at most, of all callers together."""


class _Waiting(NamedTuple, Generic[T]):
    future: "asyncio.Future[T]"
    work: Callable[[], T]


class FairQueue:
    """Runs work in `threads`, at most `most` pieces at once; must be used in one event loop."""

    def __init__(self, threads: Executor, most: int) -> None:
        self._threads = threads
        self._free = most
        self._waiting: OrderedDict[Hashable, deque[_Waiting[Any]]] = OrderedDict()
        """What waits, by caller; the caller whose turn it is comes first."""
        self._length = 0

    def __len__(self) -> int:
        """Return how many pieces of work wait."""
        return self._length

    def run(self, caller: Hashable, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Return the future of `work`, which begins now where a thread is free, else in turn.

        Work whose future is cancelled before its turn is dropped. The future raises `Unavailable`
        where too much waits.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._free:
            self._start(future, work)
        elif self._length >= MOST_WAITING:
            future.set_exception(Unavailable("Too many calls wait for AWS."))
        else:
            self._waiting.setdefault(caller, deque()).append(_Waiting(future, work))
            self._length += 1
        return future

    def close(self) -> None:
        """Drop what waits. What runs ends by itself."""
        for queue in self._waiting.values():
            for waiting in queue:
                waiting.future.cancel()
        self._waiting.clear()
        self._length = 0

    def _start(self, future: "asyncio.Future[T]", work: Callable[[], T]) -> None:
        self._free -= 1
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, work)
        running.add_done_callback(partial(self._finish, future))
        # Cancelled before a thread has taken it, the work never runs.
        future.add_done_callback(partial(_cancel_with, running))

    def _finish(self, future: "asyncio.Future[T]", done: "asyncio.Future[T]") -> None:
        self._free += 1
        if done.cancelled():
            future.cancel()
        elif future.done():
            # Nobody waits for it; retrieved, so that asyncio does not log it.
            done.exception()
        elif (error := done.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(done.result())
        self._start_next()

    def _start_next(self) -> None:
        while self._free and self._waiting:
            caller, queue = self._waiting.popitem(last=False)
            waiting = queue.popleft()
            self._length -= 1
            if queue:
                self._waiting[caller] = queue
            if not waiting.future.done():
                self._start(*waiting)


def _cancel_with(running: "asyncio.Future[Any]", future: "asyncio.Future[Any]") -> None:
    if future.cancelled():
        running.cancel()
