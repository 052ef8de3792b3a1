"""Runs the measurements: each repetition starts all servers anew and measures them in turn."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Final

from benchmarks import checks
from benchmarks.http_client import ResponseError
from benchmarks.load.raw_connection import ConnectionFailed
from benchmarks.measure import (
    cold,
    file_sizes,
    growth,
    journeys,
    latency,
    memory,
    second_core,
    start,
    tokens,
    warm,
)
from benchmarks.measure.sample import Sample
from benchmarks.results import Results
from benchmarks.run_context import RunContext
from benchmarks.targets import GATEWAYS, Target, run_target
from benchmarks.workloads import COLD, NAMES, WARM, Workload, by_page, document, pages

_SEPARATE: Final[Mapping[str, Callable[[RunContext], Iterator[Sample]]]] = {
    "start": start.measure,
    "memory": memory.measure,
    "cores": second_core.measure,
    "growth": growth.measure,
    "tokens": tokens.measure,
    "journeys": journeys.measure,
    "file-sizes": file_sizes.measure,
}
TITLES: Final = {
    **{workload.key: workload.title for workload in WARM},
    **COLD,
    **{key: f"{loaded.key} at half of its rate" for key, loaded in latency.WORKLOADS.items()},
    "start": "from exec to the first answer",
    "memory": "resident memory",
    "cores": "w1, load on the same cores",
    "growth": "w1 with many jobs in memory",
    "tokens": "1,000 tokens in turn",
    "journeys": "files that requests go through",
    "file-sizes": "modules by package",
}
"""All that can be measured."""
NEED_LOAD: Final = TITLES.keys() - {*COLD, "start", "memory", "journeys", "file-sizes"}
"""What needs a load generator."""


class Run:
    """A run of the workloads in `only` on the servers in `targets`."""

    def __init__(self, context: RunContext, targets: Sequence[str], only: frozenset[str]) -> None:
        self._context = context
        self._targets = targets
        self._only = only
        self._warm = [workload for workload in WARM if workload.key in only]
        self._expected = checks.expectation(context.upstream.url)
        self.results = Results()

    def measure(self) -> None:
        """Measure everything. Raises `ResponseError` when a server does not answer as it must."""
        side_by_side = self._only - _SEPARATE.keys()
        for repetition in range(self._context.repetitions if side_by_side else 0):
            with ExitStack() as stack:
                targets = [
                    stack.enter_context(run_target(name, self._context)) for name in self._targets
                ]
                try:
                    self._measure_targets(targets, repetition)
                except (ResponseError, ConnectionFailed, OSError) as error:
                    words = (f"{each.name}: {each.process.log_tail}" for each in targets)
                    raise ResponseError("\n".join([repr(error), *words])) from error
        for key, measure in _SEPARATE.items():
            if key in self._only:
                _log_progress(key)
                self.results.extend(measure(self._context))

    def _measure_targets(self, targets: list[Target], repetition: int) -> None:
        _log_progress(f"repetition {repetition + 1} of {self._context.repetitions}")
        # The order changes, so that drift of the machine affects no server more than others.
        turn = repetition % len(targets)
        targets = targets[turn:] + targets[:turn]
        self._cold(targets, repetition)
        self._fill_caches(targets)
        for workload in self._warm:
            _log_progress(workload.key)
            taking_part = [each for each in targets if warm.takes_part(each.name, workload)]
            self.results.extend(
                warm.measure(self._context, target, workload, repetition) for target in taking_part
            )
        self._latencies(targets, repetition)

    def _cold(self, targets: list[Target], repetition: int) -> None:
        keys = [key for key in COLD if key in self._only]
        if not keys:
            return
        _log_progress(" ".join(keys))
        baseline = cold.Boto3Baseline(self._context)
        asked = [target for target in targets if target.name != "limit"]
        with baseline.process:
            self.results.extend(cold.measure(self._context, asked, baseline, keys, repetition))

    def _fill_caches(self, targets: list[Target]) -> None:
        bodies = [by_page(document("w5"), page) for page in pages(NAMES)]
        # The gateway first: the limit answers with its bytes.
        for target in sorted(targets, key=lambda target: target.name != "gateway"):
            if target.name != "limit":
                checks.ask_all(target, bodies)
            for workload in {*self._warm, *self._paced()}:
                if not warm.takes_part(target.name, workload):
                    continue
                checks.check(target, workload, self._expected, self._context.answers)
                if target.name == "gateway":
                    checks.record_answers(target, workload, self._context.answers)

    def _paced(self) -> list[Workload]:
        return [each for key, each in latency.WORKLOADS.items() if key in self._only]

    def _latencies(self, targets: list[Target], repetition: int) -> None:
        for key, workload in latency.WORKLOADS.items():
            if key in self._only:
                _log_progress(key)
                self.results.extend(
                    latency.measure(key, self._context, target, workload, repetition)
                    for target in targets
                    if target.name in {*GATEWAYS, "limit"}
                )


def _log_progress(what: str) -> None:
    sys.stderr.write(f"{what}\n")
