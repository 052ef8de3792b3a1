"""Cursors of lists without a filter, an order or a region."""

from functools import cache
from typing import Final

from gateway.aws.entry import instant
from gateway.aws.pagination.cursor import Cursor, Mark, Place
from gateway.aws.pagination.pages import Row
from gateway.aws.pagination.query import CANDIDATES, EXECUTIONS, LISTINGS, ListQuery
from gateway.aws.resources import Child

from .fake_sagemaker import PARENTS, REGION, Call, existing_names, healthy_answer

_LISTINGS: Final = {
    f"{each.kind.type_name}Connection": each for each in (*LISTINGS, CANDIDATES, EXECUTIONS)
}


@cache
def cursors(connection: str) -> tuple[str, ...]:
    """Return cursors after some rows of the list that a connection type is for."""
    listing = _LISTINGS.get(connection)
    if listing is None:
        return ("not a cursor",)
    kind = listing.kind
    parent = existing_names(PARENTS[kind], REGION)[0] if isinstance(kind, Child) else None
    query = ListQuery(listing=listing, region=REGION, parent=parent)
    rows = healthy_answer(Call(kind.list, REGION, ""))[listing.rows]
    found = []
    for offset in {1, min(4, len(rows)), len(rows)}:
        last = rows[offset - 1]
        created = instant(last["CreationTime"])
        assert created is not None
        arn = last.get(kind.arn or "", "")
        row = Row(None, arn, str(last[kind.name]), last[kind.status], created, None)
        found.append(Cursor((Place(None, offset),), Mark.of(row, query)).text(query))
    return tuple(sorted(found))
