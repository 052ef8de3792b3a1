"""What one operation has rendered in more than one turn of the event loop."""

from gateway.aws.loader import Outcome
from gateway.execution.compiled.template import Rendered
from gateway.execution.errors import ResponseTooLarge
from gateway.schema.references import Target


class RenderedInTurns:
    """Rendered JSON by target, at most as much as a response may have.

    Entries hold it too, but they may have dropped it before the operation is complete.
    """

    def __init__(self, max_bytes: int) -> None:
        self._left = self._max_bytes = max_bytes
        self._known: dict[object, Rendered | Exception] = {}

    def find(self, target: Target, outcome: Outcome) -> Rendered | None:
        """Return what was rendered for a target. Raises what rendering it raised."""
        if self._left < 0:
            raise ResponseTooLarge(self._max_bytes)
        known = self._known.get(self._key(target, outcome)) if self._known else None
        if isinstance(known, Exception):
            raise known.with_traceback(None)
        return known

    def note(self, target: Target, outcome: Outcome, rendered: Rendered | Exception) -> None:
        """Remember what was rendered for a target, which the response has at least once."""
        key = self._key(target, outcome)
        if key in self._known:
            return
        self._known[key] = rendered
        if not isinstance(rendered, Exception):
            self._left -= len(rendered) if isinstance(rendered, bytes) else rendered.size

    def _key(self, target: Target, outcome: Outcome) -> object:
        # The loader of the operation holds the outcome, so its id stays the same.
        return id(outcome), target.key, target.arn, target.selection.number
