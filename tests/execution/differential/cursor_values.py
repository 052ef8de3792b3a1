"""Cursors of lists without a filter, an order or a region."""

from functools import cache
from typing import Final

from gateway.aws.cache import instant
from gateway.aws.pagination.cursor import Cursor, Mark, Place
from gateway.aws.pagination.pages import Row
from gateway.aws.pagination.query import ListQuery
from gateway.aws.resources import Child, Resource
from gateway.schema.registry import CHILDREN, RESOURCES

from .fake_sagemaker import PARENTS, REGION, Call, existing_names, healthy_answer

_ALL: Final[tuple[Resource | Child, ...]] = (*RESOURCES, *CHILDREN)
_KINDS: Final = {f"{kind.type_name}Connection": kind for kind in _ALL}


@cache
def cursors(connection: str) -> tuple[str, ...]:
    """Return cursors after some rows of the list that a connection type is for."""
    kind = _KINDS.get(connection)
    if kind is None:
        return ("not a cursor",)
    parent = existing_names(PARENTS[kind], REGION)[0] if isinstance(kind, Child) else None
    query = ListQuery(kind=kind, region=REGION, parent=parent)
    rows = healthy_answer(Call(kind.listing.operation, REGION, ""))[kind.listing.rows]
    found = []
    for offset in {1, min(4, len(rows)), len(rows)}:
        last = rows[offset - 1]
        created = instant(last["CreationTime"])
        assert created is not None
        arn = last.get(kind.arn or "", "")
        row = Row({}, arn, str(last[kind.name]), last[kind.status], created, None)
        found.append(Cursor((Place(None, offset),), Mark.of(row, query)).text(query))
    return tuple(sorted(found))
