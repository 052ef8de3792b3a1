"""Events of one kind that repeat: the first few are logged, the others counted for a minute."""

import logging
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.logs.lines import facts_of, is_ours

SECONDS: Final = 60.0
"""How long the events of one kind are counted together."""
LINES: Final = 5
"""How many of a kind are logged in that time."""
_MOST_KINDS: Final = 1_000
_FACTS_OF_KIND: Final = ("result", "aws_code", "operation", "region", "code", "error", "hash")
"""Events that differ in one of these are of different kinds. There are few in a minute of each."""
EVENT: Final = "gateway.event_repeated"
_NEVER_LEFT_OUT: Final = frozenset({"gateway.secrets_read"})
"""Events of which every one is logged: they are kept as records of who has done what."""


@dataclass(slots=True)
class _Window:
    began: float
    event: str
    level: int
    facts: Mapping[str, object]
    times: int = 1


class Repeats:
    """Counts events by kind. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._windows: dict[Hashable, _Window] = {}
        # A signal handler may log while its own thread is in here.
        self._lock = threading.RLock()

    def count(self, record: logging.LogRecord) -> int:
        """Return how many events of the record's kind there were in its minute, it included.

        Those that are never left out do not count.
        """
        if is_ours(record) and record.msg in _NEVER_LEFT_OUT:
            return 1
        with self._lock:
            kind = self._kind(record)
            window = self._windows.get(kind)
            if window is None:
                self._windows[kind] = self._window(record)
                return 1
            window.times += 1
            return window.times

    def take_summaries(self, *, all_: bool = False) -> list[logging.LogRecord]:
        """Return an event for each kind whose minute is over and of which events were not logged.

        With `all_`, minutes that are not over are included. The counts begin again at 0.
        """
        with self._lock:
            latest = self._clock() - SECONDS
            over = [
                (kind, each) for kind, each in self._windows.items() if all_ or each.began <= latest
            ]
            for kind, _ in over:
                del self._windows[kind]
        return [_summary(window) for _, window in over if window.times > LINES]

    def _window(self, record: logging.LogRecord) -> _Window:
        facts = facts_of(record)
        # Not the record: its traceback refers to every local variable of the failed code.
        of_kind: dict[str, object] = {name: facts[name] for name in _FACTS_OF_KIND if name in facts}
        event = str(record.msg) if is_ours(record) else record.name
        return _Window(self._clock(), event, record.levelno, of_kind)

    def _kind(self, record: logging.LogRecord) -> Hashable:
        place = (record.levelno, record.name)
        kinds = (
            (*place, str(record.msg), _origin(record), *_values(record)),
            (*place, str(record.msg) if not record.args else ""),
        )
        for kind in kinds:
            if kind in self._windows or len(self._windows) < _MOST_KINDS:
                return kind
        return place


def _values(record: logging.LogRecord) -> tuple[str, ...]:
    facts = facts_of(record)
    return tuple(str(facts.get(name, "")) for name in _FACTS_OF_KIND)


def _origin(record: logging.LogRecord) -> Hashable:
    """Return the type of a record's exception and the line that raised it."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return None
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return (type(error), at and at.tb_frame.f_code, at and at.tb_lineno)


def _summary(window: _Window) -> logging.LogRecord:
    return logging.makeLogRecord(
        {
            "name": EVENT,
            "msg": EVENT,
            "levelno": window.level,
            "levelname": logging.getLevelName(window.level),
            "event": window.event,
            "times": window.times - LINES,
            "seconds": round(SECONDS),
            **window.facts,
        }
    )
