"""Lines are written by a thread, in a bounded queue, whoever reads them."""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.logs.background import CAPACITY, BackgroundHandler, write_to
from gateway.logs.repeats import LINES, SECONDS
from tests.clocks import Clock

from .records import raised, record


class Sink:
    """Takes what is written, once it is opened."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.lines: list[str] = []
        self.opened = threading.Event()
        self.got = threading.Condition()
        if is_open:
            self.opened.set()

    def write(self, text: bytes) -> None:
        """Take lines; wait while the sink is shut."""
        assert self.opened.wait(20)
        with self.got:
            self.lines += text.decode().splitlines()
            self.got.notify_all()

    def until(self, word: str) -> str:
        """Return the first line with the word, as soon as there is one."""
        with self.got:
            assert self.got.wait_for(lambda: any(word in each for each in self.lines), 20)
        return next(each for each in self.lines if word in each)


@contextmanager
def handling(sink: Sink, clock: Clock | None = None) -> Iterator[BackgroundHandler]:
    """Yield a handler that has started to write into the sink."""
    handler = BackgroundHandler(sink.write, clock or Clock())
    handler.start()
    try:
        yield handler
    finally:
        sink.opened.set()
        handler.close()


def test_lines_are_written_in_order() -> None:
    """What is logged is written, and the end waits for it."""
    sink = Sink()
    with handling(sink) as handler:
        for i in range(50):
            handler.handle(record(f"gateway.event_{i}"))

    assert [each.split()[-1] for each in sink.lines] == [f"gateway.event_{i}" for i in range(50)]


def test_nothing_is_written_before_the_start() -> None:
    """A process that does not start has no log but its one line."""
    sink = Sink()
    handler = BackgroundHandler(sink.write, Clock())
    handler.handle(record("gateway.early"))
    handler.close()

    assert sink.lines == []


def test_early_lines_are_written_at_the_start() -> None:
    """What was logged while the process started is not lost."""
    sink = Sink()
    handler = BackgroundHandler(sink.write, Clock())
    handler.handle(record("gateway.early"))
    handler.start()
    handler.close()

    assert sink.lines[0].endswith("gateway.early")


def test_reader_that_reads_nothing_stops_nobody() -> None:
    """When nobody reads, the queue has a bound; dropped lines are counted and logged later."""
    sink = Sink(is_open=False)
    with handling(sink) as handler:
        for i in range(CAPACITY + 500):
            handler.handle(record(f"gateway.event_{i // LINES}"))
        dropped = handler.dropped
        assert 499 <= dropped <= 500
        sink.opened.set()

        assert sink.until("gateway.log_lines_dropped").endswith(f"lines={dropped}")


def test_end_does_not_wait_for_a_reader() -> None:
    """A process ends although nobody reads its log."""
    sink = Sink(is_open=False)
    handler = BackgroundHandler(sink.write, Clock())
    handler.start()
    handler.handle(record())

    began = time.monotonic()
    handler.close()

    assert time.monotonic() - began < 5
    sink.opened.set()


def test_flood_is_summed_up_by_itself() -> None:
    """A minute later the sum is written, without another event."""
    clock, sink = Clock(), Sink()
    with handling(sink, clock) as handler:
        for _ in range(LINES + 5_000):
            handler.handle(record("gateway.flood"))
        clock.advance(SECONDS)

        assert "event=gateway.flood times=5000 seconds=60" in sink.until("gateway.event_repeated")
    assert len(sink.lines) == LINES + 1


def test_flood_is_summed_up_at_the_end() -> None:
    """The count is logged before the process ends."""
    sink = Sink()
    with handling(sink) as handler:
        for _ in range(LINES + 1):
            handler.handle(record("gateway.flood"))
        handler.pause()

    assert sink.lines[-1].endswith("event=gateway.flood times=1 seconds=60")


def test_one_traceback_for_a_kind() -> None:
    """Of equal failures only the first has its traceback."""
    sink = Sink()
    with handling(sink) as handler:
        for _ in range(LINES):
            handler.handle(record("gateway.a", error=raised(ValueError("unexpected"))))

    assert sum("Traceback" in each for each in sink.lines) == 1
    assert sum("gateway.a error=ValueError" in each for each in sink.lines) == LINES


def test_libraries_are_not_heard_below_info() -> None:
    """A library's debug lines are left out even where its own logger was set to write them."""
    sink = Sink()
    with handling(sink) as handler:
        handler.handle(record("s3cret", logger="botocore.auth", level=logging.DEBUG))
        handler.handle(record("s3cret", logger="gatewayish", level=logging.DEBUG))
        handler.handle(record("gateway.detail", level=logging.DEBUG))

    assert [each.split()[-1] for each in sink.lines] == ["gateway.detail"]


def test_wrong_call_of_a_logger() -> None:
    """A record that cannot be formatted is logged as such, and raises nothing."""

    class Unprintable:
        def __str__(self) -> str:
            raise ValueError("no")

    sink = Sink()
    with handling(sink) as handler:
        handler.handle(record("%d", "x", logger="other"))
        handler.handle(record("gateway.a", value=Unprintable()))

    assert all("gateway.event_unreadable" in each for each in sink.lines)
    assert len(sink.lines) == 2


def test_pause_ends_the_thread() -> None:
    """A process that is to be forked has written its lines and has no thread; then it goes on."""
    sink = Sink()
    with handling(sink) as handler:
        handler.handle(record("gateway.before"))
        handler.pause()
        assert sink.lines[0].endswith("gateway.before")
        assert not any(each.name == "log" for each in threading.enumerate())

        handler.handle(record("gateway.after"))
        assert sink.until("gateway.after")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_forked_process_writes_its_own_lines() -> None:
    """A child of a process whose log nobody reads has a queue of its own and logs all the same."""
    reader, writer = os.pipe()
    shut = Sink(is_open=False)
    parent = os.getpid()
    write = write_to(writer)
    handler = BackgroundHandler(
        lambda text: shut.write(text) if os.getpid() == parent else write(text), Clock()
    )
    handler.start()
    for i in range(CAPACITY + 10):
        handler.handle(record(f"gateway.parent_{i // LINES}"))

    child = os.fork()
    if not child:
        handler.handle(record("gateway.child"))
        handler.close()
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        assert [each.split()[-1] for each in lines] == ["gateway.child"]
    assert os.waitpid(child, 0)[1] == 0
    shut.opened.set()
    handler.close()


def test_descriptor_that_does_not_wait() -> None:
    """All is written to a pipe that takes only a part at once and is set not to wait."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
    text = b"x" * 1_000_000
    writing = threading.Thread(target=write_to(writer), args=(text,))
    writing.start()
    got = b""
    while len(got) < len(text):
        got += os.read(reader, 65_536)
    writing.join(20)

    assert got == text
    os.close(reader)
    # Nobody can read any more.
    write_to(writer)(b"lost")
    os.close(writer)
