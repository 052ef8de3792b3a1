"""A loader reads each key once for its operation, whoever asks and whatever comes of it."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from gateway.aws.cache import Entry, MemoryCache
from gateway.aws.call_budget import CallBudget, CallBudgetSpent, spend_call
from gateway.aws.errors import AccessDenied, NotFound
from gateway.aws.loader import Loader
from gateway.aws.reader import Reader, ResourceKey
from gateway.schema.registry import RESOURCES, decode
from gateway.schema.types.training_job import TRAINING_JOB
from gateway.settings import ReaderSettings
from tests.aws_answers import training_job
from tests.clocks import Clock, until

pytestmark = pytest.mark.anyio

REGION = "eu-west-1"
LONG = 1_000.0


class FakeSageMaker:
    """Answers describes and searches of training jobs, or raises `error`; counts the calls."""

    region = REGION
    partition = "aws"

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    def call(
        self, _region: str, operation: str, **parameters: Any
    ) -> Coroutine[Any, Any, Mapping[str, Any]]:
        """Count the call now, and return what answers it once the gate is open."""
        spend_call(operation)
        self.calls[operation] += 1
        return self._answer(operation, parameters)

    async def _answer(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        if operation != "Search":
            return training_job(parameters["TrainingJobName"])
        names = parameters["SearchExpression"]["Filters"][0]["Value"].split(",")
        return {
            "Results": [{"TrainingJob": training_job(name)} for name in names if name != "gone"]
        }


@dataclass(eq=False)
class Key:
    """A key of the test's own, which counts how often it is read."""

    outcome: Entry | Exception
    reads: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Reading waits until it is set."""

    async def read_entry(self, loader: Loader) -> Entry:
        """Return or raise the outcome."""
        self.reads += 1
        await self.gate.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def open_key(outcome: Entry | Exception) -> Key:
    """Return a key that is read without waiting."""
    key = Key(outcome)
    key.gate.set()
    return key


def entry(now: float = LONG) -> Entry:
    """Return an entry that arrived at `now` and is fresh for long."""
    return Entry("value", "", now, LONG)


@pytest.fixture
def sagemaker(anyio_backend: str) -> FakeSageMaker:
    """Return AWS."""
    return FakeSageMaker()


@pytest.fixture
def clock() -> Clock:
    """Return the cache's clock."""
    return Clock()


@pytest.fixture
def reader(sagemaker: FakeSageMaker, clock: Clock) -> Reader:
    """Return a reader with an empty cache."""
    cache, settings = MemoryCache(2**20), ReaderSettings()
    return Reader(cast("Any", sagemaker), cache, settings, RESOURCES, decode, clock)


async def test_key_is_read_once(reader: Reader) -> None:
    """What was read is known from then on, and the same entry is returned each time."""
    loader, key = Loader(reader), open_key(entry())

    assert loader.peek(key, LONG) is None
    first = await loader.load(key)

    assert await loader.load(key) is first
    assert loader.peek(key, LONG) is first
    assert key.reads == 1
    assert loader.entries == [first]
    assert loader.from_cache == 0


async def test_those_who_ask_at_once_share_a_read(reader: Reader) -> None:
    """A key that is being read is not read again for others who ask meanwhile."""
    loader, key = Loader(reader), Key(entry())
    loads = [asyncio.create_task(loader.load(key)) for _ in range(3)]
    await until(lambda: key.reads)

    assert loader.is_reading(key)
    assert loader.peek(key, LONG) is None
    key.gate.set()

    assert await asyncio.gather(*loads) == [key.outcome] * 3
    assert key.reads == 1
    assert not loader.is_reading(key)


@pytest.mark.parametrize("error", [AccessDenied("Denied."), RuntimeError("boom")])
async def test_error_is_remembered(reader: Reader, error: Exception) -> None:
    """A key whose read failed is not read again; the same error is raised to all who ask."""
    loader, key = Loader(reader), open_key(error)

    outcomes = await asyncio.gather(*(loader.load(key) for _ in range(3)), return_exceptions=True)

    assert outcomes == [error] * 3
    assert loader.peek(key, LONG) is error
    assert await loader.load_outcome(key) is error
    assert key.reads == 1
    assert loader.entries == []


async def test_error_that_is_raised_often_does_not_grow(reader: Reader) -> None:
    """The traceback of a remembered error is as long the tenth time as the first."""
    loader, key = Loader(reader), open_key(RuntimeError("boom"))
    lengths = []
    for _ in range(10):
        with pytest.raises(RuntimeError) as raised:
            await loader.load(key)
        lengths.append(len(raised.traceback))

    assert lengths[1:] == [lengths[1]] * 9


