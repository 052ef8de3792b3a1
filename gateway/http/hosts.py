"""Take requests to the gateway's own host names only.

By DNS rebinding, a page of another site makes its own name lead to this machine. For the browser,
the gateway then is of the page's site, and nothing but the `Host` header tells.
Source: https://owasp.org/www-community/attacks/DNS_Rebinding
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import Code, CodedError
from gateway.http.headers import find_header
from gateway.http.responses import refuse

LOOPBACK_HOSTS: Final = frozenset({"localhost", "*.localhost", "127.0.0.1", "[::1]"})
_PROBES: Final = ("/healthz", "/readyz")
"""The paths that tell nothing; probes of Kubernetes name the address of the pod."""
_MOST_REMEMBERED: Final = 1_000


class UnknownHost(CodedError):
    """The request names a host that is not one of the gateway's."""

    code = Code.FORBIDDEN


_REFUSED: Final = refuse(
    403,
    UnknownHost(
        "The gateway does not answer to the host name in this request; GATEWAY_ALLOWED_HOSTS lists "
        "those that it answers to."
    ),
)


class AllowedHosts:
    """An ASGI application that passes on what names one of `hosts`: names, or `*.` and a domain."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._exact = frozenset(host for host in hosts if not host.startswith("*."))
        self._suffixes = tuple(host[1:] for host in hosts if host.startswith("*."))
        self._known: dict[bytes, bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request or a WebSocket on, or refuse it."""
        if scope["type"] == "lifespan" or self._is_allowed(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _REFUSED(scope, receive, send)
        else:
            await receive()
            # Servers answer 403 to a handshake that is closed.
            await send({"type": "websocket.close"})

    def _is_allowed(self, scope: Scope) -> bool:
        host = find_header(b"host", scope["headers"])
        known = self._known.get(host)
        if known is None:
            known = self._has(_name_of(host.decode("latin-1")))
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[host] = known
        return known or scope["path"].endswith(_PROBES)

    def _has(self, name: str) -> bool:
        return name in self._exact or name.endswith(self._suffixes)


def _name_of(host: str) -> str:
    """Return the name in a `Host` header, in lower case, without the port."""
    name, colon, port = host.rpartition(":")
    has_port = bool(colon) and port.isdigit() and (not name.count(":") or name.endswith("]"))
    return (name if has_port else host).lower().removesuffix(".")


def add_allowed_hosts(app: ASGIApp, hosts: frozenset[str] | None) -> ASGIApp:
    """Return `app` for these hosts; `None`, or `*` among them, stands for all."""
    return app if hosts is None or "*" in hosts else AllowedHosts(app, hosts)
