"""The least work that an ASGI server can do: read the body, send prepared bytes.

`python -m benchmarks.limit --port PORT --answers FOLDER`: each file is a path, each of its lines an
answer; answers take turns. uvicorn, event loop, parser and collector are set up like the gateway's.
"""

import argparse
import functools
import gc
import itertools
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send


def create(folder: Path) -> ASGIApp:
    """Return the application."""

    @functools.cache
    def answers(path: str) -> Iterator[bytes]:
        file = folder / path.removeprefix("/")
        return itertools.cycle(file.read_bytes().splitlines() if file.is_file() else [b"{}"])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        more = scope["type"] == "http"
        if not more:
            return
        while more:
            more = (await receive()).get("more_body", False)
        body = next(answers(scope["path"]))
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    options = parser.parse_args()
    app = create(options.answers)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    uvicorn.run(
        app,
        port=options.port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


if __name__ == "__main__":
    _main()
