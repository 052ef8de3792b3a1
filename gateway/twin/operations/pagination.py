"""Pages of an ordered list, and the opaque tokens between them.

A token holds the key of the last entry that was looked at, not a number, so that entries may be
added and removed between two pages without any other being repeated or left out.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

from gateway.twin.call import Call
from gateway.twin.errors import AwsError, invalid
from gateway.twin.store import Entry, Key, key_of

T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
    """Items, and the token of the next page if there is one."""

    items: list[T]
    token: str | None


def cut_page(
    call: Call,
    entries: Sequence[Entry[T]],
    matches: Callable[[T], bool],
    default_size: int,
    *,
    descending: bool,
    exists: Callable[[T], bool] = lambda _: True,
) -> Page[T]:
    """Return the page that a call asks for, of entries in ascending order.

    A page looks at no more entries than it could hold, as AWS does, so that a filter may leave it
    empty although matches follow. Without `emptyPages` it goes on until it is full.
    """
    size = call.params.get("MaxResults") or default_size
    if call.faults.page_size and call.faults.applies_to(call.operation):
        size = min(size, call.faults.page_size)
    sparse = call.faults.empty_pages and call.faults.applies_to(call.operation)
    walk = _ahead(entries, read_token(call), descending=descending)
    ahead = (entry for entry in walk if exists(entry.item))
    items: list[T] = []
    for looked_at, entry in enumerate(ahead, 1):
        if matches(entry.item):
            items.append(entry.item)
        if len(items) == size or (sparse and looked_at == size):
            more = any(sparse or matches(following.item) for following in ahead)
            return Page(items, write_token(call, entry.key) if more else None)
    return Page(items, None)


def _ahead(
    entries: Sequence[Entry[T]], after: Key | None, *, descending: bool
) -> Iterator[Entry[T]]:
    if descending:
        end = len(entries) if after is None else bisect_left(entries, after, key=key_of)
        return (entries[index] for index in range(end - 1, -1, -1))
    start = 0 if after is None else bisect_right(entries, after, key=key_of)
    return (entries[index] for index in range(start, len(entries)))


def write_token(call: Call, key: Key) -> str:
    """Return a token for the same call to go on after a key."""
    body = json.dumps(key, separators=(",", ":")).encode()
    return urlsafe_b64encode(_seal(call, body) + body).decode()


def read_token(call: Call) -> Key | None:
    """Return the key in a call's token; a foreign or damaged token is a ValidationException."""
    token = call.params.get("NextToken")
    if not token:
        return None
    try:
        sealed = urlsafe_b64decode(token)
        body = sealed[8:]
        if sealed[:8] != _seal(call, body):
            raise _invalid_token()
        value, name = json.loads(body)
    except ValueError:
        raise _invalid_token() from None
    return value, name


def _seal(call: Call, body: bytes) -> bytes:
    """Bind a token to operation, region, filters and order, as AWS's tokens are."""
    params = {
        name: value
        for name, value in call.params.items()
        if name not in ("NextToken", "MaxResults")
    }
    about = json.dumps([call.operation, call.region, params], sort_keys=True).encode()
    return blake2b(about + body, digest_size=8).digest()


def _invalid_token() -> AwsError:
    return invalid("Invalid pagination token. The token is malformed or belongs to another request")
