"""The facts about a kind of SageMaker resource that it takes to read and list it.

This module defines their form and knows no resource. The facts of each resource are in its file in
`gateway.schema.types`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

JOB_ENDS: Final = frozenset({"Completed", "Failed", "Stopped"})
"""The statuses of a job that has ended. Its main status does not change any more."""
SEARCH: Final = "Search"
"""AWS's operation that finds resources by their members; also its IAM action."""

_NAME: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """One of AWS's list operations. All names of members and parameters are AWS's own."""

    operation: str
    """The operation; also its IAM action."""
    rows: str
    """The member of AWS's answer that holds the rows."""
    members: frozenset[str] = frozenset()
    """The members of a row that have the same value in the describe of its resource."""
    parent: str | None = None
    """The parameter with the name of the resource that has the list; `None`: the region has it."""
    status_filter: str | None = "StatusEquals"
    """The parameter that filters by one status, if there is one."""
    name_filter: str | None = "NameContains"
    """The parameter that filters by a part of the name, if there is one."""

    def __repr__(self) -> str:
        return self.operation


@dataclass(frozen=True, slots=True, eq=False)
class SearchRecord:
    """What Search answers about a kind of resource; the describe answers more."""

    type_name: str
    """The GraphQL type; Search calls the resource by the same name."""
    members: frozenset[str]
    """The members that have the same value in the describe, once the resource is final."""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One kind of SageMaker resource. All names of members are AWS's own."""

    type_name: str
    """The GraphQL type."""
    label: str
    """The words for it in messages, such as `training job`."""
    arn_type: str
    """The part of its ARN between the account and the name."""
    describe: str
    """The operation that answers with the whole resource; also its IAM action."""
    name: str
    """The member with the name."""
    arn: str
    """The member with the ARN."""
    status: str
    """The member with the main status."""
    longest_name: int
    """Characters of a name at most."""
    listing: Listing
    """The operation that lists the resources of a region."""
    ends: frozenset[str] = JOB_ENDS
    """The values of `status` with which a subscription ends."""
    final: Mapping[str, frozenset[str | int]] = field(default_factory=dict)
    """The final values of each status, or count of what goes on, in the answer, by its path.

    A path is members separated by dots; a list on the path stands for each of its items. A resource
    without paths is never final.
    """
    search: SearchRecord | None = None
    """What Search answers about it, if Search can find it by name."""
    children: tuple["Child", ...] = ()
    """The kinds of rows in the lists that it has."""

    @property
    def scope(self) -> str:
        """The scope of callers who may read such resources."""
        return f"read:{self.arn_type}s"

    def accepts(self, name: str) -> bool:
        """Tell whether AWS's own pattern allows `name`."""
        return len(name) <= self.longest_name and _NAME.fullmatch(name) is not None

    def is_final(self, answer: Mapping[str, Any]) -> bool:
        """Tell whether no status in AWS's answer can change any more.

        A completed training job's warm pool and rule evaluations go on after its main status is
        final.
        """
        return bool(self.final) and all(
            isinstance(value, str | int) and value in allowed
            for path, allowed in self.final.items()
            for value in _values(answer, path.split("."))
        )


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield each value at `path`: nothing where a member is absent, `None` for an item without."""
    if isinstance(value, list):
        for item in value:
            yield from list(_values(item, path)) or [None]
    elif not path:
        yield value
    elif isinstance(value, Mapping) and value.get(path[0]) is not None:
        yield from _values(value[path[0]], path[1:])


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """A kind of row in a list below a resource. No other operation answers with it."""

    type_name: str
    """The GraphQL type of a row."""
    scope: str
    """The scope of callers who may read such rows: that of the resource that has the list."""
    listing: Listing
    name: str
    """The member that tells the rows of one list apart."""
    status: str
    """The member with the status."""
    arn: str | None = None
    """The member that holds the ARN of the job that does a row's work."""
    shows: str | None = None
    """The GraphQL type of the resource that a row is about, if that is one.

    The row has the resource's name and ARN, and only callers who may see the resource see it.
    """


@dataclass(frozen=True, slots=True, eq=False)
class TagList:
    """The tags of any resource, which AWS lists by the ARN of the resource."""

    type_name: str
    """The GraphQL type of one tag."""
    operation: str
    """The operation; also its IAM action."""


TAGS: Final = TagList(type_name="KeyValue", operation="ListTags")


def operations_of(resources: tuple[Resource, ...]) -> tuple[str, ...]:
    """Return every SageMaker operation that it takes to read `resources`."""
    children = [child for resource in resources for child in resource.children]
    return (
        *(resource.describe for resource in resources),
        *(resource.listing.operation for resource in resources),
        *(child.listing.operation for child in children),
        TAGS.operation,
        *([SEARCH] if any(resource.search for resource in resources) else []),
    )
