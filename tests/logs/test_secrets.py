"""No secret reaches any output, whatever the command, the failure and the level."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from gateway.schema.registry import RESOURCES
from tests.aws.stub import Request, Response, Stub, refusal, stub
from tests.cli.commands import COMMAND, run
from tests.replicas import PATIENCE, Replica, eventually, replica

pytestmark = pytest.mark.anyio

ACCESS_KEY: Final = "AKIAPLANTEDACCESSKEY"
SECRET_KEY: Final = "planted/secret+access=key"
SESSION_TOKEN: Final = "planted-session-token=="
PASSWORD: Final = "planted-password"
URL_TOKEN: Final = "planted-url-token"
PRINTED: Final = "planted-output-of-the-command"
PLANTED: Final = (ACCESS_KEY, SECRET_KEY, SESSION_TOKEN, PASSWORD, URL_TOKEN, PRINTED)
SIGNATURE: Final = re.compile(r"Signature=[0-9a-f]{16}")
EMPTY_LISTS: Final = json.dumps({each.listing.rows: [] for each in RESOURCES}).encode()


def leaks(text: str) -> list[str]:
    """Return what of the planted secrets a text holds."""
    return [secret for secret in PLANTED if secret in text] + SIGNATURE.findall(text)


def headers_of(request: Request) -> str:
    """Return the request's headers as a careless proxy quotes them."""
    return "\n".join(f"{name}: {value}" for name, value in request.headers.items())


def canonical(request: Request) -> str:
    """Return AWS's message about a signature that it does not accept."""
    token = request.headers.get("X-Amz-Security-Token", "")
    return (
        "The request signature we calculated does not match the signature you provided.\n\n"
        f"The Canonical String for this request should have been\n'POST\n/\n\nhost:x\n"
        f"x-amz-security-token:{token}\n\nhost;x-amz-date\nabc'\n\n"
        f"The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20261125T000000Z\n{token}'"
    )


FAILURES: Final[dict[str, Callable[[Request], Response]]] = {
    "signature": lambda r: refusal("InvalidSignatureException", canonical(r), 403),
    "expired": lambda r: refusal("ExpiredTokenException", "The security token is expired", 403),
    "denied": lambda r: refusal("AccessDeniedException", f"{ACCESS_KEY} is not authorized"),
    "invalid": lambda r: refusal("ValidationException", headers_of(r)),
    "throttled": lambda r: refusal("ThrottlingException", "Rate exceeded"),
    "proxy": lambda r: Response(502, f"<html><pre>{headers_of(r)}</pre></html>".encode()),
    "forbidden": lambda r: Response(403, f"<html><pre>{headers_of(r)}</pre></html>".encode()),
    "garbage": lambda r: Response(200, f"not json: {headers_of(r)}".encode()),
    "empty": lambda r: Response(200, b"{}"),
}


@pytest.fixture
def aws() -> Iterator[Stub]:
    """Yield where AWS is expected: its lists are empty until a test lets it fail."""
    with stub(lambda request: Response(200, EMPTY_LISTS)) as served:
        yield served


@pytest.fixture(autouse=True)
def noisy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Log as much as possible, and remove every credential."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("GATEWAY_LOG_LEVEL", "debug")
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "always")


def from_environment(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Give credentials in AWS's own variables."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)


def from_file(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Give credentials in AWS's file."""
    (folder / "credentials").write_text(
        f"[default]\naws_access_key_id={ACCESS_KEY}\naws_secret_access_key={SECRET_KEY}\n"
        f"aws_session_token={SESSION_TOKEN}\n"
    )


def from_command(monkeypatch: pytest.MonkeyPatch, folder: Path, *, works: int = 1) -> None:
    """Give credentials by a command, which prints more than it should and fails in the end."""
    given = {
        "Version": 1,
        "AccessKeyId": ACCESS_KEY,
        "SecretAccessKey": SECRET_KEY,
        "SessionToken": SESSION_TOKEN,
        "Expiration": "2000-01-01T00:00:00Z" if works > 1 else "2100-01-01T00:00:00Z",
    }
    script, count = folder / "command.py", folder / "count"
    script.write_text(
        "import pathlib, sys\n"
        f"count = pathlib.Path({str(count)!r})\n"
        "times = int(count.read_text()) if count.exists() else 0\n"
        "count.write_text(str(times + 1))\n"
        f"print({json.dumps(given)!r})\n"
        f"print({PRINTED!r}, {SECRET_KEY!r}, file=sys.stderr)\n"
        f"sys.exit(0 if times < {works} else 1)\n"
    )
    (folder / "config").write_text(f"[default]\ncredential_process = {sys.executable} {script}\n")


async def ask(served: Replica, name: str) -> None:
    """Ask for a job in each way that a client has, with a token in each place that it may stand."""
    query = f'{{ trainingJob(name: "{name}") {{ trainingJobStatus }} }}'
    address = f"/graphql?token={URL_TOKEN}"
    headers = {"authorization": f"Bearer {URL_TOKEN}", "cookie": f"session={URL_TOKEN}"}
    async with served.client() as http:
        await http.post(address, json={"query": query}, headers=headers)
        await http.get(f"{address}&query={{nothing}}", headers=headers)
        await http.post(address, content=b"\xff{", headers=headers)
        await http.get(f"/nowhere?token={URL_TOKEN}")
        await http.post(address, json={"documentId": "sha256:" + "0" * 64})
        await http.post(
            address, json={"query": query}, headers={**headers, "accept": "text/event-stream"}
        )


async def ask_by_socket(served: Replica) -> None:
    """Open a WebSocket whose address has a token, and break the protocol."""
    address = f"ws://127.0.0.1:{served.port}/graphql?token={URL_TOKEN}"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"t": URL_TOKEN}}))
        await socket.recv()
        await socket.send(f"{{{URL_TOKEN}")
        await socket.wait_closed()


