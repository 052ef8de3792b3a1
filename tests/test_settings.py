"""Every setting: one row with a description, read from a documented variable, checked."""

import re

import pytest
from pydantic import ValidationError

from gateway.settings import Settings

NAMES = list(Settings.model_fields)


@pytest.mark.parametrize("name", NAMES)
def test_setting_is_described(name: str) -> None:
    """A setting says what it does in one sentence, which is its help."""
    description = Settings.model_fields[name].description or ""

    assert re.fullmatch(r"[A-Z][^\n]*\.", description)
    assert not re.search(r"\. [A-Z]", description)


@pytest.mark.parametrize("name", NAMES)
def test_setting_has_a_default(name: str) -> None:
    """The gateway starts without any setting, and every default passes its own check."""
    field = Settings.model_fields[name]

    assert not field.is_required()
    if field.default is not None:
        given = ",".join(field.default) if isinstance(field.default, frozenset) else field.default
        assert getattr(Settings.model_validate({name: given}), name) == field.default


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
    """What the command line says is stronger than the environment."""
    monkeypatch.setenv("GATEWAY_PORT", "9000")

    assert Settings(port=9001).port == 9001


def test_environment_without_the_prefix_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable named HOST or PORT is somebody else's."""
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("HOST", "0.0.0.0")

    assert (Settings().port, Settings().host) == (8000, "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "x"),
        ("port", "70000"),
        ("port", "-1"),
        ("graphiql", "perhaps"),
        ("log_level", "loud"),
        ("endpoint_url", "sagemaker.local"),
        ("aws_concurrency", "0"),
        ("aws_attempts", "0"),
        ("aws_read_timeout", "0"),
        ("aws_deadline", "soon"),
        ("cache_megabytes", "0"),
        ("fresh_finished", "-1"),
        ("fresh_missing", "nan"),
        ("stale_if_error", "-0.1"),
        ("max_depth", "0"),
        ("max_body_bytes", "1.5"),
    ],
)
def test_bad_value_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A value that makes no sense is refused, by the setting's name and without the value."""
    monkeypatch.setenv(f"GATEWAY_{name.upper()}", value)

    with pytest.raises(ValidationError) as caught:
        Settings()

    (error,) = caught.value.errors()
    assert error["loc"] == (name,)
    assert f"input_value='{value}'" not in str(caught.value)


def test_settings_do_not_change() -> None:
    """Settings are read once; nobody changes them on the way."""
    settings = Settings()

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]  # that is the point
