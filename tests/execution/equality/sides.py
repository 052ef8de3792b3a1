"""A gateway without HTTP in a world of its own, one for each of the executors."""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import GraphQLError, parse, validate

from gateway.aws.cache import MemoryCache
from gateway.aws.errors import NotFound
from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import RESOURCES, TAGS, Resource, TagList
from gateway.errors import Code, CodedError
from gateway.execution.cost import NOTHING
from gateway.execution.document import Document, Documents
from gateway.execution.engine import Engine
from gateway.execution.errors import format_errors
from gateway.execution.prepared import Interpreted, Prepared
from gateway.execution.request import Request
from gateway.execution.result import Result
from gateway.schema.schema import CORE_SCHEMA, decode
from gateway.settings import EngineSettings, ReaderSettings
from tests.clocks import Clock

from .upstream import Call, Upstream
from .worlds import World

if TYPE_CHECKING:
    from gateway.aws.client import SageMaker

# Out of the way: limits are refusals that only one of the executors knows.
_LIMITS: Final = EngineSettings(
    max_tokens=50_000,
    max_depth=100,
    max_aliases=10_000,
    max_directives=10_000,
    max_root_fields=10_000,
    max_calls=10**30,
    document_characters=1_000_000,
    joined_megabytes=1,
)
_KINDS: Final[Mapping[str, Resource | TagList]] = {
    TAGS.operation: TAGS,
    **{resource.describe: resource for resource in RESOURCES},
}
"""What an operation reads."""


class Side:
    """Everything from the engine down to AWS, with a clock that stands still during operations."""

    def __init__(self, world: World, documents: Documents) -> None:
        self.upstream = Upstream(world.delays, world.page_size)
        self._world = world
        self._clock = Clock()
        cache = MemoryCache(world.max_bytes)
        settings = ReaderSettings(
            **world.lifetimes.model_dump(), list_calls=world.list_calls, search=world.search
        )
        sagemaker = cast("SageMaker", self.upstream)
        self._reader = Reader(sagemaker, cache, settings, decode, self._clock)
        self._documents = documents
        self.engine = Engine(CORE_SCHEMA, documents, self._reader, self._clock, _LIMITS)

    async def warm_up(self) -> None:
        """Bring the cache into the state that the world starts with."""
        if self._world.faults_while_warming:
            self.upstream.faults = self._world.faults
        for call in self._world.warm:
            if call.operation not in _KINDS:
                continue
            key = ResourceKey(_KINDS[call.operation], call.region, call.name)
            try:
                await self._reader.read(key)
            except (CodedError, NotFound, RuntimeError):
                continue
        self._clock.advance(self._world.pause)
        self.upstream.faults = self._world.faults

    async def settle(self) -> Mapping[Call, int]:
        """Wait for what runs behind; return the calls made since the last time."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        while others:
            await asyncio.wait(others)
            others = asyncio.all_tasks() - {asyncio.current_task()}
        asked = dict(self.upstream.asked)
        self.upstream.asked.clear()
        return asked

    async def answer(self, prepared: Prepared) -> Result:
        """Return the engine's result, got as the HTTP endpoint gets it."""
        return self.engine.answer_now(prepared) or await self.engine.answer(prepared)

    async def refer(self, request: Request, *, fresh: bool = False) -> Result:
        """Return what graphql-core makes of a valid request to run one of its operations."""
        document = self._documents.read(request.query)
        assert isinstance(document, Document), document
        return await self.engine.interpret(Interpreted(document, request, NOTHING), fresh=fresh)


def sides(world: World) -> tuple[Side, Side]:
    """Return two equal sides of a world, which share nothing but parsed documents."""
    documents = Documents(CORE_SCHEMA, _LIMITS)
    return Side(world, documents), Side(world, documents)


@lru_cache(16)
def refusal(text: str) -> Any:
    """Return the response to a document that is not valid, `None` for one that is."""
    try:
        node = parse(text)
    except GraphQLError as error:
        return {"errors": format_errors([error])}
    errors = validate(CORE_SCHEMA, node)
    return {"errors": format_errors(errors, Code.GRAPHQL_VALIDATION_FAILED)} if errors else None
