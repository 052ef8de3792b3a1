"""Watch a resource for changes of its status."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from gateway.aws.loader import Outcome
from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import Resource


async def watch(
    reader: Reader, key: ResourceKey, pause: Callable[[], Awaitable[None]]
) -> AsyncGenerator[Outcome, None]:
    """Yield the entry of `key` now and at each change of its status, the final one last.

    An entry without a resource is the last as well: there is none of that name, or no longer; so is
    an exception, where AWS fails and nothing older is held. `pause` returns when it is time to look
    again. Every look but the first goes through the cache, so watchers of one resource share the
    AWS calls that its fresh time allows, however many they are. The first look reads past the
    cache: a job may have been deleted and its name used again.
    """
    assert isinstance(key.kind, Resource)
    shown: str | None = ""
    is_first = True
    while True:
        try:
            if is_first:
                entry = reader.peek_new(key, reader.clock()) or await reader.fetch_entry(key)
            else:
                entry = await reader.read_fresh(key)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the field's error
            yield error
            return
        is_first = False
        if entry.status != shown:
            shown = entry.status
            yield entry
        if shown is None or shown in key.kind.ends:
            return
        await pause()
