"""Writes log lines in a thread of its own, so that nothing else waits for who reads them."""

import logging
import os
import queue
import select
import threading
import time
from collections.abc import Callable
from typing import Final

from gateway.logs.lines import LineFormatter, is_ours
from gateway.logs.repeats import LINES, Repeats

CAPACITY: Final = 1_000
"""Lines that wait to be written at most; more are dropped and counted."""
_TICK: Final = 1.0
"""Seconds between two looks for minutes that are over."""
_LAST_WORDS: Final = 1.0
"""Seconds that the end of the process waits for lines to be written."""
DROPPED: Final = "gateway.log_lines_dropped"
UNREADABLE: Final = "gateway.event_unreadable"

Write = Callable[[bytes], None]
"""Writes lines, and may take for ever."""


class BackgroundHandler(logging.Handler):
    """Logs through a bounded queue. Python's `QueueListener` waits for ever when it is stopped.

    Nothing is written before `start`. After a fork, the child has a queue and a thread of its own.
    """

    def __init__(self, write: Write, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._write = write
        self._clock = clock
        self._lines = LineFormatter()
        self._is_started = False
        self.dropped = 0
        """Lines that found no place in the queue."""
        self._begin_empty()

    def _begin_empty(self) -> None:
        self._pid = os.getpid()
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._repeats = Repeats(self._clock)
        self._thread: threading.Thread | None = None
        self._reported = self.dropped

    def start(self) -> None:
        """Begin to write, what was logged before included."""
        self._is_started = True
        self._run_thread()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the lines of a record, unless it repeats others. Never waits."""
        if record.levelno < logging.INFO and not is_ours(record):
            return
        if self._pid != os.getpid():
            self._begin_empty()
        times = self._repeats.count(record)
        if times <= LINES:
            # The first of a kind has the traceback of them all.
            self._put(self._format(record, with_traceback=times == 1))
            self._run_thread()

    def close(self) -> None:
        """Write what waits to be written, as far as that takes no longer than a second."""
        thread = self._thread
        if thread is not None and self._pid == os.getpid():
            self._put_summaries(all_=True)
            self._queue.put(None)
            thread.join(_LAST_WORDS)
            self._thread = None
        super().close()

    def _format(self, record: logging.LogRecord, *, with_traceback: bool) -> str:
        try:
            return self._lines.format_event(record, with_traceback=with_traceback)
        except Exception as error:  # noqa: BLE001  # a wrong call of the logger fails no request
            facts = {"event": record.name, "error": type(error).__name__}
            return self._lines.format(_event(UNREADABLE, **facts))

    def _put(self, text: str) -> None:
        if self._queue.qsize() < CAPACITY:
            self._queue.put(text)
        else:
            self.dropped += 1

    def _put_summaries(self, *, all_: bool = False) -> None:
        for record in self._repeats.take_summaries(all_=all_):
            self._put(self._lines.format(record))

    def _run_thread(self) -> None:
        if self._is_started and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="log", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        lines = self._queue
        while True:
            try:
                text = lines.get(timeout=_TICK)
            except queue.Empty:
                text = ""
            if text is None:
                return
            self._put_summaries()
            self._write_text(text)

    def _write_text(self, text: str) -> None:
        if self.dropped > self._reported:
            lost, self._reported = self.dropped - self._reported, self.dropped
            self._write(f"{self._lines.format(_event(DROPPED, lines=lost))}\n".encode())
        if text:
            self._write(f"{text}\n".encode("utf-8", "replace"))


def _event(name: str, **facts: object) -> logging.LogRecord:
    level = {"levelno": logging.WARNING, "levelname": "WARNING"}
    return logging.makeLogRecord({"name": name, "msg": name, **level, **facts})


def write_to(descriptor: int) -> Write:
    """Return what writes to a file descriptor, past Python's buffers, whose locks outlive threads.

    Lines that nobody can ever read are lost: the other end is closed.
    """

    def write(text: bytes) -> None:
        left = memoryview(text)
        while left:
            try:
                left = left[os.write(descriptor, left) :]
            except BlockingIOError:
                select.select([], [descriptor], [])
            except OSError:
                return

    return write
