"""The budget that replicas share through Redis, and a Redis that fails them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from gateway.budgets.budgets import Budgets
from gateway.budgets.errors import RateLimited
from gateway.budgets.limits import Rate
from gateway.budgets.shared import SharedBuckets
from gateway.redis_client import RedisClient
from tests.clocks import Clock, until
from tests.conftest import StartGateway
from tests.http.test_budgets import job, post
from tests.redis_server import RedisServer

from .test_budgets import Spent, caller, left

pytestmark = pytest.mark.anyio
RATE = Rate(per_minute=1, burst=10)


@pytest.fixture
async def replicas(redis: RedisServer) -> AsyncIterator[list[SharedBuckets]]:
    """Yield the clients of three replicas."""
    clients = [RedisClient(redis.url, Clock()) for _ in range(3)]
    yield [SharedBuckets(client) for client in clients]
    for client in clients:
        await client.close()


async def test_replicas_take_from_one_bucket(
    redis: RedisServer, replicas: list[SharedBuckets]
) -> None:
    """However many take at once at several replicas, no more than the burst is let through."""
    key = ("api_key", None, "a")

    answers = [
        answer
        for replica in replicas
        for answer in await asyncio.gather(*(replica.take(key, RATE, 3) for _ in range(4)))
    ]

    assert [answer.is_taken for answer in answers if answer is not None].count(True) == 3
    replicas[0].change(key, RATE, -5)
    await replicas[0].close()
    answer = await replicas[1].take(key, RATE, 6)
    assert answer is not None
    assert answer.is_taken
    replicas[0].change(key, RATE, -1_000)
    await replicas[0].close()
    assert await redis.client.keys("gateway:budget:*") == []
    answer = await replicas[2].take(key, RATE, 10)
    assert answer is not None
    assert answer.tokens == 0
    assert "api_key" not in str(await redis.client.keys("*"))
    assert 590_000 < await redis.client.pttl((await redis.client.keys("*"))[0]) <= 600_000


@pytest.mark.parametrize("value", ["", "x y", "-5 1", "1e99 1", "99 99999999999", "nan nan"])
async def test_foreign_value_is_a_full_bucket(
    redis: RedisServer, replicas: list[SharedBuckets], value: str
) -> None:
    """What somebody else wrote under the key gives at most a full bucket, and is replaced."""
    shared, key = replicas[0], ("api_key", None, "a")
    await shared.take(key, RATE, 1)
    (name,) = await redis.client.keys("*")
    await redis.client.set(name, value)

    answer = await shared.take(key, RATE, 1)

    assert answer is not None
    assert answer.tokens <= 9
    await redis.client.delete(name)
    await redis.client.lpush(name, "list")
    answer = await shared.take(key, RATE, 1)
    assert answer is not None
    assert answer.tokens == 9


async def test_refusal_and_refund_over_http(
    start_gateway: StartGateway, redis: RedisServer
) -> None:
    """What one replica spends the other refuses, with a true time; warm answers ask no Redis."""
    settings = {"redis_url": redis.url, "calls_per_minute": 60, "calls_burst": 2}
    first, second = [await start_gateway(**settings) for _ in range(2)]
    assert (await post(first, job("a"))).status_code == 200
    assert (await post(second, job("b"))).status_code == 200

    refused = await post(first, job("c"))

    assert refused.status_code == 429
    assert 900 < refused.json()["errors"][0]["extensions"]["retryAfterMs"] <= 1_000
    assert refused.headers["ratelimit"].startswith('"calls";r=0;')
    await redis.client.config_resetstat()
    assert (await post(first, job("a"))).status_code == 200
    assert (await post(first, job("c"))).status_code == 429
    assert "cmdstat_evalsha" not in await redis.client.info("commandstats")


async def test_dead_redis(start_gateway: StartGateway, redis: RedisServer) -> None:
    """Without Redis the process decides by what was left last; then Redis decides again."""
    settings = {"redis_url": redis.url, "calls_per_minute": 60, "calls_burst": 3}
    gateway = await start_gateway(**settings)
    await post(gateway, job("a"))
    await redis.stop()

    statuses = [(await post(gateway, job(name))).status_code for name in "bcd"]

    assert statuses == [200, 200, 429]
    await redis.start()
    gateway.clock.advance(5)
    assert (await post(gateway, job("e"))).status_code == 200
    assert len(await redis.client.keys("gateway:budget:*")) == 1


async def test_full_redis(start_gateway: StartGateway, redis: RedisServer) -> None:
    """A Redis that takes no more writes is as one that is not there."""
    gateway = await start_gateway(redis_url=redis.url, calls_per_minute=60, calls_burst=2)
    await redis.client.config_set("maxmemory", "1")

    assert [(await post(gateway, job(name))).status_code for name in "abc"] == [200, 200, 429]


class SlowRedis:
    """A client whose Redis answers when the test lets it."""

    def __init__(self) -> None:
        self.redis = self
        self.asked = 0
        self.is_available = True
        self.answers: asyncio.Queue[Any] = asyncio.Queue()
        self.seconds: list[float] = []

    def register_script(self, script: str) -> Callable[..., Awaitable[Any]]:
        """Return what runs a script."""

        async def run(keys: Any, args: Any) -> Any:
            self.asked += 1
            self.last = args
            return await self.answers.get()

        return run

    async def ask(self, call: Callable[[], Awaitable[Any]], seconds: float) -> Any:
        """Run a call, or fail where it takes more than it may."""
        self.seconds.append(seconds)
        try:
            return await call()
        except (ValueError, IndexError):
            return None


async def test_cancelled_wait_gives_back_what_redis_takes() -> None:
    """A caller that leaves while Redis is asked is not charged, whatever Redis answers later."""
    redis, clock = SlowRedis(), Clock()
    shared = SharedBuckets(redis)  # type: ignore[arg-type]
    budgets = Budgets(clock, clock.sleep, shared)

    async def run() -> None:
        async with budgets.charge(caller("a"), 4, Spent()):
            pass

    task = asyncio.create_task(run())
    await until(lambda: redis.asked == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    redis.answers.put_nowait([1, b"16"])
    await until(lambda: redis.asked == 2)
    assert redis.last[2] == -4
    redis.answers.put_nowait([1, b"20"])
    await shared.close()
    assert set(redis.seconds) == {0.05}


@pytest.mark.parametrize("answer", [[1, b"-1"], [1, b"21"], [0, b"20"], [1, b"nan"], []])
async def test_answer_that_cannot_be_is_a_failure(answer: Any) -> None:
    """What Redis cannot have answered does not count: the process decides."""
    redis, clock = SlowRedis(), Clock()
    budgets = Budgets(clock, clock.sleep, SharedBuckets(redis))  # type: ignore[arg-type]
    redis.answers.put_nowait(answer)
    async with budgets.charge(caller("a"), 4, Spent()):
        assert left(budgets, caller("a"), clock) == 16
    assert left(budgets, caller("a"), clock) == 20


async def test_requests_to_redis_are_bounded() -> None:
    """With a thousand open requests Redis is not asked any more, and the process decides."""
    redis, clock = SlowRedis(), Clock()
    shared = SharedBuckets(redis)  # type: ignore[arg-type]
    budgets = Budgets(clock, clock.sleep, shared)
    for _ in range(1_100):
        shared.change(("api_key", None, "b"), RATE, -1)
    assert not shared.is_available
    async with budgets.charge(caller("a"), 20, Spent(20)):
        with pytest.raises(RateLimited):
            async with budgets.charge(caller("a"), 1, Spent()):
                pass
    assert redis.asked == 0
    for _ in range(1_000):
        redis.answers.put_nowait([1, b"10"])
    await shared.close()
    assert redis.asked == 1_000
