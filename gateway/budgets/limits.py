"""The limits of a caller: how fast its buckets fill up again, and how much they hold."""

from dataclasses import dataclass, field
from math import ceil
from typing import Final, Literal, Protocol

UNLIMITED: Final = "unlimited"
Amount = int | Literal["unlimited"] | None
"""How much per minute; `None` where nothing is said about it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The limit of one bucket."""

    per_minute: int
    """How much comes back in a minute."""
    burst: int
    """How much the bucket holds: so much may be taken at once."""

    @property
    def per_second(self) -> float:
        """How much comes back in a second."""
        return self.per_minute / 60


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one caller; `None` for what is not limited."""

    calls: Rate | None
    """AWS calls."""
    requests: Rate | None
    """Operations."""
    policy: bytes = field(init=False, repr=False, compare=False)
    """Both, as the header `RateLimit-Policy` shows them in every response."""

    def __post_init__(self) -> None:
        """Work out the header once."""
        rates = (("calls", self.calls, ';qu="aws-calls"'), ("requests", self.requests, ""))
        parts = [
            f'"{name}";q={rate.burst}{unit};w={ceil(rate.burst / rate.per_second)}'
            for name, rate, unit in rates
            if rate is not None
        ]
        object.__setattr__(self, "policy", ", ".join(parts).encode())


class Figures(Protocol):
    """Settings, or an entry of the access file, with the figures of both buckets."""

    @property
    def calls_per_minute(self) -> Amount:
        """AWS calls per minute."""

    @property
    def calls_burst(self) -> int | None:
        """AWS calls at once; those of one minute where this is `None`."""

    @property
    def requests_per_minute(self) -> Amount:
        """Operations per minute."""

    @property
    def requests_burst(self) -> int | None:
        """Operations at once; those of one minute where this is `None`."""


def limits_of(figures: Figures, default: Limits | None = None) -> Limits | None:
    """Return the limits by these figures, and by `default` where they say nothing.

    `None` stands for no limit at all.
    """
    default = default or Limits(None, None)
    calls = _rate(figures.calls_per_minute, figures.calls_burst, default.calls)
    requests = _rate(figures.requests_per_minute, figures.requests_burst, default.requests)
    return None if calls is None and requests is None else Limits(calls, requests)


def _rate(per_minute: Amount, burst: int | None, default: Rate | None) -> Rate | None:
    if per_minute is None:
        return default
    if per_minute == UNLIMITED:
        return None
    return Rate(per_minute, per_minute if burst is None else burst)
