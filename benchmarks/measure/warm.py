"""How many requests a second a server answers when all it needs is in memory."""

from benchmarks.asking import AnswerError
from benchmarks.load.flood import Flood
from benchmarks.measure.sample import Sample
from benchmarks.setting import Setting
from benchmarks.targets import Target
from benchmarks.workloads import Workload

_WARM_UP = 1.0
_PEERS_OF_NEW = ("gateway", "strawberry")


def takes_part(target: str, workload: Workload) -> bool:
    """Tell whether a target is measured on a workload."""
    return not workload.is_new or target in _PEERS_OF_NEW


def measure(setting: Setting, target: Target, workload: Workload, repetition: int) -> Sample:
    """Flood a target and return what came of it. Raises `AnswerError` when that is not valid."""
    path = target.path(workload.key)
    setting.flood(target.port, path, workload.bodies, _WARM_UP)
    setting.upstream.forget()
    before = target.process.usage()
    result = setting.flood(target.port, path, workload.bodies, setting.seconds)
    spent = target.process.usage().since(before)
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


def _check(target: Target, workload: Workload, result: Flood, calls: int) -> None:
    where = f"{target.name}, {workload.key}"
    if result.errors:
        raise AnswerError(f"{where}: {result.errors} of {result.requests} requests failed")
    if calls:
        raise AnswerError(f"{where}: {calls} AWS calls while everything should be in memory")
