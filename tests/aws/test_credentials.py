"""Credentials that AWS refuses are read again where they came from, without a restart."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from botocore.credentials import Credentials, DeferredRefreshableCredentials

from gateway.aws.client import SageMaker
from gateway.aws.credentials import LONG_PAUSE, PAUSE, RenewableCredentials
from gateway.aws.errors import InvalidCredentials, TimedOut
from gateway.errors import ConfigurationError
from gateway.schema.registry import REGION_LISTS
from gateway.settings import AwsSettings
from tests.aws.stub import Request, Response, Stub, refusal, stub
from tests.clocks import PATIENCE, Clock
from tests.conftest import StartGateway

pytestmark = pytest.mark.anyio

GOOD: Final = Response(200, b'{"TrainingJobName": "job"}')
EXPIRED: Final = refusal("ExpiredTokenException", "The security token is expired")


def only_new_keys(request: Request) -> Response:
    """Answer whoever signs with the new key."""
    return GOOD if "NEWKEY" in request.headers["Authorization"] else EXPIRED


@pytest.fixture
def aws() -> Iterator[Stub]:
    """Yield a stub that knows the new key only."""
    with stub(only_new_keys) as served:
        yield served


class File:
    """`~/.aws/credentials` and `~/.aws/config`, written as login tools do."""

    def __init__(self, folder: Path) -> None:
        self.credentials = folder / "credentials"
        self.config = folder / "config"
        self.write("OLDKEY")

    def write(self, key: str, profile: str = "default") -> None:
        """Write a key."""
        self.credentials.write_text(
            f"[{profile}]\naws_access_key_id={key}\naws_secret_access_key=b\naws_session_token=t\n"
        )


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> File:
    """Return the file where boto3 looks for credentials, and nothing else has some."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    file = File(tmp_path)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file.credentials))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file.config))
    return file


@pytest.fixture
def client(aws: Stub) -> Iterator[Callable[..., tuple[SageMaker, Clock]]]:
    """Yield a function that makes a client of the stub's, and the clock that it looks at."""
    made: list[SageMaker] = []

    def make(profile: str | None = None) -> tuple[SageMaker, Clock]:
        clock = Clock()
        settings = AwsSettings(region="eu-west-1", endpoint_url=aws.url, profile=profile)
        made.append(SageMaker(settings, clock, REGION_LISTS))
        made[-1].check()
        return made[-1], clock

    yield make
    for each in made:
        each.close()


async def describe(sagemaker: SageMaker) -> None:
    """Make a call."""
    await sagemaker.call("eu-west-1", "DescribeTrainingJob", TrainingJobName="job")


async def test_file_written_anew_serves_at_once(
    client: Callable[..., tuple[SageMaker, Clock]], file: File, aws: Stub
) -> None:
    """Keys that a login tool writes are read when the old ones are refused."""
    sagemaker, clock = client()
    with pytest.raises(InvalidCredentials):
        await describe(sagemaker)

    file.write("NEWKEY")
    clock.advance(PAUSE)
    await describe(sagemaker)
    await describe(sagemaker)

    keys = [request.headers["Authorization"].split("=")[1][:6] for request in aws.requests]
    assert keys == ["OLDKEY", "OLDKEY", "NEWKEY", "NEWKEY"]


async def test_unchanged_keys_are_not_tried_twice(
    client: Callable[..., tuple[SageMaker, Clock]], file: File, aws: Stub
) -> None:
    """A call that is refused is repeated only with other credentials."""
    sagemaker, clock = client()
    for _ in range(3):
        clock.advance(PAUSE)
        with pytest.raises(InvalidCredentials):
            await describe(sagemaker)

    assert len(aws.requests) == 3


