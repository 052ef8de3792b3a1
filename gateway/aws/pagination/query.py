"""The query of a list: which rows it has, in which order, and the AWS calls that read it."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from gateway.aws.resources import Child, Listing, Resource
from gateway.grants import View

ROWS_PER_CALL: Final = 100
"""Rows that AWS is asked for in one call: its maximum, since its quota counts calls."""
BY_CREATION: Final = "CreationTime"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Everything that decides which rows a list has, and in which order."""

    kind: Resource | Child
    """The kind of its rows."""
    region: str
    parent: str | None = None
    """The name of the resource that has the list; `None` for a list of the region."""
    parameters: tuple[tuple[str, Any], ...] = ()
    """AWS's filters by name, sorted, except those that have an attribute of their own below."""
    statuses: tuple[str, ...] | None = None
    """The statuses that rows may have, sorted; `None` for all. AWS takes one per call."""
    name_parts: tuple[str, ...] = ()
    """Texts that each name must contain, the longest first. AWS takes one."""
    tags: tuple[tuple[str, str | None], ...] = ()
    """Tags that each resource must have, sorted: keys, each with a value or `None` for any.

    No list operation takes tags.
    """
    view: View | None = None
    """The view that the resources of the rows must be in; `None` for all."""
    sort_by: str = BY_CREATION
    """`Name`, `CreationTime`, `Status` or another of AWS's words."""
    descending: bool = True

    @property
    def has_conditions(self) -> bool:
        """Whether it holds values that a client wrote and AWS may refuse."""
        return bool(self.parameters or self.name_parts)

    @property
    def listing(self) -> Listing:
        """AWS's list operation."""
        return self.kind.listing

    @property
    def reads_tags(self) -> bool:
        """Whether it takes a resource's tags to know whether the list has its row."""
        return bool(self.tags or (self.view is not None and self.view.tags))

    def has_row(self, name: str) -> bool:
        """Tell whether the list can have the row of a resource of that name.

        AWS has filtered by the first part of a name.
        """
        return all(part in name for part in self.name_parts[1:]) and (
            self.view is None or self.view.has_name(name)
        )

    def digest(self) -> bytes:
        """Return bytes that are different for different queries."""
        parts = (
            self.listing,
            self.region,
            [(name, str(value)) for name, value in self.parameters],
            self.statuses,
            self.name_parts,
            self.sort_by,
            self.descending,
            *([self.parent] if self.parent else []),
            *([self.tags] if self.tags else []),
            *([self.view.ordered()] if self.view is not None else []),
        )
        return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()

    def aws_lists(self) -> tuple[str | None, ...]:
        """Return the status of each AWS list to merge: one list per status, or one for all.

        There is none where no row can be in the view.
        """
        if self.view is not None and not self.view.has_place(self._shown_type, self.region):
            return ()
        return (None,) if self.statuses is None else self.statuses

    @property
    def _shown_type(self) -> str:
        kind = self.kind
        return (kind.shows if isinstance(kind, Child) else None) or kind.type_name

    def call(self, status: str | None, token: str | None) -> dict[str, Any]:
        """Return the parameters of the AWS call for one page of the list of one status."""
        listing = self.listing
        chosen = {
            listing.parent: self.parent,
            listing.status_filter: status,
            listing.name_filter: self.name_parts[0] if self.name_parts else None,
            "NextToken": token,
        }
        return {
            **dict(self.parameters),
            **{name: value for name, value in chosen.items() if name and value is not None},
            "SortBy": self.sort_by,
            "SortOrder": "Descending" if self.descending else "Ascending",
            "MaxResults": ROWS_PER_CALL,
        }
