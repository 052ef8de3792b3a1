"""Walks over botocore's shapes: what could occur in answers, and what does."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.validate import ParamValidator

from gateway.twin.model import to_json
from gateway.twin.validation import problems_of

Element = tuple[str, str]


def possible(shape: Any, seen: set[str] | None = None) -> Iterator[Element]:
    """Yield every (structure, member) and every (enum, value) reachable from a shape."""
    seen = set() if seen is None else seen
    if shape.type_name == "structure" and shape.name not in seen:
        seen.add(shape.name)
        for member, inner in shape.members.items():
            yield shape.name, member
            yield from possible(inner, seen)
    elif shape.type_name == "list":
        yield from possible(shape.member, seen)
    elif shape.type_name == "map":
        yield from possible(shape.key, seen)
        yield from possible(shape.value, seen)
    elif shape.type_name == "string":
        yield from ((shape.name, value) for value in shape.enum)


def occurring(shape: Any, value: Any) -> Iterator[Element]:
    """Yield every (structure, member) and every (enum, value) that a value has."""
    if shape.type_name == "structure":
        for member, inner in value.items():
            yield shape.name, member
            yield from occurring(shape.members[member], inner)
    elif shape.type_name == "list":
        for inner in value:
            yield from occurring(shape.member, inner)
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield from occurring(shape.key, key)
            yield from occurring(shape.value, inner)
    elif shape.type_name == "string" and shape.enum:
        yield shape.name, value


def problems(shape: Any, answer: Any) -> Iterator[str]:
    """Yield what botocore and the model's patterns, lengths, enums and ranges object to."""
    report = ParamValidator().validate(answer, shape)
    if report.has_errors():
        yield report.generate_report()
    yield from problems_of(shape, json.loads(to_json(answer)), "")
