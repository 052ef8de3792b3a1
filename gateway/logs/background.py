"""Writes log lines in a thread, so that a reader that reads slowly or never blocks nothing else."""

import logging
import os
import queue
import selectors
import threading
import time
from collections.abc import Callable
from typing import Final

from gateway.logs.lines import LineFormatter, is_ours
from gateway.logs.repeats import LINES, Repeats

CAPACITY: Final = 1_000
"""Lines that wait to be written at most; more are dropped and counted."""
_TICK: Final = 1.0
"""Seconds between two checks for minutes that are over."""
_CLOSE_TIMEOUT: Final = 1.0
"""Seconds that `close` waits for the queued lines to be written."""
DROPPED: Final = "gateway.log_lines_dropped"
UNREADABLE: Final = "gateway.event_unreadable"

Write = Callable[[bytes], None]
"""Writes lines. It may block for ever."""


class BackgroundHandler(logging.Handler):
    """Logs through a bounded queue.

    Nothing is written before `start`. After a fork, the child has its own queue and thread.
    Python's `QueueListener` is not used because its `stop` waits for a blocked thread for ever.
    """

    def __init__(self, write: Write, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._write = write
        self._clock = clock
        self._lines = LineFormatter()
        self._is_started = False
        self.dropped = 0
        """Lines that were not queued because the queue was full."""
        self._begin_empty()

    def _begin_empty(self) -> None:
        self._pid = os.getpid()
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._repeats = Repeats(self._clock)
        self._thread: threading.Thread | None = None
        self._reported = self.dropped

    def start(self) -> None:
        """Write what has been logged, and from now on what is logged."""
        self._is_started = True
        self._run_thread()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the lines of a record, unless it repeats others. Never blocks."""
        if record.levelno < logging.INFO and not is_ours(record):
            return
        if self._pid != os.getpid():
            self._begin_empty()
        times = self._repeats.count(record)
        if times <= LINES:
            # One traceback is enough for all events of a kind.
            self._put(self._format(record, with_traceback=times == 1))
            self._run_thread()

    def close(self) -> None:
        """Write the queued lines. Lines that take longer than a second are lost."""
        if self._is_started and self._pid == os.getpid():
            self._put_summaries(all_=True)
            if not self._queue.empty():
                self._run_thread()
            self.pause()
        super().close()

    def pause(self) -> None:
        """Write the queued lines as `close` does, and end the thread until the next event."""
        thread = self._thread
        if thread is not None and self._pid == os.getpid():
            self._queue.put(None)
            thread.join(_CLOSE_TIMEOUT)
            self._thread = None

    def _format(self, record: logging.LogRecord, *, with_traceback: bool) -> str:
        try:
            return self._lines.format_event(record, with_traceback=with_traceback)
        except Exception as error:  # noqa: BLE001  # a faulty log call must fail no request
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
    """Return a function that writes to a file descriptor. Lines are lost when the pipe is closed.

    It does not use `sys.stderr`: Python cannot exit while a thread blocks in one of its buffers.
    """

    def write(text: bytes) -> None:
        left = memoryview(text)
        while left:
            try:
                left = left[os.write(descriptor, left) :]
            except BlockingIOError:
                with selectors.DefaultSelector() as selector:
                    selector.register(descriptor, selectors.EVENT_WRITE)
                    selector.select()
            except OSError:
                return

    return write
