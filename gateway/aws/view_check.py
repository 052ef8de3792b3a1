"""Check by its tags whether a resource is in a view: an entry of its own beside the resource's."""

from typing import TYPE_CHECKING, Any, NamedTuple

from gateway.aws.cache import Entry
from gateway.aws.reader import ResourceKey

if TYPE_CHECKING:
    from gateway.aws.loader import Loader
    from gateway.grants import View


class ViewKey(NamedTuple):
    """The key of the entry that says whether the resource of `key` is in `view`."""

    key: ResourceKey
    view: "View"

    async def read_entry(self, loader: "Loader") -> Entry:
        """Return the entry, whose `value` is `True` or `False`. Raises `CodedError`.

        It is cached until the resource's entry or its tags are no longer fresh.
        """
        described = await loader.load(self.key)
        used = [described]
        is_visible = described.value is not None
        if is_visible:
            tags = await loader.load(loader.reader.key_of_tags(described.arn))
            used.append(tags)
            is_visible = self.view.has_tags(tags_by_key(tags))
        entry = Entry.of_list(is_visible, 0, used, loader.reader.clock())
        loader.reader.cache.put(self, entry)
        return entry


def tags_by_key(entry: Entry) -> dict[str, str | None]:
    """Return the values of the tags in an entry, by key."""
    tags: Any = entry.value
    return {tag.key: tag.value for tag in tags or ()}
