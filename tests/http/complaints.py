"""What the gateway logs that someone would have to look into."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class Complaints(logging.Handler):
    """Keeps every error, and whatever else has a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record if it is a complaint."""
        if record.exc_info or record.levelno >= logging.ERROR:
            self.records.append(self.format(record))

    def taken(self) -> list[str]:
        """Return what was kept, and keep it no longer: the next request is not to blame for it."""
        taken, self.records = self.records, []
        return taken


@contextmanager
def no_complaints() -> Iterator[Complaints]:
    """Fail if anything is logged inside the block that should not be."""
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    try:
        yield complaints
    finally:
        logging.getLogger().removeHandler(complaints)
    assert complaints.records == []
