"""Scaling: whether two processes on two cores answer twice as many requests as one.

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
from benchmarks.http_client import ResponseError
from benchmarks.load.closed_loop import LoadResult
from benchmarks.load.wrk import Wrk
from benchmarks.measure.sample import Sample
from benchmarks.processes import on_cores
from benchmarks.run_context import RunContext
from benchmarks.targets import Target, run_target
from benchmarks.workloads import WARM

ONE: Final = "1 process"
TWO: Final = "2 processes"
WORKERS: Final = "2 workers, one port"
LIMIT: Final = "limit, "
_WARM_UP: Final = 2.0
Place = tuple[int, Target]
"""A core that carries a load, and the target of it."""


def measure(context: RunContext) -> Iterator[Sample]:
    """Yield samples of both in turn."""
    if context.wrk is None:
        sys.stderr.write("benchmarks: `cores` is left out: two loads at once need wrk.\n")
        return
    both = (context.cores.server, context.cores.load)
    with ExitStack() as stack:
        apart = [stack.enter_context(run_target("gateway", context, cores=[core])) for core in both]
        more = ("--workers", "2")
        workers = stack.enter_context(run_target("gateway", context, options=more, cores=both))
        limits = [stack.enter_context(run_target("limit", context, cores=[core])) for core in both]
        for target in (*apart, workers):
            checks.ask_all(target, WARM[0].bodies)
        for repetition in range(context.repetitions):
            for name, targets in (
                (ONE, apart[:1]),
                (TWO, apart),
                (WORKERS, [workers, workers]),
                (LIMIT + ONE, limits[:1]),
                (LIMIT + TWO, limits),
            ):
                places = list(zip(both, targets, strict=False))
                yield _sample(context, name, places, repetition)


def _sample(context: RunContext, name: str, places: Sequence[Place], repetition: int) -> Sample:
    targets = {id(target): target for _, target in places}.values()
    _load(context, places, _WARM_UP)
    before = [target.process.usage() for target in targets]
    loads = _load(context, places, context.seconds)
    had = [target.process.usage().since(was) for target, was in zip(targets, before, strict=True)]
    if sum(load.errors for load in loads):
        raise ResponseError(f"{name}: requests failed")
    seconds = max(load.seconds for load in loads)
    requests = sum(load.requests for load in loads)
    ran, waited = sum(each.running for each in had), sum(each.waiting for each in had)
    return Sample(
        workload="cores",
        target=name,
        repetition=repetition,
        cores=len(places),
        rate=sum(load.rate for load in loads),
        p50=max(load.p50 for load in loads) * 1e3,
        p99=max(load.p99 for load in loads) * 1e3,
        cpu=ran / requests * 1e6,
        busy=ran / seconds / len(places),
        waited=waited / seconds / len(places),
    )


def _load(context: RunContext, places: Sequence[Place], seconds: float) -> list[LoadResult]:
    assert context.wrk is not None  # `measure` saw to that
    loads: list[Wrk] = []
    for core, target in places:
        with on_cores(core):
            path = target.path(WARM[0].key)
            loads.append(Wrk(context.wrk, target.port, path, WARM[0].bodies, seconds))
    return [load.wait() for load in loads]
