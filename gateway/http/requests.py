"""The parameters of a GraphQL request, as they come in a body or a URL."""

from typing import Final
from urllib.parse import parse_qs

import orjson

from gateway.errors import BadUserInput

_PARAMETERS: Final = ("query", "operationName", "variables", "extensions", "documentId")
_IN_JSON: Final = frozenset({"variables", "extensions"})


def decode_json(text: bytes | str, what: str) -> object:
    """Return what JSON text says. Raises `BadUserInput`, which names the text as `what`."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadUserInput(f"{what} is not valid JSON.") from error


def url_parameters(query_string: bytes) -> dict[str, object]:
    """Return the parameters in a URL's query string. Raises `BadUserInput`."""
    try:
        given = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise BadUserInput("The query string is not valid UTF-8, percent-encoded.") from error
    parameters: dict[str, object] = {}
    for name in _PARAMETERS:
        values = given.get(name, [])
        if len(values) > 1:
            raise BadUserInput(f"`{name}` is given more than once.")
        if values:
            in_json = name in _IN_JSON
            parameters[name] = decode_json(values[0], f"`{name}`") if in_json else values[0]
    return parameters
