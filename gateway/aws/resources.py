"""What the gateway has to know of a kind of SageMaker resource in order to read and list it.

This module defines the form of these facts. The facts themselves stand with the GraphQL types, one
file per resource, and are handed to `gateway.aws` as a tuple.
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
    """The member of the answer that holds the rows."""
    members: frozenset[str] = frozenset()
    """The members of a row that mean the same in the answer that describes its resource."""
    parent: str | None = None
    """The parameter that names the resource whose list it is; `None` for a list of a region."""
    status_filter: str | None = "StatusEquals"
    """The parameter that filters by one status, if there is one."""
    name_filter: str | None = "NameContains"
    """The parameter that filters by a part of the name, if there is one."""

    def __repr__(self) -> str:
        return self.operation


@dataclass(frozen=True, slots=True, eq=False)
class SearchRecord:
    """What Search answers of a kind of resource, which is less than describing it answers."""

    type_name: str
    """The GraphQL type, which is also Search's word for the resource."""
    members: frozenset[str]
    """The members that are the same in both answers once the resource is final."""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One kind of SageMaker resource. All names of members are AWS's own."""

    type_name: str
    """The GraphQL type."""
    label: str
    """What a message calls it."""
    arn_type: str
    """The part of its ARN between the account and the name."""
    describe: str
    """The operation that answers with the whole resource; also its IAM action."""
    name: str
    arn: str
    status: str
    longest_name: int
    """Characters of a name at most."""
    listing: Listing
    """The operation that lists the resources of a region."""
    ends: frozenset[str] = JOB_ENDS
    """The values of `status` after which a subscription has nothing more to wait for."""
    final: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By the path of each status in the answer: the values that do not change any more.

    The path's words are members, separated by dots; lists on the way are entered. Where there is no
    path the resource can always change.
    """
    search: SearchRecord | None = None
    """What Search answers of it, if Search can find it by name."""
    children: tuple["Child", ...] = ()
    """The lists that it has."""

    def accepts(self, name: str) -> bool:
        """Tell whether AWS's own pattern allows `name`, so that no call is spent on one it bars."""
        return len(name) <= self.longest_name and _NAME.fullmatch(name) is not None

    def is_final(self, answer: Mapping[str, Any]) -> bool:
        """Tell whether no status in AWS's answer can change any more.

        A completed training job's warm pool and rule evaluations go on after its main status is
        final.
        """
        return bool(self.final) and all(
            value in allowed
            for path, allowed in self.final.items()
            for value in _values(answer, path.split("."))
        )


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield what stands at `path`; what is absent yields nothing."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and value.get(path[0]) is not None:
        yield from _values(value[path[0]], path[1:])


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """What AWS answers in the rows of a list below a resource, and nowhere else."""

    type_name: str
    """The GraphQL type of a row."""
    listing: Listing
    name: str
    """The member that tells the rows of one list apart."""
    status: str
    arn: str | None = None
    """The member that holds the ARN of the job that does a row's work."""


@dataclass(frozen=True, slots=True, eq=False)
class TagList:
    """The tags of any resource, which AWS lists by the ARN of the resource."""

    type_name: str
    """The GraphQL type of one tag."""
    operation: str
    """The operation; also its IAM action."""


TAGS: Final = TagList(type_name="KeyValue", operation="ListTags")


def operations_of(resources: tuple[Resource, ...]) -> tuple[str, ...]:
    """Return every SageMaker operation that reading `resources` takes."""
    children = [child for resource in resources for child in resource.children]
    return (
        *(resource.describe for resource in resources),
        *(resource.listing.operation for resource in resources),
        *(child.listing.operation for child in children),
        TAGS.operation,
        *([SEARCH] if any(resource.search for resource in resources) else []),
    )
