"""Responses that were joined from rendered JSON, each valid as long as all that it was made of.

Joining is most of what a page costs that is in memory whole. A cached response holds no entry, or
what the cache evicts would stay in memory; it holds their `Validity` objects.
"""

from typing import Final, NamedTuple

from gateway.aws.cache import Validity
from gateway.execution.compiled.template import Template
from gateway.execution.lru_cache import LruCache
from gateway.execution.request import Result

_BYTES_PER_VALIDITY: Final = 80


class _Joined(NamedTuple):
    result: Result
    fresh_until: float
    validities: tuple[Validity, ...]


class ResponseCache:
    """Results by the template that they fill, at most `max_bytes` of them."""

    def __init__(self, max_bytes: int) -> None:
        self._joined: LruCache[Template, _Joined] = LruCache(max_bytes)

    def get(self, template: Template, now: float) -> Result | None:
        """Return the result if joining it again at `now`, on the cache's clock, made the same."""
        joined = self._joined.get(template)
        if joined is None:
            return None
        result, fresh_until, validities = joined
        if now < fresh_until:
            for validity in validities:
                if not validity.is_valid:
                    break
                validity.used = True
            else:
                return result
        self._joined.drop(template)
        return None

    def put(self, template: Template, result: Result, validities: tuple[Validity, ...]) -> None:
        """Keep a result that has no errors and was made of what the cache holds."""
        if result.fresh_until is not None and all(each.is_valid for each in validities):
            joined = _Joined(result, result.fresh_until, validities)
            size = len(result.body) + len(validities) * _BYTES_PER_VALIDITY
            self._joined.put(template, joined, size)
