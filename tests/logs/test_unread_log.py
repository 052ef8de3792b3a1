"""A gateway whose log nobody reads serves, and ends on a signal."""

import asyncio
import fcntl
import itertools
import os
import re
import signal
from collections.abc import Iterator

import httpx
import pytest

from tests.aws.stub import Request, Response, Stub, refusal, stub
from tests.cli.commands import COMMAND
from tests.replicas import PATIENCE

pytestmark = pytest.mark.anyio

SMALLEST_PIPE = 4_096
CODES = 20


@pytest.fixture
def failing() -> Iterator[Stub]:
    """Yield where AWS is expected, which fails in one of many ways each time."""
    numbers = itertools.count()

    def fail(request: Request) -> Response:
        return refusal(f"Failure{next(numbers) % CODES}", "the same " * 20, 500)

    with stub(fail) as served:
        yield served


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="pipes have one size here")
async def test_full_pipe_stops_nothing(failing: Stub) -> None:
    """With a full pipe, requests are answered and the process ends with exit code 0."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "serve", "--port=0", "--region=eu-west-1", "--shutdown-delay=0"),
        *(f"--endpoint-url={failing.url}", "--aws-attempts=1", "--no-search"),
        stderr=writer,
    )
    os.close(writer)
    log = os.fdopen(reader, "rb", buffering=0)
    begun = await asyncio.to_thread(read_until, log.fileno(), rb"listening host=\S+ port=(\d+)\n")

    try:
        async with (
            asyncio.timeout(3 * PATIENCE),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{begun}", verify=False) as http,
        ):
            for number in range(10 * CODES):
                query = f'{{ trainingJob(name: "job-{number}") {{ trainingJobStatus }} }}'
                answer = (await http.post("/graphql", json={"query": query})).json()
                assert answer["errors"][0]["extensions"]["code"] == "UPSTREAM_UNAVAILABLE"
            assert (await http.get("/healthz")).status_code == 200
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    with log:
        rest = log.read(10 * SMALLEST_PIPE)
    assert SMALLEST_PIPE / 2 < len(rest) <= SMALLEST_PIPE, "the pipe was full"
    assert b"gateway.aws_call_failed" in rest


def read_until(descriptor: int, pattern: bytes) -> int:
    """Read until the pattern, byte by byte, so that nothing after it is read; return its number."""
    text = b""
    while not (found := re.search(pattern, text)):
        text += os.read(descriptor, 1)
    return int(found[1])
