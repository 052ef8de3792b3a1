"""Start-up time: from starting `serve` to its first answer about a job."""

import itertools
import time
from collections.abc import Iterator
from contextlib import suppress

from benchmarks.http_client import HttpClient, ResponseError
from benchmarks.measure.sample import Sample
from benchmarks.run_context import RunContext
from benchmarks.targets import GRAPHQL, Target
from benchmarks.workloads import WARM

_PAUSE = 0.002


def measure(context: RunContext) -> Iterator[Sample]:
    """Yield a sample of each start; AWS answers without latency."""
    for repetition, checkout in itertools.product(range(context.repetitions), context.checkouts):
        target = Target(checkout.target, context)
        try:
            _wait_for_answer(target)
            seconds = time.perf_counter() - target.process.started
            had = target.process.usage()
        finally:
            target.process.stop()
        yield Sample(
            workload="start",
            target=checkout.target,
            repetition=repetition,
            ms=seconds * 1e3,
            waited=had.waiting / seconds,
        )
        yield Sample(
            workload="start",
            target=f"{checkout.prefix}processor time",
            repetition=repetition,
            ms=had.running * 1e3,
        )


def _wait_for_answer(target: Target) -> None:
    body = WARM[0].bodies[0]
    target.process.wait_for(target.port)
    while True:
        with suppress(ResponseError), HttpClient(target.port) as client:
            client.data(GRAPHQL, body)
            return
        target.process.check_alive()
        time.sleep(_PAUSE)
