"""How long a request takes at half of the rate that a server could do."""

from typing import Final

from benchmarks.load.flood import CONNECTIONS
from benchmarks.load.paced import paced
from benchmarks.load.wire import post
from benchmarks.measure.sample import Sample
from benchmarks.processes import own_usage
from benchmarks.setting import Setting
from benchmarks.targets import Target
from benchmarks.workloads import WARM, Workload

_WARM_UP = 0.5
_SATURATION = 1.0
WORKLOADS: Final = {f"l{each.key[1:]}": each for each in WARM if each.key in {"w1", "w2"}}


def measure(
    key: str, setting: Setting, target: Target, workload: Workload, repetition: int
) -> Sample:
    """Find out what a target can do, then ask half of that of it."""
    path = target.path(workload.key)
    saturated = setting.flood(target.port, path, workload.bodies, _SATURATION).rate
    request = post(path, workload.bodies[0])
    rate, seconds = saturated / 2, setting.seconds
    paced(target.port, request, rate=rate, seconds=_WARM_UP, connections=CONNECTIONS)
    before, own_before = target.process.usage(), own_usage()
    latencies = paced(target.port, request, rate=rate, seconds=seconds, connections=CONNECTIONS)
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
