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
from gateway.settings.server import ConnectionSettings, RequestSettings, ServerSettings

__all__ = [
    "GROUPS",
    "MIB",
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
    "ReaderSettings",
    "RequestSettings",
    "ResponseSettings",
    "ServerSettings",
    "Settings",
    "StreamSettings",
    "explain",
    "option",
    "variable",
    "written_default",
]
