"""Cursors: where a list goes on, as text that a client holds and any replica can read.

A cursor gives its bearer no rights. Region, filter and order come with each request as arguments;
the cursor holds AWS's own tokens, a count of rows per page and the mark of the last row. So it
needs no secret: a checksum finds accidents, the digest of the list finds a cursor of another list,
every part is checked for its form, and AWS refuses a token that it did not issue. Who forges a
cursor reads the same list from another place.

The text is base64url of 8 bytes of checksum and of JSON: version, digest of the list, places
(`[token, offset]` per AWS list that is merged), creation time and digest of the last row.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from gateway.aws.pagination.pages import LONGEST_TOKEN, Row
from gateway.aws.pagination.query import ListQuery
from gateway.errors import BadUserInput

_VERSION: Final = 1
_CHECKSUM_BYTES: Final = 8


class CursorError(ValueError):
    """The text is not a cursor, or not of this list."""


class Place(NamedTuple):
    """How far one of AWS's lists is read."""

    token: str | None = None
    """The token of the page that holds the next row, `None` for the first page."""
    offset: int = 0
    """The rows of that page that have been read."""


class Mark(NamedTuple):
    """What identifies the last row of a page, to find it again in the next."""

    created: int
    digest: str

    @classmethod
    def of(cls, row: Row, query: ListQuery) -> "Mark":
        """Return the mark of a row."""
        # Sorted by status, a row whose status changes moves.
        text = (row.arn or row.name).lower() + (row.status if query.sort_by == "Status" else "")
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()
        return cls(row.created, _encode(digest))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a list goes on."""

    places: tuple[Place, ...]
    mark: Mark | None = None
    """`None` before the first row."""

    def text(self, query: ListQuery) -> str:
        """Return the cursor as clients hold it."""
        mark = None if self.mark is None else list(self.mark)
        parts = [_VERSION, query.digest().hex(), [list(place) for place in self.places], mark]
        body = orjson.dumps(parts)
        return _encode(_checksum(body) + body)


def parse_cursor(text: str, query: ListQuery) -> Cursor:
    """Return the cursor that `text` holds. Raises `BadUserInput` unless it is one of this list."""
    try:
        return _parse(text, query)
    except CursorError as error:
        raise BadUserInput(f"`after` is {error}.") from error
    except ValueError as error:
        raise BadUserInput("`after` is not a cursor of this gateway.") from error


def _parse(text: str, query: ListQuery) -> Cursor:
    sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    body = sealed[_CHECKSUM_BYTES:]
    # Encoded once more, since the decoder passes over characters that do not belong there.
    if _encode(sealed) != text or sealed[:_CHECKSUM_BYTES] != _checksum(body):
        raise CursorError("not a cursor of this gateway")
    parts = orjson.loads(body)
    # Four parts, as they are put together in this module.
    if not isinstance(parts, list) or len(parts) != 4 or parts[0] != _VERSION:  # noqa: PLR2004
        raise CursorError("not a cursor of this gateway's version")
    _, digest, places, mark = parts
    if digest != query.digest().hex():
        raise CursorError("a cursor of another list, filter, order or region")
    if not isinstance(places, list) or len(places) != len(query.aws_lists()):
        raise CursorError("not a cursor of this gateway")
    return Cursor(tuple(map(_parse_place, places)), None if mark is None else _parse_mark(mark))


def _parse_place(value: Any) -> Place:
    match value:
        # AWS's imitations answer with more rows than were asked for, so there is no most.
        case [str() | None as token, int(offset)] if offset >= 0:
            if token is None or 0 < len(token) <= LONGEST_TOKEN:
                return Place(token, int(offset))
    raise CursorError("not a cursor of this gateway")


def _parse_mark(value: Any) -> Mark:
    match value:
        case [int(created), str(digest)]:
            return Mark(int(created), digest)
    raise CursorError("not a cursor of this gateway")


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECKSUM_BYTES, person=b"list cursor").digest()
