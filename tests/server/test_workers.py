"""Several processes that share one port."""

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.auth.api_keys import create_key, hash_key
from gateway.server.uvicorn import listen
from tests.aws_answers import PROCESSING
from tests.replicas import COMMAND, Replica, eventually, replica

if TYPE_CHECKING:
    from gateway.twin import Twin

pytestmark = pytest.mark.anyio

DIED = r"gateway\.worker_died worker=(\d+)"


async def ask(served: Replica, name: str) -> str | None:
    """Return a job's name from a worker, over a new connection."""
    query = "query($name: String!) { processingJob(name: $name) { processingJobName } }"
    async with served.client() as http:
        response = await http.post("/graphql", json={"query": query, "variables": {"name": name}})
    told: str | None = response.json()["data"]["processingJob"]["processingJobName"]
    return told


async def test_workers_answer_and_are_replaced(twin: "Twin") -> None:
    """Workers share a port, one that ends by itself is replaced, and a signal ends them all."""
    name = min(twin.answers(PROCESSING))
    async with replica(twin.url, workers=2, shutdown_delay=0, fresh_running=60) as served:
        await eventually(lambda: len(served.pids) == 2, served)
        first, second = served.pids

        assert await asyncio.gather(*(ask(served, name) for _ in range(20))) == [name] * 20
        assert 1 <= twin.calls()[PROCESSING] <= 2, "each has a cache of its own"

        os.kill(first, signal.SIGKILL)
        await eventually(lambda: served.found(DIED) == [first], served)
        # Connections to the worker that died wait for its successor.
        assert await asyncio.gather(*(ask(served, name) for _ in range(20))) == [name] * 20

        os.kill(second, signal.SIGTERM)
        await eventually(lambda: len(served.pids) == 4, served)
        assert f"gateway.worker_died worker={second} exit_code=0" in served.log

        served.signal(signal.SIGTERM)
        assert await served.end() == 0
        assert "Traceback" not in served.log
        assert not any(map(is_running, served.pids))


async def test_frozen_worker_is_replaced(twin: "Twin") -> None:
    """A worker that is stopped, and so dies of no signal, is noticed, killed and replaced."""
    name = min(twin.answers(PROCESSING))
    async with replica(twin.url, workers=2, shutdown_delay=0, worker_timeout=1) as served:
        await eventually(lambda: len(served.pids) == 2, served)
        assert await asyncio.gather(*(ask(served, name) for _ in range(4))) == [name] * 4
        first, second = served.pids
        # So that it has said at least once that it runs.
        await asyncio.sleep(0.7)

        os.kill(first, signal.SIGSTOP)
        await eventually(lambda: len(served.pids) == 3, served)
        assert served.found(r"gateway\.worker_frozen worker=(\d+)") == [first]
        assert await asyncio.gather(*(ask(served, name) for _ in range(20))) == [name] * 20
        assert is_running(second)


async def test_interrupt_of_the_process_group_counts_once(twin: "Twin") -> None:
    """Ctrl-C reaches the workers too, for which the parent's signal is then no second one."""
    async with replica(twin.url, workers=2, shutdown_delay=60, shutdown_grace=60) as served:
        await eventually(lambda: len(served.pids) == 2, served)
        for pid in served.pids:
            os.kill(pid, signal.SIGINT)
        served.signal(signal.SIGINT)

        assert await served.end() == 0
        assert "Traceback" not in served.log


async def test_second_signal_ends_all_workers_at_once(twin: "Twin") -> None:
    """A second signal ends all workers at once."""
    async with replica(twin.url, workers=2, shutdown_delay=60, shutdown_grace=60) as served:
        await eventually(lambda: len(served.pids) == 2, served)
        served.signal(signal.SIGTERM)
        await eventually(served.says_not_ready, served)
        served.signal(signal.SIGTERM)

        assert await served.end() == -signal.SIGTERM
        await eventually(lambda: not any(map(is_running, served.pids)), served)


async def test_workers_do_not_outlive_their_parent(twin: "Twin") -> None:
    """Workers whose parent was killed shut down."""
    async with replica(twin.url, workers=2, shutdown_delay=0) as served:
        await eventually(lambda: len(served.pids) == 2, served)
        served.signal(signal.SIGKILL)
        await served.process.wait()

        await eventually(lambda: not any(map(is_running, served.pids)), served)


