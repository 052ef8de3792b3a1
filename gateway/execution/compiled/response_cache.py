"""A cache of responses that were joined from rendered JSON.

Joining is most of the cost of a page whose entries are all cached. A cached response is valid while
all its entries are. It refers to their `Validity` objects and not to the entries, which would
otherwise stay in memory after their eviction.
"""

from typing import Final, NamedTuple

from gateway.aws.cache import Validity
from gateway.execution.compiled.template import Template, size_of
from gateway.execution.lru_cache import TwoQueueCache
from gateway.execution.request import Result

_BYTES_PER_VALIDITY: Final = 80
_BYTES_PER_READ: Final = 200


class _Joined(NamedTuple):
    result: Result
    fresh_until: float
    validities: tuple[Validity, ...]


class ResponseCache:
    """Results by the template that they fill, at most `max_bytes` of them."""

    def __init__(self, max_bytes: int) -> None:
        self._joined: TwoQueueCache[Template, _Joined] = TwoQueueCache(max_bytes)

    def get(self, template: Template, now: float) -> Result | None:
        """Return the result if its entries are valid and fresh at `now`, on the cache's clock."""
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
        """Cache a result that has no errors and whose entries are all in the cache."""
        if result.fresh_until is not None and all(each.is_valid for each in validities):
            joined = _Joined(result, result.fresh_until, validities)
            size = len(result.body) + len(validities) * _BYTES_PER_VALIDITY + size_of(template)
            size += len(result.secret_reads) * _BYTES_PER_READ
            self._joined.put(template, joined, size)