@pytest.mark.parametrize("give", [from_environment, from_file, from_command])
async def test_serve_and_every_failure_of_aws(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    aws: Stub,
    give: Callable[[pytest.MonkeyPatch, Path], None],
) -> None:
    """A gateway at debug level that meets each failure writes no secret, and each failure."""
    give(monkeypatch, tmp_path)
    monkeypatch.setenv("GATEWAY_REDIS_URL", f"redis://:{PASSWORD}@127.0.0.1:9")
    async with replica(aws.url, aws_attempts=1, log_level="debug") as served:
        await ask_by_socket(served)
        for name, answer in FAILURES.items():
            aws.answer = answer
            await ask(served, name)
        served.signal(signal.SIGTERM)
        await served.end()

    assert leaks(served.log) == []
    assert served.log.count("gateway.aws_call_failed") >= len(FAILURES)
    assert "gateway.redis_failed" in served.log
    assert "/graphql?..." in served.log, "uvicorn logs the path of each WebSocket"
    assert any(SESSION_TOKEN in headers_of(request) for request in aws.requests)


async def test_command_that_fails_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, aws: Stub
) -> None:
    """Credentials that cannot be renewed are logged without the output of the command."""
    from_command(monkeypatch, tmp_path, works=3)
    async with replica(aws.url, aws_attempts=1, log_level="debug") as served:
        aws.answer = FAILURES["expired"]
        for name in ("a", "b", "c"):
            await ask(served, name)
        served.signal(signal.SIGTERM)
        await served.end()

    assert int((tmp_path / "count").read_text()) > 3
    assert leaks(served.log) == []
    assert "gateway.aws_call_failed" in served.log


def test_command_that_never_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, aws: Stub
) -> None:
    """A gateway that cannot start for want of credentials does not quote the command."""
    from_command(monkeypatch, tmp_path, works=0)

    done = run("serve", "--region=eu-west-1", f"--endpoint-url={aws.url}", "--port=0")

    assert done.returncode == 2
    assert done.stderr.startswith("sagemaker-gateway: ")
    assert leaks(done.stdout + done.stderr) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GATEWAY_REDIS_URL", f"http://:{PASSWORD}@host"),
        ("GATEWAY_REDIS_URL", f"redis://:{PASSWORD}@host:port"),
        ("GATEWAY_REDIS_URL", f"redis://host?socket_timeout={PASSWORD}"),
        ("GATEWAY_REDIS_PASSWORD", PASSWORD),
        ("GATEWAY_ENDPOINT_URL", f"http://user:{PASSWORD}@host"),
        ("GATEWAY_CORS_ORIGINS", f"https://user:{PASSWORD}@host"),
    ],
)
def test_wrong_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, value: str
) -> None:
    """The message about a wrong setting does not contain its password."""
    from_environment(monkeypatch, tmp_path)
    monkeypatch.setenv(variable, value)

    done = run("serve", "--region=eu-west-1", "--port=0")

    assert done.returncode == 2
    assert variable in done.stderr
    assert leaks(done.stdout + done.stderr) == []


@pytest.mark.parametrize("command", ["schema", "iam-policy"])
def test_commands_that_print(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str) -> None:
    """What is printed for others to read holds nothing of the environment."""
    from_environment(monkeypatch, tmp_path)
    monkeypatch.setenv("GATEWAY_REDIS_URL", f"redis://:{PASSWORD}@host")

    done = run(command)

    assert done.returncode == 0
    assert leaks(done.stdout + done.stderr) == []


@pytest.mark.parametrize("command", ["demo", "twin"])
async def test_commands_over_the_offline_sagemaker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    """The demo signs with the credentials that it finds, and neither it nor the twin shows them."""
    from_environment(monkeypatch, tmp_path)
    monkeypatch.setenv("GATEWAY_REDIS_URL", f"redis://:{PASSWORD}@127.0.0.1:9")
    ports = ["--port=0"] if command == "demo" else []
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        command,
        "--twin-port=0",
        "--jobs=5",
        *ports,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(2 * PATIENCE):
            text = ""
            while not (found := re.search(r"(?:API:|SageMaker:) +(http://[\w.:]+)", text)):
                text += (await process.stdout.readline()).decode()
            if command == "demo":
                while not (found := re.search(r"API: +(http://[\w.:]+)/graphql", text)):
                    text += (await process.stdout.readline()).decode()
            async with httpx.AsyncClient(base_url=found[1], verify=False) as http:
                query = {"query": '{ trainingJob(name: "nobody") { trainingJobStatus } }'}
                await http.post(f"/graphql?token={URL_TOKEN}", json=query)
                await http.post(f"/?token={URL_TOKEN}", content=b"\xff")
            process.send_signal(signal.SIGINT)
            text += (await process.stdout.read()).decode()
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert leaks(text) == []
    assert "Offline SageMaker" in text


async def test_password_of_redis_that_refuses_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, aws: Stub
) -> None:
    """Redis's message about a password is not logged."""
    from_environment(monkeypatch, tmp_path)

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(f"-WRONGPASS invalid {PASSWORD}\r\n".encode() * 3)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as redis:
        port = redis.sockets[0].getsockname()[1]
        monkeypatch.setenv("GATEWAY_REDIS_URL", f"redis://:{PASSWORD}@127.0.0.1:{port}")
        async with replica(aws.url, log_level="debug") as served, served.client() as http:
            extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
            await http.post("/graphql", json={"extensions": extensions})
            await eventually(lambda: "gateway.redis_failed" in served.log, served)

    assert leaks(served.log) == []
