"""When reads that take several of AWS's answers must end, however slowly AWS answers."""

from collections.abc import Callable

from gateway.aws.errors import TimedOut


class Deadline:
    """Ends a loop over pages `seconds` after it was made. `clock` returns seconds.

    A call that has begun is waited for; it has a deadline of its own.
    """

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._until = clock() + seconds

    def check(self, operation: str) -> None:
        """Raise `TimedOut` where no further call of `operation` may begin."""
        if self._clock() >= self._until:
            raise TimedOut(f"AWS did not answer {operation} to its end in time.")
