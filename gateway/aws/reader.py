"""The reader of the process: an entry from the cache while it serves, else by one shared call."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.aws.arn import Arn, ArnError
from gateway.aws.cache import Entry, MemoryCache
from gateway.aws.call_log import unreadable
from gateway.aws.client import SageMaker
from gateway.aws.deadline import Deadline
from gateway.aws.errors import AccessDenied, NotFound, Throttled, Unavailable, UpstreamError
from gateway.aws.pagination.pages import ListPages, Row
from gateway.aws.resources import TAGS, Child, Resource, SearchRecord, TagList
from gateway.aws.search import Search
from gateway.aws.single_flight import SingleFlight, Wait
from gateway.aws.tags import read_tags
from gateway.errors import BadUserInput, quote
from gateway.settings import ReaderSettings

if TYPE_CHECKING:
    from gateway.aws.loader import Loader

logger = logging.getLogger(__name__)

Decode = Callable[[Resource | TagList | Child, Mapping[str, Any]], object]
"""Turns an AWS answer, or tags by key, into the object that the schema resolves fields from."""

_RETRY_PAUSE: Final = 1.0
_MOST_SPELLINGS: Final = 10_000
_NEW_ENOUGH: Final = 1.0
"""Seconds. An entry that is no older serves even a caller who reads past the cache."""


class ResourceKey(NamedTuple):
    """The key of a resource, of its record in Search or of its tags."""

    kind: Resource | SearchRecord | TagList
    region: str
    name: str
    """The resource's name; for tags, the resource's ARN."""

    async def read_entry(self, loader: "Loader") -> Entry:
        """Return the entry as AWS has it now. Raises `UpstreamError`."""
        return await loader.reader.fetch_entry(self)


@contextmanager
def named_by_aws(message: str) -> Iterator[None]:
    """Raise `Unavailable` for what the block refuses: AWS wrote the name, not a client."""
    try:
        yield
    except (ArnError, BadUserInput) as error:
        raise Unavailable(message) from error


class Reader:
    """Reads entries for all operations. `clock` returns seconds and is the cache's clock too."""

    def __init__(
        self,
        sagemaker: SageMaker,
        cache: MemoryCache,
        settings: ReaderSettings,
        resources: tuple[Resource, ...],
        decode: Decode,
        clock: Callable[[], float],
    ) -> None:
        self._sagemaker = sagemaker
        self.cache = cache
        self.settings = settings
        self._by_arn_type = {resource.arn_type: resource for resource in resources}
        self.decode = decode
        """Turns an AWS answer into the object of the GraphQL type."""
        self._spellings: dict[ResourceKey, str] = {}
        self._flights: SingleFlight[ResourceKey, Entry] = SingleFlight()
        self._refreshes: set[asyncio.Task[None]] = set()
        self.clock = clock
        self.may_renew: Callable[[], bool] = lambda: True
        """Whether whoever is served a stale entry may cause the call that renews it."""
        self.search = Search(sagemaker, cache, settings, decode, clock, self._note_rows)
        self.pages = ListPages(sagemaker, cache, settings.list_fresh, clock, self._note_rows)

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

    def key_of_arn(self, arn: Arn) -> ResourceKey:
        """Return the key of the resource that an ARN names.

        Raises `BadUserInput` unless this gateway can read such a resource.
        """
        resource = self._by_arn_type.get(arn.type)
        if arn.service != "sagemaker" or resource is None:
            labels = " or ".join(each.label for each in self._by_arn_type.values())
            raise BadUserInput(f"The id is not the ARN of a {labels}.")
        if arn.partition != self._sagemaker.partition:
            raise BadUserInput(f"The id is of another AWS partition: {quote(arn.partition)}.")
        return self.key_of_name(resource, arn.name, arn.region)

    def key_of_aws_arn(self, text: str) -> ResourceKey:
        """Return the key of the resource of an ARN that AWS answered with. Raises `Unavailable`."""
        with named_by_aws("AWS named a resource that this gateway cannot read."):
            return self.key_of_arn(Arn.parse(text))

    def key_of_tags(self, text: str) -> ResourceKey:
        """Return the key of the tags of an ARN that AWS answered with. Raises `Unavailable`."""
        return ResourceKey(TAGS, self.key_of_aws_arn(text).region, text)

    def region_of(self, region: str | None) -> str:
        """Return `region`, or the default one for `None`.

        Raises `BadUserInput` for a region that is not served.
        """
        if region is None:
            return self._sagemaker.region
        self._sagemaker.check_region(region)
        return region

    def peek(self, key: Hashable, now: float) -> Entry | None:
        """Return the entry of `key` if it serves at `now`, on the cache's clock; else `None`.

        A stale entry is renewed in the background. Must be called in the event loop.
        """
        entry: Entry | None = self.cache.peek(key)
        if entry is None:
            return None
        if now < entry.fresh_until or now < entry.retry_at:
            return entry
        if now < entry.serve_until and isinstance(key, ResourceKey):
            self._refresh_in_background(key)
            return entry
        return None

    def peek_new(self, key: Hashable, now: float) -> Entry | None:
        """Return the entry of `key` if it is younger than a second; else `None`.

        Such an entry serves even callers who read past the cache, or they could use up the
        account's quota of calls.
        """
        entry: Entry | None = self.cache.peek(key)
        if entry is not None and now < entry.fetched_at + _NEW_ENOUGH:
            return entry
        return None

    def fetch_entry(self, key: ResourceKey) -> Wait[Entry]:
        """Return the wait for the entry of `key`, read from AWS by one call that all callers share.

        The call begins now. If AWS fails, an older entry that may still serve is returned with its
        `failure` set; without one, awaiting raises `UpstreamError`.
        """
        return self._flights.join(key, lambda: self._fetch(key))

    def peek_fresh(self, key: ResourceKey) -> Entry | None:
        """Return the entry of `key` if it is fresh, or if AWS is left alone after a failure.

        `peek` would return a stale entry and renew it in the background: a subscription would show
        each change one interval later.
        """
        now = self.clock()
        entry: Entry | None = self.cache.peek(key)
        is_fresh = entry is not None and (now < entry.fresh_until or now < entry.retry_at)
        return entry if is_fresh else None

    def _note_rows(self, resource: Resource, region: str, rows: Sequence[Row]) -> None:
        """Evict the entries that `rows` prove to be old: a name can be used again after a delete.

        Remember the names of rows whose ARNs have them in another letter case.
        """
        kinds: list[Resource | SearchRecord] = [resource]
        if resource.search is not None:
            kinds.append(resource.search)
        # What a link in lower case led to is cached by the name in lower case.
        noted = [
            (ResourceKey(kind, region, name), row)
            for row in rows
            for name in {row.name, row.name.lower()}
            for kind in kinds
        ]
        entries = self.cache.peek_many(key for key, _ in noted)
        for (key, row), entry in zip(noted, entries, strict=True):
            if entry is not None and _is_older(entry, row):
                self.cache.drop(key)
        for row in rows:
            _, _, name = row.arn.rpartition("/")
            if name != row.name and name.lower() == row.name.lower():
                self._remember_spelling(ResourceKey(resource, region, name), row.name)

    def _remember_spelling(self, key: ResourceKey, name: str) -> None:
        if key not in self._spellings and len(self._spellings) >= _MOST_SPELLINGS:
            del self._spellings[next(iter(self._spellings))]
        self._spellings[key] = name

    def _fetch(self, key: ResourceKey) -> Coroutine[Any, Any, Entry]:
        resource, region, name = key
        if isinstance(resource, TagList):
            return self._cache_answer(key, self._list_tags(region, name))
        assert isinstance(resource, Resource)
        spelled = self._spellings.get(key, name)
        answer = self._sagemaker.call(region, resource.describe, **{resource.name: spelled})
        return self._cache_answer(key, self._describe(key, answer))

    async def _cache_answer(self, key: ResourceKey, work: Coroutine[Any, Any, Entry]) -> Entry:
        try:
            entry = await work
        except NotFound:
            entry = Entry.missing(self.clock(), self.settings)
            if isinstance(key.kind, Resource) and key.kind.search is not None:
                self.cache.drop(key._replace(kind=key.kind.search))
        except UpstreamError as error:
            return self._fall_back_to_stale(key, error)
        self.cache.put(key, entry)
        return entry

    async def _describe(
        self, key: ResourceKey, call: Coroutine[Any, Any, Mapping[str, Any]]
    ) -> Entry:
        resource, region, name = key
        assert isinstance(resource, Resource)
        answer = await call
        for member, type_ in (
            (resource.name, str),
            (resource.arn, str),
            (resource.status, str),
            ("CreationTime", datetime),
        ):
            if not isinstance(answer.get(member), type_) or not answer[member]:
                message = f"AWS answered {resource.describe} without {member}."
                raise unreadable(resource.describe, region, message)
        if answer[resource.name].lower() != name.lower():
            message = f"AWS answered {resource.describe} with another {resource.label}."
            raise unreadable(resource.describe, region, message)
        value = self.decode(resource, answer)
        entry = Entry.found(resource, answer, value, self.clock(), self.settings)
        row = Row(
            answer,
            entry.arn,
            answer[resource.name],
            answer[resource.status],
            entry.created or 0,
            entry.modified,
        )
        self._note_rows(resource, region, [row])
        return entry

    async def _list_tags(self, region: str, arn: str) -> Entry:
        try:
            deadline = Deadline(self.clock, self.settings.list_seconds)
            tags = await read_tags(self._sagemaker, region, arn, deadline)
        except NotFound as error:
            # AWS answered with this ARN, so "no tags" would be wrong. The resource may be deleted.
            self.cache.drop(self.key_of_aws_arn(arn))
            message = "AWS does not know the ARN that it gave to ListTags."
            raise unreadable(TAGS.operation, region, message) from error
        value = self.decode(TAGS, tags)
        return Entry.of_tags(arn, value, self.clock(), self.settings)

    def _fall_back_to_stale(self, key: ResourceKey, error: UpstreamError) -> Entry:
        entry: Entry | None = self.cache.peek(key)
        if entry is None:
            raise error
        # The gateway does not show what it may no longer see.
        if isinstance(error, AccessDenied) or entry.keep_until <= self.clock():
            self.cache.drop(key)
            raise error
        pause = error.retry_after_ms / 1_000 if isinstance(error, Throttled) else _RETRY_PAUSE
        entry.failure = error.code
        entry.error = error.with_traceback(None)
        error.__cause__ = error.__context__ = None
        entry.has_notice = True
        entry.validity.is_valid = False
        entry.retry_at = self.clock() + pause
        return entry

    def _refresh_in_background(self, key: ResourceKey) -> None:
        if key in self._flights or not self.may_renew():
            return
        task = asyncio.create_task(self._refresh(key))
        self._refreshes.add(task)
        task.add_done_callback(self._refreshes.discard)

    async def _refresh(self, key: ResourceKey) -> None:
        try:
            await self.fetch_entry(key)
        except Exception:
            logger.warning("gateway.refresh_failed", extra={"key": key[1:]}, exc_info=True)


def _is_older(entry: Entry, row: Row) -> bool:
    """Tell whether `row` is another resource of that name, or a later state of the same one."""
    if entry.value is None:
        return True
    if row.modified is None or entry.modified is None:
        # AWS does not tell the modification time of every resource, or not in every answer.
        is_changed = row.status != entry.status
    else:
        is_changed = row.modified > entry.modified
    return entry.created != row.created or is_changed
