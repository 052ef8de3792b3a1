"""Read resources: from the cache while they serve, else through one shared AWS call."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from gateway.aws.arn import Arn, ArnError
from gateway.aws.cache import MemoryCache
from gateway.aws.client import SageMaker
from gateway.aws.entry import Entry, Lifetimes
from gateway.aws.errors import (
    AccessDenied,
    NotFound,
    Throttled,
    Unavailable,
    UpstreamError,
)
from gateway.aws.flight import SingleFlight
from gateway.aws.resources import BY_ARN_TYPE, Resource
from gateway.errors import BadUserInput

logger = logging.getLogger(__name__)

Decode = Callable[[Resource, Mapping[str, Any]], object]
"""From an AWS answer to what the schema resolves fields from. Called once per answer."""

_RETRY_PAUSE: Final = 1.0
_NEW_ENOUGH: Final = 1.0


class ResourceKey(NamedTuple):
    """Where a resource is found, and under what its entry is cached."""

    resource: Resource
    region: str
    name: str


class Reader:
    """The schema's way to AWS. `clock` returns seconds and is the cache's clock too."""

    def __init__(
        self,
        sagemaker: SageMaker,
        cache: MemoryCache,
        lifetimes: Lifetimes,
        decode: Decode,
        clock: Callable[[], float],
    ) -> None:
        self._sagemaker = sagemaker
        self._cache = cache
        self._lifetimes = lifetimes
        self._decode = decode
        self._clock = clock
        self._flights: SingleFlight[ResourceKey, Entry] = SingleFlight()
        self._refreshes: set[asyncio.Task[None]] = set()

    def key_of_name(self, resource: Resource, name: str, region: str | None) -> ResourceKey:
        """Return the key of a resource in `region`, or in the default one.

        Raises `BadUserInput` for what AWS could not hold.
        """
        if not resource.accepts(name):
            raise BadUserInput(
                f"Not a name of a {resource.label}: 1 to {resource.longest_name} letters, digits "
                "and hyphens, starting and ending with a letter or digit."
            )
        if region is None:
            return ResourceKey(resource, self._sagemaker.region, name)
        self._sagemaker.check_region(region)
        return ResourceKey(resource, region, name)

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

    def peek(self, key: ResourceKey, now: float) -> Entry | None:
        """Return the entry of `key` if it serves without waiting at `now`, on the cache's clock.

        A stale one is refreshed behind, so this must be called in the event loop.
        """
        entry: Entry | None = self._cache.peek(key)
        if entry is None:
            return None
        if now < entry.fresh_until or now < entry.retry_at:
            return entry
        if now < entry.serve_until:
            self._refresh_behind(key)
            return entry
        return None

    async def read(self, key: ResourceKey) -> Entry:
        """Return the entry of `key`, fetched by one AWS call if none serves.

        When AWS fails and an older answer is still kept, that is returned with its `failure` set.
        Raises `UpstreamError` otherwise.
        """
        entry = self.peek(key, self._clock())
        if entry is not None:
            return entry
        return await self._flights.join(key, lambda: self._fetch(key))

    async def renew(self, key: ResourceKey) -> Entry:
        """Return the entry of `key` as `read` does, but never a stale one while AWS answers.

        For those who watch a resource: what is refreshed behind them they would see one look later.
        """
        now = self._clock()
        entry: Entry | None = self._cache.peek(key)
        if entry is not None and (now < entry.fresh_until or now < entry.retry_at):
            return entry
        return await self._flights.join(key, lambda: self._fetch(key))

    async def refresh(self, key: ResourceKey) -> Entry:
        """Return the entry of `key` as AWS has it now, past whatever is cached.

        An answer younger than a second counts as new, so that nobody can spend the account's quota
        by asking for it. Raises `UpstreamError`.
        """
        entry: Entry | None = self._cache.peek(key)
        if entry is not None and self._clock() < entry.fetched_at + _NEW_ENOUGH:
            return entry
        return await self._flights.join(key, lambda: self._fetch(key))

    def keep_fragment(self, key: ResourceKey, entry: Entry, size: int) -> None:
        """Count `size` bytes more, rendered from `entry`, against the cache's bound."""
        self._cache.grow(key, entry, size)

    async def _fetch(self, key: ResourceKey) -> Entry:
        resource, region, name = key
        try:
            answer = await self._sagemaker.call(region, resource.describe, **{resource.name: name})
            entry = self._found(resource, answer)
        except NotFound:
            entry = Entry.missing(self._clock(), self._lifetimes)
        except UpstreamError as error:
            return self._stale(key, error)
        self._cache.keep(key, entry)
        return entry

    def _found(self, resource: Resource, answer: Mapping[str, Any]) -> Entry:
        texts = (answer.get(resource.name), answer.get(resource.arn), answer.get(resource.status))
        created = answer.get("CreationTime")
        if not all(isinstance(text, str) for text in texts) or not isinstance(created, datetime):
            raise Unavailable(f"AWS answered {resource.describe} without what identifies it.")
        value = self._decode(resource, answer)
        return Entry.found(resource, answer, value, self._clock(), self._lifetimes)

    def _stale(self, key: ResourceKey, error: UpstreamError) -> Entry:
        entry: Entry | None = self._cache.peek(key)
        # What the gateway may no longer see it does not show from memory either.
        if entry is None or isinstance(error, AccessDenied):
            raise error
        if entry.keep_until <= self._clock():
            self._cache.drop(key)
            raise error
        pause = error.retry_after_ms / 1_000 if isinstance(error, Throttled) else _RETRY_PAUSE
        entry.failure = error.code
        entry.retry_at = self._clock() + pause
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
