"""One call as the operations see it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from gateway.twin.faults import Faults
from gateway.twin.records import Answer
from gateway.twin.store import World


class Call(NamedTuple):
    """An operation with checked input, in a region, at a moment, under these faults."""

    operation: str
    region: str
    params: dict[str, Any]
    now: int
    faults: Faults


class NotOursError(Exception):
    """The call is about something that is not seeded: moto shall answer it."""


# Answers a call with JSON or with ready bytes, or raises an AwsError or NotOursError.
Operation = Callable[[World, Call], Answer | bytes]
