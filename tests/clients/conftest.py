"""What the tests of clients share: a gateway that looks often, and Node's scripts."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from gateway.app import create_app
from gateway.settings import Settings
from tests.aws_answers import PROCESSING, TRAINING, arn, processing_job, training_job
from tests.conftest import Put
from tests.gateway_under_test import serving
from tests.skipping import skip

from .expected_data import linked_job
from .node import NotInstalled, Script, install, running_script

if TYPE_CHECKING:
    from gateway.twin import Twin

StartScript = Callable[..., Script]
RunScript = Callable[..., list[Any]]
Linked = tuple[str, dict[str, Any]]
"""The name of a job with links, and its data."""


@dataclass
class Changing:
    """A job that runs until the test says otherwise."""

    put: Put
    name: str

    def turn(self, status: str) -> None:
        """Give the job a status, as AWS calls it."""
        self.put(PROCESSING, processing_job(self.name, status))


@pytest.fixture(scope="session")
def packages() -> None:
    """Install Node's packages, or skip the test where that cannot be."""
    try:
        install()
    except NotInstalled as error:
        skip(str(error))


@pytest.fixture(scope="session")
def url(session_twin: "Twin") -> Iterator[str]:
    """Yield the address of a gateway that sees a change within a tenth of a second."""
    settings = Settings(
        region="eu-west-1",
        endpoint_url=session_twin.url,
        fresh_running=0.1,
        stale_while_revalidate=0,
        subscription_interval=0.1,
        max_batch=2,
    )
    with serving(create_app(settings)) as url:
        yield url


@pytest.fixture
def start_script(packages: None, url: str, twin: "Twin") -> Iterator[StartScript]:
    """Yield a function that starts a script: its file, its function, the variables it sends."""
    with ExitStack() as scripts:

        def start(name: str, which: str = "", /, **variables: Any) -> Script:
            return scripts.enter_context(running_script(name, url, which, variables))

        yield start


@pytest.fixture
def run_script(start_script: StartScript) -> RunScript:
    """Return a function that runs a script to its end and returns what it says."""

    def run(name: str, which: str, /, **variables: Any) -> list[Any]:
        return start_script(name, which, **variables).finish()

    return run


@pytest.fixture
def linked(twin: "Twin") -> Linked:
    """Return the name of a job with links, and its data."""
    return linked_job(twin)


@pytest.fixture
def own_name(request: pytest.FixtureRequest) -> str:
    """Return a name that no other test gives a job: the gateway keeps what it has read."""
    digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()
    return f"{request.node.originalname.replace('_', '-')[:40]}-{digest[:16]}"


@pytest.fixture
def changing(put: Put, own_name: str) -> Changing:
    """Return a job of the test's own that runs."""
    job = Changing(put, own_name)
    job.turn("InProgress")
    return job


@pytest.fixture
def unread(put: Put, own_name: str) -> str:
    """Return the name of a job that the gateway has not read, nor the training job of that name."""
    put(TRAINING, training_job(own_name))
    put(PROCESSING, processing_job(own_name, TrainingJobArn=arn("training-job", own_name)))
    return own_name
