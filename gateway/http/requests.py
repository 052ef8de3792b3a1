"""The body and the parameters of a GraphQL request over HTTP."""

from typing import Final
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive, Scope

from gateway.errors import BadUserInput
from gateway.http.asgi import ClientDisconnected

_PARAMETERS: Final = ("query", "operationName", "variables", "extensions", "documentId")
_MAX_DIGITS: Final = 18
"""Digits of the longest length that is read as a number."""
_IN_JSON: Final = frozenset({"variables", "extensions"})


class BodyTooLarge(Exception):
    """The body is longer than the limit; the rest of it was not read."""


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """Return the whole body. Raises `BodyTooLarge` or `ClientDisconnected`."""
    for name, value in scope["headers"]:
        if name == b"content-length" and _exceeds(value, max_bytes):
            raise BodyTooLarge
    chunks: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk: bytes = message.get("body", b"")
        length += len(chunk)
        # The second limit is for empty chunks, of which a client could send any number.
        if length > max_bytes or len(chunks) > max_bytes:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


def _exceeds(length: bytes, max_bytes: int) -> bool:
    # `int` refuses text of more than a few thousand digits.
    digits = length.lstrip(b"0") if len(length) > _MAX_DIGITS else length
    return digits.isdigit() and (len(digits) > _MAX_DIGITS or int(digits) > max_bytes)


def decode_json(text: bytes | str, name: str) -> object:
    """Return the value of a JSON text. Raises `BadUserInput`, whose message calls it `name`."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadUserInput(f"{name} is not valid JSON.") from error


def parse_query_string(query_string: bytes) -> dict[str, object]:
    """Return the request parameters in a URL's query string. Raises `BadUserInput`."""
    try:
        fields = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise BadUserInput("The query string is not valid UTF-8, percent-encoded.") from error
    parameters: dict[str, object] = {}
    for name in _PARAMETERS:
        values = fields.get(name, [])
        if len(values) > 1:
            raise BadUserInput(f"`{name}` is given more than once.")
        if values:
            in_json = name in _IN_JSON
            parameters[name] = decode_json(values[0], f"`{name}`") if in_json else values[0]
    return parameters
