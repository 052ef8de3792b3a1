"""Open enums: a value of AWS's that the schema does not have is shown as `UNKNOWN`."""

import inspect
import logging
from enum import Enum
from typing import Any, Self, TypeVar

import strawberry

from gateway.schema.fields import derived

logger = logging.getLogger(__name__)

_MOST_REPORTED = 1_000
_reported: set[tuple[str, object]] = set()


class OpenEnum(Enum):
    """An AWS enum. Each member's value is AWS's own string; every subclass ends with `UNKNOWN`.

    For another string the class returns a new value that holds the string. Its name is `UNKNOWN`,
    or that of the member that means the same.
    """

    def __init__(self, _: object) -> None:
        self.is_unknown = False
        """Whether AWS's string is none of the members."""

    @classmethod
    def _missing_(cls, value: object) -> Self:
        same = cls.member_for(value) if isinstance(value, str) else None
        if same is not None:
            return cls._named(same, value)
        report = (cls.__name__, value)
        if report not in _reported and len(_reported) < _MOST_REPORTED:
            _reported.add(report)
            logger.warning(
                "gateway.unknown_enum_value", extra={"enum": cls.__name__, "value": value}
            )
        return cls._named("UNKNOWN", value)

    @classmethod
    def _named(cls, name: str, value: object) -> Self:
        # Not added to the members: an endpoint that sends ever new strings would fill memory.
        found: Any = object.__new__(cls)
        found._name_ = name
        found._value_ = value
        found.is_unknown = name == "UNKNOWN"
        return found  # type: ignore[no-any-return]

    @classmethod
    def member_for(cls, value: str) -> str | None:
        """Return the name of the member that means the same as `value`, which is no member."""
        return None


E = TypeVar("E", bound=type[OpenEnum])


def aws_word(attribute: str, name: str, description: str) -> Any:
    """Declare the text field `name`: AWS's string for an enum where no member has that string."""
    return derived((attribute,), _word, description, name=name)


def _word(value: OpenEnum) -> str | None:
    # A value that `_missing_` made is not one of the members.
    return None if type(value)[value.name] is value else str(value.value)


def open_enum(cls: E) -> E:
    """Register an `OpenEnum` with the schema, described by its docstring."""
    return strawberry.enum(cls, description=inspect.getdoc(cls))
