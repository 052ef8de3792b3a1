"""What all measurements of a run share."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.flood import Flooder
from benchmarks.processes import Cores
from benchmarks.upstream.client import UpstreamProcess


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a run takes place, and how it is done."""

    cores: Cores
    folder: Path
    """The servers' logs, and the answers of the limit."""
    upstream: UpstreamProcess
    flood: Flooder
    wrk: str | None
    """wrk's path; `None` where Python floods."""
    seconds: float
    """How long a flood takes."""
    repetitions: int

    @property
    def answers(self) -> Path:
        """The folder of the limit's answers."""
        return self.folder / "answers"
