"""What the two executors find when an operation comes: the cache as it is, and AWS as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.settings import CacheSettings

from .dice import Dice
from .faults import Fault, Raise, draw_fault
from .upstream import Call, calls_of_all

_USUAL: Final = CacheSettings()
_NO_LIFE: Final = CacheSettings(
    fresh_finished=0,
    fresh_running=0,
    fresh_missing=0,
    stale_while_revalidate=0,
    stale_if_error=0,
)
_NEVER_FRESH: Final = CacheSettings(fresh_finished=0, fresh_running=0, fresh_missing=0)
_LIFETIMES: Final = (_USUAL, _USUAL, _USUAL, _NO_LIFE, _NEVER_FRESH)

_AMPLE: Final = 2**28
# Enough for nothing, for one answer and for some.
_MAX_BYTES: Final = (_AMPLE, _AMPLE, _AMPLE, 1, 30_000, 150_000)

# With the usual lifetimes: all fresh; running jobs past fresh; past serving; finished jobs past
# fresh; past serving, the running ones past keeping; all past keeping.
_PAUSES: Final = (0.0, 7.0, 12.0, 3_602.0, 3_700.0, 3_700.0, 10_000.0)
_PAGE_SIZES: Final = (None, None, 30, 7, 4)


@dataclass(frozen=True)
class World:
    """Where an example takes place. With the defaults nothing is cached and nothing fails."""

    faults: Mapping[Call, Fault] = field(default_factory=dict)
    delays: Mapping[Call, int] = field(default_factory=dict)
    warm: tuple[Call, ...] = ()
    """What is read before the operation comes."""
    faults_while_warming: bool = False
    pause: float = 0.0
    """Seconds between the warming and the operation."""
    lifetimes: CacheSettings = _USUAL
    max_bytes: int = _AMPLE
    page_size: int | None = None
    """Of AWS's lists; as many rows as are asked for by default."""
    list_calls: int = 10
    """Calls for one page of a list at most."""
    search: bool = False
    """Whether the compiled side may read training jobs with Search."""
    past_the_cache: bool = False
    """Whether the requests are made once more by clients that want no cached answer."""

    @property
    def ample(self) -> bool:
        """Tell whether the cache never evicts."""
        return self.max_bytes >= _AMPLE

    @property
    def usual(self) -> bool:
        """Tell whether answers live as long as they do by default."""
        return self.lifetimes == _USUAL

    @property
    def refreshes(self) -> bool:
        """Tell whether reading may start a refresh behind, so that a second run finds changes."""
        stale_by_time = self.usual and self.warm and 5 <= self.pause <= 3_605
        return bool(stale_by_time) or self.lifetimes == _NEVER_FRESH

    @property
    def has_accidents(self) -> bool:
        """Tell whether some calls fail in a way that nobody foresaw."""
        errors = (fault.error for fault in self.faults.values() if isinstance(fault, Raise))
        return any(isinstance(error, RuntimeError) for error in errors)

    @property
    def fails(self) -> bool:
        """Tell whether some calls fail."""
        return any(isinstance(fault, Raise) for fault in self.faults.values())


def draw_world(dice: Dice) -> World:
    """Return a world."""
    calls = calls_of_all()
    faulty = dice.some(calls, 10) if dice.chance(75) else []
    slow = dice.some(calls, 4) if dice.chance(30) else []
    warm = dice.some(calls, 40) if dice.chance(50) else []
    # What fails or is slow is most telling where it was cached before.
    warm += [call for call in faulty if warm and call not in warm and dice.chance(50)]
    faults_while_warming = dice.chance(20)
    # Which of the entries a cache that is too small keeps is a matter of timing: then what is
    # cached and what AWS says must not differ.
    steady = not (warm and faulty) or faults_while_warming
    max_bytes = dice.pick(_MAX_BYTES) if steady else _AMPLE
    # So it is how far a list gets that goes on with each reading.
    return World(
        faults={call: draw_fault(dice, call) for call in faulty},
        delays={call: 1 + dice.below(12) for call in slow},
        warm=tuple(warm),
        faults_while_warming=faults_while_warming,
        pause=dice.pick(_PAUSES) if warm else 0.0,
        lifetimes=dice.pick(_LIFETIMES),
        max_bytes=max_bytes,
        page_size=dice.pick(_PAGE_SIZES),
        list_calls=dice.pick((10, 10, 3, 1)) if max_bytes == _AMPLE else 1_000,
        search=dice.chance(75),
        past_the_cache=dice.chance(25),
    )
