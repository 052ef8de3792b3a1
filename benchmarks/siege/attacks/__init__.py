"""The attacks, in the order in which they are run."""

from typing import Final

from benchmarks.siege.attack import Attack
from benchmarks.siege.attacks import (
    connections,
    expansion,
    frames,
    inputs,
    repeated_work,
    responses,
    stores,
    streams,
)

ATTACKS: Final[tuple[Attack, ...]] = (
    *expansion.ATTACKS,
    *stores.ATTACKS,
    *responses.ATTACKS,
    *streams.ATTACKS,
    *connections.ATTACKS,
    *frames.ATTACKS,
    *repeated_work.ATTACKS,
    *inputs.ATTACKS,
)
