"""Records as the gateway and its libraries log them."""

import logging
from typing import Any

from gateway.errors import BadUserInput


def record(
    event: str = "gateway.example",
    *args: object,
    logger: str = "gateway.aws.example",
    level: int = logging.WARNING,
    error: BaseException | None = None,
    **facts: Any,
) -> logging.LogRecord:
    """Return the record of an event with its facts."""
    exc_info = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord(logger, level, __file__, 1, event, args, exc_info)
    vars(made).update(facts)
    return made


def raised(error: BaseException) -> BaseException:
    """Return an exception with a traceback."""
    try:
        raise error
    except type(error) as caught:
        return caught


EXPECTED = BadUserInput("wrong region")
