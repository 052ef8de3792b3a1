"""Whom made-up values are about."""

from typing import NamedTuple

from gateway.twin.account import Place
from gateway.twin.seeded_random import Dice


class Subject(NamedTuple):
    """A record's name, the place that it lives in, and its dice."""

    name: str
    place: Place
    dice: Dice
