"""Execute a compiled operation: fill its template, read what is missing, fill it again.

Each target is read as soon as its key is known. Only resources that one Search may answer wait for
each other.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from gateway.aws.loader import Loader, Outcome
from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import Resource
from gateway.execution.compiled.filler import Filler, Filling, Peek, find_rendered
from gateway.execution.compiled.rendered_in_turns import RenderedInTurns
from gateway.execution.compiled.template import Rendered, Template
from gateway.execution.errors import ResponseTooLarge
from gateway.execution.turns import TurnIsOver, Turns
from gateway.schema.references import Target

MISSING: Final = (b"", 0.0)


class Executor:
    """Fills templates with what `reader` reads, to responses of at most `max_bytes`.

    `turns` bound what is rendered in one turn of the event loop.
    """

    def __init__(self, reader: Reader, max_bytes: int, turns: Turns) -> None:
        self._reader = reader
        self._turns = turns
        self._max_bytes = max_bytes
        # Every cached request calls both.
        self._peek = reader.peek
        self._clock = reader.clock

    def fill_at_once(self, template: Template) -> tuple[bytes, float] | None:
        """Return `data` and until when it is fresh, if it is one rendered resource without links.

        Most requests ask for that, and `fill_cached` takes twice as long for it.
        `MISSING` says that the one resource is not cached. Must be called in the event loop.
        """
        if len(template.placeholders) != 1:
            return None
        target = template.placeholders[0]
        if isinstance(target, Exception) or target.check is not None:
            return None
        if target.selection.secret_members:
            # What is read has to be noted.
            return None
        entry = self._peek(target.key, self._clock())
        if entry is None:
            return MISSING if target.searched is None else None
        rendered = find_rendered(target, entry)
        if not isinstance(rendered, bytes):
            return None
        before, after = template.chunks
        return before + rendered + after, entry.fresh_until

    def fill_cached(self, template: Template) -> Filling:
        """Fill a template from the cache alone. Must be called in the event loop."""
        return self._fill_with(self._filler(self._peek), template)

    def begin(self, template: Template, loader: Loader) -> Filling:
        """Fill a template with what is known, and begin the AWS calls for what is missing.

        Must be called in the event loop.
        """
        filling = self._fill(template, loader)
        for target in filling.missing:
            if target.searched is None and target.check is None:
                loader.begin_call(target.key)
        return filling

    async def read(
        self, template: Template, loader: Loader, on_read: Callable[[Target], None]
    ) -> None:
        """Read all that the template leads to; unlike `begin`, nothing before a task runs this.

        `on_read` is called with each target when its outcome is known to the loader.
        """
        await self.complete(template, loader, self._fill(template, loader), on_read)

    async def complete(
        self,
        template: Template,
        loader: Loader,
        filling: Filling,
        on_read: Callable[[Target], None] | None = None,
    ) -> Filling:
        """Read what `filling` lacks, and what that leads to, and fill the template again."""
        in_turns = RenderedInTurns(self._max_bytes)
        while not filling.is_complete:
            filler = self._filler(loader.peek, in_turns)
            reads = _Reads(loader, filler, self._turns, on_read)
            await reads.read_all(filling.missing, filling.unrendered)
            filling = self._fill(template, loader, in_turns)
        return filling

    def _fill(
        self, template: Template, loader: Loader, in_turns: RenderedInTurns | None = None
    ) -> Filling:
        return self._fill_with(self._filler(loader.peek, in_turns), template)

    def _filler(self, peek: Peek, in_turns: RenderedInTurns | None = None) -> Filler:
        return Filler(self._reader, peek, self._clock(), self._max_bytes, self._turns, in_turns)

    def _fill_with(self, filler: Filler, template: Template) -> Filling:
        try:
            filler.fill(template)
        except ResponseTooLarge:
            filler.filling.give_up()
        return filler.filling


class _Reads:
    """Reads targets and what they lead to, each as soon as its key is known."""

    def __init__(
        self,
        loader: Loader,
        filler: Filler,
        turns: Turns,
        on_read: Callable[[Target], None] | None,
    ) -> None:
        self._loader = loader
        self._turns = turns
        self._filler = filler
        self._on_read = on_read
        self._waiting: list[tuple[ResourceKey, ResourceKey, asyncio.Future[None]]] = []
        """Reads that wait for a search: keys of resource and record, and the future to set."""
        self._reads_before_search = 0
        """How many reads may still lead to resources that Search may answer."""

    async def read_all(self, missing: Iterable[Target], unrendered: Iterable[Target]) -> None:
        """Read and render targets, and all that they lead to; those that are `missing` from AWS."""
        known = self._prepare_reads(unrendered)
        await _run([*self._prepare_reads(missing, are_missing=True), *known])

    def _prepare_reads(
        self, targets: Iterable[Target | Exception], *, are_missing: bool = False
    ) -> list[Coroutine[Any, Any, None]]:
        found = [target for target in targets if isinstance(target, Target)]
        self._reads_before_search += sum(map(_may_lead_to_search, found))
        return [self._read(target, is_missing=are_missing) for target in found]

    async def _read(self, target: Target, *, is_missing: bool) -> None:
        outcome = await self._read_outcome(target, is_missing=is_missing)
        if self._on_read is not None:
            self._on_read(target)
        try:
            rendered = await self._render(target, outcome)
        except Exception:  # noqa: BLE001  # the next filling makes it the error of the field
            rendered = None
        below = self._prepare_reads(rendered.placeholders) if isinstance(rendered, Template) else []
        self._reads_before_search -= _may_lead_to_search(target)
        await _run([*below, *self._prepare_searches()])

    async def _render(self, target: Target, outcome: Outcome) -> Rendered | None:
        if not self._turns.is_over:
            with suppress(TurnIsOver):
                return self._filler.render(target, outcome)
        return await self._filler.render_in_turns(target, outcome)

    async def _read_outcome(self, target: Target, *, is_missing: bool) -> Outcome:
        if target.check is not None:
            await self._loader.load_known(target.check)
            is_missing = False
        found = None if is_missing else self._filler.find_outcome(target)
        if found is None and self._may_search(target):
            await self._wait_for_search(target)
            found = self._filler.find_outcome(target)
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
        self._reads_before_search -= 1
        await asyncio.gather(searched, *self._prepare_searches())

    def _prepare_searches(self) -> list[Coroutine[Any, Any, None]]:
        """Return the searches, if no other read can lead to one more resource to search for."""
        if self._reads_before_search or not self._waiting:
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
        self._reads_before_search += len(waiting)
        for _, _, searched in waiting:
            searched.set_result(None)


def _may_lead_to_search(target: Target) -> bool:
    return target.searched is not None or target.selection.leads_to_search


async def _run(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    if len(work) == 1:
        await work[0]
    elif work:
        await asyncio.gather(*work)
