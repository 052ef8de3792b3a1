"""The connection to Redis, which may be slow, dead or none at all without harm to any request.

Valkey and others that speak Redis's protocol work too.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from gateway.errors import ConfigurationError
from gateway.settings import DocumentSettings

logger = logging.getLogger(__name__)

_TIMEOUT: Final = 0.25
"""Seconds that Redis may take for one answer."""
_PAUSE: Final = 5.0
"""Seconds after a failure in which Redis is not asked."""
_MAX_CONNECTIONS: Final = 16


class RedisClient:
    """Asks Redis. `clock` returns seconds.

    `url` has the form that redis-py accepts: `redis://`, `rediss://` or `unix://`. Raises
    `ValueError` for any other, without the URL, which may hold a password.
    """

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self.redis = _client(url)
        """redis-py's client."""
        self._clock = clock
        self._paused_until = clock()

    @property
    def is_available(self) -> bool:
        """Whether Redis is asked: for five seconds after a failure it is not."""
        return self._clock() >= self._paused_until

    async def ask(
        self, call: Callable[[], Coroutine[Any, Any, Any]], seconds: float = _TIMEOUT
    ) -> Any:
        """Return what `call` returns; `None` when Redis fails or takes longer. Raises nothing."""
        if not self.is_available:
            return None
        try:
            return await asyncio.wait_for(call(), seconds)
        except Exception as error:  # noqa: BLE001  # redis-py's, the socket's, the timeout's
            self._paused_until = self._clock() + _PAUSE
            # Its message may hold the address with the password.
            logger.warning("gateway.redis_failed", extra={"error": type(error).__name__})
            return None

    async def close(self) -> None:
        """Close the connections."""
        try:
            await asyncio.wait_for(self.redis.aclose(), _TIMEOUT)
        except Exception as error:  # noqa: BLE001  # the process ends, whatever it is
            logger.debug("gateway.redis_not_closed", extra={"error": type(error).__name__})


def connect(settings: DocumentSettings, clock: Callable[[], float]) -> RedisClient | None:
    """Return the client of the Redis of the settings, `None` where they name no Redis.

    Raises `ConfigurationError` for a URL that redis-py does not take.
    """
    if settings.redis_url is None:
        return None
    try:
        return RedisClient(settings.redis_url.get_secret_value(), clock)
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
