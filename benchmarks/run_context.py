"""What all measurements of a run share: cores, upstream, load generator and options."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.closed_loop import LoadGenerator
from benchmarks.processes import Cores
from benchmarks.upstream.client import UpstreamProcess


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """The options of a run and the processes that all measurements use."""

    cores: Cores
    folder: Path
    """The servers' logs, and the answers of the limit."""
    upstream: UpstreamProcess
    load: LoadGenerator
    wrk: str | None
    """Path of wrk; `None` if the load comes from Python."""
    seconds: float
    """How long a load lasts."""
    repetitions: int

    @property
    def answers(self) -> Path:
        """The folder of the limit's answers."""
        return self.folder / "answers"
