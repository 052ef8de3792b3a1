"""The servers that are measured, and how each is started."""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Final

from benchmarks.http_client import HttpClient
from benchmarks.processes import Process, free_port, output_of
from benchmarks.run_context import OTHER, RunContext

PEERS: Final = Path(__file__).with_name("peers")
GRAPHQL: Final = "/graphql"


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is started."""

    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


Launcher = Callable[[RunContext, int], Launch]
"""Called with the port to listen on."""


def gateway(context: RunContext, port: int) -> Launch:
    """Return the gateway with its default settings; only port, region and endpoint are given."""
    program = str(Path(sys.executable).with_name("sagemaker-gateway"))
    options = ["--region", "eu-west-1", "--endpoint-url", context.upstream.url]
    return Launch([program, "serve", *options, "--port", str(port)])


def _other_checkout(context: RunContext, port: int) -> Launch:
    """Return the gateway of another checkout, with this environment's interpreter and libraries."""
    main = "import sys; from gateway.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", main, *gateway(context, port).command[1:]]
    return Launch(command, {"PYTHONPATH": str(context.against)})


def _limit(context: RunContext, port: int) -> Launch:
    module = [sys.executable, "-m", "benchmarks.limit"]
    return Launch([*module, "--port", str(port), "--answers", str(context.answers)])


def _strawberry(context: RunContext, port: int) -> Launch:
    module = [sys.executable, "-m", "uvicorn", "benchmarks.textbook.app:app"]
    fast = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    command = [*module, "--port", str(port), *fast]
    return Launch(command, {"UPSTREAM_URL": context.upstream.url})


def _node(file: str) -> Launcher:
    def launch(context: RunContext, port: int) -> Launch:
        node = shutil.which("node") or "node"
        environment = {
            "NODE_ENV": "production",
            "NODE_NO_WARNINGS": "1",
            "PORT": str(port),
            "UPSTREAM_URL": context.upstream.url,
        }
        return Launch([node, str(PEERS / file)], environment)

    return launch


LAUNCHES: Final[dict[str, Launcher]] = {
    "gateway": gateway,
    OTHER: _other_checkout,
    "limit": _limit,
    "strawberry": _strawberry,
    "mercurius": _node("mercurius.mjs"),
    "yoga": _node("yoga.mjs"),
}
GATEWAYS: Final = ("gateway", OTHER)
OTHERS: Final = ("limit", "strawberry")
NODE: Final = ("mercurius", "yoga")


class Target:
    """One server that runs."""

    def __init__(
        self,
        name: str,
        context: RunContext,
        *,
        options: Sequence[str] = (),
        cores: Sequence[int] | None = None,
    ) -> None:
        self.name = name
        self.port = free_port()
        launch = LAUNCHES[name](context, self.port)
        self.process = Process(
            name,
            [*launch.command, *options],
            cores or [context.cores.server],
            context.folder,
            more=launch.environment,
        )

    def path(self, workload: str) -> str:
        """Return the path that a workload is posted to."""
        return f"/{workload}" if self.name == "limit" else GRAPHQL

    def wait(self) -> None:
        """Wait until the server answers, whatever that is; some listen before they serve."""
        self.process.wait_for(self.port)
        while True:
            with suppress(OSError, HTTPException), HttpClient(self.port) as client:
                client.get("/")
                return
            self.process.check_alive()


@contextmanager
def run_target(
    name: str,
    context: RunContext,
    *,
    options: Sequence[str] = (),
    cores: Sequence[int] | None = None,
) -> Iterator[Target]:
    """Run a server, with more options and on other cores than usual if they are given."""
    target = Target(name, context, options=options, cores=cores)
    try:
        target.wait()
        yield target
    finally:
        target.process.stop()


def why_no_peers() -> str | None:
    """Install the Node peers if need be. Return why they cannot run, `None` if they can."""
    npm = shutil.which("npm")
    if shutil.which("node") is None or npm is None:
        return "node and npm are not on the path"
    if (
        not (PEERS / "node_modules").exists()
        and output_of([npm, "ci", "--prefix", str(PEERS)]) is None
    ):
        return "`npm ci` failed in benchmarks/peers"
    return None
