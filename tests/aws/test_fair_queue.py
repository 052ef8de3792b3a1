"""Calls that wait for AWS: callers take turns, and what nobody waits for is dropped."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.aws import fair_queue
from gateway.aws.errors import Unavailable
from gateway.aws.fair_queue import FairQueue

pytestmark = pytest.mark.anyio


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Yield a pool of one thread."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


class Gate:
    """Work that holds the thread until the test opens it, and a record of what ran after it."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self._opened = threading.Event()

    def open(self) -> None:
        """Let the first piece of work end."""
        self._opened.set()

    def hold(self) -> None:
        """Hold the thread."""
        assert self._opened.wait(10)

    def work(self, name: str) -> Callable[[], str]:
        """Return a piece of work that returns its name."""

        def run() -> str:
            self.ran.append(name)
            return name

        return run


async def test_callers_take_turns(threads: ThreadPoolExecutor) -> None:
    """A caller with one call waits for one call of a caller with many, not for all of them."""
    gate, queue = Gate(), FairQueue(threads, 1)
    first = queue.run("flood", gate.hold)
    flood = [queue.run("flood", gate.work(f"flood {index}")) for index in range(50)]
    single = queue.run("single", gate.work("single"))
    other = queue.run("other", gate.work("other"))
    assert len(queue) == 52

    gate.open()
    assert await asyncio.gather(first, *flood, single, other)

    assert gate.ran[:4] == ["flood 0", "single", "other", "flood 1"]
    assert gate.ran[4:] == [f"flood {index}" for index in range(2, 50)]
    assert len(queue) == 0


async def test_work_that_nobody_waits_for_is_dropped(threads: ThreadPoolExecutor) -> None:
    """Cancelled work takes no thread, whether it waits or is under way."""
    gate, queue = Gate(), FairQueue(threads, 1)
    first = queue.run("a", gate.hold)
    waiting = [queue.run("a", gate.work(f"{index}")) for index in range(3)]
    first.cancel()
    waiting[1].cancel()
    gate.open()

    assert await waiting[0] == "0"
    assert await waiting[2] == "2"
    assert gate.ran == ["0", "2"]


async def test_error_of_the_work_is_raised(threads: ThreadPoolExecutor) -> None:
    """What the work raises is raised to who waits, and the thread is free again."""
    queue = FairQueue(threads, 1)

    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        await queue.run("a", fail)
    assert await queue.run("a", lambda: 1) == 1


async def test_queue_has_a_bound(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound, work is refused at once; what waits is not lost."""
    monkeypatch.setattr(fair_queue, "MOST_WAITING", 2)
    gate, queue = Gate(), FairQueue(threads, 1)
    first = queue.run("a", gate.hold)
    waiting = [queue.run("a", gate.work("x")) for _ in range(2)]

    with pytest.raises(Unavailable):
        await queue.run("b", gate.work("y"))
    gate.open()
    assert await asyncio.gather(first, *waiting) == [None, "x", "x"]


async def test_closing_cancels_what_waits(threads: ThreadPoolExecutor) -> None:
    """Once closed, nothing that waited runs."""
    gate, queue = Gate(), FairQueue(threads, 1)
    first = queue.run("a", gate.hold)
    waiting = queue.run("a", gate.work("x"))

    queue.close()
    gate.open()

    await first
    assert waiting.cancelled()
    assert not gate.ran
