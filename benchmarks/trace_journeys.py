"""Counts how often a request changes the file on its way through the gateway.

`python trace_journeys.py ENDPOINT` runs a few typical requests on a gateway in this process and
prints, as JSON, for each the files of `gateway/` that it entered and the changes of file: pairs of
consecutive calls or returns of Python functions that belong to different files of `gateway/`.

It needs the gateway, which PYTHONPATH chooses, and a SageMaker at ENDPOINT, but nothing else of the
benchmarks, so that it traces any checkout of the gateway.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import gateway
from gateway.app import create_app
from gateway.settings import Settings

_ROOT: Final = str(Path(str(gateway.__file__)).parent)
_TIMEOUT: Final = 30.0

_NAME: Final = "@NAME@"
_LINKED_JOB: Final = """{
  processingJob(name: "@NAME@") {
    processingJobName processingJobStatus trainingJob { trainingJobName trainingJobStatus }
  }
}"""
JOURNEYS: Final = {
    "linked job, cold": _LINKED_JOB,
    "list page, cold": (
        "{ processingJobs(first: 20) { nodes { processingJobName processingJobStatus } } }"
    ),
    "subscription, first event": (
        'subscription { processingJob(name: "@NAME@") { processingJobName processingJobStatus } }'
    ),
    "refused, unknown field": '{ processingJob(name: "@NAME@") { noSuchField } }',
    "refused, too many tokens": "{ " + "__typename " * 6_000 + "}",
}
"""Documents by the name of the journey; `@NAME@` stands for the name of a job."""


class FileTracer:
    """A profile function that counts the files of the gateway, and changes between them."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.changes = 0
        self._last: str | None = None

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Count a call or a return; events of C functions are ignored."""
        file = frame.f_code.co_filename
        if event not in {"call", "return"} or not file.startswith(_ROOT):
            return
        if self._last not in {None, file}:
            self.changes += 1
        self.files.add(file)
        self._last = file


class Exchange:
    """One POST to /graphql, from the ASGI server's side.

    With a tracer, the events of this thread are counted until the response, or the first event of
    a stream, has been sent.
    """

    def __init__(self, text: str, tracer: FileTracer | None = None) -> None:
        self._is_stream = text.startswith("subscription")
        self._tracer = tracer
        self._request: list[dict[str, Any]] = [
            {
                "type": "http.request",
                "body": json.dumps({"query": text}).encode(),
                "more_body": False,
            }
        ]
        self._answered = asyncio.Event()
        self.body = b""

    async def run(self, app: Any) -> None:
        """Call the application. Raises `TimeoutError` if it does not answer."""
        sys.setprofile(self._tracer)
        try:
            await asyncio.wait_for(app(self._scope(), self._receive, self._send), _TIMEOUT)
        finally:
            sys.setprofile(None)

    def _scope(self) -> dict[str, Any]:
        accept = b"text/event-stream" if self._is_stream else b"application/json"
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": b"",
            "root_path": "",
            "headers": [
                (b"host", b"gateway"),
                (b"content-type", b"application/json"),
                (b"accept", accept),
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }

    async def _receive(self) -> dict[str, Any]:
        if self._request:
            return self._request.pop()
        await self._answered.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        body: bytes = message.get("body", b"")
        if body and not self.body and (not self._is_stream or b"event: next" in body):
            sys.setprofile(None)
            self.body = body
            self._answered.set()


@asynccontextmanager
async def running(endpoint_url: str) -> AsyncIterator[Any]:
    """Start a gateway with an empty cache, and shut it down at the end."""
    app: Any = create_app(Settings(region="eu-west-1", endpoint_url=endpoint_url))
    inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    scope: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(app(scope, inbox.get, outbox.put))
    for event in ("startup", "shutdown"):
        await inbox.put({"type": f"lifespan.{event}"})
        message = await outbox.get()
        if message["type"] != f"lifespan.{event}.complete":
            raise RuntimeError(message)
        if event == "startup":
            yield app
    await task


async def trace(endpoint_url: str, journey: str) -> dict[str, int]:
    """Return files and changes of a journey.

    Another request goes first: it causes the late imports and opens the connection to AWS.
    Raises `RuntimeError` if the journey does not end as its name says.
    """
    text = JOURNEYS[journey]
    tracer = FileTracer()
    async with running(endpoint_url) as app:
        await Exchange(_LINKED_JOB.replace(_NAME, "first-job")).run(app)
        exchange = Exchange(text.replace(_NAME, "second-job"), tracer)
        await exchange.run(app)
    if (b'"errors"' in exchange.body) != journey.startswith("refused"):
        raise RuntimeError(f"{journey}: {exchange.body!r}")
    return {"files": len(tracer.files), "file_changes": tracer.changes}


if __name__ == "__main__":
    traced = {journey: asyncio.run(trace(sys.argv[1], journey)) for journey in JOURNEYS}
    sys.stdout.write(json.dumps(traced))
