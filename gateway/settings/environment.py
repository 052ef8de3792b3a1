"""All settings at once, read from the environment, and the messages about wrong ones."""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any, Final, Self, get_args

from pydantic import SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from gateway.settings.access import AccessSettings
from gateway.settings.aws import AwsSettings, ReaderSettings
from gateway.settings.endpoint import EndpointSettings, StreamSettings
from gateway.settings.operations import DocumentSettings, EngineSettings
from gateway.settings.preset import PRESETS, PresetSettings
from gateway.settings.server import ServerSettings
from gateway.settings.values import REFUSED, refuse

_PREFIX: Final = "GATEWAY_"
# Kubernetes sets these in every pod of a namespace that has a Service whose name begins with
# `gateway`. Nobody chose them, and a new Service must not stop the gateway from starting.
_SERVICE_LINK: Final = re.compile(
    r"(\w+_)?(service_host|service_port(_\w+)?|port_\d+_(tcp|udp|sctp)(_(proto|port|addr))?)"
)
_SERVICE_LINK_PORT: Final = re.compile(r"(tcp|udp|sctp)://.*")


class _Environment(EnvSettingsSource):
    """The environment, unknown `GATEWAY_` variables included, which are then refused."""

    def __call__(self) -> dict[str, Any]:
        """Return the values by the names of the settings."""
        return dict(self._unknown()) | super().__call__()

    def _unknown(self) -> Iterator[tuple[str, str | None]]:
        for variable, value in self.env_vars.items():
            name = variable.lower().removeprefix(_PREFIX.lower())
            if name == variable.lower() or name in self.settings_cls.model_fields:
                continue
            is_port = name.endswith("_port") and _SERVICE_LINK_PORT.fullmatch(value or "")
            if not is_port and not _SERVICE_LINK.fullmatch(name):
                yield name, value


class _Preset(PydanticBaseSettingsSource):
    """The values of the preset that the stronger sources name."""

    def __call__(self) -> dict[str, Any]:
        """Return the values by the names of the settings."""
        return dict(PRESETS.get(str(self.current_state.get("preset")), {}))

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the value of one setting."""
        return self().get(field_name), field_name, False


class Settings(
    PresetSettings,
    ServerSettings,
    AccessSettings,
    AwsSettings,
    ReaderSettings,
    EndpointSettings,
    StreamSettings,
    DocumentSettings,
    EngineSettings,
    BaseSettings,
):
    """All groups at once. An argument wins over the environment, and both win over the preset."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX)

    @model_validator(mode="after")
    def _check_metrics(self) -> Self:
        if self.metrics and self._is_given("metrics") and self.metrics_port is not None:
            refuse(
                "GATEWAY_METRICS=true has no effect: with GATEWAY_METRICS_PORT the figures are at "
                "that port only."
            )
        return self

    @model_validator(mode="after")
    def _check_public_caching(self) -> Self:
        if self.public_caching and self.access_file is not None:
            refuse(
                "GATEWAY_PUBLIC_CACHING would let shared caches answer callers that "
                "GATEWAY_ACCESS_FILE does not let in: leave one out."
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings come from, the strongest first."""
        return init_settings, _Environment(settings_cls), _Preset(settings_cls)


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return _PREFIX + name.upper()


def option(name: str) -> str:
    """Return the command-line option of a setting."""
    return "--" + name.replace("_", "-")


def written_default(value: object) -> str | None:
    """Return a default as people write it, `None` where there is none."""
    if value is None or value == frozenset():
        return None
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def explain(error: ValidationError, options: Collection[str] = ()) -> list[str]:
    """Return what is wrong with the settings, a sentence for each fault.

    `options` are the settings that were given on the command line. Secrets are not shown.
    """
    return [_explain(item, options) for item in error.errors()]


def _explain(item: ErrorDetails, options: Collection[str]) -> str:
    if not item["loc"]:
        return item["msg"]
    name = str(item["loc"][0])
    if item["type"] == "extra_forbidden":
        return _unknown(name)
    place = f"{option(name)} ({variable(name)})" if name in options else variable(name)
    if item["type"] == REFUSED or _is_secret(name):
        return f"{place}: {item['msg']}"
    if name == "port" and _SERVICE_LINK_PORT.fullmatch(str(item["input"])):
        return (
            f"{place}: Kubernetes set it to {item['input']!r} for a Service named 'gateway'. Set "
            "`enableServiceLinks: false` in the pod, or the port."
        )
    return f"{place}: {item['msg']}; it is {str(item['input'])!r}."


def _unknown(name: str) -> str:
    near = get_close_matches(name, Settings.model_fields, n=1)
    hint = f" Did you mean {variable(near[0])}?" if near else ""
    return f"{variable(name)}: There is no such setting.{hint}"


def _is_secret(name: str) -> bool:
    return SecretStr in get_args(Settings.model_fields[name].annotation)
