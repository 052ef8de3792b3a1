"""The stage that stories play on: adds resources, hands out names, times and instance types."""

import random
from collections import Counter
from typing import Any

from gateway.twin.account import Place
from gateway.twin.kinds import AUTOML, PROCESSING, TUNING, Kind
from gateway.twin.model import enum_values
from gateway.twin.records import SeededRecord, Teller
from gateway.twin.scenario.vocabulary import PROJECTS
from gateway.twin.seeded_random import Dice
from gateway.twin.store import World
from gateway.twin.timeline import DAY, HOUR, MINUTE, Timeline, moment

HISTORY = 30 * DAY
SECOND_REGION = {"us-east-1": "eu-west-1"}


class Dealer:
    """Deals the values of an enum in turn, so that all of them get used.

    One hand in four holds a single value, the others hold `several`.
    """

    def __init__(self, values: tuple[str, ...], start: int, several: int) -> None:
        self._values = values
        self._next = start
        self._several = several
        self._hands = 0

    def hand(self) -> list[str]:
        """Return the next values."""
        self._hands += 1
        count = 1 if self._hands % 4 == 0 else self._several
        hand = [self._values[(self._next + n) % len(self._values)] for n in range(count)]
        self._next += count
        return hand


class Stage:
    """Where stories put their resources."""

    def __init__(self, world: World, teller: Teller, started: int, seed: int) -> None:
        self.world = world
        self.started = started
        self.seed = seed
        # The same stories from the same seed; nothing here is secret.
        self.rng = random.Random(seed)  # noqa: S311
        self.home = Place(world.account, world.region)
        self.abroad = Place(world.account, SECOND_REGION.get(world.region, "us-east-1"))
        start = self.rng.randrange(200)
        self.processing_types = Dealer(enum_values("ProcessingInstanceType"), start, 5)
        self.training_types = Dealer(enum_values("TrainingInstanceType"), start, 5)
        self.transform_types = Dealer(enum_values("TransformInstanceType"), start, 1)
        self._teller = teller
        self._turns: Counter[tuple[str, str]] = Counter()
        # Processing jobs of the home region that exist when the scenario begins.
        self.processing_jobs = 0

    def add(
        self,
        kind: Kind,
        flavour: str,
        name: str,
        timeline: Timeline,
        place: Place | None = None,
        **facts: Any,
    ) -> SeededRecord:
        """Add a resource to the world."""
        where = place or self.home
        arn = where.arn(kind.arn_type, name)
        record = SeededRecord(kind, where.region, name, arn, timeline, **facts)
        record.flavour = flavour
        record.teller = self._teller
        key = (kind.describe, flavour)
        record.turn = self._turns[key]
        self._turns[key] += 1
        self.world.add(record)
        is_counted = kind is PROCESSING and where == self.home
        self.processing_jobs += is_counted and timeline.created <= self.started
        return record

    def dice(self, name: str) -> Dice:
        """Return choices about one name that do not depend on what else happened on the stage."""
        return Dice(self.seed, name)

    def project(self) -> str:
        """Return what the next story is about."""
        return self.rng.choice(PROJECTS)

    def length(self, low: int = 4 * MINUTE, high: int = 3 * HOUR) -> int:
        """How long a job takes; short ones are more frequent."""
        return int(low + (high - low) * self.rng.random() ** 2)

    def past(self, length: int) -> int:
        """When a job was created that took this long and is over; recent ones are more frequent."""
        latest = self.started - length - 10 * MINUTE
        return int(latest - HISTORY * self.rng.random() ** 2)

    def name(self, kind: Kind, base: str, created: int) -> str:
        """Return a name as SageMaker's SDK makes them, from a base and the creation time."""
        stamp = moment(created).strftime("%Y-%m-%d-%H-%M-%S-%f")[:23]
        name = f"{base[:39]}-{stamp}"
        if kind in (AUTOML, TUNING):
            name = f"{base[:18]}-{moment(created):%y%m%d}-{self.rng.getrandbits(20):05x}"
        if self.world.shelf(self.home.region, kind).get(name) is not None:
            return self.name(kind, base, created + 1)
        return name
