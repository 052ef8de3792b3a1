"""Every group of settings, in the order of the help and of the documentation."""

from typing import Final

from gateway.settings.access import AccessSettings
from gateway.settings.aws import AwsSettings, CacheSettings, ListSettings, ReaderSettings
from gateway.settings.endpoint import EndpointSettings, StreamSettings
from gateway.settings.group import Group
from gateway.settings.operations import (
    DocumentSettings,
    EngineSettings,
    LimitSettings,
    ResponseSettings,
)
from gateway.settings.preset import PresetSettings
from gateway.settings.server import ConnectionSettings, RequestSettings, ServerSettings

GROUPS: Final[tuple[type[Group], ...]] = (
    PresetSettings,
    ServerSettings,
    ConnectionSettings,
    AccessSettings,
    AwsSettings,
    CacheSettings,
    ListSettings,
    ReaderSettings,
    RequestSettings,
    EndpointSettings,
    StreamSettings,
    DocumentSettings,
    LimitSettings,
    ResponseSettings,
    EngineSettings,
)
