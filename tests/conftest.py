"""What the tests share: AWS's environment, the twin, gateways in process and one behind a port."""

import functools
import gc
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import hooks
from botocore.config import Config
from botocore.loaders import create_loader
from hypothesis import settings as hypothesis_settings

from gateway.app import create_app
from gateway.schema.registry import RESOURCES
from gateway.settings import Settings

from .clocks import NOW, TwinClock
from .gateway_under_test import Gateway, running, serving
from .issuer import LocalIssuer, local_issuer
from .redis_server import RedisServer
from .skipping import skip

if TYPE_CHECKING:
    from gateway.twin import Twin

# No file between two runs, and no limit on time, which other machines keep differently.
hypothesis_settings.register_profile("gateway", database=None, deadline=None, print_blob=True)
hypothesis_settings.load_profile("gateway")

REGION = "eu-west-1"
Count = Callable[[str, int], None]
Put = Callable[..., None]
BotoClients = Callable[[str], Any]
StartGateway = Callable[..., Awaitable[Gateway]]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers `-n auto` starts: tests that wait for processes keep no core busy."""
    return (os.cpu_count() or 1) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the numbers that tests have reported with `count`, in whichever worker they ran."""
    for report in terminalreporter.getreports("passed"):
        for name, number in report.user_properties:
            terminalreporter.write_line(f"{name}: {number:,}")


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Count:
    """Return a function that prints how much was compared: comparing nothing would pass as well.

    The last number that a test reports under a name is printed at the end of the run.
    """

    def report(name: str, number: int) -> None:
        properties = {**dict(request.node.user_properties), name: number}
        request.node.user_properties[:] = properties.items()

    return report


@pytest.fixture
def anyio_backend() -> str:
    """Name the event loop that asynchronous tests run in."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def environment() -> Iterator[None]:
    """Give boto3 credentials of nobody, and hide from it and from the gateway whatever is set."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("AWS_", "GATEWAY_")):
                patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        # Reading SageMaker's model takes longer than most tests, which each have a gateway afresh.
        loader = create_loader()
        patch.setattr("botocore.session.create_loader", lambda _paths: loader)
        patch.setattr(hooks, "accepts_kwargs", functools.cache(hooks.accepts_kwargs))
        patch.setattr(hooks.EventAliaser, "__init__", _share_event_names)
        yield


_EVENT_NAMES: dict[str, str] = {}


def _share_event_names(
    self: Any, *arguments: Any, _initialise: Any = hooks.EventAliaser.__init__, **options: Any
) -> None:
    """Let all sessions of botocore share the aliases of event names, which each would work out."""
    _initialise(self, *arguments, **options)
    self._alias_name_cache = _EVENT_NAMES


@pytest.fixture(scope="session")
def twin_clock() -> TwinClock:
    """Return the twin's clock, which stands still: two reads of a job are the same."""
    return TwinClock()


@pytest.fixture(scope="session")
def session_twin(environment: None, twin_clock: TwinClock) -> "Iterator[Twin]":
    """Yield the offline SageMaker of the whole run."""
    # Imported here, so that a test of one module needs nothing but that module.
    from gateway.twin import Twin

    with Twin(jobs=200, seed=7, region=REGION, clock=twin_clock, started=NOW) as twin:
        # What stays for the whole run need not be searched for garbage again and again: a fifth of
        # the time that most tests take.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 10)
        yield twin


@pytest.fixture
def twin(session_twin: "Twin", twin_clock: TwinClock) -> "Iterator[Twin]":
    """Yield the offline SageMaker with no calls counted and no faults on."""
    session_twin.clear_faults()
    session_twin.reset_calls()
    yield session_twin
    session_twin.clear_faults()
    twin_clock.open()


@pytest.fixture(scope="session")
def seeded(session_twin: "Twin") -> frozenset[tuple[str, str, str]]:
    """Return operation, region and name of all resources of the seed."""
    return frozenset(
        (resource.describe, region, name)
        for resource in RESOURCES
        for region in session_twin.regions()
        for name in session_twin.answers(resource.describe, region)
    )


@pytest.fixture
def put(twin: "Twin", seeded: frozenset[tuple[str, str, str]]) -> Iterator[Put]:
    """Yield a function that gives the twin an answer of the test's own, until the test ends."""
    given: set[tuple[str, str, str]] = set()

    def put(operation: str, answer: Mapping[str, Any], region: str = REGION) -> None:
        name = next(r.name for r in RESOURCES if r.describe == operation)
        key = (operation, region, answer.get(name) or answer[f"{name[:-4]}Arn"].split("/")[1])
        assert key not in seeded, "not over a job of the seed, which other tests read"
        given.add(key)
        twin.put(operation, dict(answer), region)

    yield put
    for operation, region, name in given:
        with suppress(KeyError):
            twin.remove(operation, name, region)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests with the mark `servers` behind those, and unless `only` without a server too.

    The mark of a test replaces that of its module.
    """
    mark = metafunc.definition.get_closest_marker("servers")
    if mark is not None and "server" in metafunc.fixturenames:
        servers = mark.args if mark.kwargs.get("only") else (None, *mark.args)
        metafunc.parametrize("server", servers, indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> str | None:
    """Return the name of the server that a test's gateways run behind, if any."""
    name: str | None = getattr(request, "param", None)
    return name


@pytest.fixture
async def start_gateway(
    anyio_backend: str, twin: "Twin", server: str | None
) -> AsyncIterator[StartGateway]:
    """Yield a coroutine function that starts a gateway with settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> Gateway:
            return await stack.enter_async_context(
                running(**{"endpoint_url": twin.url, "server": server, **settings})
            )

        yield start


@pytest.fixture
def issuer() -> Iterator[LocalIssuer]:
    """Yield an issuer of tokens on loopback."""
    with local_issuer() as started:
        yield started


@pytest.fixture
async def start_guarded(start_gateway: StartGateway, tmp_path: Path) -> StartGateway:
    """Return a coroutine function that starts a gateway with the text of an access file."""
    path = tmp_path / "access.toml"

    async def start(access: str, **settings: Any) -> Gateway:
        path.write_text(access)
        return await start_gateway(access_file=path, **settings)

    return start


@pytest.fixture
async def redis(anyio_backend: str, tmp_path: Path) -> AsyncIterator[RedisServer]:
    """Yield a running Redis."""
    executable = shutil.which("redis-server")
    if executable is None:
        skip("there is no redis-server")
    server = RedisServer(executable, tmp_path)
    await server.start()
    yield server
    await server.client.aclose()
    await server.stop()


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    """Return a gateway with an empty cache, in front of the twin."""
    return await start_gateway()


@pytest.fixture(scope="session")
def boto(session_twin: "Twin") -> BotoClients:
    """Return a function from region to boto3's own client of the twin."""
    session = boto3.Session()
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=1)

    @functools.cache
    def client(region: str) -> Any:
        return session.client(
            "sagemaker", region_name=region, endpoint_url=session_twin.url, config=config
        )

    return client


@pytest.fixture(scope="session")
def gateway_url(session_twin: "Twin") -> Iterator[str]:
    """Yield the address of a gateway that uvicorn serves in front of the twin."""
    settings = Settings(region=REGION, endpoint_url=session_twin.url)
    app = create_app(settings, examples=session_twin.examples())
    with serving(app) as url:
        yield url
