"""Choices that look random and never change: each depends on the seed and on what is chosen.

No state, so that the answer for one job does not depend on which other jobs were asked before.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple, TypeVar
from zlib import crc32

from gateway.twin.account import Account

T = TypeVar("T")
MASK = 0xFFFFFFFF


class SeededChoices:
    """The choices made for one resource."""

    __slots__ = ("_base", "_seed")

    def __init__(self, seed: int, name: str) -> None:
        self._seed = seed
        self._base = crc32(f"{seed}/{name}".encode())

    def of(self, name: str) -> "SeededChoices":
        """Return the choices for another resource of the same seed."""
        return SeededChoices(self._seed, name)

    def number(self, about: str, below: int) -> int:
        """Return a number from 0 to below - 1."""
        mixed = crc32(about.encode(), self._base)
        # CRC alone is linear: names that differ in one letter would get similar numbers.
        mixed = (mixed ^ (mixed >> 16)) * 0x45D9F3B & MASK
        return ((mixed ^ (mixed >> 15)) & MASK) % below

    def between(self, about: str, low: int, high: int) -> int:
        """Return a number from low to high, both included."""
        return low + self.number(about, high - low + 1)

    def fraction(self, about: str, digits: int = 4) -> float:
        """Return a number from 0 to below 1."""
        scale: int = 10**digits
        return self.number(about, scale) / scale

    def choice(self, about: str, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.number(about, len(options))]

    def hex(self, about: str, length: int) -> str:
        """Hexadecimal digits, at most 128."""
        return blake2b(f"{self._base}{about}".encode(), digest_size=64).hexdigest()[:length]

    def uuid(self, about: str) -> str:
        """Return digits in the form of a UUID."""
        digits = self.hex(about, 32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Subject(NamedTuple):
    """A record's name, the account and region that it is in, and its choices."""

    name: str
    account: Account
    choices: SeededChoices
