"""Single flight: one run of the work for all who want it at the same time."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from gateway.aws.single_flight import SingleFlight

pytestmark = pytest.mark.anyio


class Work:
    """Work that ends when the test says so, and counts its runs."""

    def __init__(self) -> None:
        self.runs = 0
        self.cancelled = 0
        self.may_end = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> str:
        """Run until told to end."""
        self.runs += 1
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return f"run {self.runs}"


@pytest.fixture
def flight() -> SingleFlight[str, str]:
    """Return a single flight that nobody has joined."""
    return SingleFlight()


@pytest.fixture
async def work() -> Work:
    """Return work that waits."""
    return Work()


async def tick() -> None:
    """Let every task that can run do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def wait(flight: SingleFlight[str, str], work: Callable[[], Coroutine[Any, Any, str]]) -> str:
    """Wait for the key as one caller."""
    return await flight.join("key", work)


async def joined(
    flight: SingleFlight[str, str], work: Callable[[], Coroutine[Any, Any, str]], callers: int
) -> list[asyncio.Task[str]]:
    """Return that many callers, all of them waiting for the same key."""
    tasks = [asyncio.create_task(wait(flight, work)) for _ in range(callers)]
    await tick()
    return tasks


async def test_callers_share_one_run(flight: SingleFlight[str, str], work: Work) -> None:
    """All who come while the work runs get its result."""
    callers = await joined(flight, work, 200)
    work.may_end.set()

    assert await asyncio.gather(*callers) == ["run 1"] * 200
    assert "key" not in flight


async def test_next_caller_starts_anew(flight: SingleFlight[str, str], work: Work) -> None:
    """A result is shared by those who waited for it and is not kept."""
    work.may_end.set()

    assert await flight.join("key", work) == "run 1"
    assert await flight.join("key", work) == "run 2"


async def test_keys_do_not_share(flight: SingleFlight[str, str], work: Work) -> None:
    """Work for another key is other work."""
    work.may_end.set()

    await asyncio.gather(flight.join("key", work), flight.join("other", work))

    assert work.runs == 2


async def test_one_cancellation_leaves_the_others(
    flight: SingleFlight[str, str], work: Work
) -> None:
    """A caller that is cancelled, even the first one, takes nothing from the others."""
    first, second, third = await joined(flight, work, 3)
    first.cancel()
    await tick()
    third.cancel()
    await tick()
    work.may_end.set()

    assert await second == "run 1"
    assert first.cancelled()
    assert third.cancelled()
    assert work.cancelled == 0


async def test_last_one_to_leave_stops_the_work(flight: SingleFlight[str, str], work: Work) -> None:
    """Work that nobody waits for any more is cancelled."""
    callers = await joined(flight, work, 3)
    for caller in callers:
        assert work.cancelled == 0
        caller.cancel()
        await tick()

    assert work.cancelled == 1
    assert "key" not in flight


async def test_who_comes_after_the_last_left_gets_a_run_of_its_own(
    flight: SingleFlight[str, str], work: Work
) -> None:
    """A run that is being cancelled is not joined."""
    (only,) = await joined(flight, work, 1)
    only.cancel()
    await asyncio.sleep(0)
    late = asyncio.create_task(wait(flight, work))
    await tick()
    work.may_end.set()

    assert await late == "run 2"
    assert work.cancelled == 1


async def test_exception_reaches_every_caller(flight: SingleFlight[str, str], work: Work) -> None:
    """When the work fails, each caller sees why."""
    work.error = ValueError("no")
    callers = await joined(flight, work, 3)
    work.may_end.set()

    results = await asyncio.gather(*callers, return_exceptions=True)

    assert results == [work.error] * 3
    assert "key" not in flight


async def test_exception_after_some_left_reaches_the_rest(
    flight: SingleFlight[str, str], work: Work
) -> None:
    """A failure is no less one for those who stayed."""
    work.error = ValueError("no")
    first, second = await joined(flight, work, 2)
    first.cancel()
    await tick()
    work.may_end.set()

    with pytest.raises(ValueError, match="no"):
        await second


async def test_exception_that_nobody_waits_for_is_not_reported(
    flight: SingleFlight[str, str], work: Work
) -> None:
    """Work that fails as its last caller leaves ends in silence, not in asyncio's complaint."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    work.error = ValueError("no")
    callers = await joined(flight, work, 2)
    work.may_end.set()
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await tick()
    del callers, caller
    gc.collect()
    await tick()

    assert complaints == []


async def test_work_that_fails_while_it_is_stopped_is_not_reported(
    flight: SingleFlight[str, str],
) -> None:
    """Work that answers its cancellation with an exception ends in silence too."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("while stopping")

    (caller,) = await joined(flight, stubborn, 1)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    await tick()
    del caller
    gc.collect()
    await tick()

    assert complaints == []
