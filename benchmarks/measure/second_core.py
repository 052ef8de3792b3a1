"""Whether two processes on two cores do twice as much as one on one.

With two cores there is none left for the load, so each core carries its own: one core with a
process and a load is compared with two cores, each with a process and a load. What the load takes
of a core differs little between both, and the processor time of a request leaves it out.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

from benchmarks import checks
from benchmarks.asking import AnswerError
from benchmarks.load.flood import Flood
from benchmarks.load.wrk import Wrk
from benchmarks.measure.sample import Sample
from benchmarks.processes import on_cores
from benchmarks.setting import Setting
from benchmarks.targets import GRAPHQL, Target, running
from benchmarks.workloads import WARM

ONE: Final = "1 process"
TWO: Final = "2 processes"
_WARM_UP: Final = 2.0


def measure(setting: Setting) -> Iterator[Sample]:
    """Yield samples of both in turn."""
    if setting.wrk is None:
        sys.stderr.write("benchmarks: `cores` is left out: two loads at once need wrk.\n")
        return
    both = (setting.cores.server, setting.cores.load)
    with ExitStack() as stack:
        one = stack.enter_context(running("gateway", setting))
        more = ("--workers", "2")
        two = stack.enter_context(running("gateway", setting, options=more, cores=both))
        for target in (one, two):
            checks.ask_all(target, WARM[0].bodies)
        for repetition in range(setting.repetitions):
            yield _sample(setting, ONE, one, both[:1], repetition)
            yield _sample(setting, TWO, two, both, repetition)


def _sample(
    setting: Setting, name: str, target: Target, cores: Sequence[int], repetition: int
) -> Sample:
    _flood(setting, target, cores, _WARM_UP)
    before = target.process.usage()
    floods = _flood(setting, target, cores, setting.seconds)
    had = target.process.usage().since(before)
    if sum(flood.errors for flood in floods):
        raise AnswerError(f"{name}: requests failed")
    seconds = max(flood.seconds for flood in floods)
    requests = sum(flood.requests for flood in floods)
    return Sample(
        workload="cores",
        target=name,
        repetition=repetition,
        cores=len(cores),
        rate=sum(flood.rate for flood in floods),
        p50=max(flood.p50 for flood in floods) * 1e3,
        p99=max(flood.p99 for flood in floods) * 1e3,
        cpu=had.running / requests * 1e6,
        busy=had.running / seconds / len(cores),
        waited=had.waiting / seconds / len(cores),
    )


def _flood(setting: Setting, target: Target, cores: Sequence[int], seconds: float) -> list[Flood]:
    assert setting.wrk is not None  # `measure` saw to that
    floods: list[Wrk] = []
    for core in cores:
        with on_cores(core):
            bodies = WARM[0].bodies
            floods.append(Wrk(setting.wrk, target.port, GRAPHQL, bodies, seconds))
    return [flood.wait() for flood in floods]
