"""Whether two processes on two cores do twice as much as one on one.

With two cores there is none left for the load, so each core carries its own: one core with a
process and a load is compared with two cores, each with a process and a load. What the load takes
of a core differs little between both, and the processor time of a request leaves it out. What the
machine's second core is worth is told by the same measurement of the bare ASGI limit. Two workers
on one port are measured too: half of their requests come from the other core, which costs both.
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
from benchmarks.targets import Target, running
from benchmarks.workloads import WARM

ONE: Final = "1 process"
TWO: Final = "2 processes"
WORKERS: Final = "2 workers, one port"
LIMIT: Final = "limit, "
_WARM_UP: Final = 2.0
Place = tuple[int, Target]
"""A core that carries a load, and the target of it."""


def measure(setting: Setting) -> Iterator[Sample]:
    """Yield samples of both in turn."""
    if setting.wrk is None:
        sys.stderr.write("benchmarks: `cores` is left out: two loads at once need wrk.\n")
        return
    both = (setting.cores.server, setting.cores.load)
    with ExitStack() as stack:
        apart = [stack.enter_context(running("gateway", setting, cores=[core])) for core in both]
        more = ("--workers", "2")
        workers = stack.enter_context(running("gateway", setting, options=more, cores=both))
        limits = [stack.enter_context(running("limit", setting, cores=[core])) for core in both]
        for target in (*apart, workers):
            checks.ask_all(target, WARM[0].bodies)
        for repetition in range(setting.repetitions):
            for name, targets in (
                (ONE, apart[:1]),
                (TWO, apart),
                (WORKERS, [workers, workers]),
                (LIMIT + ONE, limits[:1]),
                (LIMIT + TWO, limits),
            ):
                places = list(zip(both, targets, strict=False))
                yield _sample(setting, name, places, repetition)


def _sample(setting: Setting, name: str, places: Sequence[Place], repetition: int) -> Sample:
    targets = {id(target): target for _, target in places}.values()
    _flood(setting, places, _WARM_UP)
    before = [target.process.usage() for target in targets]
    floods = _flood(setting, places, setting.seconds)
    had = [target.process.usage().since(was) for target, was in zip(targets, before, strict=True)]
    if sum(flood.errors for flood in floods):
        raise AnswerError(f"{name}: requests failed")
    seconds = max(flood.seconds for flood in floods)
    requests = sum(flood.requests for flood in floods)
    ran, waited = sum(each.running for each in had), sum(each.waiting for each in had)
    return Sample(
        workload="cores",
        target=name,
        repetition=repetition,
        cores=len(places),
        rate=sum(flood.rate for flood in floods),
        p50=max(flood.p50 for flood in floods) * 1e3,
        p99=max(flood.p99 for flood in floods) * 1e3,
        cpu=ran / requests * 1e6,
        busy=ran / seconds / len(places),
        waited=waited / seconds / len(places),
    )


def _flood(setting: Setting, places: Sequence[Place], seconds: float) -> list[Flood]:
    assert setting.wrk is not None  # `measure` saw to that
    floods: list[Wrk] = []
    for core, target in places:
        with on_cores(core):
            path = target.path(WARM[0].key)
            floods.append(Wrk(setting.wrk, target.port, path, WARM[0].bodies, seconds))
    return [flood.wait() for flood in floods]
