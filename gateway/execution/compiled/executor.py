"""Run a template: fill it from the cache, and fetch what is missing, each link as soon as known."""

from collections.abc import Callable, Coroutine
from typing import Any

from gateway.aws.entry import Entry
from gateway.aws.loader import OperationContext
from gateway.aws.reader import EntryKey, Reader, ResourceKey
from gateway.execution.compiled.filler import Filler, Outcomes, Pass, Peek, at_hand
from gateway.execution.compiled.renderer import Renderer
from gateway.execution.compiled.template import Refusal, Template
from gateway.execution.fetch import Fetch


class Runner:
    """Fills templates through one reader. `clock` is the cache's and returns seconds."""

    def __init__(self, reader: Reader, clock: Callable[[], float]) -> None:
        self._reader = reader
        self._renderer = Renderer(reader)
        self._clock = clock

    def ready(self, template: Template) -> tuple[bytes, float] | None:
        """Return `data` and until when it is fresh, if it is one rendered resource without links.

        That is what most requests ask for; `try_now` takes twice as long to come to the same.
        Must be called in the event loop.
        """
        if len(template.holes) != 1:
            return None
        hole = template.holes[0]
        if isinstance(hole, Refusal):
            return None
        entry = self._reader.peek(hole.key, self._clock())
        fragment = at_hand(hole, entry)
        if entry is None or not isinstance(fragment, bytes):
            return None
        before, after = template.chunks
        return before + fragment + after, entry.fresh_until

    def try_now(self, template: Template) -> Pass:
        """Fill a template from the cache alone. Must be called in the event loop."""
        return self._try(template, {}, self._reader.peek)

    def run(self, template: Template, context: OperationContext) -> Coroutine[Any, Any, Pass]:
        """Fetch what is not cached and what that leads to, then fill the template.

        What is known to be missing is asked for now, the rest by the coroutine. Each resource is
        read once, so that one response shows one state of it. What the context says is to be fresh
        is what AWS says now, past the cache.
        """
        outcomes: Outcomes = {}
        peek = _nothing if context.fresh else self._reader.peek

        def hold(key: EntryKey, now: float) -> Entry | None:
            entry = peek(key, now)
            if entry is not None:
                outcomes[key] = entry
                context.cached.add(key)
            return entry

        # What the cache holds now must neither be renewed nor evicted while the rest is read.
        result = self._try(template, outcomes, hold)
        for hole in result.missing:
            if isinstance(hole.key, ResourceKey) and hole.searched is None and not context.fresh:
                task = self._reader.begin(hole.key)
                if task is not None:
                    context.begun[hole.key] = task
        return self._go_on(template, context, outcomes, hold, result)

    async def _go_on(
        self,
        template: Template,
        context: OperationContext,
        outcomes: Outcomes,
        peek: Peek,
        result: Pass,
    ) -> Pass:
        while result.missing:
            await Fetch(context, self._filler(outcomes, peek), outcomes).follow(result.missing)
            result = self._try(template, outcomes, peek)
        return result

    def _try(self, template: Template, outcomes: Outcomes, peek: Peek) -> Pass:
        filler = self._filler(outcomes, peek)
        filler.fill(template)
        return filler.result

    def _filler(self, outcomes: Outcomes, peek: Peek) -> Filler:
        return Filler(self._reader, self._renderer, outcomes, self._clock(), peek)


def _nothing(key: EntryKey, now: float) -> None:
    """Find nothing in the cache."""