async def test_half_written_file_is_a_refusal(
    client: Callable[..., tuple[SageMaker, Clock]], file: File, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that makes no sense at the moment leaves AWS's refusal what it is."""
    sagemaker, clock = client()
    file.credentials.write_text("[default]\naws_access_key_id=NEWKEY\n")
    clock.advance(PAUSE)

    with pytest.raises(InvalidCredentials):
        await describe(sagemaker)
    assert "gateway.credentials_unreadable" in [record.message for record in caplog.records]


def test_profile_is_read_again(file: File) -> None:
    """The keys are those of the profile that the gateway runs with."""
    settings = AwsSettings(region="eu-west-1", profile="dev")
    file.write("OLDKEY", "dev")
    sagemaker = SageMaker(settings, clock := Clock())
    sagemaker.check()

    file.write("NEWKEY", "dev")
    clock.advance(PAUSE)

    assert sagemaker._renew_credentials(0)
    assert sagemaker._credentials.access_key == "NEWKEY"
    sagemaker.close()


@pytest.mark.parametrize(
    "command", ["import sys; sys.exit('hunter2')", "print('hunter2')", "print('{}')"]
)
def test_output_of_a_command_stays_out_of_the_message(file: File, command: str) -> None:
    """A `credential_process` that fails, or prints nonsense, is refused by name at the start."""
    file.credentials.unlink()
    file.config.write_text(f'[default]\ncredential_process = {sys.executable} -c "{command}"\n')

    with pytest.raises(ConfigurationError) as caught:
        SageMaker(AwsSettings(region="eu-west-1")).check()

    assert "hunter2" not in str(caught.value)


@pytest.fixture
def role(file: File, aws: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stub:
    """Return the stub, which is STS too, for a gateway that gets its role as a pod does."""
    token = tmp_path / "token"
    token.write_text("token")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/gateway")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", aws.url)
    file.credentials.unlink()
    return aws


@pytest.mark.parametrize(
    ("code", "message", "status", "wanted"),
    [
        ("AccessDenied", "Not authorized to perform", 403, "UPSTREAM_ACCESS_DENIED"),
        ("NoSuchEntity", "The role cannot be found", 404, "UPSTREAM_ACCESS_DENIED"),
        ("ValidationError", "Request ARN does not exist", 400, "UPSTREAM_ACCESS_DENIED"),
        ("RegionDisabledException", "STS is not activated", 403, "UPSTREAM_ACCESS_DENIED"),
        ("IDPCommunicationError", "Couldn't retrieve a key", 400, "UPSTREAM_UNAVAILABLE"),
        ("Throttling", "Rate exceeded", 400, "UPSTREAM_THROTTLED"),
    ],
)
async def test_role_that_is_not_given_is_no_missing_job(
    start_gateway: StartGateway,
    role: Stub,
    caplog: pytest.LogCaptureFixture,
    code: str,
    message: str,
    status: int,
    wanted: str,
) -> None:
    """What STS says is of credentials: never null without an error, never the caller's fault."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    answer = Response(status, f"{body}</ErrorResponse>".encode(), {"Content-Type": "text/xml"})
    role.answer = lambda _: answer
    gateway = await start_gateway(endpoint_url=role.url, aws_attempts=1)

    answered = await gateway.query('{ trainingJob(name: "job") { roleArn } }')

    assert answered.codes == [wanted]
    assert answered.data == {"trainingJob": None}
    (facts,) = [each.__dict__ for each in caplog.records if each.name == "gateway.aws.call_log"]
    assert (facts["operation"], facts["called"]) == (
        "AssumeRoleWithWebIdentity",
        "DescribeTrainingJob",
    )
    assert (facts["aws_code"], facts["reason"]) == (code, message)


async def test_token_file_that_is_missing_is_no_bad_answer(
    start_gateway: StartGateway, role: Stub, tmp_path: Path
) -> None:
    """A pod without its token has no credentials."""
    (tmp_path / "token").unlink()
    gateway = await start_gateway(endpoint_url=role.url)

    answered = await gateway.query('{ trainingJob(name: "job") { roleArn } }')

    assert answered.codes == ["UPSTREAM_ACCESS_DENIED"]
    assert role.requests == []


async def test_sts_that_never_answers_is_given_up(role: Stub) -> None:
    """STS has the gateway's timeouts too: a thread is not lost to it for minutes."""
    over = threading.Event()

    def answer(_: Request) -> Response:
        over.wait(PATIENCE)
        return EXPIRED

    role.answer = answer
    settings = AwsSettings(
        region="eu-west-1", endpoint_url=role.url, aws_attempts=1, aws_read_timeout=0.1
    )
    sagemaker = SageMaker(settings)
    with pytest.raises(TimedOut):
        await describe(sagemaker)
    await asyncio.to_thread(sagemaker._threads.shutdown)

    assert [request.operation for request in role.requests] == [""]
    over.set()


def keys(name: str) -> Credentials:
    """Return credentials that do not renew themselves."""
    return Credentials(name, "secret", "token")


def test_reading_is_bounded() -> None:
    """However many calls are refused, the files are read once a second at most."""
    found: list[str] = []

    def load() -> Credentials:
        found.append("")
        return keys(f"key-{len(found)}")

    clock = Clock()
    credentials = RenewableCredentials(load, clock)

    assert not credentials.renew(0)
    clock.advance(PAUSE)
    assert credentials.renew(0)
    assert credentials.renew(0), "those of this generation have been replaced already"
    assert not credentials.renew(1)
    assert len(found) == 2
    assert credentials.get_frozen_credentials().access_key == "key-2"
    assert (credentials.secret_key, credentials.token) == ("secret", "token")


def test_command_that_never_ends_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one thread waits for a command's output, others go on with what they have."""
    monkeypatch.setattr("gateway.aws.credentials.LONGEST_WAIT", 0.01)
    reading, over = threading.Event(), threading.Event()
    first = [keys("key")]

    def load() -> Credentials:
        if first:
            return first.pop()
        reading.set()
        over.wait(PATIENCE)
        return keys("new")

    clock = Clock()
    credentials = RenewableCredentials(load, clock)
    clock.advance(PAUSE)
    with ThreadPoolExecutor(1) as thread:
        renewed = thread.submit(credentials.renew, 0)
        assert reading.wait(PATIENCE)

        assert not credentials.renew(0)
        assert credentials.access_key == "key"

        over.set()
        assert renewed.result(PATIENCE)
    assert credentials.access_key == "new"


def test_what_renews_itself_is_replaced_more_rarely() -> None:
    """A role whose source keys were written anew is assumed again, at the cost of a call."""
    clock = Clock()
    credentials = RenewableCredentials(
        lambda: DeferredRefreshableCredentials(refresh_using=dict, method="assume-role"), clock
    )

    clock.advance(PAUSE)
    assert credentials.renew(0)
    clock.advance(PAUSE)
    assert not credentials.renew(1)
    clock.advance(LONG_PAUSE)
    assert credentials.renew(1)
    assert credentials.method == "assume-role"


def test_credentials_that_are_gone_do_not_replace_any() -> None:
    """A file that was deleted leaves the last credentials in place."""
    found: list[Credentials | None] = [None, keys("key")]
    clock = Clock()
    credentials = RenewableCredentials(found.pop, clock)

    clock.advance(PAUSE)

    assert not credentials.renew(0)
    assert credentials.access_key == "key"


def test_no_credentials_are_none() -> None:
    """Without any, nothing signs; they may come later."""
    found: list[Credentials | None] = [keys("key"), None]
    clock = Clock()
    credentials = RenewableCredentials(found.pop, clock)

    assert credentials.is_empty
    assert credentials.get_frozen_credentials() is None
    clock.advance(PAUSE)
    assert credentials.renew(0)
    assert not credentials.is_empty
    assert credentials.account_id is None
