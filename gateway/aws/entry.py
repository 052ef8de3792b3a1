"""A cache entry: one AWS answer, for how long it serves, and what was rendered from it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.aws.cache import Mark
from gateway.aws.resources import Resource

if TYPE_CHECKING:
    from gateway.errors import Code

_BASE_BYTES: Final = 2_000
# Decoded values take about this many times the bytes of the JSON they came from (measured over the
# twin's 200 jobs: 5.1 to 6.8).
_DECODED_BYTES_PER_ANSWER_BYTE: Final = 6
# The cursor and the places of a row that the page of AWS's holds.
_BYTES_PER_LISTED_ROW: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """How long an answer serves, in seconds from its arrival.

    The terms are those of HTTP: fresh, then stale-while-revalidate, then stale-if-error
    (https://www.rfc-editor.org/rfc/rfc5861).
    """

    finished: float = 3_600.0
    """Fresh time of a resource whose status is final."""
    running: float = 5.0
    """Fresh time of any other resource, and of tags."""
    missing: float = 5.0
    """Fresh time of the knowledge that there is no such resource."""
    stale_while_revalidate: float = 5.0
    """Time past fresh in which the answer is served at once while one refresh runs behind it."""
    stale_if_error: float = 3_600.0
    """Time past fresh in which the answer is served, labelled, when AWS fails to give a new one."""

    def fresh(self, resource: Resource, answer: Mapping[str, Any]) -> float:
        """Return for how many seconds `answer` is fresh."""
        return self.finished if answer[resource.status] in resource.finished else self.running


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
        lifetimes: Lifetimes,
    ) -> "Entry":
        """Return the entry of an answer that arrived at `now`."""
        entry = cls(value, answer[resource.arn], now, lifetimes.fresh(resource, answer))
        entry.status = answer[resource.status]
        entry.created = instant(answer.get("CreationTime"))
        entry.modified = instant(answer.get("LastModifiedTime"))
        entry._outlives_freshness(lifetimes, [answer])
        return entry

    @classmethod
    def searched(
        cls,
        resource: Resource,
        record: Mapping[str, Any],
        value: object,
        now: float,
        lifetimes: Lifetimes,
    ) -> "Entry":
        """Return the entry of a record of Search's, which serves while it is fresh."""
        entry = cls.found(resource, record, value, now, lifetimes)
        entry.serve_until = entry.keep_until = entry.fresh_until
        return entry

    @classmethod
    def of_tags(
        cls,
        arn: str,
        pages: Iterable[Mapping[str, Any]],
        value: object,
        now: float,
        lifetimes: Lifetimes,
    ) -> "Entry":
        """Return the entry of the tags of `arn`, whose last page arrived at `now`.

        Tags can change at any time, whatever became of the resource.
        """
        entry = cls(value, arn, now, lifetimes.running)
        entry._outlives_freshness(lifetimes, pages)
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
    def missing(cls, now: float, lifetimes: Lifetimes) -> "Entry":
        """Return the entry that says that AWS had no such resource at `now`."""
        return cls(None, "", now, lifetimes.missing)

    def _outlives_freshness(
        self, lifetimes: Lifetimes, answers: Iterable[Mapping[str, Any]]
    ) -> None:
        self.serve_until += lifetimes.stale_while_revalidate
        self.keep_until += max(lifetimes.stale_if_error, lifetimes.stale_while_revalidate)
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


def _answer_bytes(answer: Mapping[str, Any]) -> int:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return int(headers.get("content-length", 5_000))
