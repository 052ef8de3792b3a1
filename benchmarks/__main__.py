"""`python -m benchmarks`: measure all servers side by side, print a report, add to the history."""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks import history
from benchmarks.http_client import ResponseError
from benchmarks.load.closed_loop import CONNECTIONS, python_load
from benchmarks.load.wrk import WrkError, load
from benchmarks.processes import Cores, ProcessError, on_cores
from benchmarks.report import report
from benchmarks.results import Results
from benchmarks.run import NEED_LOAD, TITLES, Run
from benchmarks.run_context import RunContext
from benchmarks.targets import GATEWAYS, NODE, OTHERS, why_no_peers
from benchmarks.upstream.client import UpstreamProcess


class UsageError(Exception):
    """The run cannot start; the message says what to change."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for. Return 0 unless something could not be measured."""
    options = _parser().parse_args(arguments)
    options.against = options.against and options.against.resolve()
    # A signal must not leave servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("benchmarks: terminated"))
    try:
        results = _run(options)
    except (UsageError, ProcessError, ResponseError, WrkError) as error:
        sys.stderr.write(f"benchmarks: {error}\n")
        return 1
    load = "python" if options.python_load else "wrk"
    how = {"load": load, "seconds": options.seconds, "repetitions": options.reps}
    if options.against:
        how["against"] = history.commit_of(options.against)
    history.append(options.history, results, how)
    sys.stdout.write(
        f"{report(results, TITLES)}\n\nLoad, if any, by {load} on {CONNECTIONS} connections. "
        "Ratios are medians over repetitions. `busy`: the share of its core that a server used.\n"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--peers", action="store_true", help="measure the Node servers too")
    parser.add_argument("--reps", type=int, default=3, help="repetitions [3]")
    parser.add_argument("--seconds", type=float, default=4, help="seconds of each load [4]")
    keys = ",".join(TITLES)
    parser.add_argument("--only", default=keys, help=f"what to measure [{keys}]")
    parser.add_argument(
        "--against", type=Path, metavar="PATH", help="measure the gateway of this checkout too"
    )
    parser.add_argument("--python-load", action="store_true", help="do without wrk")
    parser.add_argument("--history", type=Path, default=history.FILE, help="file to add to")
    return parser


def _run(options: argparse.Namespace) -> Results:
    only = frozenset(options.only.split(","))
    if unknown := only - TITLES.keys():
        raise UsageError(f"--only takes {', '.join(TITLES)}, not {', '.join(sorted(unknown))}.")
    wrk = None if options.python_load or not only & NEED_LOAD else _wrk()
    against: Path | None = options.against
    if against and not (against / "gateway").is_dir():
        raise UsageError(f"--against takes the folder of a checkout; {against} has no gateway/.")
    targets = [*GATEWAYS[: 2 if against else 1], *OTHERS, *_peers(wanted=options.peers)]
    cores = Cores.find()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "answers").mkdir()
        stack.enter_context(on_cores(cores.load))
        context = RunContext(
            cores=cores,
            folder=folder,
            upstream=stack.enter_context(UpstreamProcess(cores, folder)),
            load=partial(load, wrk) if wrk else python_load,
            wrk=wrk,
            seconds=options.seconds,
            repetitions=options.reps,
            against=against,
        )
        run = Run(context, targets, only)
        run.measure()
    return run.results


def _peers(*, wanted: bool) -> Sequence[str]:
    reason = why_no_peers() if wanted else "not asked for"
    if wanted and reason:
        sys.stderr.write(f"benchmarks: the Node peers are left out: {reason}.\n")
    return () if reason else NODE


def _wrk() -> str:
    program = shutil.which("wrk")
    if program is None:
        raise UsageError(
            "wrk is not on the path (on Debian and Ubuntu: apt-get install wrk). Without it: "
            "--python-load, which is slower and may leave fast servers unsaturated."
        )
    return program


if __name__ == "__main__":
    sys.exit(main())
