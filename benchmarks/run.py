"""The order of a run: every repetition starts all servers afresh and visits each in turn."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Final

from benchmarks import checks
from benchmarks.asking import AnswerError
from benchmarks.load.wire import WireError
from benchmarks.measure import cold, growth, latency, memory, second_core, start, warm
from benchmarks.measure.sample import Sample
from benchmarks.results import Results
from benchmarks.setting import Setting
from benchmarks.targets import Target, running
from benchmarks.workloads import COLD, NAMES, WARM, Workload, by_page, document, pages

_BY_ITSELF: Final[Mapping[str, Callable[[Setting], Iterator[Sample]]]] = {
    "start": start.measure,
    "memory": memory.measure,
    "cores": second_core.measure,
    "growth": growth.measure,
}
TITLES: Final = {
    **{workload.key: workload.title for workload in WARM},
    **COLD,
    **{key: f"{flooded.key} at half of its rate" for key, flooded in latency.WORKLOADS.items()},
    "start": "from exec to the first answer",
    "memory": "resident memory",
    "cores": "w1, load on the same cores",
    "growth": "w1 with many jobs in memory",
}
"""All that can be measured."""


class Run:
    """One run of what `only` names, over the servers that `targets` names."""

    def __init__(self, setting: Setting, targets: Sequence[str], only: frozenset[str]) -> None:
        self._setting = setting
        self._targets = targets
        self._only = only
        self._warm = [workload for workload in WARM if workload.key in only]
        self._expected = checks.expectation(setting.upstream.url)
        self.results = Results()

    def measure(self) -> None:
        """Measure everything. Raises `AnswerError` when a server does not answer as it must."""
        side_by_side = self._only - _BY_ITSELF.keys()
        for repetition in range(self._setting.repetitions if side_by_side else 0):
            with ExitStack() as stack:
                targets = [
                    stack.enter_context(running(name, self._setting)) for name in self._targets
                ]
                try:
                    self._visit(targets, repetition)
                except (AnswerError, WireError, OSError) as error:
                    words = (f"{each.name}: {each.process.last_words}" for each in targets)
                    raise AnswerError("\n".join([repr(error), *words])) from error
        for key, measure in _BY_ITSELF.items():
            if key in self._only:
                _tell(key)
                self.results.extend(measure(self._setting))

    def _visit(self, targets: list[Target], repetition: int) -> None:
        _tell(f"repetition {repetition + 1} of {self._setting.repetitions}")
        # Whoever comes first has the quieter machine, or the busier one.
        turn = repetition % len(targets)
        targets = targets[turn:] + targets[:turn]
        self._cold(targets, repetition)
        self._fill(targets)
        for workload in self._warm:
            _tell(workload.key)
            taking_part = [each for each in targets if warm.takes_part(each.name, workload)]
            self.results.extend(
                warm.measure(self._setting, target, workload, repetition) for target in taking_part
            )
        self._latencies(targets, repetition)

    def _cold(self, targets: list[Target], repetition: int) -> None:
        keys = [key for key in COLD if key in self._only]
        if not keys:
            return
        _tell(" ".join(keys))
        alone = cold.Boto3Alone(self._setting)
        asked = [target for target in targets if target.name != "limit"]
        with alone.process:
            self.results.extend(cold.measure(self._setting, asked, alone, keys, repetition))

    def _fill(self, targets: list[Target]) -> None:
        bodies = [by_page(document("w5"), page) for page in pages(NAMES)]
        # The gateway first: the limit answers with its bytes.
        for target in sorted(targets, key=lambda target: target.name != "gateway"):
            if target.name != "limit":
                checks.ask_all(target, bodies)
            for workload in {*self._warm, *self._paced()}:
                if not warm.takes_part(target.name, workload):
                    continue
                checks.check(target, workload, self._expected, self._setting.answers)
                if target.name == "gateway":
                    checks.record(target, workload, self._setting.answers)

    def _paced(self) -> list[Workload]:
        return [each for key, each in latency.WORKLOADS.items() if key in self._only]

    def _latencies(self, targets: list[Target], repetition: int) -> None:
        for key, workload in latency.WORKLOADS.items():
            if key in self._only:
                _tell(key)
                self.results.extend(
                    latency.measure(key, self._setting, target, workload, repetition)
                    for target in targets
                    if target.name in {"gateway", "limit"}
                )


def _tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")
