"""Presets: values for many settings at once. A setting that somebody gives wins over them."""

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from pydantic import Field

from gateway.settings.group import Group

PRESETS: Final[Mapping[str, Mapping[str, Any]]] = {
    "production": {
        "graphiql": False,
        "introspection": False,
        "suggestions": False,
        "query_by_get": False,
        "upstream": False,
        "expose_upstream": False,
        "metrics": False,
        "calls_per_minute": 3_000,
        "requests_per_minute": 6_000,
        "csrf_prevention": True,
        "max_body_bytes": 50_000,
        "max_batch": 1,
        "max_tokens": 2_000,
        "max_depth": 12,
        "max_aliases": 30,
        "max_root_fields": 10,
        "max_directives": 20,
        "max_selections": 3_000,
        "max_list_items": 100,
        "max_calls": 1_000,
        "max_page_size": 50,
        "max_response_bytes": 2_000_000,
        "max_errors": 50,
        "max_socket_operations": 20,
    }
}


class PresetSettings(Group):
    """Which preset gives the other settings their values."""

    title = "Preset"

    preset: Literal["production"] | None = Field(
        None,
        description="Settings that are not given have the values of this preset; there is one, "
        "`production`, which is for a gateway that strangers can reach.",
    )


class PresetReport(NamedTuple):
    """What a preset has set, and which of its settings have other values, by their names."""

    set_by_it: Mapping[str, Any]
    set_otherwise: Mapping[str, Any]


def report_preset(settings: PresetSettings) -> PresetReport:
    """Return what the preset of the settings has set; nothing where there is none."""
    preset = PRESETS.get(settings.preset or "", {})
    values = {name: getattr(settings, name) for name in preset}
    return PresetReport(
        {name: value for name, value in values.items() if value == preset[name]},
        {name: value for name, value in values.items() if value != preset[name]},
    )
