"""A cache entry: one AWS answer, for how long it serves, and what was rendered from it."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.aws.cache import Mark
from gateway.aws.resources import Resource
from gateway.settings import CacheSettings

if TYPE_CHECKING:
    from gateway.errors import Code

_BASE_BYTES: Final = 2_000
# Decoded values take about this many times the bytes of the JSON they came from (measured over the
# twin's 200 jobs: 5.1 to 6.8).
_DECODED_BYTES_PER_ANSWER_BYTE: Final = 6
# The cursor and the places of a row that the page of AWS's holds.
_BYTES_PER_LISTED_ROW: Final = 400


class Entry:
    """What the cache holds of one resource. All instants are on the cache's clock, in seconds."""

    __slots__ = (
        "arn",
        "created",
        "failure",
        "fetched_at",
        "fragments",
        "fresh_until",
        "keep_until",
        "mark",
        "modified",
        "retry_at",
        "serve_until",
        "size",
        "status",
        "used",
        "value",
    )

    def __init__(self, value: object, arn: str, now: float, fresh: float) -> None:
        self.value = value
        """What the schema made of the answer; `None` when AWS has no such resource."""
        self.arn = arn
        self.status: str | None = None
        """Where the resource stands, in AWS's own word; `None` when there is no such resource."""
        self.created: int | None = None
        """When AWS says that it was created, in milliseconds of Unix time; so `modified`."""
        self.modified: int | None = None
        self.fetched_at = now
        self.fresh_until = now + fresh
        self.serve_until = self.keep_until = self.fresh_until
        self.failure: Code | None = None
        """Why AWS did not give a newer answer, when the last try failed."""
        self.retry_at = 0.0
        """Until then AWS is not asked again after a failure."""
        self.fragments: dict[object, Any] = {}
        """What was rendered from the value, by selection; gone with the entry."""
        self.size = _BASE_BYTES
        self.used = False
        self.mark = Mark()

    @classmethod
    def found(
        cls,
        resource: Resource,
        answer: Mapping[str, Any],
        value: object,
        now: float,
        settings: CacheSettings,
    ) -> "Entry":
        """Return the entry of an answer that arrived at `now`."""
        entry = cls(value, answer[resource.arn], now, _seconds_fresh(resource, answer, settings))
        entry.status = answer[resource.status]
        entry.created = instant(answer.get("CreationTime"))
        entry.modified = instant(answer.get("LastModifiedTime"))
        entry._outlives_freshness(settings, [answer])
        return entry

    @classmethod
    def searched(
        cls,
        resource: Resource,
        record: Mapping[str, Any],
        value: object,
        now: float,
        settings: CacheSettings,
    ) -> "Entry":
        """Return the entry of a record of Search's, which serves while it is fresh."""
        entry = cls.found(resource, record, value, now, settings)
        entry.serve_until = entry.keep_until = entry.fresh_until
        return entry

    @classmethod
    def of_tags(
        cls,
        arn: str,
        pages: Iterable[Mapping[str, Any]],
        value: object,
        now: float,
        settings: CacheSettings,
    ) -> "Entry":
        """Return the entry of the tags of `arn`, whose last page arrived at `now`.

        Tags can change at any time, whatever became of the resource.
        """
        entry = cls(value, arn, now, settings.fresh_running)
        entry._outlives_freshness(settings, pages)
        return entry

    @classmethod
    def of_page(cls, value: object, answer: Mapping[str, Any], now: float, fresh: float) -> "Entry":
        """Return the entry of a page of a list, which serves for `fresh` seconds and no longer."""
        entry = cls(value, "", now, fresh)
        entry.size += _DECODED_BYTES_PER_ANSWER_BYTE * _answer_bytes(answer)
        return entry

    @classmethod
    def of_list(cls, value: object, rows: int, pages: Iterable["Entry"], now: float) -> "Entry":
        """Return the entry of a list of so many rows, which is as fresh as its `pages` are."""
        entry = cls(value, "", now, 0.0)
        entry.fresh_until = min((page.fresh_until for page in pages), default=math.inf)
        entry.serve_until = entry.keep_until = entry.fresh_until
        entry.size += _BYTES_PER_LISTED_ROW * rows
        return entry

    @classmethod
    def missing(cls, now: float, settings: CacheSettings) -> "Entry":
        """Return the entry that says that AWS had no such resource at `now`."""
        return cls(None, "", now, settings.fresh_missing)

    def _outlives_freshness(
        self, settings: CacheSettings, answers: Iterable[Mapping[str, Any]]
    ) -> None:
        self.serve_until += settings.stale_while_revalidate
        self.keep_until += max(settings.stale_if_error, settings.stale_while_revalidate)
        self.size += _DECODED_BYTES_PER_ANSWER_BYTE * sum(map(_answer_bytes, answers))

    def is_of(self, arn: str) -> bool:
        """Tell whether this is the resource of `arn`. AWS changes the case of ARNs at times."""
        return self.arn == arn or self.arn.lower() == arn.lower()


def instant(value: object) -> int | None:
    """Return a time that AWS answered with, in milliseconds of Unix time; `None` if it is none."""
    try:
        return round(value.timestamp() * 1_000) if isinstance(value, datetime) else None
    except (OverflowError, ValueError):
        # Within a day of the first or the last year that Python knows.
        return None


def _seconds_fresh(resource: Resource, answer: Mapping[str, Any], settings: CacheSettings) -> float:
    is_finished = answer[resource.status] in resource.finished
    return settings.fresh_finished if is_finished else settings.fresh_running


def _answer_bytes(answer: Mapping[str, Any]) -> int:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return int(headers.get("content-length", 5_000))
