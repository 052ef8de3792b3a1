"""The figures of one target in one repetition."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Times are in milliseconds unless their name says otherwise."""

    workload: str
    target: str
    repetition: int
    cores: int = 1
    rate: float | None = None
    """Requests a second."""
    p50: float | None = None
    p99: float | None = None
    cpu: float | None = None
    """Microseconds of processor time that the server took for a request."""
    busy: float | None = None
    """Share of its core that the server used: 1 when it was saturated."""
    waited: float | None = None
    """Share of the time in which the server was ready, but other processes ran."""
    ms: float | None = None
    calls: int | None = None
    """Calls made to AWS."""
    megabytes: float | None = None
    entries: int | None = None
    """AWS answers in the gateway's memory."""
    files: int | None = None
    """Files of the gateway."""
    file_changes: int | None = None
    """Calls and returns that lead from one file of the gateway to another."""
    lines: float | None = None
    """Median lines of the files."""

    @property
    def capacity(self) -> float | None:
        """Requests a second that the server could do with its cores to itself, by its `cpu`."""
        return None if self.cpu is None else self.cores * 1e6 / self.cpu

    def figures(self) -> dict[str, Any]:
        """Return what is known, for the history."""
        return {key: _short(value) for key, value in asdict(self).items() if value is not None}


def _short(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value
