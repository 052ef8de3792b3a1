"""uvicorn, as the gateway runs it."""

import gc
import logging
import socket

import uvicorn
from starlette.types import ASGIApp

# Requests leave little garbage that is not freed by counting references. With Python's defaults
# the collector took a third of the time of small requests.
_GC_THRESHOLDS = (50_000, 20, 100)


def serve(app: ASGIApp, listener: socket.socket, log_level: str) -> None:
    """Serve `app` on a bound socket until SIGINT or SIGTERM."""
    logging.basicConfig(
        level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    config = uvicorn.Config(
        app,
        log_config=None,
        # One line a request costs more than most requests; the proxy in front writes them.
        access_log=False,
        server_header=False,
        backlog=2_048,
    )
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    uvicorn.Server(config).run(sockets=[listener])
