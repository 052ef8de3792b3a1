"""What a server makes of AWS when it has nothing in memory and AWS is 50 ms away."""

import json
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks.asking import AnswerError
from benchmarks.load.burst import burst
from benchmarks.load.wire import post
from benchmarks.measure.sample import Sample
from benchmarks.processes import Process, own_usage
from benchmarks.setting import Setting
from benchmarks.targets import GRAPHQL, Target
from benchmarks.upstream.client import UpstreamProcess
from benchmarks.workloads import PAGE, by_name, by_page, document

AWAY = 50.0
IDENTICAL = 200
_TIMES = 3
LEAST_CALLS = {"c1": 1, "c2": PAGE + 1}
THREADS = 32
"""As many as the gateway has by default."""


def fresh_names(many: int) -> tuple[str, ...]:
    """Return names of jobs that nobody has asked for."""
    stamp = time.time_ns() // 1_000_000 % 10**10
    return tuple(f"x{stamp}-{number}" for number in range(many))


def measure(
    setting: Setting,
    targets: Sequence[Target],
    alone: "Boto3Alone",
    keys: Sequence[str],
    repetition: int,
) -> Iterator[Sample]:
    """Yield samples in turn, after one of each target that does not count."""
    for count in range(1 + _TIMES):
        for key in keys:
            samples = [_one(key, target, setting.upstream, repetition) for target in targets]
            if key == "c2":
                samples.append(alone.measure(repetition))
            yield from samples if count else ()


def _one(key: str, target: Target, upstream: UpstreamProcess, repetition: int) -> Sample:
    names = fresh_names(1 if key == "c1" else PAGE)
    if key == "c1":
        body, times = by_name(document("w1"), names[0]), IDENTICAL
    else:
        body, times = by_page(document("c2"), names), 1
    upstream.forget()
    before, own_before = target.process.usage(), own_usage()
    with upstream.away(AWAY):
        result = burst(target.port, post(GRAPHQL, body), times)
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
            raise AnswerError(f"{target.name}, {key}: {body[:300]!r}")


class Boto3Alone:
    """boto3 on the server's core, making C2's calls with nothing around them."""

    def __init__(self, setting: Setting) -> None:
        self._upstream = setting.upstream
        command = [sys.executable, "-m", "benchmarks.alone", self._upstream.url, str(THREADS)]
        cores = [setting.cores.server]
        self.process = Process("boto3", command, cores, setting.folder, talks=True)

    def measure(self, repetition: int) -> Sample:
        """Return a sample of C2."""
        self._upstream.forget()
        with self._upstream.away(AWAY):
            seconds = float(self.process.ask(" ".join(fresh_names(PAGE))))
        return Sample(
            workload="c2",
            target="boto3",
            repetition=repetition,
            ms=seconds * 1e3,
            calls=self._upstream.calls().total,
        )
