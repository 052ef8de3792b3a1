"""Documents that clients registered by hash at any replica, shared through Redis.

The gateway works without Redis: any failure counts as an unknown document, and a client of Apollo's
protocol then sends the text.
"""

import asyncio
import hashlib
import re
from functools import partial
from typing import Any, Final

from gateway.redis_client import RedisClient

_PREFIX: Final = "gateway:document:"
_TTL: Final = 86_400
"""Seconds for which Redis keeps a document after it was last registered."""
_MAX_WRITES: Final = 100
"""Writes to Redis at once at most; further documents are not shared."""
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class RedisDocuments:
    """Finds and stores texts by their SHA-256 in hexadecimal."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._writes: set[asyncio.Task[Any]] = set()

    async def find_text(self, hash_: str) -> str | None:
        """Return the text, `None` when Redis does not have it or fails. Raises nothing."""
        if not _HASH.fullmatch(hash_):
            return None
        text = await self._client.ask(lambda: self._client.redis.get(_PREFIX + hash_))
        # Who can write to Redis must not be able to put another text under a hash.
        if not isinstance(text, bytes) or hashlib.sha256(text).hexdigest() != hash_:
            return None
        return text.decode()

    def store_text(self, hash_: str, text: str) -> None:
        """Store a text, in a task, so that the request does not wait for it."""
        if len(self._writes) >= _MAX_WRITES:
            return
        value = text.encode("utf-8", "replace")
        set_ = partial(self._client.redis.set, _PREFIX + hash_, value, ex=_TTL)
        write = asyncio.create_task(self._client.ask(set_))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def close(self) -> None:
        """Wait for the writes that run, each within its timeout."""
        await asyncio.gather(*self._writes)
