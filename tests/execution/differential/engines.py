"""The two engines that are compared: the gateway without HTTP, over a fake SageMaker."""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import GraphQLError, parse

from gateway.auth.caller import ANYBODY
from gateway.aws.cache import MemoryCache
from gateway.aws.call_budget import FREE
from gateway.aws.errors import NotFound
from gateway.aws.loader import Loader
from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import TAGS, Resource, TagList
from gateway.budgets.budgets import Budgets
from gateway.errors import Code, CodedError
from gateway.execution.document import Document, Documents
from gateway.execution.engine import Engine
from gateway.execution.errors import format_errors
from gateway.execution.prepared import Interpreted, Prepared
from gateway.execution.request import Request, Result
from gateway.execution.response_stream import Streams
from gateway.execution.validation import validate
from gateway.schema.registry import RESOURCES, decode
from gateway.schema.schema import CORE_SCHEMA
from gateway.settings import EngineSettings, ReaderSettings
from tests.clocks import Clock

from .fake_sagemaker import Call, FakeSageMaker
from .scenarios import Scenario

if TYPE_CHECKING:
    from gateway.aws.client import SageMaker

# High enough to refuse nothing: limits are checked before either executor runs.
_LIMITS: Final = EngineSettings(
    max_tokens=50_000,
    max_depth=100,
    max_aliases=10_000,
    max_directives=10_000,
    max_root_fields=10_000,
    max_selections=1_000_000,
    max_list_items=10_000,
    max_calls=10**30,
    document_megabytes=64,
    max_response_bytes=10**9,
    max_errors=10**6,
    max_error_bytes=10**6,
    max_alias_characters=10**6,
    joined_megabytes=1,
)
_KINDS: Final[Mapping[str, Resource | TagList]] = {
    TAGS.operation: TAGS,
    **{resource.describe: resource for resource in RESOURCES},
}
"""The resource or tag list that each AWS operation reads."""


class EngineUnderTest:
    """An engine with a cache, a reader and a fake SageMaker of its own; its clock stands still.

    Each AWS call takes `seconds` on the event loop's clock.
    """

    def __init__(self, scenario: Scenario, documents: Documents, seconds: float = 0) -> None:
        self.sagemaker = FakeSageMaker(scenario.delays, scenario.page_size, seconds)
        self._scenario = scenario
        self._clock = Clock()
        cache = MemoryCache(scenario.max_bytes)
        settings = ReaderSettings(
            **scenario.lifetimes.model_dump(),
            list_calls=scenario.list_calls,
            search=scenario.search,
        )
        sagemaker = cast("SageMaker", self.sagemaker)
        self._reader = Reader(sagemaker, cache, settings, RESOURCES, decode, self._clock)
        self._documents = documents
        budgets = Budgets(self._clock, self._clock.sleep)
        self.engine = Engine(CORE_SCHEMA, documents, self._reader, self._clock, budgets, _LIMITS)
        self.streams = Streams(
            self.engine,
            CORE_SCHEMA,
            documents,
            self._reader,
            self._clock,
            lambda: self._clock.sleep(1),
            budgets,
            _LIMITS,
        )

    async def warm_up(self) -> None:
        """Bring the cache into the state in which the scenario starts."""
        if self._scenario.faults_while_warming:
            self.sagemaker.faults = self._scenario.faults
        for call in self._scenario.warm:
            if call.operation not in _KINDS:
                continue
            key = ResourceKey(_KINDS[call.operation], call.region, call.name)
            try:
                await Loader(self._reader).load(key)
            except (CodedError, NotFound, RuntimeError):
                continue
        self._clock.advance(self._scenario.pause)
        self.sagemaker.faults = self._scenario.faults

    async def take_calls(self) -> Mapping[Call, int]:
        """Wait for background tasks. Return the AWS calls made since the last time."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        while others:
            await asyncio.wait(others)
            others = asyncio.all_tasks() - {asyncio.current_task()}
        asked = dict(self.sagemaker.asked)
        self.sagemaker.asked.clear()
        return asked

    async def execute(self, prepared: Prepared) -> Result:
        """Return the engine's result, as the HTTP endpoint asks for it."""
        return self.engine.answer_now(prepared, ANYBODY) or await self.engine.answer(
            prepared, ANYBODY
        )

    async def interpret(self, request: Request, *, fresh: bool = False) -> Result:
        """Return the result of graphql-core for a request whose document is valid."""
        document = self._documents.read_document(request.query)
        assert isinstance(document, Document), document
        return await self.engine.interpret(
            Interpreted(request, document.incremental, FREE), fresh=fresh
        )


def create_engine(scenario: Scenario, seconds: float) -> EngineUnderTest:
    """Return an engine for a scenario; each AWS call takes `seconds`."""
    return EngineUnderTest(scenario, Documents(CORE_SCHEMA, _LIMITS), seconds)


def create_engines(scenario: Scenario) -> tuple[EngineUnderTest, EngineUnderTest]:
    """Return two equal engines for a scenario, which share nothing but parsed documents."""
    documents = Documents(CORE_SCHEMA, _LIMITS)
    return EngineUnderTest(scenario, documents), EngineUnderTest(scenario, documents)


@lru_cache(16)
def expected_refusal(text: str) -> Any:
    """Return the response to a document that is not valid, `None` for one that is."""
    try:
        node = parse(text)
    except GraphQLError as error:
        return {"errors": format_errors([error])}
    errors = validate(CORE_SCHEMA, node, _LIMITS.max_selections)
    return {"errors": format_errors(errors, Code.GRAPHQL_VALIDATION_FAILED)} if errors else None
