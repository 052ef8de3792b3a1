"""A preset gives many settings their values, and whoever gives one of them wins."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings import PRESETS, Settings, explain, report_preset

PRODUCTION = PRESETS["production"]


def test_preset_sets_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings have the values of the preset, but for those in the environment or an option."""
    monkeypatch.setenv("GATEWAY_PRESET", "production")
    monkeypatch.setenv("GATEWAY_INTROSPECTION", "true")

    settings = Settings(max_depth=15, max_tokens=PRODUCTION["max_tokens"])

    found = {name: getattr(settings, name) for name in PRODUCTION}
    assert found == {**PRODUCTION, "introspection": True, "max_depth": 15}
    report = report_preset(settings)
    assert report.set_otherwise == {"introspection": True, "max_depth": 15}
    assert report.set_by_it.keys() == PRODUCTION.keys() - {"introspection", "max_depth"}


def test_no_preset() -> None:
    """Without the setting every default is as it is."""
    settings = Settings()

    assert all(
        getattr(settings, name) == Settings.model_fields[name].default for name in PRODUCTION
    )
    assert report_preset(settings) == ({}, {})


def test_preset_is_never_looser_than_the_defaults() -> None:
    """A preset is there to forbid: what it switches is off, and its limits are lower."""
    for name, value in PRODUCTION.items():
        default: Any = Settings.model_fields[name].default
        if name == "csrf_prevention":
            assert value is True
        elif isinstance(value, bool):
            assert value is False
        else:
            assert default == "unlimited" or value <= default, name


def test_unknown_preset() -> None:
    """A preset that there is not is refused with those that there are."""
    with pytest.raises(ValidationError) as caught:
        Settings(preset="prod")

    (message,) = explain(caught.value)
    assert message.startswith("GATEWAY_PRESET: ")
    assert "'production'" in message


def test_metrics_port_beside_the_preset() -> None:
    """The preset takes metrics from the public port, and leaves them a port of their own."""
    settings = Settings(preset="production", metrics_port=9090)

    assert (settings.metrics, settings.metrics_port) == (False, 9090)
