"""The compiled executor: fill a template, read what is missing, fill it again.

Each link is read as soon as it is known; only resources that one Search may answer wait for each
other.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, Final

from gateway.aws.loader import Loader, Outcome
from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import Resource
from gateway.execution.compiled.filler import Filler, Filling, find_rendered
from gateway.execution.compiled.template import Template
from gateway.schema.references import Target

MISSING: Final = (b"", 0.0)


class Executor:
    """Fills templates with what `reader` reads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def fill_at_once(self, template: Template) -> tuple[bytes, float] | None:
        """Return `data` and until when it is fresh, if it is one rendered resource without links.

        That is what most requests ask for; `fill_cached` takes twice as long to come to the same.
        `MISSING` says that the one resource is not cached. Must be called in the event loop.
        """
        if len(template.placeholders) != 1:
            return None
        target = template.placeholders[0]
        if isinstance(target, Exception):
            return None
        entry = self._reader.peek(target.key, self._reader.clock())
        if entry is None:
            return MISSING if target.searched is None else None
        rendered = find_rendered(target, entry)
        if not isinstance(rendered, bytes):
            return None
        before, after = template.chunks
        return before + rendered + after, entry.fresh_until

    def fill_cached(self, template: Template) -> Filling:
        """Fill a template from the cache alone. Must be called in the event loop."""
        filler = Filler(self._reader, self._reader.peek, self._reader.clock())
        filler.fill(template)
        return filler.filling

    def begin(self, template: Template, loader: Loader) -> Filling:
        """Fill a template with what is known, and begin the AWS calls that are known to be needed.

        Must be called in the event loop.
        """
        filling = self._fill(template, loader)
        for target in filling.missing:
            if target.searched is None:
                loader.begin_call(target.key)
        return filling

    async def complete(self, template: Template, loader: Loader, filling: Filling) -> Filling:
        """Read what `filling` misses, and what that leads to, through `loader`; fill again."""
        while filling.missing:
            reads = _Reads(loader, Filler(self._reader, loader.peek, self._reader.clock()))
            await reads.follow(filling.missing)
            filling = self._fill(template, loader)
        return filling

    def _fill(self, template: Template, loader: Loader) -> Filling:
        filler = Filler(self._reader, loader.peek, self._reader.clock())
        filler.fill(template)
        return filler.filling


class _Reads:
    """Reads targets and what they lead to, none waiting for what it does not need."""

    def __init__(self, loader: Loader, filler: Filler) -> None:
        self._loader = loader
        self._filler = filler
        self._waiting: list[tuple[ResourceKey, ResourceKey, asyncio.Future[None]]] = []
        """Who waits for a search: the keys of the resource and of its record, and what wakes it."""
        self._leading = 0
        """Targets under way that are, or may lead to, resources that Search may answer."""

    async def follow(self, targets: Iterable[Target]) -> None:
        """Read `targets`, of which nothing is known, and all that their selections lead to."""
        await _run(self._followed(targets, are_missing=True))

    def _followed(
        self, targets: Iterable[Target | Exception], *, are_missing: bool = False
    ) -> list[Coroutine[Any, Any, None]]:
        found = [target for target in targets if isinstance(target, Target)]
        self._leading += sum(map(_leads, found))
        return [self._follow(target, is_missing=are_missing) for target in found]

    async def _follow(self, target: Target, *, is_missing: bool) -> None:
        outcome = await self._outcome(target, is_missing=is_missing)
        try:
            rendered = self._filler.render(target, outcome)
        except Exception:  # noqa: BLE001  # the next filling makes it the error of its place
            rendered = None
        below = self._followed(rendered.placeholders) if isinstance(rendered, Template) else []
        self._leading -= _leads(target)
        await _run([*below, *self._searches()])

    async def _outcome(self, target: Target, *, is_missing: bool) -> Outcome:
        found = None if is_missing else self._filler.find(target)
        if found is None and self._may_search(target):
            await self._wait_for_search(target)
            found = self._filler.find(target)
        return found or await self._loader.load_outcome(target.key)

    def _may_search(self, target: Target) -> bool:
        key = target.searched
        return (
            key is not None
            and not self._loader.past_cache
            and not self._loader.is_reading(target.key)
            and self._loader.reader.search.is_allowed(key.region)
        )

    async def _wait_for_search(self, target: Target) -> None:
        assert isinstance(target.key, ResourceKey)
        assert target.searched is not None
        searched = asyncio.get_running_loop().create_future()
        self._waiting.append((target.key, target.searched, searched))
        self._leading -= 1
        await asyncio.gather(searched, *self._searches())

    def _searches(self) -> list[Coroutine[Any, Any, None]]:
        """Return the searches that need not wait any longer."""
        if self._leading or not self._waiting:
            return []
        waiting, self._waiting = self._waiting, []
        return [self._search(waiting)]

    async def _search(
        self, waiting: list[tuple[ResourceKey, ResourceKey, asyncio.Future[None]]]
    ) -> None:
        names: dict[tuple[Resource, str], set[str]] = defaultdict(set)
        for key, _, _ in waiting:
            assert isinstance(key.kind, Resource)
            names[key.kind, key.region].add(key.name)
        # A single resource is described, which answers more and sooner.
        several = {place: some for place, some in names.items() if len(some) > 1}
        await asyncio.gather(
            *(self._loader.search_resources(*place, some) for place, some in several.items())
        )
        self._leading += len(waiting)
        for _, _, searched in waiting:
            searched.set_result(None)


def _leads(target: Target) -> bool:
    return target.searched is not None or target.selection.leads_to_search


async def _run(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    if len(work) == 1:
        await work[0]
    elif work:
        await asyncio.gather(*work)
