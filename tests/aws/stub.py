"""An HTTP server that answers as a test says, where boto3 expects AWS: whatever the bytes."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

JSON: Final = "application/x-amz-json-1.1"


@dataclass(frozen=True)
class Request:
    """What boto3 sent."""

    operation: str
    parameters: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Response:
    """What it gets."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Response]


def refusal(code: str, message: str, status: int = 400) -> Response:
    """Return an error as AWS's JSON protocol has it."""
    return Response(status, json.dumps({"__type": code, "message": message}).encode())


def json_response(members: Mapping[str, Any]) -> Response:
    """Return an answer of AWS's with these members; times are seconds there."""
    return Response(200, json.dumps(members, default=lambda time: time.timestamp()).encode())


class Stub:
    """Answers each request with what `answer` returns. `requests` are those that came."""

    def __init__(self, url: str, answer: Answer) -> None:
        self.url = url
        self.answer = answer
        self.requests: list[Request] = []


@contextmanager
def stub(answer: Answer) -> Iterator[Stub]:
    """Serve on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # In one packet: a body in one of its own waits for the acknowledgement of the head.
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            operation = self.headers.get("x-amz-target", "").rpartition(".")[2]
            parameters = json.loads(body) if operation else {}
            request = Request(operation, parameters, dict(self.headers))
            served.requests.append(request)
            # Whoever gave up does not read the answer any more.
            with suppress(BrokenPipeError, ConnectionResetError):
                self._send(served.answer(request))

        def _send(self, response: Response) -> None:
            self.send_response(response.status)
            headers = {"Content-Type": JSON, "x-amzn-RequestId": "c0ffee", **response.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as inherited
            """Say nothing: pytest shows what is written to standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Stub(f"http://127.0.0.1:{server.server_port}", answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
