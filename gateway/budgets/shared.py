"""The buckets of AWS calls that replicas share through Redis.

A script takes from a bucket in one step, by the clock of Redis, so that the clocks of the replicas
need not agree. A bucket that is full has no key: Redis holds those in use only. The keys are hashes
of who the callers are. Redis needs version 5 or newer.
"""

import asyncio
import hashlib
from typing import Final, NamedTuple

from gateway.budgets.accounts import Key
from gateway.budgets.limits import Rate
from gateway.redis_client import RedisClient

_PREFIX: Final = "gateway:budget:"
_TIMEOUT: Final = 0.05
"""Seconds that an operation waits for Redis."""
_MAX_TASKS: Final = 1_000
"""Requests to Redis at once at most. A refund beyond is lost: the bucket fills up by itself."""

_SCRIPT: Final = """
local burst, per_second, amount = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local tokens = burst
local stored = redis.pcall('GET', KEYS[1])
if type(stored) == 'string' then
  local left, at = string.match(stored, '^([%d.]+) ([%d.]+)$')
  left, at = tonumber(left), tonumber(at)
  if left and at then
    tokens = math.min(burst, left + math.max(0, now - at) * per_second)
  end
end
local is_taken = 0
if tokens >= amount - 0.000001 then
  tokens = math.max(0, math.min(burst, tokens - amount))
  is_taken = 1
end
local milliseconds = math.ceil((burst - tokens) / per_second * 1000)
if milliseconds > 0 then
  redis.call('SET', KEYS[1], string.format('%.6f %.6f', tokens, now), 'PX', milliseconds)
else
  redis.call('DEL', KEYS[1])
end
return {is_taken, string.format('%.6f', tokens)}
"""


class Answer(NamedTuple):
    """What Redis says of a bucket."""

    is_taken: bool
    tokens: float
    """How many are left."""


class SharedBuckets:
    """Buckets in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._script = client.redis.register_script(_SCRIPT)
        self._tasks: set[asyncio.Task[Answer | None]] = set()

    @property
    def is_available(self) -> bool:
        """Whether Redis can be asked: it has not failed just now, and answers in time."""
        return self._client.is_available and len(self._tasks) < _MAX_TASKS

    async def take(self, key: Key, rate: Rate, amount: int) -> Answer | None:
        """Take `amount` where it is there; `None` when Redis fails, or takes over 50 ms.

        When the wait is cancelled, what Redis takes all the same is given back.
        """
        task = self._start(key, rate, amount)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(lambda done: self._give_back(done, key, rate, amount))
            raise

    def change(self, key: Key, rate: Rate, amount: int) -> None:
        """Take `amount` where it is there, or give back if it is below 0, without a wait."""
        if self.is_available:
            self._start(key, rate, amount)

    async def close(self) -> None:
        """Wait for what Redis is asked, each within its timeout."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, key: Key, rate: Rate, amount: int) -> asyncio.Task[Answer | None]:
        ask = self._client.ask(lambda: self._ask(key, rate, amount), _TIMEOUT)
        task: asyncio.Task[Answer | None] = asyncio.create_task(ask)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _give_back(
        self, done: asyncio.Task[Answer | None], key: Key, rate: Rate, amount: int
    ) -> None:
        answer = None if done.cancelled() else done.result()
        if answer is not None and answer.is_taken:
            self.change(key, rate, -amount)

    async def _ask(self, key: Key, rate: Rate, amount: int) -> Answer:
        """Return the answer. Raises `ValueError` for one that cannot be."""
        answer = await self._script(
            keys=[_redis_key(key)], args=[rate.burst, rate.per_second, amount]
        )
        is_taken, tokens = bool(int(answer[0])), float(answer[1])
        if not 0 <= tokens <= rate.burst or not (is_taken or tokens < amount):
            raise ValueError("Redis answers with a bucket that cannot be.")
        return Answer(is_taken, tokens)


def _redis_key(key: Key) -> str:
    """Return the name of a caller's bucket in Redis, from which nobody can read who it is."""
    text = "\0".join(part or "" for part in key)
    return _PREFIX + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
