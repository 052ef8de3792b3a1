"""The rows of the settings: described, with good defaults, in combinations that make sense."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings import (
    GROUPS,
    AccessSettings,
    AwsSettings,
    CacheSettings,
    DocumentSettings,
    ListSettings,
    Settings,
    explain,
)

NAMES = list(Settings.model_fields)


def refusal(group: type[Any], **given: Any) -> str:
    """Return the messages about settings that are refused."""
    with pytest.raises(ValidationError) as caught:
        group(**given)
    return " ".join(explain(caught.value))


@pytest.mark.parametrize("name", NAMES)
def test_setting_is_described(name: str) -> None:
    """A setting says what it does in one whole sentence, which is its help."""
    description = Settings.model_fields[name].description or ""

    assert re.fullmatch(r"[A-Z][^\n]*\.", description)
    assert not re.search(r"\. [A-Z]", description)
    assert len(description.split()) > 5, "not a sentence"


@pytest.mark.parametrize("name", NAMES)
def test_setting_has_a_default(name: str) -> None:
    """The gateway starts without any setting, and every default passes its own check."""
    field = Settings.model_fields[name]

    assert not field.is_required()
    if field.default not in {None, frozenset()}:
        assert getattr(Settings.model_validate({name: field.default}), name) == field.default


def test_each_setting_is_of_one_group() -> None:
    """The groups hold every setting once, so the help and the documentation do too."""
    names = [name for group in GROUPS for name in group.own_fields()]

    assert sorted(names) == sorted(NAMES)
    assert len({group.title for group in GROUPS}) == len(GROUPS)


def test_settings_are_each_group() -> None:
    """What reads a group can be given all settings."""
    assert all(isinstance(Settings(), group) for group in GROUPS)


def test_settings_do_not_change() -> None:
    """Settings are read once; nobody changes them on the way."""
    settings = Settings()

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]  # that is the point


def test_misspelt_name_in_code_is_refused() -> None:
    """A group takes no setting that it does not have."""
    assert "GATEWAY_FRESH_RUNING: There is no such setting." in refusal(
        CacheSettings, fresh_runing=1
    )


@pytest.mark.parametrize("name", ["aws_read_timeout", "aws_connect_timeout"])
def test_timeout_over_the_deadline(name: str) -> None:
    """A timeout that the deadline always forestalls is refused, unless nobody set it."""
    message = refusal(AwsSettings, **{name: 20})

    assert f"GATEWAY_{name.upper()} (20) has no effect" in message
    assert "GATEWAY_AWS_DEADLINE (15)" in message
    assert AwsSettings(aws_deadline=1).aws_read_timeout == 8
    assert getattr(AwsSettings(aws_deadline=20, **{name: 20}), name) == 20


def test_default_page_over_the_greatest() -> None:
    """A page that no query may ask for is no default, unless nobody set it."""
    message = refusal(ListSettings, default_page_size=50, max_page_size=20)

    assert "GATEWAY_DEFAULT_PAGE_SIZE (50) has no effect" in message
    assert ListSettings(max_page_size=10).max_page_size == 10
    assert ListSettings(default_page_size=10, max_page_size=10).default_page_size == 10


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"metrics_host": "0.0.0.0"}, "METRICS_HOST has no effect without GATEWAY_METRICS_PORT"),
        ({"metrics_port": 9090, "metrics": True}, "GATEWAY_METRICS=true has no effect"),
        ({"metrics_port": 65_535, "workers": 2}, "no port for each of 2 workers"),
    ],
)
def test_metrics_port(given: Any, message: str) -> None:
    """What leaves a port for metrics without effect, or without a port, is refused."""
    assert message in refusal(Settings, **given)
    assert Settings(metrics_port=65_534, metrics_host="0.0.0.0", workers=2, metrics=False)


def test_only_trusted_documents_without_any() -> None:
    """A gateway that would refuse every document does not start."""
    for allowed in ("trusted", "trusted-ids"):
        message = refusal(DocumentSettings, allowed_documents=allowed)
        assert "GATEWAY_TRUSTED_DOCUMENTS names no manifest" in message


def test_memory_for_documents_that_nobody_can_register(tmp_path: Path) -> None:
    """Where documents cannot be registered, memory for them is refused; Redis has other uses."""
    manifest = tmp_path / "manifest.json"
    manifest.write_text("{}")
    only: Any = {"trusted_documents": manifest, "allowed_documents": "trusted"}

    message = refusal(DocumentSettings, **only, persisted_megabytes=1)

    assert "has no effect" in message
    assert DocumentSettings(**only, redis_url="redis://host").redis_url is not None
    assert DocumentSettings(**only).allowed_documents == "trusted"


@pytest.mark.parametrize("name", ["calls", "requests"])
def test_burst_without_a_rate(name: str) -> None:
    """How much a caller may take at once has no effect where it may take what it likes."""
    given: Any = {f"{name}_per_minute": "unlimited", f"{name}_burst": 5}

    message = refusal(AccessSettings, **given)

    assert f"GATEWAY_{name.upper()}_BURST has no effect" in message
    assert getattr(AccessSettings(**given | {f"{name}_per_minute": 5}), f"{name}_burst") == 5
