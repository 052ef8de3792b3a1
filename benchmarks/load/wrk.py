"""wrk, which takes little of its core and so finds out how much of the other a server can use."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.load.flood import CONNECTIONS, Flood, first_number

_SCRIPT: Final = Path(__file__).with_suffix(".lua")
_MARK: Final = "RESULT "
_MICROSECONDS: Final = 1e6


class WrkError(Exception):
    """wrk failed; the message is its own."""


class Wrk:
    """A flood by wrk. `wait` waits for its end, so that two can run at once."""

    def __init__(
        self, program: str, port: int, path: str, bodies: list[str], seconds: float
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "bodies"
        file.write_text("".join(f"{body}\n" for body in bodies))
        # wrk takes whole seconds only.
        duration = f"{max(1, round(seconds))}s"
        url = f"http://127.0.0.1:{port}{path}"
        options = ["-t1", f"-c{CONNECTIONS}", f"-d{duration}", "--timeout", "20s"]
        self._process = subprocess.Popen(  # a program that the caller has found
            [program, *options, "-s", str(_SCRIPT), url],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"BODIES": str(file), "FIRST": str(first_number())},
        )

    def wait(self) -> Flood:
        """Return what came of it."""
        printed, _ = self._process.communicate()
        self._folder.cleanup()
        line = next((each for each in printed.splitlines() if each.startswith(_MARK)), None)
        if line is None:
            raise WrkError(f"wrk: {printed.strip()}")
        told = json.loads(line.removeprefix(_MARK))
        return Flood(
            told["requests"],
            told["microseconds"] / _MICROSECONDS,
            told["bytes"],
            told["errors"],
            told["p50"] / _MICROSECONDS,
            told["p99"] / _MICROSECONDS,
        )


def flood(program: str, port: int, path: str, bodies: list[str], seconds: float) -> Flood:
    """Flood by wrk and wait for the end of it."""
    return Wrk(program, port, path, bodies, seconds).wait()
