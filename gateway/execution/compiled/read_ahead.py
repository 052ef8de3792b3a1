"""Read for graphql-core what an operation needs, by the calls of its compiled plan.

graphql-core asks for an entry when it comes to the field. With `@defer` and `@stream` that is late:
it executes the items of a list one after another, and never knows of several training jobs at once,
which one Search could answer. Here the compiled executor reads all of it at once, as it does for
the operation without these directives, and graphql-core waits for the outcomes.
"""

import asyncio
from collections.abc import Hashable

from gateway.aws.cache import Entry
from gateway.aws.loader import Loader, Outcome
from gateway.execution.compiled.executor import Executor
from gateway.execution.compiled.template import Template
from gateway.schema.references import Target


class ReadAhead:
    """Reads what `template` needs through `loader`, from now until it is closed.

    Must be created in the event loop.
    """

    def __init__(self, executor: Executor, template: Template, loader: Loader) -> None:
        self._loader = loader
        self._waiting: dict[Hashable, asyncio.Future[None]] = {}
        self._task = asyncio.create_task(executor.read(template, loader, self._wake))
        self._task.add_done_callback(self._wake_all)

    async def load(self, target: Target) -> Entry:
        """Return the entry of `target` once it is read. Raises what reading it raised."""
        outcome = self._find(target)
        if outcome is None:
            await self._wait_for(target)
            # After its end, a target that the plan does not have is read here.
            outcome = self._find(target) or await self._loader.load_outcome(target.key)
        if isinstance(outcome, Exception):
            # Each raise would lengthen the traceback that the exception holds.
            raise outcome.with_traceback(None)
        return outcome

    async def close(self) -> None:
        """Stop reading."""
        self._task.cancel()
        await asyncio.wait([self._task])

    def _find(self, target: Target) -> Outcome | None:
        now = self._loader.reader.clock()
        outcome = self._loader.peek(target.key, now)
        if outcome is None and target.searched is not None:
            outcome = self._loader.peek(target.searched, now)
        return outcome

    async def _wait_for(self, target: Target) -> None:
        if self._task.done():
            return
        waiting = self._waiting.get(_place(target))
        if waiting is None:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting[_place(target)] = waiting
        # Many may wait for one future: the cancellation of one leaves it alone.
        await asyncio.wait([waiting])

    def _wake(self, target: Target) -> None:
        waiting = self._waiting.pop(_place(target), None)
        if waiting is not None:
            waiting.set_result(None)

    def _wake_all(self, task: asyncio.Task[None]) -> None:
        for waiting in self._waiting.values():
            waiting.set_result(None)
        self._waiting.clear()
        if not task.cancelled():
            # What fails here fails again where graphql-core reads it, as the error of a field.
            task.exception()


def _place(target: Target) -> Hashable:
    return target.key, target.searched
