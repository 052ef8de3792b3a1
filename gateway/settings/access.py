"""Settings of who may call the gateway."""

from typing import Self

from pydantic import Field, FilePath, PositiveInt, model_validator

from gateway.settings.group import Group
from gateway.settings.values import refuse


class AccessSettings(Group):
    """Who may call the gateway."""

    title = "Access"

    access_file: FilePath | None = Field(
        None,
        description="This TOML file says which issuers' tokens and which API keys the gateway "
        "accepts; it is read again when it changes, and on SIGHUP.",
    )
    allow_unauthenticated: bool = Field(
        False,
        description="The gateway answers requests without a token or an API key, also where other "
        "machines reach it.",
    )
    credentials_megabytes: PositiveInt = Field(
        16,
        description="What is known of tokens and API keys that were checked takes at most this "
        "many MiB of memory.",
    )

    @model_validator(mode="after")
    def _check_memory(self) -> Self:
        default = type(self).model_fields["credentials_megabytes"].default
        if self.credentials_megabytes != default and self.access_file is None:
            refuse("GATEWAY_CREDENTIALS_MEGABYTES has no effect without GATEWAY_ACCESS_FILE.")
        return self
