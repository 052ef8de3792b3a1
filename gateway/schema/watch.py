"""Watch a resource for changes of its status."""

from collections.abc import AsyncGenerator
from typing import Any

from gateway.aws.errors import named_by_caller
from gateway.aws.loader import SubscriptionContext
from gateway.aws.reader import ResourceKey
from gateway.aws.resources import Resource


async def watch(context: SubscriptionContext, key: ResourceKey) -> AsyncGenerator[Any, None]:
    """Yield the object of `key` now and at each change of its status, the final one last.

    `None` is the last as well: there is no such resource, or no longer. Every look goes through the
    cache, so watchers of one resource share the AWS calls that its fresh time allows, however many
    they are. Raises `UpstreamError` when AWS fails and nothing older is kept.
    """
    resource = key.resource
    assert isinstance(resource, Resource), "tags have no status"
    shown: str | None = ""
    while True:
        with named_by_caller():
            entry = await context.reader.renew(key)
        if entry.status != shown:
            shown = entry.status
            context.entries[key] = entry
            yield entry.value
        if shown is None or shown in resource.finished:
            return
        await context.pause()