async def test_others_read_on_when_the_first_is_cancelled(reader: Reader) -> None:
    """A caller that is cancelled while it reads leaves the read to the next one that waits."""
    loader, key = Loader(reader), Key(entry())
    first = asyncio.create_task(loader.load(key))
    await until(lambda: key.reads)
    others = [asyncio.create_task(loader.load(key)) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    await until(lambda: key.reads == 2)
    key.gate.set()

    assert await asyncio.gather(*others) == [key.outcome] * 2
    assert first.cancelled()
    assert key.reads == 2


async def test_key_that_all_gave_up_is_read_anew(reader: Reader) -> None:
    """When everybody who asked was cancelled, the key is neither known nor being read."""
    loader, key = Loader(reader), Key(entry())
    loads = [asyncio.create_task(loader.load(key)) for _ in range(2)]
    await until(lambda: key.reads)
    for load in loads:
        load.cancel()
    await asyncio.gather(*loads, return_exceptions=True)

    assert not loader.is_reading(key)
    assert loader.peek(key, LONG) is None
    key.gate.set()
    assert await loader.load(key) is key.outcome


async def test_cached_entry_is_used(reader: Reader) -> None:
    """What the cache holds takes no read, and is counted once."""
    loader, key = Loader(reader), open_key(entry())
    cached = entry()
    reader.cache.put(key, cached)

    assert await loader.load(key) is cached
    assert await loader.load(key) is cached
    assert key.reads == 0
    assert loader.from_cache == 1


async def test_operation_sees_one_state(reader: Reader) -> None:
    """What the operation has seen stays, though the cache evicts or replaces it meanwhile."""
    loader, key = Loader(reader), open_key(entry())
    seen, newer = entry(), entry()
    reader.cache.put(key, seen)
    assert loader.peek(key, LONG) is seen

    reader.cache.put(key, newer)

    assert await loader.load(key) is seen
    assert await Loader(reader).load(key) is newer


@pytest.mark.parametrize(("age", "reads"), [(0.5, 0), (1.5, 1)])
async def test_past_the_cache(reader: Reader, clock: Clock, age: float, reads: int) -> None:
    """Past the cache only an entry that is younger than a second is used, however fresh it is."""
    loader, key = Loader(reader, past_cache=True), open_key(entry())
    reader.cache.put(key, entry(clock() - age))

    await loader.load(key)

    assert key.reads == reads
    assert loader.from_cache == 1 - reads


@pytest.mark.parametrize("outcome", [entry(), NotFound("DescribeTrainingJob")])
async def test_given_outcome_counts_as_read(reader: Reader, outcome: Entry | Exception) -> None:
    """An outcome that is given to the loader is that of the key, which is not read."""
    loader, key = Loader(reader), open_key(entry())

    loader.set_outcome(key, outcome)

    assert loader.peek(key, LONG) is outcome
    assert await loader.load_outcome(key) is outcome
    assert key.reads == 0


async def test_call_begins_before_anybody_waits(reader: Reader, sagemaker: FakeSageMaker) -> None:
    """`begin_call` starts the AWS call at once, and whoever asks waits for that call."""
    loader, key = Loader(reader), ResourceKey(TRAINING_JOB, REGION, "job")
    sagemaker.gate.clear()
    loader.begin_call(key)
    loader.begin_call(key)

    assert loader.is_reading(key)
    await until(lambda: sagemaker.calls)
    sagemaker.gate.set()
    found = await loader.load(key)

    assert found.status == "Completed"
    assert await loader.load(key) is found
    assert sagemaker.calls == {"DescribeTrainingJob": 1}


async def test_call_over_the_budget_is_the_outcome(
    reader: Reader, sagemaker: FakeSageMaker
) -> None:
    """A call that the operation may not make any more fails its key, and is not made."""
    loader, key = Loader(reader), ResourceKey(TRAINING_JOB, REGION, "job")
    with CallBudget(0):
        loader.begin_call(key)

        with pytest.raises(CallBudgetSpent):
            await loader.load(key)

    assert not sagemaker.calls


async def test_operations_share_calls(reader: Reader, sagemaker: FakeSageMaker) -> None:
    """Two operations that read a resource at the same time make one AWS call."""
    key = ResourceKey(TRAINING_JOB, REGION, "job")

    one, other = await asyncio.gather(Loader(reader).load(key), Loader(reader).load(key))

    assert one is other
    assert sagemaker.calls == {"DescribeTrainingJob": 1}


async def test_search_makes_records_known(reader: Reader, sagemaker: FakeSageMaker) -> None:
    """What one Search finds is known under the keys of its records; the rest stays unknown."""
    record = TRAINING_JOB.search
    assert record is not None
    loader = Loader(reader)

    await loader.search_resources(TRAINING_JOB, REGION, ["a", "b", "gone"])

    keys = {name: ResourceKey(record, REGION, name) for name in ("a", "b", "gone")}
    assert (await loader.load(keys["a"])).arn.endswith("/a")
    assert (await loader.load(keys["b"])).arn.endswith("/b")
    assert loader.peek(keys["gone"], LONG) is None
    assert sagemaker.calls == {"Search": 1}


async def test_search_that_fails_makes_nothing_known(
    reader: Reader, sagemaker: FakeSageMaker
) -> None:
    """Where Search is denied nothing is known, so that the resources are described."""
    assert TRAINING_JOB.search is not None
    sagemaker.error = AccessDenied("AWS denied the gateway Search.")
    loader = Loader(reader)

    await loader.search_resources(TRAINING_JOB, REGION, ["a", "b"])

    assert loader.peek(ResourceKey(TRAINING_JOB.search, REGION, "a"), LONG) is None
