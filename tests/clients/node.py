"""Installs the clients' Node packages, and runs scripts that use them."""

import fcntl
import hashlib
import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Self

HERE: Final = Path(__file__).parent
_LOCK: Final = HERE / "package-lock.json"
_MODULES: Final = HERE / "node_modules"
_STAMP: Final = _MODULES / ".of-lock"

_TIMEOUT: Final = 60.0
"""Seconds without output after which a script is taken to hang."""
_INSTALL_TIMEOUT: Final = 300.0


class NotInstalled(Exception):
    """The packages cannot be installed; the message says why."""


def install() -> None:
    """Install the packages, once per lock. Raises `NotInstalled`."""
    for needed in ("node", "npm"):
        if shutil.which(needed) is None:
            raise NotInstalled(f"{needed} is not installed (Debian: apt-get install nodejs npm)")
    digest = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    # Two runs at once must not install into one folder; the second finds the work done.
    with _LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _STAMP.exists() and _STAMP.read_text() == digest:
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-progress"]
        try:
            subprocess.run(
                command,
                cwd=HERE,
                check=True,
                capture_output=True,
                text=True,
                timeout=_INSTALL_TIMEOUT,
            )
        except subprocess.TimeoutExpired as error:
            raise NotInstalled("npm ci did not end; is there a way to a registry?") from error
        except subprocess.CalledProcessError as error:
            raise NotInstalled(f"npm ci failed:\n{error.stderr[-2_000:]}") from error
        _STAMP.write_text(digest)


class Script:
    """A running script; iterating over it yields the JSON of each line that it prints."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._errors = ""
        assert process.stdout is not None
        assert process.stderr is not None
        self._threads = [
            threading.Thread(target=self._read_output, args=(process.stdout,)),
            threading.Thread(target=self._read_errors, args=(process.stderr,)),
        ]
        for thread in self._threads:
            thread.start()

    def _read_output(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self, stream: IO[str]) -> None:
        self._errors = stream.read()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        try:
            line = self._lines.get(timeout=_TIMEOUT)
        except queue.Empty:
            raise AssertionError(f"the script printed nothing for {_TIMEOUT} seconds") from None
        if line is None:
            raise StopIteration
        return json.loads(line)

    def finish(self) -> list[Any]:
        """Return the rest of the output once the script has ended. Fails unless it succeeded."""
        rest = list(self)
        code = self._process.wait(_TIMEOUT)
        self._join()
        assert code == 0, self._errors
        return rest

    def kill(self) -> None:
        """Kill the script."""
        self._process.kill()
        self._process.wait()
        self._join()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()


@contextmanager
def running_script(name: str, url: str, which: str = "", variables: Any = None) -> Iterator[Script]:
    """Run a script of this folder against the gateway at `url`, until the block ends."""
    command = ["node", str(HERE / name), f"{url}/graphql", which, json.dumps(variables or {})]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        script = Script(process)
        try:
            yield script
        finally:
            script.kill()
