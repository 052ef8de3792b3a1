"""Fetch what a template waits for: each link as soon as it is known, training jobs together."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

from gateway.aws.entry import Entry
from gateway.aws.loader import OperationContext
from gateway.aws.reader import EntryKey, ResourceKey
from gateway.aws.resources import SEARCHED_TRAINING_JOB
from gateway.execution.compiled.filler import Filler, Outcomes
from gateway.execution.compiled.template import Hole, Refusal, Template

Waiting = list[tuple[ResourceKey, asyncio.Future[None]]]
"""Who waits for a search: under what its job will be found, and what wakes it."""


class Fetch:
    """Reads resources and the links found in them, none waiting for what it does not need.

    Only training jobs that Search may tell of wait for each other, until no read is under way that
    could lead to one more. What is read goes into `outcomes`.
    """

    def __init__(self, context: OperationContext, filler: Filler, outcomes: Outcomes) -> None:
        self._context = context
        self._filler = filler
        self._outcomes = outcomes
        self._reads: dict[EntryKey, asyncio.Task[Entry | Exception]] = {}
        self._waiting: Waiting = []
        self._unfound = 0
        """Holes under way whose resources are not known yet."""
        self._leading = 0
        """Holes under way that are, or may lead to, training jobs that Search may tell of."""

    async def follow(self, holes: Iterable[Hole | Refusal]) -> None:
        """Read the resources of `holes` and all that their selections lead to."""
        await _all(self._followed(holes))

    def _followed(self, holes: Iterable[Hole | Refusal]) -> list[Coroutine[Any, Any, None]]:
        found = [hole for hole in holes if isinstance(hole, Hole)]
        self._unfound += len(found)
        self._leading += sum(map(_leads, found))
        return [self._follow(hole) for hole in found]

    async def _follow(self, hole: Hole) -> None:
        found = await self._found(hole)
        self._unfound -= 1
        fragment = None
        if not isinstance(found, Exception) or hole.row is not None:
            fragment = self._filler.fragment(hole, found)
        below = self._followed(fragment.holes) if isinstance(fragment, Template) else []
        self._leading -= _leads(hole)
        await _all([*below, *self._searches()])

    async def _found(self, hole: Hole) -> Entry | Exception:
        # What is being read may be in the cache already, and stale for others.
        found = None if hole.key in self._reads else self._filler.find(hole)
        if found is None and self._may_search(hole):
            assert hole.searched is not None
            await self._wait_for_search(hole.searched)
            found = self._filler.find(hole)
        return found or await self._read(hole.key)

    def _may_search(self, hole: Hole) -> bool:
        return (
            hole.searched is not None
            and hole.key not in self._reads
            and not self._context.fresh
            and self._context.reader.searches.is_allowed(hole.searched.region)
        )

    async def _wait_for_search(self, key: ResourceKey) -> None:
        searched = asyncio.get_running_loop().create_future()
        self._waiting.append((key, searched))
        self._leading -= 1
        await asyncio.gather(searched, *self._searches())

    def _searches(self) -> list[Coroutine[Any, Any, None]]:
        """Return the searches that need not wait any longer."""
        if self._leading or not self._waiting:
            return []
        waiting, self._waiting = self._waiting, []
        return [self._search(waiting)]

    async def _search(self, waiting: Waiting) -> None:
        names: dict[str, set[str]] = defaultdict(set)
        for key, _ in waiting:
            names[key.region].add(key.name)
        # A single job is described, which tells more and sooner.
        several = {region: some for region, some in names.items() if len(some) > 1}
        read = self._context.reader.searches.read
        found = await asyncio.gather(*(read(region, some) for region, some in several.items()))
        for region, entries in zip(several, found, strict=True):
            for name, entry in entries.items():
                self._outcomes[ResourceKey(SEARCHED_TRAINING_JOB, region, name)] = entry
        self._leading += len(waiting)
        for _, searched in waiting:
            searched.set_result(None)

    async def _read(self, key: EntryKey) -> Entry | Exception:
        read = self._reads.get(key)
        if read is None and self._unfound == 1:
            # Nobody else can come to want it meanwhile, and 200 waiting clients feel a task less.
            return await self._outcome(key)
        if read is None:
            read = self._reads[key] = asyncio.create_task(self._outcome(key))
        return await read

    async def _outcome(self, key: EntryKey) -> Entry | Exception:
        try:
            outcome: Entry | Exception = await self._context.read_entry(key)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the error of a field
            outcome = error
        self._outcomes[key] = outcome
        return outcome


def _leads(hole: Hole) -> bool:
    return hole.searched is not None or hole.selection.leads_to_search


async def _all(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    if len(work) == 1:
        await work[0]
    elif work:
        await asyncio.gather(*work)
