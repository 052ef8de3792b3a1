"""Whether a request costs more when more is cached: 50,000 jobs instead of 1,000."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

from benchmarks import checks
from benchmarks.measure import warm
from benchmarks.measure.sample import Sample
from benchmarks.run_context import RunContext
from benchmarks.targets import Target, run_target
from benchmarks.workloads import NAMES, WARM, Workload, by_page, document, names, pages

MANY: Final = 50_000
_ROOM: Final = ("--cache-megabytes", "4096", "--prepared-megabytes", "256")
FEW: Final = "1,000 in memory"
SAME: Final = "50,000 in memory"
ALL: Final = "50,000 in turn"


def measure(context: RunContext) -> Iterator[Sample]:
    """Yield the cost of asking for 1,000 jobs in turn of as many, of 50,000, and for all 50,000."""
    some = Workload("growth", "", document("w1"), NAMES)
    all_ = replace(some, names=names(MANY))
    with ExitStack() as stack:
        small = stack.enter_context(run_target("gateway", context, options=_ROOM))
        large = stack.enter_context(run_target("gateway", context, options=_ROOM))
        _fill_caches(small, NAMES)
        _fill_caches(large, all_.names)
        # So that in turn each has been rendered once.
        checks.ask_all(large, all_.bodies)
        for repetition in range(context.repetitions):
            for name, target, workload in (
                (FEW, small, some),
                (SAME, large, some),
                (ALL, large, all_),
            ):
                sample = warm.measure(context, target, workload, repetition)
                yield replace(sample, target=name)


def _fill_caches(target: Target, jobs: tuple[str, ...]) -> None:
    for page in pages(jobs):
        checks.ask_all(target, [by_page(WARM[4].text, page)])
