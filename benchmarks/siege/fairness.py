"""`python -m benchmarks.siege.fairness`: what one caller's flood costs another caller.

One caller asks for a job every 20 ms, in turn one that is cached and one that is not, and is
measured alone and while another caller floods the gateway with jobs that are not cached, over as
many connections as `--connections`. Rounds of both alternate. Prints the 95th percentiles and
their ratio.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import quantiles
from typing import Any, Final, NamedTuple

from benchmarks.processes import compact_json
from benchmarks.siege.gateways import run_gateway, run_twin
from benchmarks.siege.neighbour import NAME
from gateway.auth.api_keys import create_key, hash_key

_PAUSE: Final = 0.02
_ROUND: Final = 4.0
"""Seconds of each measurement."""
_TIMEOUT: Final = 10.0


class Waits(NamedTuple):
    """How long a caller waited for answers, in milliseconds."""

    cached: list[float]
    cold: list[float]


class _Client:
    """Asks for jobs as one caller, over one connection."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}

    def ask(self, name: str) -> tuple[int, float]:
        """Return the status, and after how many milliseconds the answer was there."""
        query = f"{{ processingJob(name: {json.dumps(name)}) {{ id }} }}"
        began = time.perf_counter()
        self._connection.request("POST", "/graphql", compact_json({"query": query}), self._headers)
        response = self._connection.getresponse()
        response.read()
        return response.status, (time.perf_counter() - began) * 1e3


def _flood(port: int, key: str, number: int, ends: Event, answers: Any) -> None:
    """Ask for jobs that are not cached over connections of as many threads until `ends` is set."""
    counts: Counter[int] = Counter()

    def run(thread: int) -> None:
        with suppress(OSError, http.client.HTTPException):
            client = _Client(port, key)
            for each in count():
                if ends.is_set():
                    return
                counts[client.ask(f"flood-{os.getpid()}-{thread}-{each}")[0]] += 1

    threads = [threading.Thread(target=run, args=(each,)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put(dict(counts))


@contextmanager
def _flooded(port: int, key: str, number: int, counts: Counter[int]) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    ends, answers = context.Event(), context.Queue()
    flood = context.Process(target=_flood, args=(port, key, number, ends, answers))
    flood.start()
    time.sleep(1.5)
    try:
        yield
    finally:
        ends.set()
        counts.update(answers.get(timeout=_TIMEOUT))
        flood.join()


def _measure(client: _Client, numbers: Iterator[int], waits: Waits) -> None:
    ends_at = time.monotonic() + _ROUND
    while time.monotonic() < ends_at:
        for name, found in ((NAME, waits.cached), (f"patient-{next(numbers)}", waits.cold)):
            status, milliseconds = client.ask(name)
            if status != http.client.OK:
                raise RuntimeError(f"The measured caller was refused with status {status}.")
            found.append(milliseconds)
            time.sleep(_PAUSE)


def _p95(waits: Sequence[float]) -> float:
    return quantiles(waits, n=20)[-1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a line for cached and one for cold reads."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.siege.fairness")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls-per-minute", default="600")
    options = parser.parse_args(arguments)
    keys = {name: create_key() for name in ("flood", "patient")}
    limits = {"flood": f"calls_per_minute = {options.calls_per_minute}", "patient": ""}
    cores = sorted(os.sched_getaffinity(0))
    counts: Counter[int] = Counter()
    alone, flooded, numbers = Waits([], []), Waits([], []), count()
    with tempfile.TemporaryDirectory() as temporary:
        access = Path(temporary) / "access.toml"
        access.write_text(
            "".join(
                f'[[api_keys]]\nname = "{name}"\nhash = "{hash_key(key.encode())}"\n'
                f'scopes = ["read"]\n{limits[name]}\n'
                for name, key in keys.items()
            )
            + '[anonymous]\nscopes = ["read"]\n'
        )
        given = ["--access-file", str(access), "--allow-unauthenticated"]
        with (
            run_twin(Path(temporary), cores) as endpoint,
            run_gateway("gateway", Path(temporary), cores, endpoint, given) as gateway,
        ):
            client = _Client(gateway.port, keys["patient"])
            _measure(client, numbers, Waits([], []))
            for _ in range(options.rounds):
                _measure(client, numbers, alone)
                with _flooded(gateway.port, keys["flood"], options.connections, counts):
                    _measure(client, numbers, flooded)
    print(f"flood: {options.connections} connections, answers by status: {dict(counts)}")
    for kind in Waits._fields:
        before, after = _p95(getattr(alone, kind)), _p95(getattr(flooded, kind))
        print(f"{kind:7} p95 alone {before:.1f} ms, flooded {after:.1f} ms: {after / before:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
