"""Closed-loop load by wrk, which is fast enough to saturate a server on another core."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.load.closed_loop import CONNECTIONS, LoadResult, unused_number

_SCRIPT: Final = Path(__file__).with_suffix(".lua")
_MARK: Final = "RESULT "
_MICROSECONDS: Final = 1e6


class WrkError(Exception):
    """wrk failed; the message is its own."""


class Wrk:
    """A running wrk. `wait` returns its result, so that two can run at once."""

    def __init__(
        self,
        program: str,
        port: int,
        path: str,
        bodies: list[str],
        seconds: float,
        tokens: Sequence[str] = (),
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        files = {name: Path(self._folder.name) / name for name in ("BODIES", "TOKENS")}
        for file, lines in zip(files.values(), (bodies, tokens), strict=True):
            file.write_text("".join(f"{line}\n" for line in lines))
        # wrk takes whole seconds only.
        duration = f"{max(1, round(seconds))}s"
        url = f"http://127.0.0.1:{port}{path}"
        options = ["-t1", f"-c{CONNECTIONS}", f"-d{duration}", "--timeout", "20s"]
        self._process = subprocess.Popen(  # a program that the caller has found
            [program, *options, "-s", str(_SCRIPT), url],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **{name: str(file) for name, file in files.items()},
                "FIRST": str(unused_number()),
            },
        )

    def wait(self) -> LoadResult:
        """Return the result once wrk has ended."""
        printed, _ = self._process.communicate()
        self._folder.cleanup()
        line = next((each for each in printed.splitlines() if each.startswith(_MARK)), None)
        if line is None:
            raise WrkError(f"wrk: {printed.strip()}")
        figures = json.loads(line.removeprefix(_MARK))
        return LoadResult(
            figures["requests"],
            figures["microseconds"] / _MICROSECONDS,
            figures["bytes"],
            figures["errors"],
            figures["p50"] / _MICROSECONDS,
            figures["p99"] / _MICROSECONDS,
        )


def load(
    program: str,
    port: int,
    path: str,
    bodies: list[str],
    seconds: float,
    tokens: Sequence[str] = (),
) -> LoadResult:
    """Run wrk and return its result."""
    return Wrk(program, port, path, bodies, seconds, tokens).wait()
