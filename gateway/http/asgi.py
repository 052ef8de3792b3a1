"""ASGI as the specification has it: what it leaves open, brought into one form.

Servers may omit optional keys, give headers as any iterable of pairs, whose names need not be in
lower case, and set `root_path`. Source: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from starlette.types import Message, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

_DEFAULTS: Final = {"query_string": b"", "root_path": ""}


class ClientDisconnected(Exception):
    """The client disconnected before its request was complete, or before it was answered."""


def normalise_headers(headers: Iterable[Iterable[Any]]) -> Headers:
    """Return headers as a list of tuples, their names in lower case."""
    return [(name.lower(), value) for name, value in headers]


def normalise_scope(scope: Scope, root_path: str = "") -> Scope:
    """Return the scope of a request or WebSocket with every key that the gateway reads.

    In it `root_path` begins with a slash and ends without one, or is empty; `path` begins with it.
    The parameter `root_path` is for servers that know of none.
    """
    scope = {**_DEFAULTS, **scope, "headers": normalise_headers(scope["headers"])}
    root_path = (scope["root_path"] or root_path).strip("/")
    scope["root_path"] = root_path = f"/{root_path}" if root_path else ""
    if not f"{scope['path']}/".startswith(f"{root_path}/"):
        # Some servers, and some proxies in front of them, remove it.
        scope["path"] = root_path + scope["path"]
    if scope["type"] == "websocket":
        scope["subprotocols"] = [*scope.get("subprotocols", ())]
    return scope


def path_below_root(scope: Scope) -> str:
    """Return the path of a normalised scope without its root path."""
    path: str = scope["path"]
    return path.removeprefix(scope["root_path"])


def supports_close_reason(scope: Scope) -> bool:
    """Tell whether the server knows `reason` in `websocket.close`, new in version 2.3."""
    version = scope.get("asgi", {}).get("spec_version", "2.0")
    return tuple(int(part) for part in version.split(".")) >= (2, 3)


async def wait_for_disconnect(receive: Receive) -> None:
    """Return when the client of a request disconnects. Ignores what is left of its body."""
    ends = 0
    # Some servers do not wait for the disconnect, but repeat the end of the body without end.
    while ends <= 1:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        ends += not message.get("more_body", False)
        # Even where no message has to be waited for, other tasks go on.
        await asyncio.sleep(0)
    await asyncio.Event().wait()


async def send_to_client(send: Send, message: Message) -> None:
    """Send a message. Raises `ClientDisconnected` when the server says so by an `OSError`."""
    try:
        await send(message)
    except OSError as error:
        raise ClientDisconnected from error
