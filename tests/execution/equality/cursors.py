"""Cursors of the lists that are asked for without a filter, an order or a region."""

from functools import cache
from typing import Final

from gateway.aws.cursor import Cursor, Mark, Place
from gateway.aws.entry import instant
from gateway.aws.list_pages import Row
from gateway.aws.listings import LISTINGS, ListQuery

from .upstream import REGION, Call, described

_LISTINGS: Final = {f"{each.resource.type_name}Connection": each for each in LISTINGS}


@cache
def cursors(connection: str) -> tuple[str, ...]:
    """Return cursors after some rows of the list that a connection type is for."""
    listing = _LISTINGS.get(connection)
    if listing is None:
        return ("not a cursor",)
    resource = listing.resource
    query = ListQuery(listing=listing, region=REGION)
    rows = described(Call(resource.list, REGION, ""))[listing.rows]
    found = []
    for offset in {1, min(4, len(rows)), len(rows)}:
        last = rows[offset - 1]
        created = instant(last["CreationTime"])
        assert created is not None
        row = Row(
            None, last[resource.arn], last[resource.name], last[resource.status], created, None
        )
        found.append(Cursor((Place(None, offset),), Mark.of(row, query)).text(query))
    return tuple(sorted(found))
