"""From a request to all of its responses: those of a subscription, or those that come in parts."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import orjson
from graphql import GraphQLSchema

from gateway.aws.loader import OperationContext, SubscriptionContext
from gateway.aws.reader import Reader
from gateway.execution.engine import Engine
from gateway.execution.extensions import tell_notices
from gateway.execution.freshness import label
from gateway.execution.interpreted.incremental import ByPath, Delivery, execute_incrementally
from gateway.execution.prepared import Answered, Prepared, Subscribed
from gateway.execution.result import Result
from gateway.execution.subscription import subscribe


class Streams:
    """Runs operations that have more than one response, all by graphql-core.

    `clock` is the cache's, in seconds; `pause` waits between two looks at what is subscribed to.
    """

    def __init__(
        self,
        engine: Engine,
        schema: GraphQLSchema,
        reader: Reader,
        clock: Callable[[], float],
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        self._engine = engine
        self._schema = schema
        self._reader = reader
        self._clock = clock
        self._pause = pause
        self.interpreted = 0
        """Operations begun since the start that had more than one response."""

    async def respond(
        self, prepared: Prepared, delivery: Delivery = Delivery.WHOLE, *, fresh: bool = False
    ) -> AsyncGenerator[bytes, None]:
        """Yield the responses to an operation, which may be only one; `fresh` is past the cache.

        Closing the generator stops the work.
        """
        if isinstance(prepared, Subscribed):
            parts = self._events(prepared)
        else:
            result = await self._single(prepared, delivery, fresh=fresh)
            if result is not None:
                yield result.body
                return
            parts = self._parts(prepared, delivery, fresh=fresh)
        self.interpreted += 1
        async with aclosing(parts):
            async for part, context in parts:
                label(part, context.entries.values(), self._clock())
                tell_notices(part, context.notices)
                yield orjson.dumps(part)

    async def _single(
        self, prepared: Prepared, delivery: Delivery, *, fresh: bool
    ) -> Result | None:
        """Return the only response there is, `None` where parts of it should come later."""
        is_whole = not has_parts(prepared, delivery)
        if fresh:
            return await self._engine.answer(prepared, fresh=True) if is_whole else None
        # What is at hand is not worth leaving out of the first response.
        result = self._engine.answer_now(prepared)
        return await self._engine.answer(prepared) if result is None and is_whole else result

    def _events(
        self, prepared: Subscribed
    ) -> AsyncGenerator[tuple[dict[str, Any], OperationContext], None]:
        context = SubscriptionContext(self._reader, pause=self._pause)
        return subscribe(self._schema, prepared.document.without(), prepared.request, context)

    async def _parts(
        self, prepared: Prepared, delivery: Delivery, *, fresh: bool
    ) -> AsyncGenerator[tuple[dict[str, Any], OperationContext], None]:
        assert not isinstance(prepared, Answered)
        context = OperationContext(self._reader, fresh)
        document = prepared.document.without(delivery.ignored)
        rewrite = ByPath().rewrite if delivery is Delivery.BY_PATH else _as_it_is
        parts = execute_incrementally(self._schema, document, prepared.request, context)
        async with aclosing(parts):
            async for part in parts:
                yield rewrite(part), context


def has_parts(prepared: Prepared, delivery: Delivery) -> bool:
    """Tell whether something of the response may be left for later."""
    if isinstance(prepared, Answered):
        return False
    return bool(prepared.document.incremental - delivery.ignored)


def _as_it_is(part: dict[str, Any]) -> dict[str, Any]:
    return part
