"""Whether AWS takes the gateway's credentials, as the outcomes of its calls tell."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from gateway.aws.errors import AccessDenied, InvalidCredentials, NotFound, Refused

ANSWER_COUNTS_FOR: Final = 300.0
"""Seconds after an answer in which a missing permission is taken for that of one resource only."""
REFUSAL_COUNTS_FOR: Final = 300.0
"""Seconds after which a refusal is forgotten, unless AWS repeats it."""
TRIAL_PAUSE: Final = 10.0
"""Seconds between two trial calls while AWS refuses every call."""


class Readiness:
    """Remembers what AWS said last. `clock` returns seconds. Safe to use from several threads.

    Invalid credentials make the gateway unready at once, as no call can succeed with them. A
    missing permission does where AWS has answered no call lately: else whoever asks for one
    resource that the gateway may not see would take it out of service.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._refusal: tuple[AccessDenied, float] | None = None
        self._answered_at: float | None = None
        self._next_trial = 0.0

    @contextmanager
    def observe(self) -> Iterator[None]:
        """Learn from how the call inside the block ends."""
        try:
            yield
        except AccessDenied as error:
            if isinstance(error, InvalidCredentials) or not self._has_recent_answer():
                self._refusal = (error, self._clock())
            raise
        except (NotFound, Refused):
            self._note_answer()
            raise
        self._note_answer()

    def _note_answer(self) -> None:
        self._answered_at = self._clock()
        self._refusal = None

    def _has_recent_answer(self) -> bool:
        return (
            self._answered_at is not None and self._clock() < self._answered_at + ANSWER_COUNTS_FOR
        )

    @property
    def reason(self) -> str | None:
        """Why calls would be refused; `None` as far as the gateway knows that they would not."""
        refusal = self._refusal
        if refusal is None or self._clock() >= refusal[1] + REFUSAL_COUNTS_FOR:
            return None
        return str(refusal[0])

    def begin_trial(self) -> bool:
        """Tell whether to try a call now, to learn if AWS still refuses; counts it as begun."""
        now = self._clock()
        if self.reason is None or now < self._next_trial:
            return False
        self._next_trial = now + TRIAL_PAUSE
        return True
