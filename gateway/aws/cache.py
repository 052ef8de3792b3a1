"""The cache: entries that hold AWS's answers, and the bounded memory that holds the entries.

aiocache's own memory backend has no bound and can only be awaited (version 0.12.3); compiled
operations read without awaiting. This is the only module that imports aiocache.
"""

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer

from gateway.aws.resources import Resource
from gateway.settings import CacheSettings
from gateway.weight import weigh

if TYPE_CHECKING:
    from gateway.errors import Code

_BASE_BYTES: Final = 2_000
# The cursors of a row; AWS's page, an entry of its own, holds the row.
_BYTES_PER_LISTED_ROW: Final = 400


class Validity:
    """Whether an entry is still valid, for a cached response that was made of the entry.

    The response refers to this object and not to the entry, which it would keep in memory.
    """

    __slots__ = ("is_valid", "used")

    def __init__(self) -> None:
        self.is_valid = True
        """`False` once the entry is evicted, or AWS failed to renew it."""
        self.used = False
        """Set by readers of the response, as `Entry.used` is by readers of the entry."""


class Entry:
    """One of AWS's answers in the cache. All instants are on the cache's clock, in seconds."""

    __slots__ = (
        "arn",
        "created",
        "error",
        "failure",
        "fetched_at",
        "fresh_until",
        "has_notice",
        "keep_until",
        "made_of",
        "modified",
        "rendered",
        "retry_at",
        "serve_until",
        "size",
        "status",
        "used",
        "validity",
        "value",
    )

    def __init__(self, value: object, arn: str, now: float, fresh: float) -> None:
        self.value = value
        """What the schema made of the answer; `None` when AWS has no such resource."""
        self.arn = arn
        self.status: str | None = None
        """The resource's main status, AWS's own word; `None` when there is no such resource."""
        self.created: int | None = None
        """The resource's creation time, in milliseconds of Unix time."""
        self.modified: int | None = None
        """The resource's modification time, in milliseconds of Unix time."""
        self.fetched_at = now
        self.fresh_until = now + fresh
        self.serve_until = self.keep_until = self.fresh_until
        self.failure: Code | None = None
        """The code of the error, when the last call to renew the entry failed."""
        self.error: Exception | None = None
        """That error itself, which callers get who may not see the resource."""
        self.has_notice = False
        """Whether a response must tell that the entry is stale or incomplete."""
        self.retry_at = 0.0
        """After a failed call: when AWS may be asked again."""
        self.made_of: tuple[Entry, ...] = ()
        """The stale entries that a list was made of."""
        self.rendered: dict[int, Any] = {}
        """The JSON rendered from the value, by the number of the selection."""
        self.size = _BASE_BYTES
        """Bytes of memory that the entry is taken to use."""
        self.used = False
        """Whether the entry was read since it last came up for eviction."""
        self.validity = Validity()

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
        entry.created, entry.modified = instants(answer)
        entry._outlives_freshness(settings)
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
        """Return the entry of a record of Search. It never serves when it is stale."""
        entry = cls.found(resource, record, value, now, settings)
        entry.serve_until = entry.keep_until = entry.fresh_until
        return entry

    @classmethod
    def of_tags(
        cls,
        arn: str,
        value: object,
        now: float,
        settings: CacheSettings,
    ) -> "Entry":
        """Return the entry of the tags of `arn`, whose last page arrived at `now`.

        Tags can change at any time, also those of a finished job.
        """
        entry = cls(value, arn, now, settings.fresh_running)
        entry._outlives_freshness(settings)
        return entry

    @classmethod
    def of_page(cls, value: object, answer: Mapping[str, Any], now: float, fresh: float) -> "Entry":
        """Return the entry of a page of AWS's, which serves for `fresh` seconds."""
        entry = cls(value, "", now, fresh)
        entry.size += weigh(answer)
        return entry

    @classmethod
    def of_list(cls, value: object, rows: int, used: Iterable["Entry"], now: float) -> "Entry":
        """Return the entry of a list of `rows` rows, as old and as fresh as what was `used`."""
        entry = cls(value, "", now, 0.0)
        entries = list(used)
        entry.fetched_at = min((each.fetched_at for each in entries), default=now)
        entry.fresh_until = min((each.fresh_until for each in entries), default=math.inf)
        entry.serve_until = entry.keep_until = entry.fresh_until
        entry.made_of = tuple(each for each in entries if each.fresh_until <= now)
        entry.has_notice = bool(entry.made_of)
        entry.size += _BYTES_PER_LISTED_ROW * rows
        return entry

    @classmethod
    def missing(cls, now: float, settings: CacheSettings) -> "Entry":
        """Return the entry that says that AWS had no such resource at `now`."""
        return cls(None, "", now, settings.fresh_missing)

    def _outlives_freshness(self, settings: CacheSettings) -> None:
        self.serve_until += settings.stale_while_revalidate
        self.keep_until += max(settings.stale_if_error, settings.stale_while_revalidate)
        self.size += weigh(self.value)

    def is_of(self, arn: str) -> bool:
        """Tell whether this is the resource of `arn`, whatever the letter case of the ARN."""
        return self.arn == arn or self.arn.lower() == arn.lower()


