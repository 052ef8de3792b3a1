"""Compares what the gateway answers with what boto3 answers, by AWS's model and the schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graphql import GraphQLEnumType, GraphQLObjectType, GraphQLOutputType, get_named_type

from gateway.schema.fields import field_name
from gateway.schema.schema import CORE_SCHEMA

from .conformance import ADDED, LINKS, is_open_enum


def every_field(type_name: str) -> str:
    """Return the selection of every field that AWS describes a type with, links left out."""
    type_ = CORE_SCHEMA.type_map[type_name]
    if not isinstance(type_, GraphQLObjectType):
        return ""
    selections = (
        f"{name} {every_field(get_named_type(definition.type).name)}"
        for name, definition in type_.fields.items()
        if (type_name, name) not in LINKS and (type_name, name) not in ADDED
    )
    return "{ " + " ".join(selections) + " }"


@dataclass
class Equality:
    """Differences between answers, and how much was compared to find them."""

    differences: list[str] = field(default_factory=list)
    values: int = 0
    """Leaves compared, null on both sides included."""
    values_present: int = 0
    """Leaves compared that AWS did answer."""
    present: set[tuple[str, str]] = field(default_factory=set)
    """The fields that AWS answered at least once, by type and field."""
    enum_values: set[tuple[str, str]] = field(default_factory=set)
    """The values of enums that AWS answered at least once."""

    def resource(self, type_name: str, shape: Any, arn: str, answer: Any, got: Any) -> None:
        """Compare a whole resource: `answer` is boto3's, `got` the gateway's."""
        type_ = CORE_SCHEMA.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        got = dict(got)
        self.leaf(f"{answer[arn]} id", answer[arn], got.pop("id", None))
        self.structure(answer[arn], shape, answer, type_, got)

    def structure(
        self, path: str, shape: Any, answer: Any, type_: GraphQLObjectType, got: Any
    ) -> None:
        """Compare a structure's members with an object's fields, by name."""
        if not isinstance(got, Mapping):
            self.differ(path, answer, got)
            return
        members = {field_name(member): member for member in shape.members}
        if set(got) != set(members):
            self.differ(f"{path} (names)", sorted(members), sorted(got))
        for name, member in members.items():
            definition = type_.fields.get(name)
            value = answer.get(member)
            if value is not None:
                self.present.add((type_.name, name))
            if definition is not None:
                inner = shape.members[member]
                self.value(f"{path} {name}", inner, value, definition.type, got.get(name))

    def value(self, path: str, shape: Any, answer: Any, type_: GraphQLOutputType, got: Any) -> None:
        """Compare one member's value with a field's, inside of lists and maps too."""
        named: Any = get_named_type(type_)
        if answer is None:
            self.leaf(path, None, got)
        elif shape.type_name == "list":
            for index, item, mine in self.pairwise(path, answer, got):
                self.value(f"{path}.{index}", shape.member, item, named, mine)
        elif shape.type_name == "map":
            self.map(path, shape, answer, named, got)
        elif shape.type_name == "structure" and shape.members:
            self.structure(path, shape, answer, named, got)
        elif shape.type_name == "structure":
            self.leaf(path, answer == {}, got)
        elif shape.type_name == "timestamp":
            self.leaf(path, answer, got and datetime.fromisoformat(got))
        elif is_open_enum(shape):
            assert isinstance(named, GraphQLEnumType)
            self.enum_values.add((shape.name, answer))
            self.leaf(path, answer, named.values[got].value if got in named.values else got)
        else:
            self.leaf(path, answer, got)

    def map(self, path: str, shape: Any, answer: Any, pair: GraphQLObjectType, got: Any) -> None:
        """Compare a map with pairs, which are sorted by key."""
        items = [{"key": key, "value": answer[key]} for key in sorted(answer)]
        for index, item, mine in self.pairwise(path, items, got):
            for name, inner in (("key", shape.key), ("value", shape.value)):
                if item[name] is not None:
                    self.present.add((pair.name, name))
                mine_there = mine.get(name)
                self.value(
                    f"{path}.{index} {name}", inner, item[name], pair.fields[name].type, mine_there
                )

    def pairwise(self, path: str, answer: Any, got: Any) -> Iterator[tuple[int, Any, Any]]:
        """Yield the items of two lists side by side, if they are equally long."""
        if not isinstance(got, list) or len(answer) != len(got):
            self.differ(f"{path} (length)", answer, got)
            return
        self.values += not answer
        self.values_present += not answer
        yield from zip(range(len(got)), answer, got, strict=True)

    def leaf(self, path: str, answer: Any, got: Any) -> None:
        """Compare two single values: a boolean is no number, whatever Python says."""
        self.values += 1
        self.values_present += answer is not None
        if answer != got or isinstance(answer, bool) != isinstance(got, bool):
            self.differ(path, answer, got)

    def differ(self, path: str, answer: Any, got: Any) -> None:
        """Note a difference."""
        self.differences.append(f"{path}: AWS says {answer!r}, the gateway {got!r}")
