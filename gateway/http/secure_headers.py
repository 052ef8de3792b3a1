"""Headers that limit what a browser does with a response, on every response.

Sources: https://fetch.spec.whatwg.org/#x-content-type-options-header, RFC 7034 (frames), RFC 6797
(Strict-Transport-Security), https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NO_SNIFF: Final = b"x-content-type-options"
_STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start"})


def add_secure_headers(app: ASGIApp, hsts_seconds: int) -> ASGIApp:
    """Return `app`, each of whose responses says that it is no script and goes into no other page.

    With `hsts_seconds` over 0, browsers use HTTPS alone for so long.
    """
    more = [(b"x-frame-options", b"DENY"), (b"cross-origin-resource-policy", b"same-origin")]
    if hsts_seconds:
        more.append((b"strict-transport-security", b"max-age=%d" % hsts_seconds))
    with_no_sniff = [*more, (_NO_SNIFF, b"nosniff")]

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = message.get("headers") or ()
                is_set = any(name == _NO_SNIFF for name, _ in headers)
                message["headers"] = [*headers, *(more if is_set else with_no_sniff)]
            await send(message)

        await app(scope, receive, send if scope["type"] == "lifespan" else send_with_headers)

    return call
