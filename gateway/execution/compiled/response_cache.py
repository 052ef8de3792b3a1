"""Responses that were joined before, each good for as long as all that it was made of.

Joining is most of what a page costs that is in memory whole. A response holds no entry, or what the
cache evicts would stay in memory; it holds their marks, which say when it is over.
"""

from typing import Final, NamedTuple

from gateway.aws.cache import Mark
from gateway.execution.compiled.template import Template
from gateway.execution.lru_cache import Bounded
from gateway.execution.result import Result

_BYTES_PER_MARK: Final = 80


class _Joined(NamedTuple):
    result: Result
    fresh_until: float
    marks: tuple[Mark, ...]


class JoinedResults:
    """Results by the template that they fill, at most `max_bytes` of them."""

    def __init__(self, max_bytes: int) -> None:
        self._joined: Bounded[Template, _Joined] = Bounded(max_bytes)

    def get(self, template: Template, now: float) -> Result | None:
        """Return the result if joining it again at `now`, on the cache's clock, made the same."""
        joined = self._joined.get(template)
        if joined is None:
            return None
        result, fresh_until, marks = joined
        if now < fresh_until:
            for mark in marks:
                if not mark.is_good:
                    break
                mark.used = True
            else:
                return result
        self._joined.drop(template)
        return None

    def put(self, template: Template, result: Result, marks: tuple[Mark, ...]) -> None:
        """Keep a result that has no errors and was made of what the cache holds."""
        if result.fresh_until is not None and all(mark.is_good for mark in marks):
            joined = _Joined(result, result.fresh_until, marks)
            self._joined.put(template, joined, len(result.body) + len(marks) * _BYTES_PER_MARK)
