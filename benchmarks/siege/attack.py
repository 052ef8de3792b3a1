"""What an attack is, what it is given, and what it leaves to judge."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from benchmarks.processes import Process

STALL_LIMIT: Final = 50.0
"""Milliseconds that a neighbour's cached query may wait."""
MEMORY_FACTOR: Final = 1.3
"""How many times the sum of its settings the stores may take of memory."""


class Answer(NamedTuple):
    """What the gateway answered to one request."""

    status: int | None
    """`None` when the connection ended, or time was over, before a status came."""
    codes: tuple[str, ...] = ()
    """The codes of its errors, each once."""
    size: int = 0
    """Bytes of the body."""
    seconds: float = 0.0
    note: str = ""

    @property
    def text(self) -> str:
        """The answer in a few words."""
        status = "no answer" if self.status is None else str(self.status)
        return " ".join(filter(None, (status, *self.codes, self.note)))

    @property
    def fault(self) -> str | None:
        """What is wrong with it whatever was asked; `None` when nothing is."""
        if self.status is not None and self.status == 500:
            return "status 500"
        return "INTERNAL_SERVER_ERROR" if "INTERNAL_SERVER_ERROR" in self.codes else None


@dataclass
class Outcome:
    """What an attack has seen."""

    answers: list[Answer] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Limits that it found broken itself."""
    figures: list[str] = field(default_factory=list)
    """What it measured, for the report."""


@dataclass(frozen=True, slots=True)
class Victim:
    """The gateway that is attacked."""

    port: int
    process: Process
    ends_at: float
    """When the attack has to be over, by `time.monotonic`."""

    @property
    def left(self) -> float:
        """Seconds that are left; at least a tenth, since a timeout of 0 means none to sockets."""
        return max(0.1, self.ends_at - time.monotonic())


Run = Callable[[Victim], Outcome]


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack. Its key begins with the point of the list of attacks, such as `a1`."""

    key: str
    title: str
    run: Run
    seconds: float = 30.0
    """It is broken off after this long."""
    options: Sequence[str] = ()
    """Options of the gateway that is attacked."""
    small_stores: bool = False
    """Whether its stores are made small, so that the attack can fill them."""
    ends_gateway: bool = False
    """Whether the gateway is told to end, so that its neighbour may lose the connection."""
    may_refuse: bool = False
    """Whether the neighbour may be refused, as the attack takes up what all clients share."""
