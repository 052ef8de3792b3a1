"""Throughput: requests a second when every answer is cached."""

from collections.abc import Sequence

from benchmarks.http_client import ResponseError
from benchmarks.load.closed_loop import CONNECTIONS, LoadResult
from benchmarks.measure.sample import Sample
from benchmarks.processes import Usage
from benchmarks.run_context import RunContext
from benchmarks.targets import GATEWAYS, Target
from benchmarks.workloads import Workload

_WARM_UP = 1.0
_ENOUGH = 3 * CONNECTIONS
_LONGEST = 20.0
_PEERS_OF_NEW = (*GATEWAYS, "strawberry")
_PEERS_OF_LISTS = (*GATEWAYS, "limit")
_LIST_FRESH = 2.0
"""Seconds for which the gateway remembers a page, as it ships."""


def takes_part(target: str, workload: Workload) -> bool:
    """Tell whether a target is measured on a workload."""
    if workload.is_list:
        return target in _PEERS_OF_LISTS
    return not workload.is_new or target in _PEERS_OF_NEW


def measure(
    context: RunContext,
    target: Target,
    workload: Workload,
    repetition: int,
    tokens: Sequence[str] = (),
) -> Sample:
    """Load a target, with bearer tokens in turn if there are any, and return the sample.

    Raises `ResponseError` if requests failed.
    """
    context.load(target.port, target.path(workload.key), workload.bodies, _WARM_UP, tokens)
    context.upstream.reset_calls()
    result, spent = _load(context, target, workload, tokens)
    _check(target, workload, result, context.upstream.calls().total)
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


def _load(
    context: RunContext, target: Target, workload: Workload, tokens: Sequence[str]
) -> tuple[LoadResult, Usage]:
    """Load a target for long enough that a slow server answers enough requests."""
    seconds = context.seconds
    path = target.path(workload.key)
    while True:
        # Work left over from the last load must not be counted for this one.
        target.process.wait_until_idle()
        before = target.process.usage()
        result = context.load(target.port, path, workload.bodies, seconds, tokens)
        if result.requests >= _ENOUGH or seconds > _LONGEST:
            return result, target.process.usage().since(before)
        seconds *= 3


def _check(target: Target, workload: Workload, result: LoadResult, calls: int) -> None:
    where = f"{target.name}, {workload.key}"
    if result.errors or not result.requests:
        raise ResponseError(f"{where}: {result.errors} of {result.requests} requests failed")
    if calls > (result.seconds / _LIST_FRESH + 1 if workload.is_list else 0):
        raise ResponseError(f"{where}: {calls} AWS calls while everything should be in memory")
