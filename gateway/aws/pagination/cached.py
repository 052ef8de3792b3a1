"""Cache entries for whole pages of lists as clients ask for them, made of AWS's pages."""

from collections.abc import Callable, Hashable
from typing import NamedTuple

from gateway.aws.cache import MemoryCache
from gateway.aws.entry import Entry
from gateway.aws.errors import Refused, RefusedToken
from gateway.aws.pagination.cursor import Cursor
from gateway.aws.pagination.merge import Budget, PageSource, Tags, read_list
from gateway.aws.pagination.pages import Page, PageKey
from gateway.aws.pagination.query import ListQuery
from gateway.settings import ListSettings


class ListKey(NamedTuple):
    """A page of a list as a client asks for it, under which its entry is cached."""

    query: ListQuery
    first: int
    after: Cursor | None
    look_ahead: bool
    """Whether it has to be known if rows follow."""


class ListEntries:
    """Makes the entries of lists, whose `value` is a `Listed`. `clock` is the cache's."""

    def __init__(
        self, cache: MemoryCache, settings: ListSettings, clock: Callable[[], float]
    ) -> None:
        self._cache = cache
        self._settings = settings
        self._clock = clock

    async def read(self, key: ListKey, source: PageSource) -> Entry:
        """Return the entry of `key`, read through the pages of `source`. Raises `CodedError`.

        It is cached until one of these pages is no longer fresh or is read anew, unless the budget
        cut it short: who asks again gets further then.
        """
        pages = UsedPages(source)
        budget = Budget(self._settings, self._clock, len(key.query.streams()))
        try:
            listed = await read_list(
                key.query, key.first, key.after, pages, budget, look_ahead=key.look_ahead
            )
        except Refused as error:
            if isinstance(error, RefusedToken) or key.query.has_conditions:
                raise error.to_bad_user_input() from error
            raise
        entry = Entry.of_list(listed, len(listed.rows), pages.used, self._clock())
        if not listed.is_cut:
            pages.keep(self._cache, key, entry)
        return entry


class UsedPages:
    """Hands on pages and remembers their entries."""

    def __init__(self, source: PageSource) -> None:
        self._source = source
        self.used: list[Entry] = []

    def peek_page(self, key: PageKey) -> Entry | None:
        """Return the page of `key` if that takes no AWS call."""
        entry = self._source.peek_page(key)
        if entry is not None:
            self.used.append(entry)
        return entry

    async def read_page(self, key: PageKey) -> Entry:
        """Return the page of `key`. Raises `CodedError`."""
        entry = await self._source.read_page(key)
        self.used.append(entry)
        return entry

    async def has_tags(self, arn: str, tags: Tags) -> bool:
        """Tell whether the resource has all of `tags`. Raises `CodedError`."""
        return await self._source.has_tags(arn, tags)

    def keep(self, cache: MemoryCache, key: Hashable, entry: Entry) -> None:
        """Cache what was made of the pages, until one of them is read anew."""
        cache.keep(key, entry)
        for page in self.used:
            assert isinstance(page.value, Page)
            page.value.lists.add(key)
