"""`python -m benchmarks.siege`: attack the gateway, and print what each attack costs others.

Each attack has a gateway of its own, which a neighbour asks a cached query all the while. The
neighbour asks an idle gateway too: how long that one's answers took is the machine's own noise.
Ends with 1 if any limit was broken.
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import ProcessError
from benchmarks.siege.attack import Attack
from benchmarks.siege.attacks import ATTACKS
from benchmarks.siege.report import NOTES, head, line, verdict
from benchmarks.siege.run import Result, prepared


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the attacks that the arguments choose. Return 1 if a limit was broken."""
    options = _parser().parse_args(arguments)
    chosen = _chosen(options.only)
    if options.list:
        for attack in chosen:
            print(f"{attack.key:24}{attack.title}")
        return 0
    if not chosen:
        sys.stderr.write("siege: no attack has such a key; --list shows all.\n")
        return 2
    # A signal must not leave servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("siege: terminated"))
    try:
        results = _run(chosen, options.log)
    except ProcessError as error:
        sys.stderr.write(f"siege: {error}\n")
        return 1
    print(f"\n{NOTES}\n\n{verdict(results)}")
    return int(any(result.faults for result in results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.siege", description=__doc__)
    parser.add_argument(
        "--only",
        default="",
        metavar="KEYS",
        help="run the attacks whose keys begin with one of these, separated by commas: a1,a3-alias",
    )
    parser.add_argument("--list", action="store_true", help="list the attacks and run none")
    parser.add_argument("--log", type=Path, metavar="FOLDER", help="leave the gateways' logs here")
    return parser


def _chosen(only: str) -> list[Attack]:
    beginnings = tuple(filter(None, only.split(","))) or ("",)
    return [attack for attack in ATTACKS if attack.key.startswith(beginnings)]


def _run(attacks: Sequence[Attack], log: Path | None) -> list[Result]:
    results: list[Result] = []
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as temporary:
        folder = log.resolve() if log else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with prepared(folder, cores) as siege:
            print(head(), flush=True)
            for attack in attacks:
                results.append(siege.run(attack))
                print(line(results[-1]), flush=True)
    return results


if __name__ == "__main__":
    sys.exit(main())
