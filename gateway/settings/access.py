"""Settings of who may call the gateway."""

from typing import Literal, Self

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
    calls_per_minute: PositiveInt | Literal["unlimited"] = Field(
        12_000,
        description="Each caller may cause this many AWS calls per minute, or `unlimited` ones.",
    )
    calls_burst: PositiveInt | None = Field(
        None,
        description="A caller who has caused none for a while may cause this many AWS calls at "
        "once; by default those of one minute.",
    )
    requests_per_minute: PositiveInt | Literal["unlimited"] = Field(
        "unlimited",
        description="Each process answers this many operations per minute of one caller, also "
        "those that need no AWS call, or `unlimited` ones.",
    )
    requests_burst: PositiveInt | None = Field(
        None,
        description="A caller who has sent none for a while may send this many operations at "
        "once; by default those of one minute.",
    )

    @model_validator(mode="after")
    def _check_bursts(self) -> Self:
        for name in ("calls", "requests"):
            rate = f"{name}_per_minute"
            if getattr(self, f"{name}_burst") is not None and getattr(self, rate) == "unlimited":
                burst = f"GATEWAY_{name.upper()}_BURST"
                refuse(f"{burst} has no effect while GATEWAY_{rate.upper()} is `unlimited`.")
        return self

    @model_validator(mode="after")
    def _check_memory(self) -> Self:
        default = type(self).model_fields["credentials_megabytes"].default
        if self.credentials_megabytes != default and self.access_file is None:
            refuse("GATEWAY_CREDENTIALS_MEGABYTES has no effect without GATEWAY_ACCESS_FILE.")
        return self
