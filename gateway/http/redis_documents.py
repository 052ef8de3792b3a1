"""Documents that clients registered by hash at any replica, shared through Redis.

Redis is a help, never a need: whatever goes wrong with it reads as a document that is not known,
which a client of Apollo's protocol answers by sending the text. Valkey and others that speak
Redis's protocol will do.
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
_PATIENCE: Final = 0.25
"""Seconds that Redis may take for one answer."""
_PAUSE: Final = 5.0
"""Seconds for which Redis is left alone after it failed."""
_MOST_WRITES: Final = 100
"""Documents on the way to Redis at once; more are not shared."""
_MOST_CONNECTIONS: Final = 16
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class SharedDocuments:
    """Finds and keeps texts by their SHA-256 in hexadecimal. `clock` returns seconds.

    `url` is as redis-py takes it: `redis://`, `rediss://` or `unix://`. Raises `ValueError` for
    any other, without the URL, which may hold a password.
    """

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self._redis = _client(url)
        self._clock = clock
        self._paused_until = clock()
        self._writes: set[asyncio.Task[Any]] = set()

    async def find(self, hash_: str) -> str | None:
        """Return the text, `None` where Redis does not tell it. Raises nothing."""
        if not _HASH.fullmatch(hash_):
            return None
        text = await self._try(lambda: self._redis.get(_PREFIX + hash_))
        # Whoever can write to Redis must not choose what a hash means here.
        if not isinstance(text, bytes) or hashlib.sha256(text).hexdigest() != hash_:
            return None
        return text.decode()

    def keep(self, hash_: str, text: str) -> None:
        """Share a text, behind the request that brought it."""
        if len(self._writes) >= _MOST_WRITES:
            return
        value = text.encode("utf-8", "replace")
        set_ = partial(self._redis.set, _PREFIX + hash_, value, ex=_TTL)
        write = asyncio.create_task(self._try(set_))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def close(self) -> None:
        """Wait for what is on the way, as long as for any answer, and let the connections go."""
        await asyncio.gather(*self._writes)
        try:
            await asyncio.wait_for(self._redis.aclose(), _PATIENCE)
        except Exception as error:  # noqa: BLE001  # the process ends, whatever it is
            logger.debug("gateway.redis_not_closed", extra={"error": type(error).__name__})

    async def _try(self, call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        if self._clock() < self._paused_until:
            return None
        try:
            return await asyncio.wait_for(call(), _PATIENCE)
        except Exception as error:  # noqa: BLE001  # redis-py's, the socket's, the timeout's
            self._paused_until = self._clock() + _PAUSE
            # Its message may hold the address with the password.
            logger.warning("gateway.redis_failed", extra={"error": type(error).__name__})
            return None


def connect(settings: DocumentSettings, clock: Callable[[], float]) -> SharedDocuments | None:
    """Return the documents in the Redis of the settings, `None` where they name no Redis.

    Raises `ConfigurationError` for a URL that redis-py does not take.
    """
    if settings.redis_url is None:
        return None
    try:
        return SharedDocuments(settings.redis_url.get_secret_value(), clock)
    except ValueError as error:
        raise ConfigurationError(f"GATEWAY_REDIS_URL: {error}.") from error


def _client(url: str) -> Any:
    """Return redis-py's client; nothing is sent to Redis yet."""
    # Imported here: only who configures Redis pays for it at start-up.
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    try:
        pool = BlockingConnectionPool.from_url(
            url, max_connections=_MOST_CONNECTIONS, timeout=_PATIENCE, retry=Retry(NoBackoff(), 0)
        )
    except ValueError:
        raise ValueError("not a URL of Redis: redis://, rediss:// or unix://") from None
    return Redis.from_pool(pool)
