"""A6: connections and requests over HTTP that cost more than they may."""

import gzip
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Final

from benchmarks.siege.attack import Answer, Attack, Outcome, Run, Victim
from benchmarks.siege.client import (
    ask,
    connected,
    graphql,
    head,
    many_connected,
    post,
    read_answer,
    sending,
)

_PATIENCE: Final = 75.0
"""Seconds after which an idle connection counts as open for ever."""
_MANY: Final = 3_000
_TYPENAME: Final = graphql("{ __typename }")
_MEGABYTE: Final = 1 << 20


def _endless(beginning: bytes, piece: bytes, megabytes: int) -> Run:
    """Return an attack that sends a piece over and over, until it is refused."""

    def run(victim: Victim) -> Outcome:
        sent = 0
        with connected(victim) as connection:
            try:
                connection.sendall(beginning)
                connection.settimeout(5)
                while sent < megabytes * _MEGABYTE and time.monotonic() < victim.ends_at:
                    connection.sendall(piece)
                    sent += len(piece)
                note = "all taken"
            except OSError as error:
                note = type(error).__name__
            answer = _last_answer(connection, 3)
        faults = [f"{sent >> 20} MB taken"] if sent >= megabytes * _MEGABYTE else []
        return Outcome([answer._replace(note=note)], faults, [f"{sent / _MEGABYTE:.1f} MB sent"])

    return run


def _last_answer(connection: socket.socket, seconds: float) -> Answer:
    connection.settimeout(seconds)
    try:
        return read_answer(connection)
    except OSError:
        return Answer(None)


def _held(beginning: bytes, *, drip: bytes = b"", count: int = 50) -> Run:
    """Return an attack of connections that stop, or almost stop, before a request is whole."""

    def run(victim: Victim) -> Outcome:
        with ExitStack() as stack:
            connections = [stack.enter_context(connected(victim)) for _ in range(count)]
            for connection in connections:
                connection.sendall(beginning)
            began = time.monotonic()
            still_open = list(connections)
            while still_open and time.monotonic() < victim.ends_at - 2:
                time.sleep(0.5)
                still_open = [each for each in still_open if not _is_closed(each, drip)]
            seconds = time.monotonic() - began
        if still_open:
            return Outcome(faults=[f"{len(still_open)} of {count} open after {seconds:.0f} s"])
        return Outcome(figures=[f"closed after {seconds:.0f} s"])

    return run


def _is_closed(connection: socket.socket, drip: bytes) -> bool:
    """Tell whether the gateway has closed a connection, and send a little more if it has not."""
    connection.settimeout(0.001)
    try:
        if drip:
            connection.sendall(drip)
        while connection.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def _many_idle(victim: Victim) -> Outcome:
    """Open thousands of connections and say nothing."""
    with many_connected(victim, _MANY) as connections:
        time.sleep(2)
        refused = sum(_is_closed(each, b"") for each in connections)
        figures = [f"{len(connections) - refused} of {_MANY} open"]
        faults = ["all are open"] if refused == 0 and len(connections) == _MANY else []
        answer = ask(victim, _TYPENAME)
    return Outcome([answer], faults, figures)


def _pipelined(victim: Victim) -> Outcome:
    """Send thousands of requests at once and read no answer."""
    with connected(victim, receive_buffer=4_096) as connection:
        connection.settimeout(1)
        with suppress(OSError):
            for _ in range(200):
                connection.sendall(_TYPENAME * 100)
        time.sleep(3)
    return Outcome()


def _at_the_end(beginning: bytes, count: int = 200) -> Run:
    """Return an attack of unfinished requests that are open when the gateway has to end."""

    def run(victim: Victim) -> Outcome:
        with ExitStack() as stack:
            for _ in range(count):
                stack.enter_context(connected(victim)).sendall(beginning)
            time.sleep(1)
            began = time.monotonic()
            victim.process.signal(signal.SIGTERM)
            code = victim.process.wait_for_end(victim.left)
            seconds = time.monotonic() - began
        faults = [f"exit code {code}"] if code != 0 else []
        if seconds > 5:
            faults.append(f"ended after {seconds:.0f} s")
        return Outcome(faults=faults, figures=[f"exit {code} after {seconds:.1f} s"])

    return run


