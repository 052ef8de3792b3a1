"""How many requests a second a server answers when all it needs is in memory."""

from benchmarks.asking import AnswerError
from benchmarks.load.flood import CONNECTIONS, Flood
from benchmarks.measure.sample import Sample
from benchmarks.processes import Usage
from benchmarks.setting import Setting
from benchmarks.targets import Target
from benchmarks.workloads import Workload

_WARM_UP = 1.0
_ENOUGH = 3 * CONNECTIONS
_LONGEST = 20.0
_PEERS_OF_NEW = ("gateway", "strawberry")
_PEERS_OF_LISTS = ("gateway", "limit")
_LIST_FRESH = 2.0
"""Seconds for which the gateway remembers a page, as it ships."""


def takes_part(target: str, workload: Workload) -> bool:
    """Tell whether a target is measured on a workload."""
    if workload.is_list:
        return target in _PEERS_OF_LISTS
    return not workload.is_new or target in _PEERS_OF_NEW


def measure(setting: Setting, target: Target, workload: Workload, repetition: int) -> Sample:
    """Flood a target and return what came of it. Raises `AnswerError` when that is not valid."""
    setting.flood(target.port, target.path(workload.key), workload.bodies, _WARM_UP)
    setting.upstream.forget()
    result, spent = _flood(setting, target, workload)
    _check(target, workload, result, setting.upstream.calls().total)
    return Sample(
        workload=workload.key,
        target=target.name,
        repetition=repetition,
        rate=result.rate,
        p50=result.p50 * 1e3,
        p99=result.p99 * 1e3,
        cpu=spent.running / result.requests * 1e6,
        busy=spent.running / result.seconds,
        waited=spent.waiting / result.seconds,
    )


def _flood(setting: Setting, target: Target, workload: Workload) -> tuple[Flood, Usage]:
    """Flood for as long as it takes to see enough requests of a slow server."""
    seconds = setting.seconds
    while True:
        # What the last flood left behind is not this one's cost.
        target.process.wait_until_idle()
        before = target.process.usage()
        result = setting.flood(target.port, target.path(workload.key), workload.bodies, seconds)
        if result.requests >= _ENOUGH or seconds > _LONGEST:
            return result, target.process.usage().since(before)
        seconds *= 3


def _check(target: Target, workload: Workload, result: Flood, calls: int) -> None:
    where = f"{target.name}, {workload.key}"
    if result.errors or not result.requests:
        raise AnswerError(f"{where}: {result.errors} of {result.requests} requests failed")
    if calls > (result.seconds / _LIST_FRESH + 1 if workload.is_list else 0):
        raise AnswerError(f"{where}: {calls} AWS calls while everything should be in memory")
