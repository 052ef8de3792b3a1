"""Read several final resources of one kind with one call of AWS's Search.

Search is eventually consistent: a resource that it does not return, or returns with a status that
is not final, has to be described. It needs a permission of its own, which may be missing.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Search.html
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from gateway.aws.cache import Entry, MemoryCache, instants
from gateway.aws.client import SageMaker
from gateway.aws.errors import AccessDenied, InvalidCredentials, Refused, Unsupported
from gateway.aws.pagination.pages import NoteRows, Row
from gateway.aws.resources import SEARCH, Resource
from gateway.aws.single_flight import SingleFlight
from gateway.errors import CodedError
from gateway.settings import ReaderSettings

logger = logging.getLogger(__name__)

_MAX_RESULTS: Final = 100
"""Results that one answer holds."""
_LONGEST_VALUE: Final = 1_024
"""Characters of a filter's value. A hundred names of 63 take 7 filters; AWS allows 20."""
_DENIED_FOR: Final = 300.0
"""Seconds for which AWS's refusal is remembered."""

Names = tuple[str, ...]
Found = Mapping[str, Entry]
"""Entries by name."""


class Search:
    """Search for resources by name. `clock` is the cache's and returns seconds.

    `note_rows` is called with each record that AWS answers with, as with the rows of lists.
    """

    def __init__(
        self,
        sagemaker: SageMaker,
        cache: MemoryCache,
        settings: ReaderSettings,
        decode: Callable[[Resource, Mapping[str, Any]], object],
        clock: Callable[[], float],
        note_rows: NoteRows,
    ) -> None:
        self._sagemaker = sagemaker
        self._cache = cache
        self._settings = settings
        self._decode = decode
        self._clock = clock
        self._note_rows = note_rows
        self.enabled = settings.search
        """Whether Search may be used at all."""
        self._denied_until: dict[str, float] = {}
        self._flights: SingleFlight[tuple[Resource, str, Names], Found] = SingleFlight()

    def is_allowed(self, region: str) -> bool:
        """Tell whether Search may be tried in `region`."""
        return self.enabled and self._clock() >= self._denied_until.get(region, 0.0)

    async def find_entries(
        self, resource: Resource, region: str, names: Iterable[str]
    ) -> dict[str, Entry]:
        """Return entries of the resources that Search shows as final; the others are left out.

        Takes one AWS call per 100 names. Raises nothing: where Search fails, nothing is found.
        """
        chosen = sorted(set(names))
        chunks = [
            tuple(chosen[start : start + _MAX_RESULTS])
            for start in range(0, len(chosen), _MAX_RESULTS)
        ]
        found: dict[str, Entry] = {}
        reads = (self._find_chunk(resource, region, chunk) for chunk in chunks)
        for part in await asyncio.gather(*reads):
            found.update(part)
        return found

    async def _find_chunk(self, resource: Resource, region: str, names: Names) -> Found:
        key = (resource, region, names)
        try:
            return await self._flights.join(key, lambda: self._call_search(resource, region, names))
        except InvalidCredentials:
            # Not remembered: the credentials may be renewed, and the describes fail the same way.
            return {}
        except (AccessDenied, Unsupported, Refused):
            # Search would refuse any other names too.
            logger.info("gateway.search_denied", extra={"region": region})
            self._denied_until[region] = self._clock() + _DENIED_FOR
        except CodedError as error:
            logger.warning("gateway.search_failed", extra={"region": region, "code": error.code})
        except Exception:  # the describes will show what is wrong
            logger.exception("gateway.search_failed", extra={"region": region})
        return {}

    async def _call_search(self, resource: Resource, region: str, names: Names) -> Found:
        assert resource.search is not None
        answer = await self._sagemaker.call(
            region,
            SEARCH,
            Resource=resource.search.type_name,
            SearchExpression={
                "Operator": "Or",
                "Filters": [
                    {"Name": resource.name, "Operator": "In", "Value": value}
                    for value in _join_names(names)
                ],
            },
            MaxResults=_MAX_RESULTS,
        )
        results = answer.get("Results")
        entries = [
            self._read_record(resource, region, result)
            for result in (results if isinstance(results, list) else [])
        ]
        # A name from an ARN may be in lower case; the record's ARN ends with the name as asked for.
        found = {
            name: entry
            for record_names, entry in entries
            for name in record_names
            if entry is not None and name in names
        }
        for name, entry in found.items():
            self._cache.put((resource.search, region, name), entry)
        return found

    def _read_record(
        self, resource: Resource, region: str, result: Any
    ) -> tuple[set[str], Entry | None]:
        assert resource.search is not None
        found = result.get(resource.search.type_name) if isinstance(result, Mapping) else None
        record: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        created, modified = instants(record)
        match [record.get(member) for member in (resource.name, resource.arn, resource.status)]:
            case [str(name), str(arn), str(status)] if created is not None:
                self._note_rows(
                    resource, region, [Row(record, arn, name, status, created, modified)]
                )
                if resource.is_final(record):
                    value, now = self._decode(resource, record), self._clock()
                    entry = Entry.searched(resource, record, value, now, self._settings)
                    return {name, arn.rpartition("/")[2]}, entry
        return set(), None


def _join_names(names: Sequence[str]) -> Iterator[str]:
    """Yield the names joined by commas, in as few texts as the longest value allows."""
    text = names[0]
    for name in names[1:]:
        if len(text) + 1 + len(name) > _LONGEST_VALUE:
            yield text
            text = name
        else:
            text = f"{text},{name}"
    yield text
