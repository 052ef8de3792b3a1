"""Every setting and its default, in groups that are passed to the parts as they are."""

from gateway.settings.environment import Settings, explain, option, variable, written_default
from gateway.settings.groups import (
    GROUPS,
    MIB,
    AccessSettings,
    AwsSettings,
    CacheSettings,
    DocumentSettings,
    EndpointSettings,
    EngineSettings,
    Group,
    LimitSettings,
    ListSettings,
    ReaderSettings,
    RequestSettings,
    ServerSettings,
    StreamSettings,
)

__all__ = [
    "GROUPS",
    "MIB",
    "AccessSettings",
    "AwsSettings",
    "CacheSettings",
    "DocumentSettings",
    "EndpointSettings",
    "EngineSettings",
    "Group",
    "LimitSettings",
    "ListSettings",
    "ReaderSettings",
    "RequestSettings",
    "ServerSettings",
    "Settings",
    "StreamSettings",
    "explain",
    "option",
    "variable",
    "written_default",
]
