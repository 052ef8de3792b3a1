"""Changes of file on the way of a request through the gateway, by `trace_journeys.py`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.measure.sample import Sample
from benchmarks.processes import ProcessError, environment
from benchmarks.run_context import RunContext
from benchmarks.upstream.client import UpstreamProcess

LISTED_JOBS: Final = 20
"""Jobs on the list page: as many as a page has by default."""
_SCRIPT: Final = Path(__file__).parents[1] / "trace_journeys.py"
_TIMEOUT: Final = 120


def measure(context: RunContext) -> Iterator[Sample]:
    """Yield the files and changes of file of each journey, for each checkout."""
    with UpstreamProcess(context.cores, context.folder, LISTED_JOBS) as upstream:
        for checkout in context.checkouts:
            for journey, figures in trace(checkout.folder, upstream.url).items():
                yield Sample(
                    workload="journeys",
                    target=f"{checkout.prefix}{journey}",
                    repetition=0,
                    files=figures["files"],
                    file_changes=figures["file_changes"],
                )


def trace(folder: Path, endpoint_url: str) -> dict[str, dict[str, int]]:
    """Return `files` and `file_changes` of each journey, by its name.

    Raises `ProcessError` if the script fails for the checkout in this folder.
    """
    traced = subprocess.run(  # the benchmark's own script
        [sys.executable, "-P", str(_SCRIPT), endpoint_url],
        env=environment({"PYTHONPATH": str(folder)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT,
    )
    if traced.returncode:
        raise ProcessError(f"{_SCRIPT.name} failed in {folder}:\n{traced.stderr[-1_500:]}")
    journeys: dict[str, dict[str, int]] = json.loads(traced.stdout)
    return journeys
