"""ASGI as the specification has it: what it leaves open, brought into one form.

Servers may omit optional keys, give headers as any iterable of pairs, whose names need not be in
lower case, and set `root_path`. Source: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from starlette.types import Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]


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
    root_path = (scope.get("root_path") or root_path).strip("/")
    root_path = f"/{root_path}" if root_path else ""
    scope = {
        **scope,
        "headers": normalise_headers(scope["headers"]),
        "query_string": scope.get("query_string") or b"",
        "root_path": root_path,
    }
    if not f"{scope['path']}/".startswith(f"{root_path}/"):
        # Some servers, and some proxies in front of them, remove it.
        scope["path"] = root_path + scope["path"]
    if scope["type"] == "websocket":
        scope["subprotocols"] = [*(scope.get("subprotocols") or ())]
    return scope


def path_below_root(scope: Scope) -> str:
    """Return the path of a normalised scope without its root path."""
    path: str = scope["path"]
    return path.removeprefix(scope["root_path"])


def supports_close_reason(scope: Scope) -> bool:
    """Tell whether the server knows `reason` in `websocket.close`, new in version 2.3."""
    version = scope.get("asgi", {}).get("spec_version") or "2.0"
    return tuple(int(part) for part in version.split(".")) >= (2, 3)


async def wait_for_disconnect(receive: Receive) -> None:
    """Return when the client of a request disconnects. Ignores what is left of its body.

    Some servers do not report the disconnect: they repeat the end of the body without a wait, or
    raise. Then this does not return.
    """
    ends = 0
    while ends <= 1:
        try:
            message = await receive()
        except OSError:
            return
        except Exception as error:  # noqa: BLE001  # whatever a server has for a call too many
            logger.debug("gateway.receive_failed", extra={"error": type(error).__name__})
            break
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
