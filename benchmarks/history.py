"""The history of runs: a line of JSON for each, so that figures can be traced to their run."""

import json
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.goals import GOALS
from benchmarks.processes import output_of
from benchmarks.results import Results
from benchmarks.targets import PEERS

FILE: Final = Path(__file__).with_name("history.jsonl")
_ROOT: Final = Path(__file__).parents[1]
_PACKAGES: Final = (
    "uvicorn",
    "uvloop",
    "httptools",
    "starlette",
    "strawberry-graphql",
    "graphql-core",
    "aiocache",
    "boto3",
    "orjson",
)


def append(file: Path, results: Results, how: dict[str, Any]) -> None:
    """Append a run: date, commit, machine, options, all samples and the state of each goal."""
    goals = {
        f"{goal.workload}: {goal.text}": {
            "measured": float(f"{measured.value:.4g}"),
            "note": measured.note,
            "met": goal.met(measured.value),
        }
        for goal in GOALS
        if (measured := goal.figure(results))
    }
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit_of(_ROOT),
        "cpu": _cpu(),
        "versions": _versions(),
        **how,
        "goals": goals,
        "samples": [sample.figures() for sample in results.samples],
    }
    with file.open("a") as history:
        history.write(json.dumps(line) + "\n")


def commit_of(checkout: Path) -> str | None:
    """Return the commit of a checkout, marked if its gateway has changes; `None` without git."""
    git = ["git", "-C", str(checkout)]
    commit = output_of([*git, "rev-parse", "--short=12", "HEAD"])
    changed = output_of([*git, "status", "--porcelain", "--untracked-files=no", "--", "gateway"])
    return f"{commit}+changes" if commit and changed else commit


def _versions() -> dict[str, str]:
    versions = {name: version(name) for name in _PACKAGES} | {"python": platform.python_version()}
    node = output_of(["node", "--version"])
    packages = json.loads((PEERS / "package.json").read_text())["dependencies"]
    return versions | ({"node": node, **packages} if node else {})


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()
