"""Logs the documents that clients send and that are not trusted, each once."""

import logging
import re
from collections.abc import Callable
from typing import Final

from gateway.execution.lru_cache import LruCache
from gateway.http.manifest import hash_text

logger = logging.getLogger(__name__)

_REMEMBERED_BYTES: Final = 4 * 1024 * 1024
"""The memory for the hashes of documents that are in the log already, some ten thousand."""
_MOST_LINES: Final = 100
"""Documents that are logged in a minute; others are logged when they are sent again later."""
_MINUTE: Final = 60.0
_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,99}")
_OPERATION: Final = re.compile(r"\b(?:query|subscription)\s+([_A-Za-z][_0-9A-Za-z]{0,99})")
_HEAD: Final = 1_000
"""Characters of a text in which the name of its operation is looked for."""


class UnknownDocuments:
    """Logs documents by hash and name. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._logged: LruCache[str, str] = LruCache(_REMEMBERED_BYTES)
        self._minute_ends = clock()
        self._lines = 0

    def note(self, text: str, operation_name: object) -> None:
        """Log a document, unless it is in the log already or there is too much in this minute."""
        hash_ = hash_text(text)
        if self._logged.get(hash_) or not self._may_log():
            return
        self._logged.put(hash_, hash_, len(hash_))
        facts = {"hash": hash_, "operation_name": _name_of(text, operation_name)}
        logger.warning("gateway.unknown_document", extra=facts)

    def _may_log(self) -> bool:
        now = self._clock()
        if now >= self._minute_ends:
            self._minute_ends = now + _MINUTE
            self._lines = 0
        self._lines += 1
        return self._lines <= _MOST_LINES


def _name_of(text: str, operation_name: object) -> str | None:
    """Return the name of a request's operation; what is no name in GraphQL is none."""
    if isinstance(operation_name, str) and _NAME.fullmatch(operation_name):
        return operation_name
    found = _OPERATION.search(text, 0, _HEAD)
    return found[1] if found else None
