"""The inputs that filter and order lists, and the list query that they make.

The fields of inputs have the names of AWS's parameters, by the naming rule. `statusIn`,
`nameContainsAll` and `tags` are the gateway's own.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

import strawberry

from gateway.aws.pagination.query import BY_CREATION, ListQuery
from gateway.aws.resources import Child, Resource
from gateway.errors import BadUserInput
from gateway.schema.enums import OpenEnum
from gateway.schema.fields import aws_member, field_name

_NAME_PART: Final = re.compile(r"[a-zA-Z0-9-]{1,63}")
_LONGEST_TEXT: Final = 2_048
"""Characters: the longest ARN. AWS itself refuses other values that are too long."""
_OWN: Final = frozenset(
    {"status_equals", "status_in", "name_contains", "name_contains_all", "tags"}
)
_MOST_TAGS: Final = 10
_LONGEST_KEY, _LONGEST_VALUE = 128, 256


@strawberry.enum(description="Whether rows come in ascending or descending order.")
class OrderDirection(Enum):
    """The values are AWS's."""

    ASCENDING = "Ascending"
    DESCENDING = "Descending"


def condition(description: str) -> Any:
    """Declare an optional field of an input; null has no effect either."""
    return strawberry.field(default=strawberry.UNSET, description=description)


@strawberry.enum(description="What the rows of a list are sorted by.")
class ListOrderField(Enum):
    """The values are AWS's."""

    NAME = "Name"
    CREATION_TIME = "CreationTime"
    STATUS = "Status"


@strawberry.input(description="The order of a list.")
class ListOrder:
    """As AWS's `SortBy` and `SortOrder`, but the newest first by default."""

    field: ListOrderField | None = condition(
        "What the rows are sorted by; CREATION_TIME when it is not given."
    )
    direction: OrderDirection | None = condition(
        "Whether the least or the greatest row comes first; DESCENDING when it is not given."
    )


@strawberry.input(description="A tag that a resource has.")
class TagCondition:
    """A key, and its value or any."""

    key: str = strawberry.field(description="Key of the tag, in its letter case.")
    value: str | None = condition("Value of the tag, in its letter case; any when it is not given.")


@strawberry.input
class ListFilter:
    """The conditions that lists of jobs have in common."""

    creation_time_after: datetime | None = condition("Created after this instant.")
    creation_time_before: datetime | None = condition("Created before this instant.")
    last_modified_time_after: datetime | None = condition("Last changed after this instant.")
    last_modified_time_before: datetime | None = condition("Last changed before this instant.")
    name_contains: str | None = condition("A text that the name contains.")
    name_contains_all: list[str] | None = condition(
        "Several texts, all of which the name contains."
    )
    tags: list[TagCondition] | None = condition(
        "Tags, all of which the resource has; each row that is looked at costs a call of ListTags."
    )


def list_query(kind: Resource | Child, given: Any, order: Any) -> ListQuery:
    """Return the query for `kind` that a filter `given` and an `order` make, without its region.

    Raises `BadUserInput`.
    """
    field = order and order.field
    direction = (order and order.direction) or OrderDirection.DESCENDING
    return ListQuery(
        kind=kind,
        region="",
        parameters=() if given is None else tuple(sorted(_parameters(given))),
        statuses=None if given is None else _statuses(given),
        name_parts=() if given is None else _name_parts(given),
        tags=() if given is None else _tags(given),
        sort_by=field.value if field else BY_CREATION,
        descending=direction is OrderDirection.DESCENDING,
    )


def _parameters(given: Any) -> Iterator[tuple[str, Any]]:
    for each in fields(given):
        value = getattr(given, each.name)
        if each.name not in _OWN and value is not None and value is not strawberry.UNSET:
            yield aws_member(each.name), _aws_value(each.name, value)


def _aws_value(attribute: str, value: Any) -> Any:
    if isinstance(value, OpenEnum):
        return _known(attribute, value)
    if isinstance(value, datetime):
        return _in_utc(attribute, value)
    if len(value) > _LONGEST_TEXT:
        name = field_name(aws_member(attribute))
        raise BadUserInput(f"`{name}` is longer than {_LONGEST_TEXT} characters.")
    return value


def _known(attribute: str, value: OpenEnum) -> str:
    if value.name == "UNKNOWN":
        name = field_name(aws_member(attribute))
        raise BadUserInput(f"`{name}` cannot be UNKNOWN, which is no value of AWS's.")
    text: str = value.value
    return text


def _in_utc(attribute: str, value: datetime) -> datetime:
    # boto3 ignores the offset and takes the time for UTC.
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        name = field_name(aws_member(attribute))
        raise BadUserInput(f"`{name}` is an instant that AWS cannot hold.") from error


def _statuses(given: Any) -> tuple[str, ...] | None:
    chosen: list[set[str]] = []
    if given.status_equals:
        chosen.append({_known("status_equals", given.status_equals)})
    if isinstance(getattr(given, "status_in", None), list):
        chosen.append({_known("status_in", status) for status in given.status_in})
    return tuple(sorted(set.intersection(*chosen))) if chosen else None


def _name_parts(given: Any) -> tuple[str, ...]:
    name_parts = set(getattr(given, "name_contains_all", None) or ())
    if isinstance(getattr(given, "name_contains", None), str):
        name_parts.add(given.name_contains)
    # Every name contains it.
    name_parts.discard("")
    for part in name_parts:
        if not _NAME_PART.fullmatch(part):
            raise BadUserInput(
                "What a name contains must be 1 to 63 letters, digits and hyphens, as in a name."
            )
    return tuple(sorted(name_parts, key=lambda part: (-len(part), part)))


def _tags(given: Any) -> tuple[tuple[str, str | None], ...]:
    conditions = getattr(given, "tags", None) or ()
    tags = {(each.key, each.value if isinstance(each.value, str) else None) for each in conditions}
    if len(tags) > _MOST_TAGS:
        raise BadUserInput(f"At most {_MOST_TAGS} tags at once, not {len(tags)}.")
    for key, value in tags:
        if not 1 <= len(key) <= _LONGEST_KEY or len(value or "") > _LONGEST_VALUE:
            raise BadUserInput(
                f"A tag has a key of 1 to {_LONGEST_KEY} characters and a value of at most "
                f"{_LONGEST_VALUE}."
            )
    return tuple(sorted(tags, key=lambda tag: (tag[0], tag[1] or "", tag[1] is None)))
