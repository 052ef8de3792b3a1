"""Documents that clients registered by hash at any replica, shared through Redis.

The gateway works without Redis: any failure counts as an unknown document, and a client of Apollo's
protocol then sends the text. Valkey and others that speak Redis's protocol work too.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from gateway.errors import ConfigurationError
from gateway.settings import DocumentSettings

logger = logging.getLogger(__name__)

_PREFIX: Final = "gateway:document:"
_TTL: Final = 86_400
"""Seconds for which Redis keeps a document after it was last registered."""
_TIMEOUT: Final = 0.25
"""Seconds that Redis may take for one answer."""
_PAUSE: Final = 5.0
"""Seconds after a failure in which Redis is not asked."""
_MAX_WRITES: Final = 100
"""Writes to Redis at once at most; further documents are not shared."""
_MAX_CONNECTIONS: Final = 16
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class RedisDocuments:
    """Finds and stores texts by their SHA-256 in hexadecimal. `clock` returns seconds.

    `url` has the form that redis-py accepts: `redis://`, `rediss://` or `unix://`. Raises
    `ValueError` for any other, without the URL, which may hold a password.
    """

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self._redis = _client(url)
        self._clock = clock
        self._paused_until = clock()
        self._writes: set[asyncio.Task[Any]] = set()

    async def find_text(self, hash_: str) -> str | None:
        """Return the text, `None` when Redis does not have it or fails. Raises nothing."""
        if not _HASH.fullmatch(hash_):
            return None
        text = await self._try(lambda: self._redis.get(_PREFIX + hash_))
        # Who can write to Redis must not be able to put another text under a hash.
        if not isinstance(text, bytes) or hashlib.sha256(text).hexdigest() != hash_:
            return None
        return text.decode()

    def store_text(self, hash_: str, text: str) -> None:
        """Store a text, in a task, so that the request does not wait for it."""
        if len(self._writes) >= _MAX_WRITES:
            return
        value = text.encode("utf-8", "replace")
        set_ = partial(self._redis.set, _PREFIX + hash_, value, ex=_TTL)
        write = asyncio.create_task(self._try(set_))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def close(self) -> None:
        """Wait for the writes that run, each within its timeout, and close the connections."""
        await asyncio.gather(*self._writes)
        try:
            await asyncio.wait_for(self._redis.aclose(), _TIMEOUT)
        except Exception as error:  # noqa: BLE001  # the process ends, whatever it is
            logger.debug("gateway.redis_not_closed", extra={"error": type(error).__name__})

    async def _try(self, call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        if self._clock() < self._paused_until:
            return None
        try:
            return await asyncio.wait_for(call(), _TIMEOUT)
        except Exception as error:  # noqa: BLE001  # redis-py's, the socket's, the timeout's
            self._paused_until = self._clock() + _PAUSE
            # Its message may hold the address with the password.
            logger.warning("gateway.redis_failed", extra={"error": type(error).__name__})
            return None


def connect(settings: DocumentSettings, clock: Callable[[], float]) -> RedisDocuments | None:
    """Return the documents in the Redis of the settings, `None` where they name no Redis.

    Raises `ConfigurationError` for a URL that redis-py does not take.
    """
    if settings.redis_url is None:
        return None
    try:
        return RedisDocuments(settings.redis_url.get_secret_value(), clock)
    except ValueError as error:
        raise ConfigurationError(f"GATEWAY_REDIS_URL: {error}.") from error


def _client(url: str) -> Any:
    """Return redis-py's client, which does not connect yet."""
    # Imported here, since most gateways use no Redis.
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    try:
        pool = BlockingConnectionPool.from_url(
            url, max_connections=_MAX_CONNECTIONS, timeout=_TIMEOUT, retry=Retry(NoBackoff(), 0)
        )
    except ValueError:
        raise ValueError("not a URL of Redis: redis://, rediss:// or unix://") from None
    return Redis.from_pool(pool)
