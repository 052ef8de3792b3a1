"""What all measurements of a run share: cores, upstream, load generator and options."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.load.closed_loop import LoadGenerator
from benchmarks.processes import Cores
from benchmarks.upstream.client import UpstreamProcess

OTHER: Final = "other checkout"
"""Target name of the gateway of the checkout that `--against` names."""


class Checkout(NamedTuple):
    """A working copy of the gateway's repository."""

    target: str
    """Target name of its gateway."""
    prefix: str
    """What precedes the names of its other targets, such as states of its gateway."""
    folder: Path


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
    against: Path | None = None
    """Another checkout of the gateway, which is measured too."""

    @property
    def checkouts(self) -> list[Checkout]:
        """The checkouts whose gateways are measured, this one first."""
        this = Checkout("gateway", "", Path(__file__).parents[1])
        if self.against is None:
            return [this]
        return [this, Checkout(OTHER, f"{OTHER}, ", self.against)]

    @property
    def answers(self) -> Path:
        """The folder of the limit's answers."""
        return self.folder / "answers"
