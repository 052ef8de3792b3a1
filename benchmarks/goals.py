"""The goals: figures of a run and their bounds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.measure import growth, second_core, tokens
from benchmarks.measure.cold import LATENCY_MS, LEAST_CALLS
from benchmarks.results import Measured, Results
from benchmarks.run_context import OTHER
from benchmarks.workloads import WARM

Figure = Callable[[Results], Measured | None]


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on a figure of a workload."""

    workload: str
    what: str
    figure: Figure
    bound: float
    at_least: bool = True

    def met(self, value: float) -> bool:
        """Tell whether a value keeps to the bound."""
        return value >= self.bound if self.at_least else value <= self.bound

    @property
    def text(self) -> str:
        """The goal in words."""
        return f"{self.what} {'>=' if self.at_least else '<='} {self.bound:g}"


def _measured(value: float | None, unit: float = 1, note: str = "") -> Measured | None:
    return None if value is None else Measured(value / unit, note)


def _rate(workload: str, other: str, bound: float) -> Goal:
    return Goal(workload, f"of {other}", lambda r: r.speed(workload, "gateway", other), bound)


def _calls(workload: str) -> Goal:
    return Goal(
        workload,
        "AWS calls",
        lambda r: _measured(r.most(workload, "gateway", "calls")),
        LEAST_CALLS[workload],
        at_least=False,
    )


def _tail(workload: str) -> Goal:
    return Goal(
        workload,
        "p99, of limit's",
        lambda r: _measured(
            r.ratio(workload, "gateway", "limit", "p99"),
            note=r.quiet(workload, "gateway", "limit"),
        ),
        3,
        at_least=False,
    )


def _grown(how: str) -> Goal:
    return Goal(
        "growth",
        f"{how}, of {growth.FEW}",
        lambda r: r.speed("growth", how, growth.FEW),
        0.9,
    )


def _authenticated(workload: str) -> Goal:
    """Return the goal that tokens cost little."""
    return Goal(
        "tokens",
        f"{workload}, of no authentication",
        lambda r: r.speed("tokens", tokens.name_of(workload, tokens.EACH), workload),
        0.85,
    )


def _comparison(workload: str) -> Goal:
    """Return the goal to be as fast as the other checkout, but for noise."""
    return Goal(
        workload,
        f"of {OTHER}'s rate",
        lambda r: r.speed(workload, "gateway", OTHER),
        0.95,
    )


GOALS: Final = (
    *(_comparison(workload.key) for workload in WARM),
    _rate("w1", "limit", 0.60),
    _rate("w1", "mercurius", 1.3),
    _rate("w2", "limit", 0.60),
    _rate("w2", "mercurius", 3),
    _rate("w3", "limit", 0.60),
    _rate("w3", "mercurius", 1.5),
    _rate("w4", "limit", 0.55),
    _rate("w4", "mercurius", 3),
    _rate("w5", "limit", 0.35),
    _rate("w5", "yoga", 8),
    _rate("w6", "limit", 0.35),
    _rate("n1", "strawberry", 2),
    _rate("n2", "strawberry", 2),
    _calls("c1"),
    Goal(
        "c1",
        "time, of 50 ms",
        lambda r: _measured(r.median("c1", "gateway", "ms"), LATENCY_MS, r.quiet("c1", "gateway")),
        1.3,
        at_least=False,
    ),
    _calls("c2"),
    Goal(
        "c2",
        "time, of boto3's",
        lambda r: _measured(
            r.ratio("c2", "gateway", "boto3", "ms"), note=r.quiet("c2", "gateway", "boto3")
        ),
        1.2,
        at_least=False,
    ),
    _tail("l1"),
    _tail("l2"),
    Goal(
        "cores",
        "2 processes, of 1",
        lambda r: r.speed("cores", second_core.TWO, second_core.ONE),
        1.8,
    ),
    *(_authenticated(workload.key) for workload in tokens.WORKLOADS),
    _grown(growth.SAME),
    _grown(growth.ALL),
    Goal(
        "start",
        "seconds",
        lambda r: _measured(r.median("start", "gateway", "ms"), 1_000, r.quiet("start", "gateway")),
        1.2,
        at_least=False,
    ),
    Goal(
        "memory",
        "MB idle",
        lambda r: _measured(r.median("memory", "idle", "megabytes")),
        110,
        at_least=False,
    ),
)
