"""All samples of a run, and the medians of them."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Final, NamedTuple

from benchmarks.measure.sample import Sample

_SATURATED: Final = 0.9
_QUIET: Final = 0.05


class Measured(NamedTuple):
    """A figure with a goal."""

    value: float
    note: str = ""
    """A remark on how it was measured."""


class Results:
    """Ratios are taken within a repetition, close in time to each other; then their median is."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []

    def extend(self, samples: Iterable[Sample]) -> None:
        """Add samples."""
        self.samples.extend(samples)

    def targets(self, workload: str) -> list[str]:
        """Return the targets measured on a workload, in the order of measuring."""
        return list(dict.fromkeys(s.target for s in self.samples if s.workload == workload))

    def workloads(self) -> list[str]:
        """Return what was measured."""
        return list(dict.fromkeys(sample.workload for sample in self.samples))

    def median(self, workload: str, target: str, figure: str) -> float | None:
        """Return the median of a figure; `None` when it was not measured."""
        values = [
            each for group in self._groups(workload, target, figure).values() for each in group
        ]
        return median(values) if values else None

    def most(self, workload: str, target: str, figure: str) -> float | None:
        """Return the largest value of a figure; `None` when it was not measured."""
        groups = self._groups(workload, target, figure)
        return max((max(group) for group in groups.values()), default=None)

    def ratio(self, workload: str, target: str, other: str, figure: str = "rate") -> float | None:
        """Return the median of a figure's ratios between two targets."""
        ours = self._groups(workload, target, figure)
        theirs = self._groups(workload, other, figure)
        ratios = [median(ours[each]) / median(theirs[each]) for each in ours.keys() & theirs.keys()]
        return median(ratios) if ratios else None

    def speed(self, workload: str, target: str, other: str) -> Measured | None:
        """Return how much faster a target is than another.

        That is the ratio of their rates if both were saturated. If the load or other work on the
        machine kept one from its whole core, it is the ratio of what a core's whole time would do.
        """
        busy = [self.median(workload, each, "busy") or 0 for each in (target, other)]
        is_saturated = min(busy) >= _SATURATED
        ratio = self.ratio(workload, target, other, "rate" if is_saturated else "capacity")
        return None if ratio is None else Measured(ratio, "" if is_saturated else "by cpu time")

    def quiet(self, workload: str, *targets: str) -> str:
        """Return a warning if servers waited for other processes on their core."""
        waited = max(self.median(workload, each, "waited") or 0 for each in targets)
        return f"not quiet: waited {waited:.0%} of the time" if waited > _QUIET else ""

    def _groups(self, workload: str, target: str, figure: str) -> dict[int, list[float]]:
        """Return the values of a figure by repetition."""
        groups: dict[int, list[float]] = defaultdict(list)
        for sample in self.samples:
            if (sample.workload, sample.target) == (workload, target):
                value = getattr(sample, figure)
                if value is not None:
                    groups[sample.repetition].append(value)
        return groups
