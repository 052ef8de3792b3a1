"""The pages of lists that clients ask for, cached as entries: made of AWS's pages and of tags."""

from typing import TYPE_CHECKING, NamedTuple

from gateway.aws.arn import is_spelled_as
from gateway.aws.cache import Entry
from gateway.aws.errors import Refused, RefusedToken
from gateway.aws.pagination.cursor import Cursor
from gateway.aws.pagination.merge import Budget, read_list
from gateway.aws.pagination.pages import Page, PageKey, Row
from gateway.aws.pagination.query import ListQuery
from gateway.aws.reader import ResourceKey
from gateway.aws.resources import Resource
from gateway.aws.view_check import tags_by_key

if TYPE_CHECKING:
    from gateway.aws.loader import Key, Loader


class ListKey(NamedTuple):
    """The key of a page of a list, as a client asks for it."""

    query: ListQuery
    first: int
    after: Cursor | None
    look_ahead: bool
    """Whether the client asks if more rows follow."""

    async def read_entry(self, loader: "Loader") -> Entry:
        """Return the entry, whose `value` is a `Listed`. Raises `CodedError`.

        It is cached until one of AWS's pages or the tags of a row are no longer fresh, or a page is
        read again. A page that the budget cut short is not cached, so that the next request gets
        further.
        """
        reader, pages = loader.reader, LoadedPages(loader)
        budget = Budget(reader.settings, reader.clock, len(self.query.aws_lists()))
        try:
            listed = await read_list(
                self.query, self.first, self.after, pages, budget, look_ahead=self.look_ahead
            )
        except Refused as error:
            if isinstance(error, RefusedToken) or self.query.has_conditions:
                raise error.to_bad_user_input() from error
            raise
        entry = Entry.of_list(listed, len(listed.rows), pages.used, reader.clock())
        entry.made_of = tuple(each for each in entry.made_of if id(each) not in pages.left_out)
        entry.has_notice = entry.has_notice or listed.is_cut
        if not listed.is_cut:
            pages.cache(self, entry)
        return entry


class LoadedPages:
    """Reads AWS's pages and tags through a loader, and remembers their entries."""

    def __init__(self, loader: "Loader") -> None:
        self._loader = loader
        self.used: list[Entry] = []
        self.left_out: set[int] = set()
        """The ids of used entries about rows that the list leaves out: no response names them."""

    def peek_page(self, key: PageKey) -> Entry | None:
        """Return the page of `key` if it is known without waiting. Raises `CodedError`."""
        outcome = self._loader.peek(key, self._loader.reader.clock())
        if isinstance(outcome, Exception):
            raise outcome.with_traceback(None)
        if outcome is not None:
            self.used.append(outcome)
        return outcome

    async def read_page(self, key: PageKey) -> Entry:
        """Return the page of `key`. Raises `CodedError`."""
        return await self._load(key)

    async def has_tags(self, query: ListQuery, row: Row) -> bool:
        """Tell whether the resource of `row` has all the tags that `query` and its view ask for.

        Raises `CodedError`.
        """
        if row.error is not None:
            # It may have the tags: it is shown as an error, as without a filter.
            return True
        arn = row.arn
        used: list[Entry] = []
        if not is_spelled_as(arn, row.name):
            # ListTags compares letter case. The describe has the ARN in the right one.
            described = await self._load(self._key_of(query, row))
            used.append(described)
            if described.value is None:
                return False
            arn = described.arn
        tags = await self._load(self._loader.reader.key_of_tags(arn))
        held = tags_by_key(tags)
        has_all = all(key in held and value in {None, held[key]} for key, value in query.tags)
        is_listed = has_all and (query.view is None or query.view.has_tags(held))
        if not is_listed:
            self.left_out.update(map(id, [*used, tags]))
        return is_listed

    def _key_of(self, query: ListQuery, row: Row) -> ResourceKey:
        if isinstance(query.kind, Resource):
            return ResourceKey(query.kind, query.region, row.name)
        return self._loader.reader.key_of_aws_arn(row.arn)._replace(name=row.name)

    async def _load(self, key: "Key") -> Entry:
        entry = await self._loader.load(key)
        self.used.append(entry)
        return entry

    def cache(self, key: "Key", entry: Entry) -> None:
        """Cache `entry`, which was made of what was read, until one of the pages is read again."""
        self._loader.reader.cache.put(key, entry)
        for used in self.used:
            if isinstance(used.value, Page):
                used.value.lists.add(key)
