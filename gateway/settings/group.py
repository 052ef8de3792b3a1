"""A group of settings: one row for each, with its name, type, default and help.

The environment variable of a setting is `GATEWAY_` and its name in capitals; the option of
`sagemaker-gateway serve` is its name with hyphens. `Settings` is every group at once and is passed
to each part as it is; the type of the part's parameter says which group the part reads. Times are
in seconds. Each help is a sentence that needs no other one, since users see one at a time.

A value that can have no effect is refused, and so is a combination in which a setting that
somebody gave has no effect.
"""

from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic.fields import FieldInfo

from gateway.settings.values import refuse

MIB: Final = 2**20
"""Bytes in the unit of the settings whose name ends in `_megabytes`."""


class Group(BaseModel):
    """Settings that one part of the gateway reads. A group may extend others."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: ClassVar[str]
    """The heading of the group in the help and in the documentation."""

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_empty(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            refuse("The value is empty: give one, or leave the setting out.")
        return value

    def _is_given(self, name: str) -> bool:
        """Return whether a setting has been given. A default may have no effect."""
        return name in self.model_fields_set

    @classmethod
    def own_fields(cls) -> dict[str, FieldInfo]:
        """Return the settings of this group by name, without those of the groups it extends."""
        extended = {name for base in cls.__bases__ for name in getattr(base, "model_fields", ())}
        return {name: row for name, row in cls.model_fields.items() if name not in extended}
