"""Completes an answer from its shape: whatever a spec has left open is made up.

The walk knows nothing of single operations, so members that AWS adds are filled in as soon as
botocore knows them. Enum values rotate with the record's ordinal, and optional members come and go,
so that all records together show everything that the shape can hold.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from zlib import crc32

from botocore.model import Shape, StructureShape

from gateway.twin.seeded_random import Subject
from gateway.twin.synthesis.values import map_keys, number_for, text_for

# Given for a member that is left out on purpose.
ABSENT: Any = object()
NOTHING: Mapping[str, Any] = {}


@cache
def members_of(shape: StructureShape) -> list[tuple[str, Any, bool, bool]]:
    """Return a structure's members: name, shape, whether it is required, whether it is a leaf."""
    return [
        (name, inner, name in shape.required_members, inner.type_name not in ("structure", "list"))
        for name, inner in shape.members.items()
    ]


class Filler:
    """Makes up values for one record.

    `full` records get every optional member, the others about one in three.
    """

    def __init__(self, subject: Subject, ordinal: int, created: datetime) -> None:
        self._subject = subject
        self._dice = subject.choices
        self.full = ordinal % 2 == 0
        # Counted among full records, which would else get every second value only.
        self._rotation = ordinal // 2
        self._created = created

    def complete(self, shape: Any, given: Any, path: str = "", at: int = 0) -> Any:
        """`given` with everything that it leaves open filled in; members in the shape's order."""
        if shape.type_name == "structure":
            return self._structure(shape, given, path, at)
        if shape.type_name == "list":
            return [
                self.complete(shape.member, item, path, at + number)
                for number, item in enumerate(given)
                if item is not ABSENT
            ]
        return given

    def make(self, shape: Any, path: str, at: int = 0) -> Any:
        """Return a made-up value for a shape."""
        kind = shape.type_name
        if kind == "structure":
            return self._structure(shape, NOTHING, path, at)
        if kind in ("list", "map"):
            return (self._list if kind == "list" else self._map)(shape, path, at)
        if kind == "timestamp":
            return self._created
        if kind == "boolean":
            return bool((self._rotation + crc32(path.encode()) + at) % 2)
        if kind == "string":
            values = shape.enum
            return (
                self._rotate(values, path, at)
                if values
                else text_for(self._subject, shape, path, at)
            )
        return number_for(self._subject, shape, path)

    def _structure(self, shape: Any, given: Mapping[str, Any], path: str, at: int) -> Any:
        if getattr(shape, "is_tagged_union", False):
            return self._union(shape, given, path, at)
        result = {}
        for member, inner, is_required, is_leaf in members_of(shape):
            if member in given:
                value = given[member]
                if is_leaf and value is not ABSENT:
                    result[member] = value
                elif value is not ABSENT:
                    result[member] = self.complete(inner, value, f"{path}.{member}", at)
            elif is_required or self._wants(f"{path}.{member}"):
                result[member] = self.make(inner, f"{path}.{member}", at)
        return result

    def _union(self, shape: Any, given: Mapping[str, Any], path: str, at: int) -> Any:
        chosen = next(iter(given), None) or self._rotate(list(shape.members), path, at)
        inner, here = shape.members[chosen], f"{path}.{chosen}"
        if chosen in given:
            return {chosen: self.complete(inner, given[chosen], here, at)}
        return {chosen: self.make(inner, here, at)}

    def _list(self, shape: Any, path: str, at: int) -> list[Any]:
        length = self._length(shape, path)
        if getattr(shape.member, "enum", None):
            # A list shows several values at once: the next record's list goes on after them.
            at += self._rotation * (length - 1)
        return [self.make(shape.member, path, at + number) for number in range(length)]

    def _map(self, shape: Any, path: str, at: int) -> dict[str, Any]:
        length = max(3, shape.metadata.get("min") or 0)
        if shape.key.enum:
            length = min(len(shape.key.enum), shape.metadata.get("max") or len(shape.key.enum))
            keys = [self._rotate(shape.key.enum, path, at + n) for n in range(length)]
        else:
            keys = map_keys(self._subject, shape, path)[:length]
        if getattr(shape.value, "enum", None):
            at += self._rotation * (len(keys) - 1)
            return {key: self._rotate(shape.value.enum, path, at + n) for n, key in enumerate(keys)}
        return {key: self.make(shape.value, f"{path}.{key}", at + n) for n, key in enumerate(keys)}

    def _length(self, shape: Shape, path: str) -> int:
        low, high = shape.metadata.get("min") or 0, shape.metadata.get("max") or 100
        member: Any = getattr(shape, "member", None)
        if getattr(member, "enum", None):
            return int(min(high, max(low, (len(member.enum) + 2) // 3)))
        return int(min(high, max(low, 1 + self._dice.number(path + "#", 2))))

    def _rotate(self, values: Any, path: str, at: int) -> Any:
        return values[(self._rotation + crc32(path.encode()) + at) % len(values)]

    def _wants(self, path: str) -> bool:
        return self.full or self._dice.number(path, 3) == 0
