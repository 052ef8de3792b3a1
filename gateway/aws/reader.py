"""Read resources: from the cache while they serve, else through one shared AWS call."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from gateway.aws.arn import Arn, ArnError
from gateway.aws.cache import MemoryCache
from gateway.aws.client import SageMaker
from gateway.aws.entry import Entry
from gateway.aws.errors import (
    AccessDenied,
    NotFound,
    Throttled,
    Unavailable,
    UpstreamError,
)
from gateway.aws.pagination.cached import ListEntries, ListKey
from gateway.aws.pagination.lookup import ExecutionKey, Executions
from gateway.aws.pagination.pages import ListPages, Row
from gateway.aws.resources import (
    BY_ARN_TYPE,
    SEARCHED_TRAINING_JOB,
    TAGS,
    TRAINING_JOB,
    Child,
    Resource,
    Searched,
    TagList,
)
from gateway.aws.search import Searches
from gateway.aws.single_flight import SingleFlight
from gateway.aws.tags import read_tags
from gateway.errors import BadUserInput
from gateway.settings import ReaderSettings

logger = logging.getLogger(__name__)

Decode = Callable[[Resource | TagList | Child, Mapping[str, Any]], object]
"""From an AWS answer, or from tags by key, to what the schema resolves fields from.

Called once per answer.
"""

_RETRY_PAUSE: Final = 1.0
NEW_ENOUGH: Final = 1.0
"""Seconds: what is no older is new even to those who read past the cache."""


class ResourceKey(NamedTuple):
    """Where a resource or its tags are found, and under what their entry is cached."""

    resource: Resource | TagList | Searched
    region: str
    name: str
    """For tags the ARN of their resource."""


EntryKey = ResourceKey | ListKey | ExecutionKey
"""Under what the cache holds what operations read."""


class Reader:
    """The schema's way to AWS. `clock` returns seconds and is the cache's clock too."""

    def __init__(
        self,
        sagemaker: SageMaker,
        cache: MemoryCache,
        settings: ReaderSettings,
        decode: Decode,
        clock: Callable[[], float],
    ) -> None:
        self._sagemaker = sagemaker
        self._cache = cache
        self.settings = settings
        self._decode = decode
        self._flights: SingleFlight[ResourceKey, Entry] = SingleFlight()
        self._refreshes: set[asyncio.Task[None]] = set()
        self.clock = clock
        self.searches = Searches(
            sagemaker,
            cache,
            settings,
            lambda record: decode(TRAINING_JOB, record),
            clock,
        )
        self.lists = ListEntries(cache, settings, clock)
        self.executions = Executions(cache, clock)
        self.pages = ListPages(
            sagemaker, cache, settings.list_fresh, decode, clock, self._evict_if_changed
        )

    def key_of_name(self, resource: Resource, name: str, region: str | None) -> ResourceKey:
        """Return the key of a resource in `region`, or in the default one.

        Raises `BadUserInput` for what AWS could not hold.
        """
        if not resource.accepts(name):
            raise BadUserInput(
                f"Not a name of a {resource.label}: 1 to {resource.longest_name} letters, digits "
                "and hyphens, starting and ending with a letter or digit."
            )
        return ResourceKey(resource, self.region_of(region), name)

    def key_of_arn(self, text: str) -> ResourceKey:
        """Return the key of the resource that an ARN names.

        Raises `BadUserInput` unless it is the ARN of a resource that this gateway could read.
        """
        try:
            arn = Arn.parse(text)
        except ArnError as error:
            raise BadUserInput(f"The id is {error}.") from error
        resource = BY_ARN_TYPE.get(arn.type)
        if arn.service != "sagemaker" or resource is None:
            raise BadUserInput(f"The id is not the ARN of a {' or '.join(_LABELS)}.")
        if arn.partition != self._sagemaker.partition:
            raise BadUserInput(f"The id is of another AWS partition: {arn.partition!r}.")
        return self.key_of_name(resource, arn.name, arn.region)

    def key_of_tags(self, text: str) -> ResourceKey:
        """Return the key of the tags of the resource whose ARN AWS gave. Raises `Unavailable`."""
        try:
            return ResourceKey(TAGS, self.key_of_arn(text).region, text)
        except BadUserInput as error:
            # Not the client's doing, so not the client's code.
            raise Unavailable("AWS answered with an ARN that has no tags to read.") from error

    def peek(self, key: EntryKey, now: float) -> Entry | None:
        """Return the entry of `key` if it serves without waiting at `now`, on the cache's clock.

        A stale one is refreshed behind, so this must be called in the event loop.
        """
        entry: Entry | None = self._cache.peek(key)
        if entry is None:
            return None
        if now < entry.fresh_until or now < entry.retry_at:
            return entry
        if now < entry.serve_until and isinstance(key, ResourceKey):
            self._refresh_behind(key)
            return entry
        return None

    async def read(self, key: ResourceKey) -> Entry:
        """Return the entry of `key`, fetched by one AWS call if none serves.

        When AWS fails and an older answer is still kept, that is returned with its `failure` set.
        Raises `UpstreamError` otherwise.
        """
        entry = self.peek(key, self.clock())
        if entry is not None:
            return entry
        return await self._flights.join(key, lambda: self._fetch(key))

    async def renew(self, key: ResourceKey) -> Entry:
        """Return the entry of `key` as `read` does, but never a stale one while AWS answers.

        For those who watch a resource: what is refreshed behind them they would see one look later.
        """
        now = self.clock()
        entry: Entry | None = self._cache.peek(key)
        if entry is not None and (now < entry.fresh_until or now < entry.retry_at):
            return entry
        return await self._flights.join(key, lambda: self._fetch(key))

    async def refresh(self, key: ResourceKey) -> Entry:
        """Return the entry of `key` as AWS has it now, past whatever is cached.

        An answer younger than a second counts as new, so that nobody can spend the account's quota
        by asking for it. Raises `UpstreamError`.
        """
        entry = self.peek_new(key)
        if entry is not None:
            return entry
        return await self._flights.join(key, lambda: self._fetch(key))

    def peek_new(self, key: ResourceKey) -> Entry | None:
        """Return the entry of `key` if it is younger than a second."""
        entry: Entry | None = self._cache.peek(key)
        if entry is not None and self.clock() < entry.fetched_at + NEW_ENOUGH:
            return entry
        return None

    def region_of(self, region: str | None) -> str:
        """Return the region that is meant. Raises `BadUserInput` for one that is not served."""
        if region is None:
            return self._sagemaker.region
        self._sagemaker.check_region(region)
        return region

    def _evict_if_changed(self, resource: Resource, region: str, row: Row) -> None:
        """Forget what a row of a list proves to be old: names are used again after a delete."""
        self._evict_if_older(ResourceKey(resource, region, row.name), row)
        if resource is TRAINING_JOB:
            self._evict_if_older(ResourceKey(SEARCHED_TRAINING_JOB, region, row.name), row)

    def _evict_if_older(self, key: ResourceKey, row: Row) -> None:
        entry: Entry | None = self._cache.peek(key)
        if entry is None:
            return
        is_newer = row.modified is not None and row.modified > (entry.modified or row.modified)
        if entry.created != row.created or is_newer:
            self._cache.drop(key)

    def keep_fragment(self, key: EntryKey, entry: Entry, size: int) -> None:
        """Count `size` bytes more, rendered from `entry`, against the cache's bound."""
        self._cache.grow(key, entry, size)

    def begin(self, key: ResourceKey) -> asyncio.Task[Entry] | None:
        """Begin the AWS call that `read` would wait for; return it unless it is under way."""
        if key in self._flights:
            return None
        return self._flights.start(key, lambda: self._fetch(key)).task

    def _fetch(self, key: ResourceKey) -> Coroutine[Any, Any, Entry]:
        resource, region, name = key
        if isinstance(resource, TagList):
            return self._fetched(key, self._tags(region, name))
        assert isinstance(resource, Resource)
        answer = self._sagemaker.call(region, resource.describe, **{resource.name: name})
        return self._fetched(key, self._described(resource, answer))

    async def _fetched(self, key: ResourceKey, work: Coroutine[Any, Any, Entry]) -> Entry:
        try:
            entry = await work
        except NotFound:
            entry = Entry.missing(self.clock(), self.settings)
        except UpstreamError as error:
            return self._stale(key, error)
        self._cache.keep(key, entry)
        return entry

    async def _described(
        self, resource: Resource, call: Coroutine[Any, Any, Mapping[str, Any]]
    ) -> Entry:
        answer = await call
        texts = (answer.get(resource.name), answer.get(resource.arn), answer.get(resource.status))
        created = answer.get("CreationTime")
        if not all(isinstance(text, str) for text in texts) or not isinstance(created, datetime):
            raise Unavailable(f"AWS answered {resource.describe} without what identifies it.")
        value = self._decode(resource, answer)
        return Entry.found(resource, answer, value, self.clock(), self.settings)

    async def _tags(self, region: str, arn: str) -> Entry:
        tags = await read_tags(self._sagemaker, region, arn)
        value = self._decode(TAGS, tags.by_key)
        return Entry.of_tags(arn, tags.pages, value, self.clock(), self.settings)

    def _stale(self, key: ResourceKey, error: UpstreamError) -> Entry:
        entry: Entry | None = self._cache.peek(key)
        # What the gateway may no longer see it does not show from memory either.
        if entry is None or isinstance(error, AccessDenied):
            raise error
        if entry.keep_until <= self.clock():
            self._cache.drop(key)
            raise error
        pause = error.retry_after_ms / 1_000 if isinstance(error, Throttled) else _RETRY_PAUSE
        entry.failure = error.code
        entry.mark.is_good = False
        entry.retry_at = self.clock() + pause
        return entry

    def _refresh_behind(self, key: ResourceKey) -> None:
        if key in self._flights:
            return
        task = asyncio.create_task(self._refresh(key))
        self._refreshes.add(task)
        task.add_done_callback(self._refreshes.discard)

    async def _refresh(self, key: ResourceKey) -> None:
        try:
            await self._flights.join(key, lambda: self._fetch(key))
        except Exception:
            logger.warning("gateway.refresh_failed", extra={"key": key[1:]}, exc_info=True)


_LABELS: Final = tuple(resource.label for resource in BY_ARN_TYPE.values())
