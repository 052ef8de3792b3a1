"""What the resolvers of one operation share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.aws.entry import Entry
from gateway.aws.reader import Reader, ResourceKey


@dataclass(slots=True)
class OperationContext:
    """The way to AWS, and what one operation has read: each resource once."""

    reader: Reader
    fresh: bool = False
    """Read past the cache."""
    entries: dict[ResourceKey, Entry] = field(default_factory=dict)

    async def read(self, key: ResourceKey, arn: str | None = None) -> object:
        """Return the object of a resource; `None` when there is none, or it is not that of `arn`.

        Raises `UpstreamError`.
        """
        entry = self.entries.get(key)
        if entry is None:
            read = self.reader.refresh if self.fresh else self.reader.read
            entry = self.entries[key] = await read(key)
        return entry.value if arn is None or entry.is_of(arn) else None


@dataclass(slots=True, kw_only=True)
class SubscriptionContext(OperationContext):
    """What the source of a subscription's events shares; each event has a context of its own."""

    pause: Callable[[], Awaitable[None]]
    """Returns when it is time to look again."""
