"""Every setting and its default, in groups that are passed to the parts as they are."""

from gateway.settings.access import AccessSettings
from gateway.settings.aws import AwsSettings, CacheSettings, ListSettings, ReaderSettings
from gateway.settings.endpoint import EndpointSettings, StreamSettings
from gateway.settings.environment import Settings, explain, option, variable, written_default
from gateway.settings.group import MIB, Group
from gateway.settings.groups import GROUPS
from gateway.settings.operations import (
    DocumentSettings,
    EngineSettings,
    LimitSettings,
    ResponseSettings,
)
from gateway.settings.preset import PRESETS, PresetSettings, report_preset
from gateway.settings.server import ConnectionSettings, RequestSettings, ServerSettings

__all__ = [
    "GROUPS",
    "MIB",
    "PRESETS",
    "AccessSettings",
    "AwsSettings",
    "CacheSettings",
    "ConnectionSettings",
    "DocumentSettings",
    "EndpointSettings",
    "EngineSettings",
    "Group",
    "LimitSettings",
    "ListSettings",
    "PresetSettings",
    "ReaderSettings",
    "RequestSettings",
    "ResponseSettings",
    "ServerSettings",
    "Settings",
    "StreamSettings",
    "explain",
    "option",
    "report_preset",
    "variable",
    "written_default",
]
