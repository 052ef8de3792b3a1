"""Charges callers for what they take, before it is taken, and gives back what was not spent."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, Protocol

from gateway.auth.caller import Caller
from gateway.budgets.accounts import MOST_ACCOUNTS, Account, Accounts
from gateway.budgets.bucket import Bucket
from gateway.budgets.errors import NeverAllowed, RateLimited
from gateway.budgets.shared import SharedBuckets

_RECENT: Final = 0.1
"""Seconds for which Redis is not asked again after it has said that too little is left."""


class Operation(Protocol):
    """What counts the AWS calls of one operation."""

    @property
    def spent(self) -> int:
        """How many calls were made."""


class Budgets:
    """The budgets of all callers in one process. `clock` returns seconds, `sleep` waits.

    With `shared`, AWS calls are taken from a bucket that replicas share. The bucket of this process
    then has what the shared one had last, and decides when Redis fails.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
        shared: SharedBuckets | None = None,
        most_accounts: int = MOST_ACCOUNTS,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._shared = shared
        self._accounts = Accounts(most_accounts)
        self.refused: Counter[str] = Counter()
        """Operations that were refused since the start, by the bucket that was too empty."""

    @property
    def known(self) -> int:
        """The callers whose buckets are in memory."""
        return len(self._accounts)

    def find_account(self, caller: Caller) -> Account | None:
        """Return the account of a caller, `None` for one without limits."""
        if caller.limits is None:
            return None
        return self._accounts.find(caller, self._clock)

    def take_request(self, caller: Caller) -> Account | None:
        """Take one operation from the caller's budget, and return the account.

        Replicas do not share this budget: no request waits for Redis. Raises `RateLimited`.
        """
        account = self.find_account(caller)
        if account is not None and account.requests is not None:
            now = self._clock()
            self._refuse_for(account.requests.take(1, now), account, account.requests, 1, now)
        return account

    def check_request(self, caller: Caller) -> None:
        """Raise `RateLimited` when the caller may not send an operation now."""
        account = self.find_account(caller)
        if account is not None and account.requests is not None:
            now = self._clock()
            self._refuse_for(account.requests.find_wait(1, now), account, account.requests, 1, now)

    def check_calls(self, caller: Caller, planned: int) -> None:
        """Raise `OverBudget` when it is known already that `charge` would."""
        account = self.find_account(caller)
        if account is None or account.calls is None:
            return
        _check_burst(account.calls, planned)
        now = self._clock()
        if not self._must_ask(account, account.calls, planned, now):
            wait = account.calls.find_wait(planned, now)
            self._refuse_for(wait, account, account.calls, planned, now)

    def take_call(self, caller: Caller) -> bool:
        """Take one AWS call where it is there, and tell whether it was."""
        account = self.find_account(caller)
        if account is None or account.calls is None:
            return True
        if account.calls.take(1, self._clock()):
            return False
        if self._shared is not None:
            self._shared.change(account.key, account.calls.rate, 1)
        return True

    @asynccontextmanager
    async def charge(
        self, caller: Caller, planned: int, operation: Operation, *, waits: bool = False
    ) -> AsyncIterator[None]:
        """Take the AWS calls that an operation plans, and afterwards give back those not made.

        With `waits` they are taken as soon as they are there. Raises `OverBudget`.
        """
        account = self.find_account(caller)
        if not planned or account is None or account.calls is None:
            yield
            return
        is_shared = await self._take_calls(account, account.calls, planned, waits=waits)
        try:
            yield
        finally:
            self._refund(account, planned - operation.spent, is_shared=is_shared)

    async def close(self) -> None:
        """Wait for what is being written to Redis."""
        if self._shared is not None:
            await self._shared.close()

    async def _take_calls(
        self, account: Account, bucket: Bucket, planned: int, *, waits: bool
    ) -> bool:
        """Take AWS calls, and tell whether they were taken from the bucket that replicas share."""
        _check_burst(bucket, planned)
        while True:
            try:
                return await self._try_to_take(account, bucket, planned)
            except RateLimited as error:
                if not waits:
                    raise
                await self._sleep(error.seconds)

    async def _try_to_take(self, account: Account, bucket: Bucket, planned: int) -> bool:
        shared = self._shared
        if shared is not None and self._must_ask(account, bucket, planned, self._clock()):
            answer = await shared.take(account.key, bucket.rate, planned)
            if answer is not None:
                now = self._clock()
                bucket.set_tokens(answer.tokens, now)
                account.asked_at = now
                wait = 0 if answer.is_taken else bucket.find_wait(planned, now)
                self._refuse_for(wait, account, bucket, planned, now)
                return True
        now = self._clock()
        self._refuse_for(bucket.take(planned, now), account, bucket, planned, now)
        return False

    def _must_ask(self, account: Account, bucket: Bucket, planned: int, now: float) -> bool:
        """Tell whether Redis decides. Not where it has just said that there is too little."""
        if self._shared is None or not self._shared.is_available:
            return False
        return now - account.asked_at >= _RECENT or not bucket.find_wait(planned, now)

    def _refund(self, account: Account, calls: int, *, is_shared: bool) -> None:
        bucket = account.calls
        if calls <= 0 or bucket is None:
            return
        bucket.give_back(calls, self._clock())
        if is_shared and self._shared is not None:
            self._shared.change(account.key, bucket.rate, -calls)

    def _refuse_for(
        self, seconds: float, account: Account, bucket: Bucket, amount: int, now: float
    ) -> None:
        """Raise `RateLimited` unless the caller has to wait for 0 seconds."""
        if seconds:
            error = RateLimited(account, bucket, amount, seconds, now)
            self.refused[error.budget] += 1
            raise error


def _check_burst(bucket: Bucket, planned: int) -> None:
    """Raise `NeverAllowed` for more than the bucket ever holds: waiting would not help."""
    if planned > bucket.rate.burst:
        raise NeverAllowed(planned, bucket.rate.burst)
