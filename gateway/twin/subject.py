"""Whom made-up values are about."""

from typing import NamedTuple

from gateway.twin.dice import Dice
from gateway.twin.place import Place


class Subject(NamedTuple):
    """A record's name, the place that it lives in, and its dice."""

    name: str
    place: Place
    dice: Dice
