"""Nobody takes more than its budget, whatever is refunded, cancelled or done at the same time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.auth.caller import ANYBODY, Caller, CallerKind, Strangers
from gateway.budgets.accounts import Accounts
from gateway.budgets.bucket import Bucket
from gateway.budgets.budgets import Budgets
from gateway.budgets.errors import NeverAllowed, RateLimited
from gateway.budgets.limits import Limits, Rate
from gateway.grants import ALL_GRANTS
from tests.clocks import Clock

pytestmark = pytest.mark.anyio

BURST = 20
LIMITS = Limits(calls=Rate(per_minute=60, burst=BURST), requests=Rate(120, 5))

rates = st.builds(Rate, per_minute=st.integers(1, 100_000), burst=st.integers(1, 5_000))
waits = st.floats(0, 100, allow_nan=False)


@dataclass
class Spent:
    """The calls of an operation, counted as they are made."""

    spent: int = 0


def caller(name: str, limits: Limits | None = LIMITS) -> Caller:
    """Return a caller with an API key."""
    return Caller(CallerKind.API_KEY, ALL_GRANTS, name=name, limits=limits)


@settings(max_examples=150)
@given(rates, st.lists(st.tuples(waits, st.integers(1, 6_000), st.floats(0, 1)), max_size=40))
def test_no_window_lets_more_through(rate: Rate, steps: list[tuple[float, int, float]]) -> None:
    """In any window no more is spent than the burst and what came back in it, with refunds too."""
    bucket, now = Bucket(rate, 0.0), 0.0
    spent: list[tuple[float, float]] = []
    for wait, amount, share in steps:
        now += wait
        if not bucket.take(amount, now):
            back = int(amount * share)
            bucket.give_back(back, now)
            spent.append((now, amount - back))
        assert 0 <= bucket.fill_to(now) <= rate.burst
    for first, (start, _) in enumerate(spent):
        total = 0.0
        for end, calls in spent[first:]:
            total += calls
            assert total <= rate.burst + (end - start) * rate.per_second + 1e-3


@settings(max_examples=150)
@given(rates, st.lists(st.tuples(waits, st.integers(1, 5_000)), max_size=10), st.integers(1, 5_000))
def test_wait_is_true(rate: Rate, steps: list[tuple[float, int]], amount: int) -> None:
    """Whoever waits as long as it has to succeeds, and just before that it does not."""
    bucket, now = Bucket(rate, 0.0), 0.0
    for seconds, taken in steps:
        now += seconds
        bucket.take(taken, now)
    amount = min(amount, rate.burst)
    wait = bucket.find_wait(amount, now)
    if wait * rate.per_second > 0.01:
        assert bucket.find_wait(amount, now + wait * 0.99)
    assert bucket.take(amount, now + wait) == 0


def test_clock_that_goes_back() -> None:
    """Time that goes back gives nothing, now and when it goes on."""
    bucket = Bucket(Rate(60, 10), 100.0)
    assert bucket.take(10, 100.0) == 0
    assert bucket.fill_to(50.0) == 0
    assert bucket.fill_to(101.0) == 1


def test_other_rate_keeps_the_debt() -> None:
    """What was taken stays taken when the access file changes the rate."""
    bucket = Bucket(Rate(60, 10), 0.0)
    bucket.take(8, 0.0)
    bucket.change_rate(Rate(60, 100), 0.0)
    assert bucket.fill_to(0.0) == 92
    bucket.change_rate(Rate(60, 5), 0.0)
    assert bucket.fill_to(0.0) == 0


@dataclass
class Flood:
    """Operations at the same time, each of which ends in a way of its own."""

    clock: Clock = field(default_factory=Clock)
    made: int = 0
    planned: int = 0
    most_planned: int = 0

    async def run(self, budgets: Budgets, planned: int, share: float, end: str) -> None:
        """Charge an operation, and let it end."""
        operation = Spent()
        try:
            async with budgets.charge(caller("a"), planned, operation):
                self.planned += planned
                self.most_planned = max(self.most_planned, self.planned + self.made)
                try:
                    await asyncio.sleep(0)
                    operation.spent = int(planned * share)
                    self.made += operation.spent
                    if end == "fails":
                        raise TimeoutError
                    if end == "cancelled":
                        raise asyncio.CancelledError
                finally:
                    self.planned -= planned
        except (RateLimited, NeverAllowed, TimeoutError, asyncio.CancelledError):
            return


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.integers(0, BURST + 2),
            st.floats(0, 1),
            st.sampled_from(["succeeds", "fails", "cancelled"]),
        ),
        max_size=30,
    )
)
def test_operations_at_the_same_time(steps: list[tuple[int, float, str]]) -> None:
    """While the clock stands, planned and made calls stay within the burst; the rest is back."""

    async def run() -> None:
        flood = Flood()
        budgets = Budgets(flood.clock, flood.clock.sleep)
        await asyncio.gather(*(flood.run(budgets, *step) for step in steps))
        assert flood.most_planned <= BURST
        account = budgets.find_account(caller("a"))
        assert account is not None
        assert account.calls is not None
        assert account.calls.find_remaining(flood.clock()) == BURST - flood.made

    asyncio.run(run())


async def test_cancelled_operation_gets_back_what_it_did_not_spend() -> None:
    """A task that is cancelled while it runs leaves only what it has spent."""
    clock = Clock()
    budgets = Budgets(clock, clock.sleep)
    operation, started = Spent(), asyncio.Event()

    async def run() -> None:
        async with budgets.charge(caller("a"), 10, operation):
            operation.spent = 3
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await started.wait()
    assert left(budgets, caller("a"), clock) == 10
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert left(budgets, caller("a"), clock) == 17


async def test_waiting_operation_is_charged_once() -> None:
    """One that waits takes its calls when they are there, and nothing when it is cancelled."""
    clock = Clock()
    budgets = Budgets(clock, clock.sleep)
    async with budgets.charge(caller("a"), BURST, Spent(BURST)):
        pass

    async def run() -> None:
        async with budgets.charge(caller("a"), 5, Spent(5), waits=True):
            pass

    first, second = asyncio.create_task(run()), asyncio.create_task(run())
    await asyncio.sleep(0)
    assert clock.sleeping(5) == 2
    second.cancel()
    clock.advance(5)
    await first
    await asyncio.gather(second, return_exceptions=True)
    assert left(budgets, caller("a"), clock) == 0
    with pytest.raises(NeverAllowed):
        async with budgets.charge(caller("a"), BURST + 1, Spent(), waits=True):
            pass


def left(budgets: Budgets, who: Caller, clock: Callable[[], float]) -> int:
    """Return how many AWS calls a caller may take."""
    account = budgets.find_account(who)
    assert account is not None
    assert account.calls is not None
    return account.calls.find_remaining(clock())


def test_no_limits_no_account() -> None:
    """A caller without limits is not remembered."""
    clock = Clock()
    budgets = Budgets(clock, clock.sleep)
    assert budgets.take_request(caller("a", None)) is None
    assert budgets.take_call(caller("a", None))
    assert budgets.known == 0


def test_accounts_are_bounded() -> None:
    """Rotating addresses fill no memory, get no new budget each, and free nobody of its debt."""
    clock = Clock()
    budgets = Budgets(clock, clock.sleep, most_accounts=10)
    debtor, known = stranger("192.0.2.1"), caller("known")
    for _ in range(5):
        budgets.take_request(debtor)
        budgets.take_request(known)
    passed = 0
    for number in range(1_000):
        try:
            budgets.take_request(stranger(f"198.51.100.{number}"))
        except RateLimited:
            continue
        passed += 1

    # Nine more have accounts of their own, and all others share one.
    assert passed == 9 + 5
    assert budgets.known == 11
    for who in (debtor, known):
        with pytest.raises(RateLimited):
            budgets.take_request(who)
    # Callers with keys are not displaced by strangers, nor kept from an account.
    budgets.take_request(caller("new"))
    # Full accounts make room again.
    clock.advance(60)
    budgets.take_request(stranger("203.0.113.1"))
    assert budgets.known == 12


def stranger(address: str) -> Caller:
    """Return a caller of whom only the address is known."""
    return Caller(CallerKind.ANONYMOUS, ALL_GRANTS, address=address, limits=LIMITS)


def test_memory_of_an_account() -> None:
    """All accounts together take the memory that the module says."""
    import tracemalloc

    accounts, clock = Accounts(2_000), Clock()
    callers: list[Any] = [stranger(f"198.51.100.{number}") for number in range(2_000)]
    tracemalloc.start()
    try:
        for each in callers:
            accounts.find(each, clock)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size / 2_000 < 700


def test_located_strangers_are_bounded() -> None:
    """The addresses that are remembered are bounded; one that comes again is the same caller."""
    strangers = Strangers()
    first = strangers.caller_at(ANYBODY, ("192.0.2.1", 1))
    for number in range(20_000):
        strangers.caller_at(ANYBODY, (f"2001:db8::{number:x}:0:0:1", 1))
    assert strangers.known <= 10_000
    assert strangers.caller_at(ANYBODY, ("192.0.2.1", 2)).key == first.key
