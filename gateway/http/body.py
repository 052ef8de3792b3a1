"""Request bodies, read no further than a limit."""

from starlette.types import Receive, Scope


class BodyTooLarge(Exception):
    """The body is longer than the limit; the rest of it was not read."""


class ClientGone(Exception):
    """The client went away before its request was whole."""


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """Return the whole body. Raises `BodyTooLarge` or `ClientGone`."""
    for name, value in scope["headers"]:
        if name == b"content-length" and _is_over(value, max_bytes):
            raise BodyTooLarge
    chunks: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        length += len(chunk)
        if length > max_bytes:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


def _is_over(length: bytes, most: int) -> bool:
    # Python makes no number of more than a few thousand digits.
    digits = length.lstrip(b"0")
    return digits.isdigit() and (len(digits) > len(str(most)) or int(digits) > most)
