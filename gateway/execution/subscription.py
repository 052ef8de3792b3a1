"""Watch a resource for changes of its status."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Protocol

from gateway.aws.cache import Entry
from gateway.aws.loader import Outcome
from gateway.aws.reader import ResourceKey
from gateway.aws.resources import Resource


class Reads(Protocol):
    """Reads the one resource of a subscription."""

    async def read_new(self) -> Entry:
        """Return the entry as AWS has it now. Raises `UpstreamError`."""

    async def read_fresh(self) -> Entry:
        """Return the entry, a fresh one unless AWS fails. Raises `UpstreamError`."""


async def watch(
    key: ResourceKey, reads: Reads, pause: Callable[[], Awaitable[None]]
) -> AsyncGenerator[Outcome, None]:
    """Yield the entry of `key` now and at each change of its status, until the status is final.

    An entry without a resource is the last one: there is no such resource, or no longer. So is an
    exception: AWS fails and no older entry may serve. `pause` waits between two reads. The first
    reads past the cache, because a job may have been deleted and its name used again. The later
    ones read through it, so that all watchers of a resource share its AWS calls.
    """
    assert isinstance(key.kind, Resource)
    shown: str | None = ""
    is_first = True
    while True:
        try:
            entry = await (reads.read_new() if is_first else reads.read_fresh())
        except Exception as error:  # noqa: BLE001  # any error becomes that of the field
            yield error
            return
        is_first = False
        if entry.status != shown:
            shown = entry.status
            yield entry
        if shown is None or shown in key.kind.ends:
            return
        await pause()
