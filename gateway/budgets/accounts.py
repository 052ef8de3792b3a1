"""The buckets of all callers, in bounded memory.

A full bucket is as good as a new one, so it is forgotten first. While there is no room, further
callers share one account: a flood from endless addresses gets no new budget for each of them, and
nobody gets back what it has spent.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from gateway.auth.caller import Caller, CallerKind
from gateway.budgets.bucket import Bucket
from gateway.budgets.limits import Limits, Rate

MOST_ACCOUNTS: Final = 20_000
"""Accounts of callers who have shown who they are, and as many of strangers; 10 MB each."""
_LOOKED_AT: Final = 4
"""Accounts that are looked at for one that can be forgotten, when a new one comes."""
_OTHERS: Final = "\0"
"""The name in the key of the account that callers share; no caller has it."""

Key = tuple[str, str | None, str]


class Account:
    """What one caller may still take."""

    __slots__ = ("asked_at", "calls", "key", "limits", "requests", "shown", "shown_until")

    def __init__(self, key: Key, limits: Limits, now: float) -> None:
        self.key = key
        self.limits = limits
        self.calls = _create(limits.calls, now)
        self.requests = _create(limits.requests, now)
        self.asked_at = -math.inf
        """When Redis has last said how much is left, in seconds."""
        self.shown: Sequence[tuple[bytes, bytes]] = ()
        """The headers that show it, for responses until `shown_until` while nothing is taken."""
        self.shown_until = -math.inf

    def change_limits(self, limits: Limits, now: float) -> None:
        """Go on with other limits: the access file has changed."""
        if limits != self.limits:
            self.calls = _change(self.calls, limits.calls, now)
            self.requests = _change(self.requests, limits.requests, now)
            self.shown_until = -math.inf
        self.limits = limits

    def buckets(self) -> Iterator[tuple[str, Bucket]]:
        """Yield the name of each bucket and the bucket."""
        if self.calls is not None:
            yield "calls", self.calls
        if self.requests is not None:
            yield "requests", self.requests

    def is_full(self, now: float) -> bool:
        """Tell whether it is as new."""
        return not any(bucket.seconds_until_full(now) for _, bucket in self.buckets())


def _create(rate: Rate | None, now: float) -> Bucket | None:
    return None if rate is None else Bucket(rate, now)


def _change(bucket: Bucket | None, rate: Rate | None, now: float) -> Bucket | None:
    if bucket is None or rate is None:
        return _create(rate, now)
    bucket.change_rate(rate, now)
    return bucket


class Accounts:
    """Accounts by caller, `most` of each of two kinds: so strangers displace no others."""

    def __init__(self, most: int = MOST_ACCOUNTS) -> None:
        self._most = most
        self._known: OrderedDict[Key, Account] = OrderedDict()
        self._strangers: OrderedDict[Key, Account] = OrderedDict()
        self._shared: dict[str, Account] = {}

    def __len__(self) -> int:
        return len(self._known) + len(self._strangers)

    def find(self, caller: Caller, clock: Callable[[], float]) -> Account:
        """Return the account of a caller with limits."""
        is_stranger = caller.kind is CallerKind.ANONYMOUS
        accounts = self._strangers if is_stranger else self._known
        account = accounts.get(caller.key)
        if account is not None and account.limits is caller.limits:
            return account
        assert caller.limits is not None
        now = clock()
        if account is None:
            account = self._open(accounts, caller, caller.limits, now)
        account.change_limits(caller.limits, now)
        return account

    def _open(
        self, accounts: OrderedDict[Key, Account], caller: Caller, limits: Limits, now: float
    ) -> Account:
        if len(accounts) >= self._most and not _forget_one(accounts, now):
            key = (caller.kind, None, _OTHERS)
            return self._shared.setdefault(caller.kind, Account(key, limits, now))
        account = accounts[caller.key] = Account(caller.key, limits, now)
        return account


def _forget_one(accounts: OrderedDict[Key, Account], now: float) -> bool:
    """Forget an account that is full; tell whether one was found among the first few."""
    for _ in range(_LOOKED_AT):
        key, account = next(iter(accounts.items()))
        if account.is_full(now):
            del accounts[key]
            return True
        accounts.move_to_end(key)
    return False
