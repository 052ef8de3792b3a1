"""The state of cache and AWS in which the executors run an operation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.settings import CacheSettings

from .aws_faults import CallError, Fault, draw_fault
from .choices import Choices
from .fake_sagemaker import Call, all_calls

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

# With the default lifetimes: all entries are fresh; running jobs are stale but served during their
# refresh; running jobs are too stale for that; finished jobs are stale but served; finished jobs
# are too stale for that, and running ones for use after an error; no entry may be used any more.
_PAUSES: Final = (0.0, 7.0, 12.0, 3_602.0, 3_700.0, 3_700.0, 10_000.0)
_PAGE_SIZES: Final = (None, None, 30, 7, 4)


@dataclass(frozen=True)
class Scenario:
    """By default nothing is cached and no call fails."""

    faults: Mapping[Call, Fault] = field(default_factory=dict)
    delays: Mapping[Call, int] = field(default_factory=dict)
    warm: tuple[Call, ...] = ()
    """The resources and tags that are read into the cache before the operation runs."""
    faults_while_warming: bool = False
    pause: float = 0.0
    """Seconds between warming the cache and the operation."""
    lifetimes: CacheSettings = _USUAL
    max_bytes: int = _AMPLE
    page_size: int | None = None
    """Rows in a page of AWS's lists; by default as many as the request asks for."""
    list_calls: int = 10
    """The most AWS calls that one page of a list may take."""
    search: bool = False
    """Whether the compiled executor may read training jobs with Search."""
    past_the_cache: bool = False
    """Whether the requests are repeated by a client that refuses cached answers."""

    @property
    def never_evicts(self) -> bool:
        """Tell whether the cache never evicts."""
        return self.max_bytes >= _AMPLE

    @property
    def has_default_lifetimes(self) -> bool:
        """Tell whether answers live as long as they do by default."""
        return self.lifetimes == _USUAL

    @property
    def refreshes(self) -> bool:
        """Tell whether a read may start a background refresh, which changes the next result."""
        stale_by_time = self.has_default_lifetimes and self.warm and 5 <= self.pause <= 3_605
        return bool(stale_by_time) or self.lifetimes == _NEVER_FRESH

    @property
    def has_unexpected_errors(self) -> bool:
        """Tell whether some calls raise an exception that is no error of AWS."""
        errors = (fault.error for fault in self.faults.values() if isinstance(fault, CallError))
        return any(isinstance(error, RuntimeError) for error in errors)

    @property
    def has_errors(self) -> bool:
        """Tell whether some calls fail, or answer what may be no answer."""
        return bool(self.faults)


def draw_scenario(choices: Choices) -> Scenario:
    """Return a scenario."""
    calls = all_calls()
    faulty = choices.pick_some(calls, 10) if choices.chance(75) else []
    slow = choices.pick_some(calls, 4) if choices.chance(30) else []
    warm = choices.pick_some(calls, 40) if choices.chance(50) else []
    # Faults and delays show most where the answer was cached before.
    warm += [call for call in faulty if warm and call not in warm and choices.chance(50)]
    faults_while_warming = choices.chance(20)
    # Which of the entries a cache that is too small keeps is a matter of timing: then what is
    # cached and what AWS says must not differ.
    steady = not (warm and faulty) or faults_while_warming
    max_bytes = choices.pick(_MAX_BYTES) if steady else _AMPLE
    # So it is how far a list gets that goes on with each reading.
    return Scenario(
        faults={call: draw_fault(choices, call) for call in faulty},
        delays={call: 1 + choices.number_below(12) for call in slow},
        warm=tuple(warm),
        faults_while_warming=faults_while_warming,
        pause=choices.pick(_PAUSES) if warm else 0.0,
        lifetimes=choices.pick(_LIFETIMES),
        max_bytes=max_bytes,
        page_size=choices.pick(_PAGE_SIZES),
        list_calls=choices.pick((10, 10, 3, 1)) if max_bytes == _AMPLE else 1_000,
        search=choices.chance(75),
        past_the_cache=choices.chance(25),
    )
