"""Memory of the gateway: idle, and with 10,000 jobs and their rendered fragments."""

import re
import time
from collections.abc import Iterator

from benchmarks import checks
from benchmarks.http_client import HttpClient
from benchmarks.measure.sample import Sample
from benchmarks.run_context import RunContext
from benchmarks.targets import Target, run_target
from benchmarks.workloads import by_page, names, page_of_everything, pages

JOBS = 10_000
_ENOUGH = ("--cache-megabytes", "1024")
_SETTLE = 2.0


def measure(context: RunContext) -> Iterator[Sample]:
    """Yield the memory of an idle gateway, of a full one, and of one with room for all jobs."""
    for name, prefix, _ in context.checkouts:
        with run_target(name, context) as target:
            time.sleep(_SETTLE)
            yield _sample(f"{prefix}idle", target)
            _fill_caches(target)
            yield _sample(f"{prefix}10,000 jobs asked", target)
        with run_target(name, context, options=_ENOUGH) as target:
            _fill_caches(target)
            yield _sample(f"{prefix}10,000 jobs cached", target)


def _fill_caches(target: Target) -> None:
    text = page_of_everything()
    for page in pages(names(JOBS)):
        checks.ask_all(target, [by_page(text, page)])


def _sample(state: str, target: Target) -> Sample:
    with HttpClient(target.port) as client:
        metrics = client.get("/metrics")
    entries = re.search(r"^gateway_cache_entries (\S+)", metrics, re.MULTILINE)
    return Sample(
        workload="memory",
        target=state,
        repetition=0,
        megabytes=target.process.rss_megabytes,
        entries=round(float(entries[1])) if entries else None,
    )
