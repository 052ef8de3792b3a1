"""A5: places for streams that a client takes and never gives back."""

import re
import socket
import struct
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from http.client import HTTPException
from typing import Final

from benchmarks.http_client import HttpClient
from benchmarks.siege.attack import Answer, Attack, Outcome, Run, Victim
from benchmarks.siege.client import connected, graphql
from benchmarks.siege.websocket import TEXT, frame, open_websocket, send_handshake

_PLACES: Final = 20
_WAIT: Final = 25.0
"""Seconds after which a place counts as never given back."""
_OPTIONS: Final = (
    *("--max-streams", str(_PLACES)),
    *("--stream-keep-alive", "2"),
    *("--socket-idle-timeout", "3"),
    *("--socket-init-timeout", "2"),
)
_QUERY: Final = 'subscription { processingJob(name: "clickstream-sessionize") { id } }'
_RESET: Final = struct.pack("ii", 1, 0)
_STREAMS: Final = re.compile(r"^gateway_streams (\S+)", re.MULTILINE)

Act = Callable[[socket.socket], None]
"""Something that a client does with its connection."""


def _stream(accept: str, more: bytes = b"") -> Act:
    request = graphql(_QUERY, headers={"Accept": accept}) + more
    return lambda connection: connection.sendall(request)


_ACCEPTED: Final = {
    "multipart": 'multipart/mixed;subscriptionSpec="1.0"',
    "events": "text/event-stream",
}
_SECOND: Final = graphql("{ __typename }")


def _flood(connection: socket.socket) -> None:
    """Send requests behind the stream until the gateway takes no more."""
    connection.settimeout(0.1)
    with suppress(OSError):
        for _ in range(40):
            connection.sendall(_SECOND * 200)


def _close(connection: socket.socket) -> None:
    connection.close()


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()


def _half_close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)


def _stay(connection: socket.socket) -> None:
    """Stay connected, and neither read nor write."""


def _open_websocket(connection: socket.socket) -> None:
    open_websocket(connection)


def _begin_frame(connection: socket.socket) -> None:
    """Open a WebSocket and send only half of a message."""
    open_websocket(connection)
    connection.sendall(frame(TEXT, b'{"type":"ping"}' + b" " * 5_000)[:3_000])


def _in_turn(*acts: Act) -> Act:
    def act(connection: socket.socket) -> None:
        for each in acts:
            each(connection)

    return act


def _take_places(begin: Act, leave: Act) -> Run:
    """Return an attack that takes all places in some way, leaves, and waits for the places."""

    def run(victim: Victim) -> Outcome:
        with ExitStack() as stack:
            connections = [
                stack.enter_context(connected(victim, receive_buffer=4_096)) for _ in range(_PLACES)
            ]
            for connection in connections:
                begin(connection)
            taken = _wait_for(victim, lambda streams: streams > 0, 3)
            for connection in connections:
                with suppress(OSError):
                    leave(connection)
            seconds = _wait_for(victim, lambda streams: streams == 0, _WAIT)
            left = _streams(victim)
        if taken is None:
            return Outcome(figures=["no place taken"])
        if seconds is None:
            return Outcome(faults=[f"{left} of {_PLACES} places taken after {_WAIT:g} s"])
        return Outcome([Answer(200)], figures=[f"given back after {seconds:.1f} s"])

    return run


def _wait_for(victim: Victim, condition: Callable[[int], bool], seconds: float) -> float | None:
    """Return when the number of open streams met a condition; `None` if it did not."""
    began = time.monotonic()
    while time.monotonic() < min(began + seconds, victim.ends_at):
        if condition(_streams(victim)):
            return time.monotonic() - began
        time.sleep(0.1)
    return None


def _streams(victim: Victim) -> int:
    """Return the number of open streams, as the gateway counts them."""
    with suppress(OSError, HTTPException), HttpClient(victim.port) as client:
        found = _STREAMS.search(client.get("/metrics"))
        return round(float(found[1])) if found else -1
    return -1


def _attack(key: str, title: str, begin: Act, leave: Act) -> Attack:
    run = _take_places(begin, leave)
    return Attack(f"a5-{key}", title, run, seconds=_WAIT + 10, options=_OPTIONS)


def _over_http(name: str) -> tuple[Attack, ...]:
    accept = _ACCEPTED[name]
    plain, pipelined = _stream(accept), _stream(accept, _SECOND)
    return (
        _attack(f"{name}-close", f"{name}: close", plain, _close),
        _attack(f"{name}-pipelined", f"{name}: pipeline, close", pipelined, _close),
        _attack(
            f"{name}-half",
            f"{name}: half a second request, close",
            _stream(accept, _SECOND[:60]),
            _close,
        ),
        _attack(f"{name}-flood", f"{name}: flood, close", _in_turn(plain, _flood), _close),
        _attack(f"{name}-half-close", f"{name}: close one way", pipelined, _half_close),
        _attack(f"{name}-reset", f"{name}: pipeline, reset", pipelined, _reset),
    )


ATTACKS: Final = (
    *_over_http("multipart"),
    *_over_http("events"),
    _attack("websocket-silent", "WebSocket without init", send_handshake, _stay),
    _attack("websocket-idle", "WebSocket that answers no ping", _open_websocket, _stay),
    _attack("websocket-frame", "half a frame, then nothing", _begin_frame, _stay),
    _attack(
        "websocket-flood", "HTTP behind the handshake", _in_turn(_open_websocket, _flood), _close
    ),
    _attack("websocket-reset", "WebSocket, reset", _open_websocket, _reset),
)
