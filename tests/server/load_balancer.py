"""A minimal load balancer: checks readiness, reuses connections, retries nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

_LOOK: Final = 0.1
"""Seconds between two looks at a backend's readiness."""
_THINK: Final = 0.002
"""Seconds between a client's requests, so that replicas that start have a processor too."""

Address = tuple[str, int]
Ask = Callable[[], tuple[bytes, bytes]]
"""Returns the body of a request and that of the right response."""


class Message(NamedTuple):
    """An HTTP/1.1 request or response."""

    head: bytes
    body: bytes

    @property
    def closes(self) -> bool:
        """Whether its sender closes the connection after it."""
        return b"\r\nconnection: close\r\n" in self.head.lower()

    @property
    def status(self) -> int:
        """The status of a response."""
        return int(self.head.split(b" ", 2)[1])


class Connection:
    """Reads and writes messages."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, address: Address) -> "Connection":
        """Return a connection to a server."""
        return cls(*await asyncio.open_connection(*address))

    async def read(self) -> Message:
        """Return the next message. Raises `ConnectionError` or `EOFError` when there is none."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        _, found, rest = head.lower().partition(b"\r\ncontent-length:")
        length = int(rest.partition(b"\r\n")[0]) if found else 0
        return Message(head, await self._reader.readexactly(length))

    async def write(self, message: Message) -> None:
        """Send a message."""
        self._writer.write(message.head + message.body)
        await self._writer.drain()

    async def ask(self, request: Message) -> Message:
        """Return the response to a request."""
        await self.write(request)
        return await self.read()

    def close(self) -> None:
        """Close it."""
        self._writer.close()


class Backend:
    """One replica, as the balancer sees it."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.is_ready = False
        self.served = 0
        """Responses that came from it."""
        self.under_way: list[Message] = []
        """Requests that it has not answered yet."""
        self._idle: list[Connection] = []

    async def ask(self, request: Message) -> Message:
        """Pass a request on, over a connection that is open already if there is one."""
        connection = self._idle.pop() if self._idle else await Connection.to(self.address)
        self.under_way.append(request)
        try:
            response = await connection.ask(request)
        finally:
            self.under_way.remove(request)
        self.served += 1
        if response.closes or not self.is_ready:
            connection.close()
        else:
            self._idle.append(connection)
        return response

    async def watch(self) -> None:
        """Ask for its readiness for ever."""
        while True:
            self.is_ready = await self._look()
            if not self.is_ready:
                self.leave()
            await asyncio.sleep(_LOOK)

    async def _look(self) -> bool:
        request = Message(
            b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b""
        )
        try:
            connection = await Connection.to(self.address)
            response = await connection.ask(request)
        except (OSError, EOFError):
            return False
        connection.close()
        return response.status == 200

    def leave(self) -> None:
        """Close the connections that no request is on."""
        while self._idle:
            self._idle.pop().close()


class Balancer:
    """Passes requests on to backends that are ready, in turn."""

    def __init__(self, backends: list[Backend]) -> None:
        self.backends = backends
        self._turn = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Connection(reader, writer)
        try:
            while True:
                request = await client.read()
                await client.write(await self._pass_on(request))
        except (OSError, EOFError):
            pass
        finally:
            client.close()

    async def _pass_on(self, request: Message) -> Message:
        ready = [backend for backend in self.backends if backend.is_ready]
        if not ready:
            return _bad_gateway("no backend is ready")
        self._turn += 1
        backend = ready[self._turn % len(ready)]
        try:
            return await backend.ask(request)
        except (OSError, EOFError) as error:
            return _bad_gateway(repr(error))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Address]:
        """Balance, and yield the address that clients connect to."""
        watches = [asyncio.create_task(backend.watch()) for backend in self.backends]
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[:2]
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
        for backend in self.backends:
            backend.leave()


def _bad_gateway(reason: str) -> Message:
    body = reason.encode()
    return Message(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: %d\r\n\r\n" % len(body), body)


class Load:
    """Clients that send one request after the other, and remember every answer that is wrong."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._goes_on = True
        self._clients: list[asyncio.Task[None]] = []
        self.answered = 0
        self.failures: list[str] = []

    def add(self, ask: Ask) -> None:
        """Start a client."""
        self._clients.append(asyncio.create_task(self._run(ask)))

    async def _run(self, ask: Ask) -> None:
        connection = await Connection.to(self._address)
        while self._goes_on:
            body, expected = ask()
            response = await connection.ask(post(body))
            self.answered += 1
            if (response.status, response.body) != (200, expected):
                self.failures.append(f"{response.status} {response.body!r} to {body!r}")
            await asyncio.sleep(_THINK)
        connection.close()

    async def stop(self) -> None:
        """Let each client finish its last request."""
        self._goes_on = False
        await asyncio.gather(*self._clients)


def post(body: bytes) -> Message:
    """Return a GraphQL request."""
    head = (
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n"
    )
    return Message(head % len(body), body)