def _seconds_fresh(resource: Resource, answer: Mapping[str, Any], settings: CacheSettings) -> float:
    return settings.fresh_finished if resource.is_final(answer) else settings.fresh_running


def instants(answer: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return when AWS says that a resource was created and modified, as `instant` does."""
    return instant(answer.get("CreationTime")), instant(answer.get("LastModifiedTime"))


def instant(value: object) -> int | None:
    """Return a time of AWS's answer in milliseconds of Unix time; `None` for any other value."""
    try:
        return round(value.timestamp() * 1_000) if isinstance(value, datetime) else None
    except (OverflowError, ValueError):
        # Within a day of the first or the last year that Python knows.
        return None


def instants_of_all(
    answers: Iterable[Mapping[str, Any]],
) -> list[tuple[int | None, int | None]]:
    """Return the `instants` of each answer."""
    return [instants(answer) for answer in answers]


class MemoryCache(BaseCache):  # type: ignore[misc]  # aiocache has no type hints
    """Entries by key; beyond `max_bytes` the least recently used are evicted.

    A read sets a flag on the entry, and an entry with the flag survives one eviction (the CLOCK
    approximation of least recently used): moving it in an order at each read costs more than the
    read.

    `peek`, `put`, `drop` and `grow` are synchronous; the rest of aiocache's interface is the same
    store behind `await`.
    """

    NAME = "bounded-memory"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(serializer=NullSerializer(), timeout=0)
        self.max_bytes = max_bytes
        self.bytes = 0
        self._entries: OrderedDict[Any, Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def peek(self, key: Any) -> Any:
        """Return the entry of `key` and flag it as used; `None` when there is none.

        The caller checks whether the entry is fresh.
        """
        entry = self._entries.get(key)
        if entry is not None:
            entry.used = True
        return entry

    def peek_many(self, keys: Iterable[Any]) -> list[Entry | None]:
        """Return the entries of `keys`, without flagging them as used."""
        return [self._entries.get(key) for key in keys]

    def put(self, key: Any, entry: Entry) -> None:
        """Put `entry` in place of what `key` held, and evict what no longer fits."""
        self.drop(key)
        self._entries[key] = entry
        self.bytes += entry.size
        self._evict()

    def drop(self, key: Any) -> bool:
        """Forget `key`; tell whether it was there."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        self.bytes -= entry.size
        entry.validity.is_valid = False
        return True

    def grow(self, key: Any, entry: Entry, size: int) -> None:
        """Count `size` bytes more for `entry`, unless `key` holds another one by now."""
        if self._entries.get(key) is entry:
            entry.size += size
            self.bytes += size
            self._evict()

    def _evict(self) -> None:
        while self.bytes > self.max_bytes and self._entries:
            key, entry = self._entries.popitem(last=False)
            if entry.used or entry.validity.used:
                entry.used = entry.validity.used = False
                self._entries[key] = entry
            else:
                self.bytes -= entry.size
                entry.validity.is_valid = False

    async def _get(self, key: Any, encoding: str = "", _conn: Any = None) -> Any:
        return self.peek(key)

    async def _multi_get(self, keys: Iterable[Any], encoding: str = "", _conn: Any = None) -> Any:
        return [self.peek(key) for key in keys]

    async def _set(
        self, key: Any, value: Any, ttl: Any = None, _cas_token: Any = None, _conn: Any = None
    ) -> bool:
        self.put(key, value)
        return True

    async def _exists(self, key: Any, _conn: Any = None) -> bool:
        return self.peek(key) is not None

    async def _delete(self, key: Any, _conn: Any = None) -> int:
        return int(self.drop(key))

    async def _clear(self, namespace: Any = None, _conn: Any = None) -> bool:
        for entry in self._entries.values():
            entry.validity.is_valid = False
        self._entries.clear()
        self.bytes = 0
        return True

    def _build_key(self, key: Any, namespace: Any = None) -> Any:
        return key
