"""Open enums: a value that AWS adds tomorrow reads as `UNKNOWN` and never nulls a job."""

import inspect
import logging
from enum import Enum
from typing import Any, Self, TypeVar

import strawberry

logger = logging.getLogger(__name__)

_MOST_REPORTED = 1_000
_reported: set[tuple[str, object]] = set()


class OpenEnum(Enum):
    """An AWS enum. Each member's value is AWS's own string; every subclass ends with `UNKNOWN`.

    An unknown string becomes a value that is named `UNKNOWN` and holds AWS's string.
    """

    def __init__(self, _: object) -> None:
        self.is_unknown = False
        """Whether AWS's string is none of the members."""

    @classmethod
    def _missing_(cls, value: object) -> Self:
        report = (cls.__name__, value)
        if report not in _reported and len(_reported) < _MOST_REPORTED:
            _reported.add(report)
            logger.warning(
                "gateway.unknown_enum_value", extra={"enum": cls.__name__, "value": value}
            )
        # Not kept among the members: AWS, or whoever answers in its place, could fill memory.
        unknown: Any = object.__new__(cls)
        unknown._name_ = "UNKNOWN"
        unknown._value_ = value
        unknown.is_unknown = True
        return unknown  # type: ignore[no-any-return]


E = TypeVar("E", bound=type[OpenEnum])


def open_enum(cls: E) -> E:
    """Register an `OpenEnum` with the schema, described by its docstring."""
    return strawberry.enum(cls, description=inspect.getdoc(cls))
