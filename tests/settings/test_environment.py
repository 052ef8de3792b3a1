"""Settings as the environment has them, and variables that are none."""

import pytest
from pydantic import ValidationError

from gateway.settings import Settings, explain


def refusal() -> list[str]:
    """Return the messages about the environment as it is."""
    with pytest.raises(ValidationError) as caught:
        Settings()
    return explain(caught.value)


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable of a setting is `GATEWAY_` and its name in capitals."""
    monkeypatch.setenv("GATEWAY_PORT", "9000")
    monkeypatch.setenv("GATEWAY_FRESH_RUNNING", "2.5")
    monkeypatch.setenv("GATEWAY_GRAPHIQL", "false")
    monkeypatch.setenv("GATEWAY_REGIONS", "eu-west-1, us-east-1,")

    settings = Settings()

    assert (settings.port, settings.fresh_running, settings.graphiql) == (9000, 2.5, False)
    assert settings.regions == {"eu-west-1", "us-east-1"}


def test_given_value_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument wins over the environment."""
    monkeypatch.setenv("GATEWAY_PORT", "9000")

    assert Settings(port=9001).port == 9001


def test_environment_without_the_prefix_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable named HOST or PORT is somebody else's, and so is one with a prefix like ours."""
    for name in ("PORT", "HOST", "GATEWAY", "GATEWAYS_PORT", "MY_GATEWAY_PORT"):
        monkeypatch.setenv(name, "9000")

    assert (Settings().port, Settings().host) == (8000, "127.0.0.1")


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("GATEWAY_WOKERS", "GATEWAY_WORKERS"),
        ("GATEWAY_REGOINS", "GATEWAY_REGIONS"),
        ("GATEWAY_CORS_ORIGIN", "GATEWAY_CORS_ORIGINS"),
        ("gateway_log_levle", "GATEWAY_LOG_LEVEL"),
        ("GATEWAY_REDIS_ULR", "GATEWAY_REDIS_URL"),
    ],
)
def test_misspelt_variable(monkeypatch: pytest.MonkeyPatch, variable: str, meant: str) -> None:
    """A variable that is no setting is refused with the nearest one, and without its value."""
    monkeypatch.setenv(variable, "hunter2")

    assert refusal() == [f"{variable.upper()}: There is no such setting. Did you mean {meant}?"]


def test_variable_like_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is near, nothing is suggested."""
    monkeypatch.setenv("GATEWAY_XYZZY", "1")

    assert refusal() == ["GATEWAY_XYZZY: There is no such setting."]


def test_all_faults_are_said_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has several settings wrong learns of them all at once."""
    monkeypatch.setenv("GATEWAY_WOKERS", "4")
    monkeypatch.setenv("GATEWAY_PORT", "x")
    monkeypatch.setenv("GATEWAY_REGIONS", "")

    assert {message.partition(":")[0] for message in refusal()} == {
        "GATEWAY_WOKERS",
        "GATEWAY_PORT",
        "GATEWAY_REGIONS",
    }


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GATEWAY_SERVICE_HOST", "10.0.0.1"),
        ("GATEWAY_SERVICE_PORT", "80"),
        ("GATEWAY_SERVICE_PORT_HTTP", "80"),
        ("GATEWAY_PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("GATEWAY_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("GATEWAY_REDIS_SERVICE_HOST", "10.0.0.1"),
        ("GATEWAY_REDIS_PORT", "tcp://10.0.0.1:80"),
        ("GATEWAY_REDIS_PORT_6379_TCP_PROTO", "tcp"),
    ],
)
def test_variables_of_kubernetes(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Variables that Kubernetes sets for a Service named `gateway...` are ignored."""
    monkeypatch.setenv(variable, value)

    assert Settings().port == 8000


def test_port_that_kubernetes_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """When Kubernetes sets `GATEWAY_PORT`, the message names the cause and the remedy."""
    monkeypatch.setenv("GATEWAY_PORT", "tcp://10.0.0.1:80")

    (message,) = refusal()

    assert "enableServiceLinks: false" in message


def test_variable_like_those_of_kubernetes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that ends as theirs is refused where the value is none of theirs."""
    monkeypatch.setenv("GATEWAY_HTTP_PORT", "8000")

    (message,) = refusal()

    assert message.startswith("GATEWAY_HTTP_PORT: There is no such setting.")


def test_option_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault is named as it was made: by the option or by the variable."""
    monkeypatch.setenv("GATEWAY_MAX_DEPTH", "0")
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"port": "x"})

    by_option, by_variable = sorted(explain(caught.value, ["port"]))

    assert by_option.startswith("--port (GATEWAY_PORT): ")
    assert by_variable.startswith("GATEWAY_MAX_DEPTH: ")
