"""A log handler that keeps what an operator would have to look into."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class ErrorLog(logging.Handler):
    """Keeps errors, and every other record that has a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record if it is an error."""
        if record.exc_info or record.levelno >= logging.ERROR:
            self.records.append(self.format(record))

    def take(self) -> list[str]:
        """Return the errors since the last call."""
        taken, self.records = self.records, []
        return taken


@contextmanager
def no_errors_logged() -> Iterator[ErrorLog]:
    """Fail if the block logs an error."""
    error_log = ErrorLog()
    logging.getLogger().addHandler(error_log)
    try:
        yield error_log
    finally:
        logging.getLogger().removeHandler(error_log)
    assert error_log.records == []
