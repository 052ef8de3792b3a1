"""Latency at half of the rate that saturates a server."""

from functools import partial
from typing import Final

from benchmarks.load.closed_loop import CONNECTIONS
from benchmarks.load.constant_rate import constant_rate
from benchmarks.load.raw_connection import post
from benchmarks.measure.sample import Sample
from benchmarks.processes import own_usage
from benchmarks.run_context import RunContext
from benchmarks.targets import Target
from benchmarks.workloads import WARM, Workload

_WARM_UP = 0.5
_SATURATION = 1.0
WORKLOADS: Final = {f"l{each.key[1:]}": each for each in WARM if each.key in {"w1", "w2"}}


def measure(
    key: str, context: RunContext, target: Target, workload: Workload, repetition: int
) -> Sample:
    """Find a target's highest rate, then measure latency at half of it."""
    path = target.path(workload.key)
    saturated = context.load(target.port, path, workload.bodies, _SATURATION).rate
    request = post(path, workload.bodies[0])
    rate, seconds = saturated / 2, context.seconds
    send = partial(constant_rate, target.port, request, rate=rate, connections=CONNECTIONS)
    send(seconds=_WARM_UP)
    before, own_before = target.process.usage(), own_usage()
    latencies = constant_rate(
        target.port, request, rate=rate, seconds=seconds, connections=CONNECTIONS
    )
    had, own = target.process.usage().since(before), own_usage().since(own_before)
    return Sample(
        workload=key,
        target=target.name,
        repetition=repetition,
        rate=rate,
        p50=latencies[len(latencies) // 2] * 1e3,
        p99=latencies[len(latencies) * 99 // 100] * 1e3,
        busy=had.running / seconds,
        waited=max(had.waiting, own.waiting) / seconds,
    )
