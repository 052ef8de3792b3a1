"""Time and AWS calls of requests that find nothing cached, with AWS 50 ms away."""

import json
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks.http_client import ResponseError
from benchmarks.load.raw_connection import post
from benchmarks.load.simultaneous import post_simultaneously
from benchmarks.measure.sample import Sample
from benchmarks.processes import Process, own_usage
from benchmarks.run_context import RunContext
from benchmarks.targets import GRAPHQL, Target
from benchmarks.upstream.client import UpstreamProcess
from benchmarks.workloads import PAGE, by_name, by_page, document

LATENCY_MS = 50.0
IDENTICAL = 200
_TIMES = 3
LEAST_CALLS = {"c1": 1, "c2": PAGE + 1}
THREADS = 32
"""As many as the gateway has by default."""


def unused_names(many: int) -> tuple[str, ...]:
    """Return names of jobs that no request has used."""
    stamp = time.time_ns() // 1_000_000 % 10**10
    return tuple(f"x{stamp}-{number}" for number in range(many))


def measure(
    context: RunContext,
    targets: Sequence[Target],
    baseline: "Boto3Baseline",
    keys: Sequence[str],
    repetition: int,
) -> Iterator[Sample]:
    """Yield samples in turn, after one of each target that does not count."""
    for count in range(1 + _TIMES):
        for key in keys:
            samples = [_one(key, target, context.upstream, repetition) for target in targets]
            if key == "c2":
                samples.append(baseline.measure(repetition))
            yield from samples if count else ()


def _one(key: str, target: Target, upstream: UpstreamProcess, repetition: int) -> Sample:
    names = unused_names(1 if key == "c1" else PAGE)
    if key == "c1":
        body, times = by_name(document("w1"), names[0]), IDENTICAL
    else:
        body, times = by_page(document("c2"), names), 1
    upstream.reset_calls()
    before, own_before = target.process.usage(), own_usage()
    with upstream.latency(LATENCY_MS):
        result = post_simultaneously(target.port, post(GRAPHQL, body), times)
    had, own = target.process.usage().since(before), own_usage().since(own_before)
    _check(target, key, result.bodies, names)
    return Sample(
        workload=key,
        target=target.name,
        repetition=repetition,
        ms=result.seconds * 1e3,
        waited=max(had.waiting, own.waiting) / result.seconds,
        calls=upstream.calls().total,
    )


def _check(target: Target, key: str, bodies: list[bytes], names: tuple[str, ...]) -> None:
    linked = [f"train-{name}" for name in names] if key == "c2" else []
    for body in bodies:
        answer = json.loads(body)
        text = json.dumps(answer.get("data"))
        missing = [name for name in (*names, *linked) if f'"{name}"' not in text]
        if "errors" in answer or missing:
            raise ResponseError(f"{target.name}, {key}: {body[:300]!r}")


class Boto3Baseline:
    """boto3 alone on the server's core, making the calls of c2."""

    def __init__(self, context: RunContext) -> None:
        self._upstream = context.upstream
        command = [
            sys.executable,
            "-m",
            "benchmarks.boto3_baseline",
            self._upstream.url,
            str(THREADS),
        ]
        cores = [context.cores.server]
        self.process = Process("boto3", command, cores, context.folder, interactive=True)

    def measure(self, repetition: int) -> Sample:
        """Return a sample of C2."""
        self._upstream.reset_calls()
        with self._upstream.latency(LATENCY_MS):
            seconds = float(self.process.ask(" ".join(unused_names(PAGE))))
        return Sample(
            workload="c2",
            target="boto3",
            repetition=repetition,
            ms=seconds * 1e3,
            calls=self._upstream.calls().total,
        )
