"""What the twin does not answer itself is moto's: other resources, other services."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.twin import Twin
from gateway.twin.moto_bridge import MotoBridge
from tests.twin.conftest import REGION, START, MovableClock, connect, error_of

ROLE = "arn:aws:iam::210987654321:role/made-here"


@pytest.fixture(scope="module")
def other() -> Iterator[Twin]:
    """Yield a twin of another account, with real time, since moto knows no other."""
    with Twin(jobs=1, account="210987654321") as twin:
        yield twin


@pytest.fixture(scope="module")
def maker(other: Twin) -> Iterator[Any]:
    """Yield a client of that twin."""
    client = connect(other)
    yield client
    client.close()


def test_other_services_are_motos(other: Twin) -> None:
    """STS says which account this is, and the call is counted."""
    sts = connect(other, service="sts")
    account = sts.get_caller_identity()["Account"]
    sts.close()

    assert account == "210987654321"
    assert other.calls()["GetCallerIdentity"] == 1


def test_other_sagemaker_resources_are_motos(maker: Any) -> None:
    """Operations that are not seeded, and searches and tags of other resources, go to moto."""
    model = maker.create_model(ModelName="m", ExecutionRoleArn=ROLE)["ModelArn"]

    assert maker.describe_model(ModelName="m")["ModelArn"] == model
    assert maker.list_tags(ResourceArn=model)["Tags"] == []
    assert maker.search(Resource="Pipeline")["Results"] == []


def test_what_moto_cannot_do_is_said(maker: Any) -> None:
    """An operation that nobody implements is an error, not a broken connection."""
    code, message, status = error_of(maker.list_spaces)

    assert (code, status) == ("NotImplemented", 501)
    assert "list_spaces" in message


def test_motos_mistakes_are_said_to_be_motos(
    maker: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When moto trips over a request, the error says that it was moto, the log says how."""

    def trip(*_: Any) -> Any:
        raise KeyError("optional")

    monkeypatch.setattr(MotoBridge, "_load", lambda _: trip)
    code, message, status = error_of(maker.describe_model, ModelName="m")

    assert (code, status) == ("InternalFailure", 500)
    assert "moto failed: KeyError('optional')" in message
    assert "twin.moto_failed" in caplog.text


def test_stopping_empties_moto() -> None:
    """What one twin created, the next twin of the process does not know."""
    clock = MovableClock()
    for _ in range(2):
        with Twin(jobs=1, clock=clock, started=START) as twin:
            client = connect(twin, REGION)
            created = client.create_model(ModelName="again", ExecutionRoleArn=ROLE)
            client.close()

            assert created["ModelArn"]
