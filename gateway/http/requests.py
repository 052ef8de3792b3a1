"""The body and the parameters of a GraphQL request over HTTP."""

import zlib
from typing import Final
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive, Scope

from gateway.errors import BadUserInput
from gateway.http.asgi import ClientDisconnected

_PARAMETERS: Final = ("query", "operationName", "variables", "extensions", "documentId")
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_MAX_GZIP_MEMBERS: Final = 100
_BOM: Final = b"\xef\xbb\xbf"
_MAX_DIGITS: Final = 18
"""Digits of the longest length that is read as a number."""
_IN_JSON: Final = frozenset({"variables", "extensions"})


class InvalidBody(Exception):
    """The body cannot be used, which `status` says too."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_body(scope: Scope, receive: Receive, max_bytes: int, *, is_gzip: bool) -> bytes:
    """Return the whole body, decompressed if it `is_gzip`.

    Raises `ClientDisconnected`, and `InvalidBody` for a body over the limit, of which no more is
    read or decompressed than that.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and _exceeds(value, max_bytes):
            raise _too_large(max_bytes)
    chunks: list[bytes] = []
    length = 0
    while True:
        try:
            message = await receive()
        except OSError as error:
            raise ClientDisconnected from error
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk: bytes = message.get("body") or b""
        length += len(chunk)
        # The second limit is for empty chunks, of which a client could send any number.
        if length > max_bytes or len(chunks) > max_bytes:
            raise _too_large(max_bytes)
        if not message.get("more_body", False):
            body = b"".join((*chunks, chunk)) if chunks else chunk
            return _decompress(body, max_bytes) if is_gzip else body
        chunks.append(chunk)


def _too_large(max_bytes: int) -> InvalidBody:
    return InvalidBody(413, f"The body is larger than {max_bytes} bytes.")


def _decompress(body: bytes, max_bytes: int) -> bytes:
    invalid = InvalidBody(400, "The body is not compressed with gzip, as its header says.")
    decompressed = b""
    # gzip allows several members, one after the other, which may be empty: hence the limit.
    for _ in range(_MAX_GZIP_MEMBERS):
        stream = zlib.decompressobj(_GZIP_WINDOW)
        try:
            decompressed += stream.decompress(body, max_bytes + 1 - len(decompressed))
        except zlib.error as error:
            raise invalid from error
        if len(decompressed) > max_bytes:
            raise _too_large(max_bytes)
        if not stream.eof:
            break
        if not stream.unused_data:
            return decompressed
        body = stream.unused_data
    raise invalid


def _exceeds(length: bytes, max_bytes: int) -> bool:
    # `int` refuses text of more than a few thousand digits.
    digits = length.lstrip(b"0") if len(length) > _MAX_DIGITS else length
    return digits.isdigit() and (len(digits) > _MAX_DIGITS or int(digits) > max_bytes)


def decode_json(text: bytes | str, name: str) -> object:
    """Return the value of a JSON text. Raises `BadUserInput`, whose message calls it `name`."""
    # RFC 8259, 8.1: a parser may ignore a byte order mark, which some clients send.
    text = text.removeprefix(_BOM) if isinstance(text, bytes) else text.removeprefix("\ufeff")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadUserInput(f"{name} is not valid JSON.") from error


def parse_query_string(query_string: bytes) -> dict[str, object]:
    """Return the request parameters in a URL's query string. Raises `BadUserInput`.

    An empty parameter counts as absent, but for an empty `query`.
    """
    try:
        fields = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise BadUserInput("The query string is not valid UTF-8, percent-encoded.") from error
    parameters: dict[str, object] = {}
    for name in _PARAMETERS:
        values = fields.get(name, [])
        if len(values) > 1:
            raise BadUserInput(f"`{name}` is given more than once.")
        if values and (values[0] or name == "query"):
            in_json = name in _IN_JSON
            parameters[name] = decode_json(values[0], f"`{name}`") if in_json else values[0]
    return parameters
