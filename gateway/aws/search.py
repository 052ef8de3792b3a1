"""Read several finished training jobs with one call of AWS's Search.

Search is eventually consistent: what it does not return, or shows as unfinished, has to be
described. It takes a permission of its own, so that it may be forbidden where describing is not.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Search.html
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from gateway.aws.cache import MemoryCache
from gateway.aws.client import SageMaker
from gateway.aws.entry import Entry
from gateway.aws.errors import AccessDenied, Refused, Unsupported
from gateway.aws.resources import SEARCH, SEARCHED_TRAINING_JOB, TRAINING_JOB
from gateway.aws.single_flight import SingleFlight
from gateway.errors import CodedError
from gateway.settings import ReaderSettings

logger = logging.getLogger(__name__)

_JOBS_PER_CALL: Final = 100
"""As many as one answer holds."""
_LONGEST_VALUE: Final = 1_024
"""Characters of a filter's value. With names of 63 characters, 100 take 7 filters of AWS's 20."""
_DENIED_FOR: Final = 300.0
"""Seconds for which AWS's refusal is remembered."""

Names = tuple[str, ...]
Found = Mapping[str, Entry]
"""Entries of training jobs by name."""


class Searches:
    """Search for training jobs by name. `clock` is the cache's and returns seconds."""

    def __init__(
        self,
        sagemaker: SageMaker,
        cache: MemoryCache,
        settings: ReaderSettings,
        decode: Callable[[Mapping[str, Any]], object],
        clock: Callable[[], float],
    ) -> None:
        self._sagemaker = sagemaker
        self._cache = cache
        self._settings = settings
        self._decode = decode
        self._clock = clock
        self.enabled = settings.search
        """Whether Search may be used at all."""
        self._denied_until: dict[str, float] = {}
        self._flights: SingleFlight[tuple[str, Names], Found] = SingleFlight()

    def is_allowed(self, region: str) -> bool:
        """Tell whether Search may be tried in `region`."""
        return self.enabled and self._clock() >= self._denied_until.get(region, 0.0)

    async def read(self, region: str, names: Iterable[str]) -> dict[str, Entry]:
        """Return entries of those jobs that Search shows as finished; the others are left out.

        Takes one AWS call per 100 names. Raises nothing: where Search fails, nothing is found.
        """
        chosen = sorted(set(names))
        chunks = [
            tuple(chosen[start : start + _JOBS_PER_CALL])
            for start in range(0, len(chosen), _JOBS_PER_CALL)
        ]
        found: dict[str, Entry] = {}
        for part in await asyncio.gather(*(self._read(region, chunk) for chunk in chunks)):
            found.update(part)
        return found

    async def _read(self, region: str, names: Names) -> Found:
        try:
            return await self._flights.join((region, names), lambda: self._search(region, names))
        except (AccessDenied, Unsupported, Refused):
            # Search would say the same of any other names.
            logger.info("gateway.search_denied", extra={"region": region})
            self._denied_until[region] = self._clock() + _DENIED_FOR
        except CodedError as error:
            logger.warning("gateway.search_failed", extra={"region": region, "code": error.code})
        except Exception:  # describing the jobs will say what is wrong
            logger.exception("gateway.search_failed", extra={"region": region})
        return {}

    async def _search(self, region: str, names: Names) -> Found:
        answer = await self._sagemaker.call(
            region,
            SEARCH,
            Resource="TrainingJob",
            SearchExpression={
                "Operator": "Or",
                "Filters": [
                    {"Name": TRAINING_JOB.name, "Operator": "In", "Value": value}
                    for value in _values(names)
                ],
            },
            MaxResults=_JOBS_PER_CALL,
        )
        results = answer.get("Results")
        records = results if isinstance(results, list) else []
        entries = (self._entry(record) for record in records)
        found = {name: entry for name, entry in entries if entry is not None and name in names}
        for name, entry in found.items():
            self._cache.keep((SEARCHED_TRAINING_JOB, region, name), entry)
        return found

    def _entry(self, result: Any) -> tuple[str, Entry | None]:
        record = result.get("TrainingJob") if isinstance(result, Mapping) else None
        told: Mapping[str, Any] = record if isinstance(record, Mapping) else {}
        match [
            told.get(name) for name in (TRAINING_JOB.name, TRAINING_JOB.arn, TRAINING_JOB.status)
        ]:
            case [str(name), str(), str(status)] if status in TRAINING_JOB.finished:
                if isinstance(told.get("CreationTime"), datetime):
                    value, now = self._decode(told), self._clock()
                    return name, Entry.searched(TRAINING_JOB, told, value, now, self._settings)
        return "", None


def _values(names: Sequence[str]) -> Iterator[str]:
    """Yield the names in as few comma-separated texts as the longest value allows."""
    text = names[0]
    for name in names[1:]:
        if len(text) + 1 + len(name) > _LONGEST_VALUE:
            yield text
            text = name
        else:
            text = f"{text},{name}"
    yield text
