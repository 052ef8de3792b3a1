"""The errors of operations that their callers' budgets do not allow."""

import math
from collections.abc import Mapping

from gateway.budgets.accounts import Account
from gateway.budgets.bucket import Bucket
from gateway.errors import Code, CodedError


class OverBudget(CodedError):
    """Nothing of the operation was executed, since its caller may not take as much."""


class RateLimited(OverBudget):
    """The caller has taken what it may for the moment."""

    code = Code.RATE_LIMITED

    def __init__(
        self, account: Account, bucket: Bucket, needed: int, seconds: float, now: float
    ) -> None:
        self.policy = account.limits.policy
        """The caller's limits, as the header `RateLimit-Policy` shows them."""
        self.bucket = bucket
        # Rounded first, so that an error in the last digit does not cost a millisecond.
        self.retry_after_ms = math.ceil(round(seconds * 1_000, 3))
        """Milliseconds after which the caller succeeds, unless it takes from its budget before."""
        is_of_calls = bucket is account.calls
        self.budget = "calls" if is_of_calls else "requests"
        """The name of the bucket that is too empty."""
        remaining = bucket.find_remaining(now)
        unit = "AWS calls" if is_of_calls else "operations"
        super().__init__(
            f"The caller may cause {bucket.rate.per_minute} {unit} per minute. This takes up to "
            f"{needed}, and {remaining} are left: try again in {self.retry_after_ms} ms."
        )
        self._figures = {"planned": needed, "remaining": remaining, "limit": bucket.rate.burst}

    @property
    def seconds(self) -> float:
        """How long to wait, in seconds."""
        return self.retry_after_ms / 1_000

    @property
    def extensions(self) -> Mapping[str, object]:
        """The code, how long to wait, and the figures."""
        waits = {"retryAfterMs": self.retry_after_ms, "budget": self.budget}
        return {**super().extensions, **waits, **self._figures}


class NeverAllowed(OverBudget):
    """The operation plans more AWS calls than its caller may ever take at once."""

    code = Code.QUERY_TOO_COMPLEX

    def __init__(self, planned: int, burst: int) -> None:
        super().__init__(
            f"The operation could cause {planned} AWS calls, more than the {burst} that the caller "
            "may cause at once. Ask for fewer fields or smaller pages."
        )
        self._figures = {"planned": planned, "budget": burst}

    @property
    def extensions(self) -> Mapping[str, object]:
        """The code and both figures."""
        return {**super().extensions, **self._figures}
