"""How logging is set up in a process of the gateway."""

import logging
import os
import sys

from gateway.logs.background import BackgroundHandler, write_to
from gateway.logs.lines import OURS


def _handlers() -> list[BackgroundHandler]:
    return [each for each in logging.getLogger().handlers if isinstance(each, BackgroundHandler)]


def _pause() -> None:
    for handler in _handlers():
        handler.pause()


if hasattr(os, "register_at_fork"):
    # A fork copies no thread, and Python warns about processes that have several.
    os.register_at_fork(before=_pause)


def set_up(level: str) -> BackgroundHandler:
    """Log to standard error from `level` on; return the handler, which writes once it is started.

    Libraries log from INFO on whatever the level is: below that, botocore writes requests with
    their signatures and session tokens, and others what clients send.
    """
    handler = BackgroundHandler(write_to(sys.__stderr__.fileno() if sys.__stderr__ else 2))
    threshold = logging.getLevelNamesMapping()[level.upper()]
    root = logging.getLogger()
    for old in _handlers():
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(max(threshold, logging.INFO))
    logging.getLogger(OURS).setLevel(threshold)
    # It logs each request at INFO: the keys of issuers are read every few minutes.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    return handler


def count_dropped_lines() -> int:
    """Return how many lines this process has dropped because nobody read the log."""
    return sum(handler.dropped for handler in _handlers())
