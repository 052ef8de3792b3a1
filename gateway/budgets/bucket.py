"""A token bucket: what is taken from it comes back at a constant rate.

In any t seconds it lets through at most its burst and t times its rate.
Source: Turner, New Directions in Communications, IEEE Communications Magazine, 1986.
"""

from typing import Final

from gateway.budgets.limits import Rate

_ROUNDING: Final = 1e-6
"""Tokens that may be missing: whoever has waited as long as it had to is not refused."""


class Bucket:
    """One bucket, which is full at first. All times are in seconds, by one clock."""

    __slots__ = ("_at", "_tokens", "has_changed", "rate")

    def __init__(self, rate: Rate, now: float) -> None:
        self.rate = rate
        self._tokens = float(rate.burst)
        self._at = now
        self.has_changed = True
        """Whether anything was taken or put back since somebody has set this to `False`."""

    def fill_to(self, now: float) -> float:
        """Return the tokens at an instant."""
        if now > self._at:
            tokens = self._tokens + (now - self._at) * self.rate.per_second
            self._tokens = min(tokens, self.rate.burst)
            self._at = now
        return self._tokens

    def find_remaining(self, now: float) -> int:
        """Return how much may be taken at an instant."""
        return int(self.fill_to(now) + _ROUNDING)

    def find_wait(self, amount: float, now: float) -> float:
        """Return for how many seconds `amount` is not there yet; 0 when it may be taken now."""
        missing = amount - self.fill_to(now)
        return missing / self.rate.per_second if missing > _ROUNDING else 0.0

    def take(self, amount: float, now: float) -> float:
        """Take `amount` and return 0; where it is not there yet, return what `find_wait` does."""
        wait = self.find_wait(amount, now)
        if not wait:
            self.set_tokens(self._tokens - amount, now)
        return wait

    def give_back(self, amount: float, now: float) -> None:
        """Put back what was taken and not spent."""
        self.set_tokens(self.fill_to(now) + amount, now)

    def set_tokens(self, tokens: float, now: float) -> None:
        """Go on with so many tokens, or with a full bucket where it holds fewer."""
        self._tokens = max(0.0, min(tokens, self.rate.burst))
        self.has_changed = True
        self._at = max(now, self._at)

    def change_rate(self, rate: Rate, now: float) -> None:
        """Go on with another rate. What was taken stays taken."""
        taken = self.rate.burst - self.fill_to(now)
        self.rate = rate
        self.set_tokens(rate.burst - taken, now)

    def seconds_until_full(self, now: float) -> float:
        """Return for how many seconds it is not full yet."""
        return round((self.rate.burst - self.fill_to(now)) / self.rate.per_second, 6)
