"""Runs one attack after the other, and judges what each has cost."""

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.processes import Process
from benchmarks.siege.attack import MEMORY_FACTOR, STALL_LIMIT, Attack, Outcome, Victim
from benchmarks.siege.gateways import Gateway, run_gateway, run_twin, small_stores
from benchmarks.siege.neighbour import Neighbour, Stall

_SETTLE: Final = 0.3
_LATE: Final = 5.0
"""Seconds that an attack may go on after its time, until the gateway is taken from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one attack has cost."""

    attack: Attack
    outcome: Outcome
    stall: Stall
    idle: Stall
    """The stall of the gateway that nobody attacked."""
    base: int
    """Bytes of memory before the attack."""
    peak: int
    """The most bytes of memory; 0 when the gateway has ended."""
    stores: int
    """The sum of the settings that bound what is stored, in bytes."""
    seconds: float
    faults: Sequence[str] = ()
    """The limits that were broken."""

    @property
    def memory_limit(self) -> float:
        """The most bytes that the gateway may hold."""
        return self.base + MEMORY_FACTOR * self.stores


class Siege:
    """The processes that all attacks share."""

    def __init__(self, folder: Path, cores: Sequence[int], endpoint: str, idle: Gateway) -> None:
        self._folder = folder
        self._cores = cores
        self._endpoint = endpoint
        self._idle = idle
        self._count = 0

    def run(self, attack: Attack) -> Result:
        """Run one attack against a gateway of its own."""
        self._count += 1
        options = [*attack.options, *(small_stores() if attack.small_stores else ())]
        name = f"gateway-{self._count}"
        with ExitStack() as stack:
            gateway = stack.enter_context(
                run_gateway(name, self._folder, self._cores, self._endpoint, options)
            )
            neighbour = stack.enter_context(self._neighbour(gateway))
            base = gateway.resident_bytes
            began = time.monotonic()
            outcome = _run_in_time(attack, gateway)
            seconds = time.monotonic() - began
            time.sleep(_SETTLE)
            stall, idle = neighbour.report()
            peak = gateway.peak_bytes
            has_ended = gateway.process.wait_for_end(0) is not None
        result = Result(
            attack=attack,
            outcome=outcome,
            stall=stall,
            idle=idle,
            base=base,
            peak=peak,
            stores=gateway.stores_bytes,
            seconds=seconds,
        )
        return _judged(result, gateway.process.log, has_ended=has_ended)

    @contextmanager
    def _neighbour(self, gateway: Gateway) -> Iterator[Neighbour]:
        """Run a neighbour of a gateway that has asked for a while already."""
        numbers = [
            str(number)
            for each in (gateway, self._idle)
            for number in (each.port, each.process.pid)
        ]
        command = [sys.executable, "-m", "benchmarks.siege.neighbour", *numbers]
        name = f"neighbour-{self._count}"
        with Process(name, command, self._cores, self._folder, interactive=True) as process:
            neighbour = Neighbour(process)
            neighbour.report()
            time.sleep(_SETTLE)
            neighbour.report()
            yield neighbour


@contextmanager
def prepared(folder: Path, cores: Sequence[int]) -> Iterator[Siege]:
    """Run what all attacks share."""
    with (
        run_twin(folder, cores) as endpoint,
        run_gateway("idle", folder, cores, endpoint) as idle,
    ):
        yield Siege(folder, cores, endpoint, idle)


def _run_in_time(attack: Attack, gateway: Gateway) -> Outcome:
    """Run an attack; when its time is over, end the gateway, which ends the attack."""
    outcomes: list[Outcome] = []
    victim = Victim(gateway.port, gateway.process, time.monotonic() + attack.seconds)

    def run() -> None:
        try:
            outcomes.append(attack.run(victim))
        except Exception as error:  # noqa: BLE001  # an attack may meet anything
            outcomes.append(Outcome(faults=[f"the attack failed: {error!r}"]))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(attack.seconds + _LATE)
    if thread.is_alive():
        gateway.process.stop()
        return Outcome(faults=[f"not over after {attack.seconds + _LATE:g} s"])
    return outcomes[0]


def _judged(result: Result, log: str, *, has_ended: bool) -> Result:
    """Return a result with all limits that were broken."""
    attack, outcome = result.attack, result.outcome
    faults = [*outcome.faults, *filter(None, (each.fault for each in outcome.answers))]
    faults += ["no answer in time" for each in outcome.answers if each.note == "in time"]
    if not attack.ends_gateway:
        if has_ended:
            faults.append("the gateway has ended")
        if result.stall.own > STALL_LIMIT:
            faults.append(f"stall > {STALL_LIMIT:g} ms")
        if result.stall.refused:
            faults.append(f"neighbour refused {result.stall.refused} times")
    if result.peak > result.memory_limit:
        faults.append("memory")
    if "Traceback" in log:
        faults.append("traceback")
    values = {name: getattr(result, name) for name in Result.__dataclass_fields__}
    return Result(**{**values, "faults": tuple(dict.fromkeys(faults))})
