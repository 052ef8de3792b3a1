"""The control interface under `/_twin/` on the twin's port: call counts, faults, reset."""

import json
from collections.abc import Callable
from typing import Any

from gateway.twin.call import CallCounter
from gateway.twin.faults import FaultError, FaultInjector, Faults
from gateway.twin.http_server import Request, Response

PREFIX = "/_twin/"
# Where tests that use moto in server mode reset it.
MOTO_RESET = "/moto-api/reset"


def is_control(request: Request) -> bool:
    """Whether a request is for the control interface and not for SageMaker or moto."""
    path = request.target.partition("?")[0]
    return path.startswith(PREFIX) or path == MOTO_RESET


class Control:
    """Answers `GET`/`DELETE /_twin/calls`, `GET`/`PUT`/`DELETE /_twin/faults`, `POST /_twin/reset`.

    `POST /moto-api/reset` is the same as `POST /_twin/reset`.
    """

    def __init__(
        self, calls: CallCounter, faults: FaultInjector, reset: Callable[[], None]
    ) -> None:
        self._calls = calls
        self._faults = faults
        self._reset = reset

    def answer(self, request: Request) -> Response:
        """Answer a control request; unknown paths are 404, wrong methods 405."""
        path = request.target.partition("?")[0]
        handlers = {
            PREFIX + "calls": self._on_calls,
            PREFIX + "faults": self._on_faults,
            PREFIX + "reset": self._on_reset,
            MOTO_RESET: self._on_reset,
        }
        handler = handlers.get(path)
        if handler is None:
            return _json(404, {"error": f"unknown path {path}; known are {', '.join(handlers)}"})
        return handler(request)

    def _on_calls(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._calls.reset()
        elif request.method != "GET":
            return _wrong_method("GET, DELETE")
        return _json(200, self._calls.counts())

    def _on_faults(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                self._faults.set(Faults.parse(json.loads(request.body)))
            except ValueError as error:
                reason = str(error) if isinstance(error, FaultError) else f"not JSON: {error}"
                return _json(400, {"error": reason})
        elif request.method == "DELETE":
            self._faults.set(Faults())
        elif request.method != "GET":
            return _wrong_method("GET, PUT, DELETE")
        return _json(200, self._faults.faults.to_json())

    def _on_reset(self, request: Request) -> Response:
        if request.method != "POST":
            return _wrong_method("POST")
        self._reset()
        return _json(200, {"status": "ok"})


def _json(status: int, content: Any) -> Response:
    return Response(status, json.dumps(content).encode() + b"\n")


def _wrong_method(allowed: str) -> Response:
    return Response(405, b'{"error": "wrong method"}\n', headers=[("Allow", allowed)])