def _refused(*requests: bytes) -> Run:
    """Return an attack of requests that each must be refused."""

    def run(victim: Victim) -> Outcome:
        answers = [ask(victim, request) for request in requests]
        taken = [each for each in answers if each.status == 200]
        return Outcome(answers, [f"{len(taken)} answered"] if taken else [])

    return run


def _hosts() -> tuple[bytes, ...]:
    """Return requests that name no host, two, or that of another site."""
    body = b'{"query":"{ __typename }"}'
    rest = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    line = b"POST /graphql HTTP/1.1\r\n"
    return (
        line + rest,
        line + b"Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n" + rest,
        line + b"Host: evil.example\r\n" + rest,
        line + b"Host: \r\n" + rest,
    )


def _compressed(megabytes: int) -> list[bytes]:
    data = gzip.compress(b" " * (megabytes * _MEGABYTE))[:99_000]
    return [post(data, {"Content_Encoding": coding}) for coding in ("gzip", "gzip, gzip")]


def _held_attack(key: str, title: str, run: Callable[[Victim], Outcome]) -> Attack:
    return Attack(f"a6-{key}", title, run, seconds=_PATIENCE)


def _ending(key: str, title: str, beginning: bytes) -> Attack:
    return Attack(f"a6-end-{key}", title, _at_the_end(beginning), seconds=40, ends_gateway=True)


_HEAD: Final = head(Content_Type="application/json", Content_Length="90000") + b"\r\n"
_CHUNKED: Final = head(Content_Type="application/json", Transfer_Encoding="chunked") + b"\r\n"
_HALF_HEAD: Final = b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: "

ATTACKS: Final = (
    Attack("a6-header", "a header of 100 MB", _endless(_HALF_HEAD, b"a" * 65_536, 100)),
    Attack(
        "a6-headers",
        "100 MB of small headers",
        _endless(_HALF_HEAD + b"1\r\n", b"a: b\r\n" * 10_000, 100),
    ),
    Attack("a6-url", "a URL of 100 MB", _endless(b"GET /graphql?query=", b"a" * 65_536, 100)),
    Attack(
        "a6-body",
        "a body of 100 MB in chunks",
        _endless(_CHUNKED, b"10000\r\n" + b" " * 65_536 + b"\r\n", 100),
    ),
    Attack(
        "a6-small-chunks",
        "50 MB in chunks of a byte",
        _endless(_CHUNKED, b"1\r\n \r\n" * 10_000, 50),
    ),
    Attack(
        "a6-chunk-extension",
        "an extension of a chunk of 100 MB",
        _endless(_CHUNKED + b"1;", b"a" * 65_536, 100),
    ),
    Attack(
        "a6-trailers",
        "100 MB of trailers",
        _endless(_CHUNKED + b"0\r\n", b"a: b\r\n" * 10_000, 100),
    ),
    Attack("a6-empty-lines", "100 MB of empty lines", _endless(b"", b"\r\n" * 32_768, 100)),
    Attack("a6-gzip", "a body that unpacks to 90 MB", sending(lambda: _compressed(90))),
    Attack("a6-pipelined", "20,000 requests, unread", _pipelined),
    Attack("a6-many", "3,000 idle connections", _many_idle, seconds=40),
    Attack("a6-hosts", "no host, two, another's", _refused(*_hosts())),
    _held_attack("idle", "connections that say nothing", _held(b"")),
    _held_attack("half-head", "half a head", _held(_HALF_HEAD)),
    _held_attack("slow-head", "a head by the byte", _held(_HALF_HEAD, drip=b"a")),
    _held_attack("half-body", "half a body", _held(_HEAD + b"{")),
    _held_attack("slow-body", "a body by the byte", _held(_HEAD, drip=b" ")),
    _held_attack("slow-chunks", "a chunked body by the byte", _held(_CHUNKED, drip=b"1\r\n \r\n")),
    _held_attack("after-answer", "silence after an answer", _held(_TYPENAME)),
    _ending("idle", "SIGTERM with idle connections", b""),
    _ending("half-head", "SIGTERM with half heads", _HALF_HEAD),
    _ending("half-body", "SIGTERM with half bodies", _HEAD + b"{"),
)
