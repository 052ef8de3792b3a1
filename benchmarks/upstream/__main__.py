"""`python -m benchmarks.upstream --port PORT`: SageMaker's JSON protocol on loopback.

`GET /calls` returns the number of calls by operation and the most that were in flight, `DELETE
/calls` resets both, `PUT /latency` sets the milliseconds that each further call waits.
"""

import argparse
import asyncio
import json
from collections import Counter
from typing import cast

import httptools
import uvloop

from benchmarks.upstream.answers import Answers
from benchmarks.workloads import PAGE


class Upstream:
    """What all connections share."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.calls: Counter[str] = Counter()
        self.latency = 0.0
        self.in_flight = 0
        self.most_in_flight = 0

    def control(self, method: str, path: bytes, body: bytes) -> bytes:
        """Answer a request of the benchmark itself."""
        if path == b"/latency":
            self.latency = float(body) / 1_000
        elif method == "DELETE":
            self.calls.clear()
            self.most_in_flight = self.in_flight
        counts = {"calls": self.calls, "most_in_flight": self.most_in_flight}
        return _response(b"200 OK", json.dumps(counts).encode())


class Connection(asyncio.Protocol):
    """One connection of a client, kept alive."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._parser = httptools.HttpRequestParser(self)
        self._path = b""
        self._operation = ""
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take in a piece of a request."""
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        """Start with nothing."""
        self._path = self._body = b""
        self._operation = ""

    def on_url(self, url: bytes) -> None:
        """Take in the path."""
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header."""
        if name.lower() == b"x-amz-target":
            self._operation = value.decode().rpartition(".")[2]

    def on_body(self, body: bytes) -> None:
        """Take in a piece of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Answer, now or when the latency is over."""
        upstream = self._upstream
        if not self._operation:
            method = self._parser.get_method().decode()
            self._transport.write(upstream.control(method, self._path, self._body))
            return
        upstream.calls[self._operation] += 1
        answer = upstream.answers.answer(self._operation, self._body)
        unknown = _response(b"400 Bad Request", b'{"__type":"UnknownOperationException"}')
        response = unknown if answer is None else _response(b"200 OK", answer)
        upstream.in_flight += 1
        upstream.most_in_flight = max(upstream.most_in_flight, upstream.in_flight)
        if upstream.latency:
            asyncio.get_running_loop().call_later(upstream.latency, self._send, response)
        else:
            self._send(response)

    def _send(self, response: bytes) -> None:
        self._upstream.in_flight -= 1
        if not self._transport.is_closing():
            self._transport.write(response)


def _response(status: bytes, body: bytes) -> bytes:
    return (
        b"HTTP/1.1 %b\r\nx-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\n"
        b"Content-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n%b"
        % (status, len(body), body)
    )


async def _serve(port: int, listed: int) -> None:
    upstream = Upstream(Answers(listed))
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(upstream), "127.0.0.1", port, backlog=2_048
    )
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--listed", type=int, default=PAGE, help="jobs in the list")
    options = parser.parse_args()
    uvloop.run(_serve(options.port, options.listed))
