"""Check by its tags whether a resource is in a view: an entry of its own beside the resource's."""

from typing import TYPE_CHECKING, Any, NamedTuple

from gateway.aws.cache import Entry
from gateway.aws.reader import Reader, ResourceKey
from gateway.errors import CodedError

if TYPE_CHECKING:
    from gateway.aws.loader import Loader
    from gateway.grants import View


class ViewKey(NamedTuple):
    """The key of the entry that says whether the resource of `key` is in `view`."""

    key: ResourceKey
    view: "View"

    async def read_entry(self, loader: "Loader") -> Entry:
        """Return the entry, whose `value` is `True` or `False`. Raises `CodedError`.

        It is cached until the resource's entry or its tags are no longer fresh. A resource outside
        of the view is as one that AWS does not have: AWS is asked about it as often, and if AWS
        fails, that error is raised whatever older answer there is.
        """
        reader = loader.reader
        described = await loader.load(self.key)
        if described.value is None:
            hidden = Entry.of_list(value=False, rows=0, used=[described], now=reader.clock())
            return self._cache(hidden, reader)
        try:
            tags = await loader.load(reader.key_of_tags(described.arn))
        except CodedError:
            await self._describe_as_missing(described, reader)
            raise
        is_visible = self.view.has_tags(tags_by_key(tags))
        entry = Entry.of_list(is_visible, 0, [described, tags], reader.clock())
        if not is_visible:
            described = await self._describe_as_missing(described, reader)
            entry.fresh_until = min(
                entry.fresh_until, described.fetched_at + reader.settings.fresh_missing
            )
            entry.serve_until = entry.keep_until = entry.fresh_until
        return self._cache(entry, reader)

    async def _describe_as_missing(self, described: Entry, reader: Reader) -> Entry:
        """Return an entry no older than one that says that AWS has no such resource."""
        if described.fetched_at + reader.settings.fresh_missing <= reader.clock():
            described = await reader.fetch_entry(self.key)
        if described.error is not None:
            raise described.error.with_traceback(None)
        return described

    def _cache(self, entry: Entry, reader: Reader) -> Entry:
        reader.cache.put(self, entry)
        return entry


def tags_by_key(entry: Entry) -> dict[str, str | None]:
    """Return the values of the tags in an entry, by key."""
    tags: Any = entry.value
    return {tag.key: tag.value for tag in tags or ()}
