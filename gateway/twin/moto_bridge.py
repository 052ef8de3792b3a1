"""moto's server, which answers what the twin does not answer itself.

Importing moto takes longer than starting the twin, so it is loaded by the first request for it.
Its state belongs to the process: twins that run side by side share it, `reset` empties it.
"""

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote

from gateway.twin.errors import INTERNAL_FAILURE, AwsError
from gateway.twin.http_server import Request, Response

# Fail at import, when a twin is started, and not in the middle of a call.
for _needed in ("moto", "flask"):
    if find_spec(_needed) is None:
        raise ModuleNotFoundError(f"No module named '{_needed}'", name=_needed)

logger = logging.getLogger(__name__)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# These describe the message as werkzeug would send it; this server writes its own.
OWN_HEADERS = {"content-length", "content-type", "connection", "date", "server"}


class MotoBridge:
    """Passes requests to moto's WSGI application, as calls from one account."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._app: Wsgi | None = None

    def answer(self, request: Request) -> Response:
        """Return moto's response to a request."""
        status = "500 Internal Server Error"
        headers: list[tuple[str, str]] = []

        def start_response(
            told_status: str, told_headers: list[tuple[str, str]], _error: Any = None
        ) -> None:
            nonlocal status, headers
            status, headers = told_status, told_headers

        try:
            result = self._load()(self._environ(request), start_response)
        # What moto raises for an operation that it lacks.
        except NotImplementedError as error:
            raise AwsError("NotImplemented", f"moto: {error}", 501) from None
        except Exception as error:
            # Moto takes optional members for granted here and there: say that it was moto.
            logger.exception("twin.moto_failed")
            raise AwsError(INTERNAL_FAILURE, f"moto failed: {error!r}", 500) from error
        body = b"".join(result)
        close = getattr(result, "close", None)
        if close is not None:
            close()
        by_name = {name.lower(): value for name, value in headers}
        return Response(
            int(status.split(" ", 1)[0]),
            body,
            by_name.get("content-type", "application/octet-stream"),
            [item for item in headers if item[0].lower() not in OWN_HEADERS],
        )

    def reset(self) -> None:
        """Make moto forget everything, if it was ever asked."""
        if self._app is not None:
            from moto.core.base_backend import BackendDict
            from moto.core.model_instances import reset_model_data

            BackendDict.reset()
            reset_model_data()

    def _load(self) -> Wsgi:
        with self._lock:
            if self._app is None:
                from moto.moto_server.werkzeug_app import (
                    DomainDispatcherApplication,
                    create_backend_app,
                )

                self._app = DomainDispatcherApplication(create_backend_app)
            return self._app

    def _environ(self, request: Request) -> dict[str, Any]:
        path, _, query = request.target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": request.target,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in request.headers.items():
            environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = self._account
        return environ
