"""The attacker's HTTP client: requests by the byte, answers read to the end or left unread."""

import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final

from benchmarks.processes import compact_json
from benchmarks.siege.attack import Answer, Outcome, Run, Victim

_CHUNK: Final = 1 << 18
_REMEMBERED: Final = 1 << 16
_CODE: Final = re.compile(rb'"code":\s?"([A-Z_]+)"')
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


def head(path: str = "/graphql", method: str = "POST", **more: str) -> bytes:
    """Return the head of a request but for the empty line; `more` are headers, `_` for `-`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return "\r\n".join(lines).encode() + b"\r\n"


def graphql(
    query: str | None,
    variables: object = None,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> bytes:
    """Return the bytes of a request with a JSON body."""
    body: dict[str, Any] = {"query": query, "variables": variables, **members}
    return post(compact_json({k: v for k, v in body.items() if v is not None}), headers)


def post(body: str | bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a request with this body."""
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    more = {"Content_Type": "application/json", "Accept": "application/json", **(headers or {})}
    return head(Content_Length=str(len(data)), **more) + b"\r\n" + data


@contextmanager
def connected(victim: Victim, *, receive_buffer: int | None = None) -> Iterator[socket.socket]:
    """Yield a connection, with a small receive buffer if a client is to leave answers unread."""
    with socket.socket() as connection:
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(victim.left)
        connection.connect(("127.0.0.1", victim.port))
        yield connection


@contextmanager
def many_connected(victim: Victim, count: int) -> Iterator[list[socket.socket]]:
    """Yield as many connections as the gateway accepts, up to `count`."""
    with ExitStack() as stack:
        connections: list[socket.socket] = []
        with suppress(OSError):
            for _ in range(count):
                connections.append(stack.enter_context(connected(victim)))  # noqa: PERF401
        yield connections


def ask(victim: Victim, request: bytes) -> Answer:
    """Send a request over a connection of its own and return the answer, read to its end."""
    began = time.monotonic()
    try:
        with connected(victim) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(request)
            answer = read_answer(connection)
    except TimeoutError:
        return Answer(None, seconds=time.monotonic() - began, note="in time")
    except OSError as error:
        return Answer(None, seconds=time.monotonic() - began, note=type(error).__name__)
    return answer._replace(seconds=time.monotonic() - began)


def ask_each(victim: Victim, requests: Iterable[bytes]) -> list[Answer]:
    """Send requests one after the other over one connection, until the time is over."""
    answers: list[Answer] = []
    with ExitStack() as stack:
        connection: socket.socket | None = None
        for request in requests:
            if time.monotonic() > victim.ends_at:
                break
            try:
                connection = connection or stack.enter_context(connected(victim))
                connection.sendall(request)
                answers.append(read_answer(connection))
            except OSError as error:
                connection = None
                answers.append(Answer(None, note=type(error).__name__))
            else:
                if answers[-1].status is None:
                    connection = None
    return answers


def ask_at_once(victim: Victim, requests: Sequence[bytes]) -> list[Answer]:
    """Send requests at the same time, each over a connection of its own."""
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(lambda request: ask(victim, request), requests))


def read_answer(connection: socket.socket) -> Answer:
    """Read one answer; its codes are looked for in the first and last 64 KB of its body."""
    buffer = b""
    while b"\r\n\r\n" not in buffer:
        data = _receive(connection)
        if not data:
            return Answer(None, note="closed")
        buffer += data
    top, _, body = buffer.partition(b"\r\n\r\n")
    status = int(top.split(b" ", 2)[1])
    size, first, last = _read_body(connection, top, body)
    codes = dict.fromkeys(code.decode() for code in _CODE.findall(first + last))
    return Answer(status, tuple(codes), size)


def _read_body(connection: socket.socket, top: bytes, body: bytes) -> tuple[int, bytes, bytes]:
    """Read the rest of a body. Return its size, its beginning and its end."""
    length = _LENGTH.search(top)
    is_chunked = _CHUNKED.search(top) is not None
    size, first, last = len(body), body[:_REMEMBERED], body[-_REMEMBERED:]
    while True:
        if is_chunked and last.endswith(b"0\r\n\r\n"):
            break
        if not is_chunked and length is not None and size >= int(length[1]):
            break
        data = _receive(connection)
        if not data:
            break
        size += len(data)
        first = (first + data)[:_REMEMBERED] if len(first) < _REMEMBERED else first
        last = (last + data)[-_REMEMBERED:]
    return size, first, last if size > _REMEMBERED else b""


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_CHUNK)
    except ConnectionResetError:
        return b""


def wait_until_closed(connection: socket.socket, seconds: float) -> float | None:
    """Return after how many seconds the gateway closes a connection; `None` if it does not.

    What it sends before is read and forgotten.
    """
    began = time.monotonic()
    while (left := began + seconds - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            if not _receive(connection):
                return time.monotonic() - began
        except TimeoutError:
            return None
        except OSError:
            return time.monotonic() - began
    return None


def sending(requests: Callable[[], Iterable[bytes]]) -> Run:
    """Return an attack that sends requests one after the other."""
    return lambda victim: Outcome(ask_each(victim, requests()))


def sending_at_once(requests: Callable[[], Sequence[bytes]]) -> Run:
    """Return an attack that sends requests at the same time."""
    return lambda victim: Outcome(ask_at_once(victim, requests()))


def read_until(connection: socket.socket, pattern: bytes, seconds: float) -> bytes | None:
    """Return what was received up to a match of `pattern`; `None` if none comes."""
    end = time.monotonic() + seconds
    buffer = b""
    with suppress(OSError):
        while (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            data = connection.recv(_CHUNK)
            buffer = (buffer + data)[-_REMEMBERED:]
            if re.search(pattern, buffer):
                return buffer
            if not data:
                break
    return None