async def test_cancelled_request_of_a_worker_shows_in_the_exit_code(twin: "Twin") -> None:
    """The parent ends with the highest of its workers' exit codes."""
    twin.set_faults(hangRate=1)
    settings = {"workers": 2, "shutdown_delay": 0, "shutdown_grace": 0.2}
    async with replica(twin.url, **settings) as served:
        async with served.client() as http:
            query = {"query": '{ processingJob(name: "hangs") { processingJobName } }'}
            asked = asyncio.create_task(http.post("/graphql", json=query))
            await eventually(lambda: twin.calls().get(PROCESSING), served)
            served.signal(signal.SIGTERM)

            assert (await asked).status_code == 503
        assert await served.end() == 1


@pytest.mark.parametrize("workers", [1, 2])
async def test_hangup_reloads_the_access_file(twin: "Twin", tmp_path: Path, workers: int) -> None:
    """SIGHUP has every process read the access file again; nothing ends."""
    path = tmp_path / "access.toml"
    key = create_key()
    path.write_text(f'[[api_keys]]\nname = "a"\nhash = "{hash_key(key.encode())}"\n')
    async with replica(twin.url, workers=workers, access_file=path, shutdown_delay=0) as served:
        await eventually(lambda: len(served.pids) == workers, served)
        served.signal(signal.SIGHUP)
        await eventually(lambda: served.log.count("gateway.access_file_read") == workers, served)
        async with served.client() as http:
            headers = {"x-api-key": key}
            answer = await http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
            assert answer.status_code == 200
        served.signal(signal.SIGTERM)

        assert await served.end() == 0


async def test_hangup_reloads_the_manifest(twin: "Twin", tmp_path: Path) -> None:
    """SIGHUP has every process read the manifest of trusted documents again."""
    path = tmp_path / "manifest.json"
    path.write_text('{"which": "{ __typename }"}')
    async with replica(twin.url, workers=2, trusted_documents=path, shutdown_delay=0) as served:
        await eventually(lambda: len(served.pids) == 2, served)
        served.signal(signal.SIGHUP)

        await eventually(lambda: served.log.count("gateway.manifest_read") == 2, served)


@pytest.mark.parametrize("workers", [1, 2])
async def test_hangup_ends_what_reads_no_file(twin: "Twin", workers: int) -> None:
    """A gateway without an access file ends when its terminal is closed."""
    async with replica(twin.url, workers=workers) as served:
        await eventually(lambda: len(served.pids) == workers, served)
        served.signal(signal.SIGHUP)

        assert await served.end() == -signal.SIGHUP
        await eventually(lambda: not any(map(is_running, served.pids)), served)


def is_running(pid: int) -> bool:
    """Tell whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def refusal(*options: str, **environment: str) -> str:
    """Return the one line that `serve` with two workers ends with."""
    done = subprocess.run(
        [COMMAND, "serve", "--workers=2", "--region=eu-west-1", *options],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_port_in_use() -> None:
    """A port in use is refused by name, although workers share theirs."""
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]

        assert f"Port {port} on 127.0.0.1 is in use" in refusal(f"--port={port}")


def test_missing_credentials() -> None:
    """Missing credentials are reported once, and not by each worker."""
    line = refusal("--port=0", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")

    assert "No AWS credentials" in line


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_sockets_share_one_address(host: str, count: int) -> None:
    """Each worker gets a socket, all of them bound to the port that the first one found."""
    listeners = listen(host, 0, count)
    ports = {listener.getsockname()[1] for listener in listeners}

    assert len(listeners) == count
    assert len(ports) == 1
    with pytest.raises(OSError, match=os.strerror(errno.EADDRINUSE)):
        listen(host, ports.pop(), count)
    for listener in listeners:
        listener.close()


def test_connections_are_spread() -> None:
    """No worker gets nearly all connections, even when they come all at once."""
    listeners = listen("127.0.0.1", 0, 2)
    address = listeners[0].getsockname()
    clients = [socket.create_connection(address) for _ in range(200)]
    shares = [accepted(listener) for listener in listeners]
    for each in (*clients, *listeners):
        each.close()

    assert sum(shares) == 200
    # Other systems have one queue, from which one process may take all.
    assert min(shares) > 50 or sys.platform != "linux"


def accepted(listener: socket.socket) -> int:
    """Accept the connections that wait, and return how many they were."""
    listener.settimeout(0)
    count = 0
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            count += 1
    return count
