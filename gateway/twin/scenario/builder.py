"""Adds resources to a store, with names, times and instance types that follow from the seed."""

import random
from collections import Counter
from typing import Any

from gateway.twin.account import Account
from gateway.twin.kinds import AUTOML, PROCESSING, TUNING, Kind
from gateway.twin.model import enum_values
from gateway.twin.records import JobRecord, RecordDescriber
from gateway.twin.scenario.vocabulary import PROJECTS
from gateway.twin.seeded_random import SeededChoices
from gateway.twin.store import Store
from gateway.twin.timeline import DAY, HOUR, MINUTE, Timeline, to_datetime

HISTORY = 30 * DAY
SECOND_REGION = {"us-east-1": "eu-west-1"}


class Rotation:
    """Gives the values of an enum in order, several at a time, so that all of them are used.

    Every fourth time it gives a single value, else `several`.
    """

    def __init__(self, values: tuple[str, ...], start: int, several: int) -> None:
        self._values = values
        self._next = start
        self._several = several
        self._taken = 0

    def take(self) -> list[str]:
        """Return the next values."""
        self._taken += 1
        count = 1 if self._taken % 4 == 0 else self._several
        values = [self._values[(self._next + n) % len(self._values)] for n in range(count)]
        self._next += count
        return values


class ScenarioBuilder:
    """Adds the resources of a scenario; everything follows from the seed."""

    def __init__(self, store: Store, describer: RecordDescriber, started: int, seed: int) -> None:
        self.store = store
        self.started = started
        self.seed = seed
        # The same jobs from the same seed; nothing here is secret.
        self.rng = random.Random(seed)  # noqa: S311
        self.home = Account(store.account_id, store.region)
        self.second_region = Account(store.account_id, SECOND_REGION.get(store.region, "us-east-1"))
        start = self.rng.randrange(200)
        self.processing_types = Rotation(enum_values("ProcessingInstanceType"), start, 5)
        self.training_types = Rotation(enum_values("TrainingInstanceType"), start, 5)
        self.transform_types = Rotation(enum_values("TransformInstanceType"), start, 1)
        self._describer = describer
        self._ordinals: Counter[tuple[str, str]] = Counter()
        # Processing jobs of the home region that exist when the scenario begins.
        self.processing_jobs = 0

    def add(
        self,
        kind: Kind,
        variant: str,
        name: str,
        timeline: Timeline,
        account: Account | None = None,
        **facts: Any,
    ) -> JobRecord:
        """Add a resource to the store."""
        where = account or self.home
        arn = where.arn(kind.arn_type, name)
        record = JobRecord(kind, where.region, name, arn, timeline, **facts)
        record.variant = variant
        record.describer = self._describer
        key = (kind.describe, variant)
        record.ordinal = self._ordinals[key]
        self._ordinals[key] += 1
        self.store.add(record)
        is_counted = kind is PROCESSING and where == self.home
        self.processing_jobs += is_counted and timeline.created <= self.started
        return record

    def choices(self, name: str) -> SeededChoices:
        """Return choices about one name that do not depend on what else was added."""
        return SeededChoices(self.seed, name)

    def project(self) -> str:
        """Return the project of the next job."""
        return self.rng.choice(PROJECTS)

    def length(self, low: int = 4 * MINUTE, high: int = 3 * HOUR) -> int:
        """How long a job takes; short ones are more frequent."""
        return int(low + (high - low) * self.rng.random() ** 2)

    def past(self, length: int) -> int:
        """Return when an ended job of this length was created; recent ones are more frequent."""
        latest = self.started - length - 10 * MINUTE
        return int(latest - HISTORY * self.rng.random() ** 2)

    def name(self, kind: Kind, base: str, created: int) -> str:
        """Return a name as SageMaker's SDK makes them, from a base and the creation time."""
        stamp = to_datetime(created).strftime("%Y-%m-%d-%H-%M-%S-%f")[:23]
        name = f"{base[:39]}-{stamp}"
        if kind in (AUTOML, TUNING):
            name = f"{base[:18]}-{to_datetime(created):%y%m%d}-{self.rng.getrandbits(20):05x}"
        if self.store.table(self.home.region, kind).get(name) is not None:
            return self.name(kind, base, created + 1)
        return name
