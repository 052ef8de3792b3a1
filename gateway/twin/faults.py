"""Faults: read from JSON, decided for each call.

`Faults` holds the switches; `FaultInjector` decides for each call what happens to it.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, NamedTuple, Self

from gateway.twin.errors import INTERNAL_FAILURE


class FaultError(ValueError):
    """The faults cannot be read; the message says which and why."""


class Outcome(Enum):
    """What happens to one call."""

    ANSWER = "answer"
    THROTTLE = "throttle"
    ERROR = "error"
    HANG = "hang"
    MALFORM = "malform"
    RESET = "reset"


class Decision(NamedTuple):
    """What happens to one call, after a delay in seconds."""

    outcome: Outcome
    delay: float


@dataclass(frozen=True)
class Faults:
    """All switches; the names in JSON are these in camel case.

    They are off by default, but for `empty_pages`, which is how AWS cuts the pages of its lists.
    """

    latency_ms: float = 0.0
    calls_per_second: float | None = None
    error_rate: float = 0.0
    error_code: str = INTERNAL_FAILURE
    hang_rate: float = 0.0
    malformed_rate: float = 0.0
    reset_rate: float = 0.0
    operations: frozenset[str] | None = None
    empty_pages: bool = True
    page_size: int | None = None
    search_lag_seconds: float = 0.0

    @classmethod
    def parse(cls, given: Any) -> Self:
        """Read the JSON object of `/_twin/faults`; absent members are off."""
        if not isinstance(given, Mapping):
            raise FaultError("faults must be a JSON object")
        known = {camel(field.name): field.name for field in fields(cls)}
        values: dict[str, Any] = {}
        for name, value in given.items():
            if name not in known:
                raise FaultError(f"unknown fault '{name}'; known are {', '.join(known)}")
            if value is not None:
                values[known[name]] = CHECKS[known[name]](name, value)
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return the switches that are on, as `parse` reads them."""
        off = Faults()
        return {
            camel(field.name): sorted(value) if isinstance(value, frozenset) else value
            for field in fields(self)
            if (value := getattr(self, field.name)) != getattr(off, field.name)
        }

    def applies_to(self, operation: str) -> bool:
        """Whether the faults apply to calls of this operation."""
        return self.operations is None or operation in self.operations


class FaultInjector:
    """Decides what happens to calls; the same seed and the same calls give the same outcomes."""

    def __init__(self, seed: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.faults = Faults()
        self._seed = seed
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self.set(self.faults)

    def set(self, faults: Faults) -> None:
        """Replace all switches and start anew: full bucket, first random number."""
        with self._lock:
            self.faults = faults
            # Faults come again with the same seed; nothing here is secret.
            self._random = random.Random(self._seed)  # noqa: S311
            self._tokens = max(1.0, faults.calls_per_second or 0.0)
            self._filled = self._monotonic()

    def decide(self, operation: str) -> Decision:
        """Return what happens to a call of this operation, now."""
        faults = self.faults
        if not faults.applies_to(operation):
            return Decision(Outcome.ANSWER, 0.0)
        with self._lock:
            return Decision(self._outcome(faults), faults.latency_ms / 1000)

    def _outcome(self, faults: Faults) -> Outcome:
        if faults.calls_per_second and not self._take_token(faults.calls_per_second):
            return Outcome.THROTTLE
        for rate, outcome in (
            (faults.hang_rate, Outcome.HANG),
            (faults.error_rate, Outcome.ERROR),
            (faults.malformed_rate, Outcome.MALFORM),
            (faults.reset_rate, Outcome.RESET),
        ):
            if rate and self._random.random() < rate:
                return outcome
        return Outcome.ANSWER

    def _take_token(self, rate: float) -> bool:
        now = self._monotonic()
        self._tokens = min(max(1.0, rate), self._tokens + (now - self._filled) * rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def camel(name: str) -> str:
    """`latency_ms` -> `latencyMs`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise FaultError(f"'{name}' must be a number from {low:g} to {high:g}, not {value!r}")
    return value


def _rate(name: str, value: Any) -> float:
    return _number(name, value, 0, 1)


def _calls_per_second(name: str, value: Any) -> float:
    return _number(name, value, 0.001, 1e6)


def _code(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.isalnum():
        raise FaultError(f"'{name}' must be an error code such as {INTERNAL_FAILURE}")
    return value


def _operations(name: str, value: Any) -> frozenset[str]:
    items = value if isinstance(value, list | tuple | set | frozenset) else None
    if items is None or not all(isinstance(item, str) and item for item in items):
        raise FaultError(f"'{name}' must be a list of operation names")
    return frozenset(items)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise FaultError(f"'{name}' must be true or false")
    return value


def _page_size(name: str, value: Any) -> int:
    number = _number(name, value, 1, 1000)
    if number != int(number):
        raise FaultError(f"'{name}' must be a whole number")
    return int(number)


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "latency_ms": lambda name, value: _number(name, value, 0, 600_000),
    "calls_per_second": _calls_per_second,
    "error_rate": _rate,
    "error_code": _code,
    "hang_rate": _rate,
    "malformed_rate": _rate,
    "reset_rate": _rate,
    "operations": _operations,
    "empty_pages": _flag,
    "page_size": _page_size,
    "search_lag_seconds": lambda name, value: _number(name, value, 0, 1e9),
}
