"""Checks a call's input against the service model, and reports problems in AWS's words."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import Shape

from gateway.twin.errors import AwsError, invalid
from gateway.twin.model import matches, operation_model

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str),
}


def check_input(operation: str, params: Any) -> None:
    """Raise AWS's SerializationException or ValidationException if the input is wrong."""
    shape = operation_model(operation).input_shape
    if not isinstance(params, Mapping):
        raise AwsError("SerializationException", "Start of structure or map found where expected")
    if shape is None:
        return
    problems = list(problems_of(shape, params, ""))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise invalid(
            f"{len(problems)} validation {noun} detected: {'; '.join(problems)}",
        )


def problems_of(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Every constraint that the value breaks, one sentence each."""
    allowed = PYTHON_TYPES.get(shape.type_name, (object,))
    is_flag = isinstance(value, bool) and shape.type_name != "boolean"
    fits: bool = isinstance(value, allowed) and not is_flag
    if not fits:
        raise AwsError(
            "SerializationException",
            f"{type(value).__name__} value cannot be converted to {shape.type_name} at '{path}'",
        )
    if shape.type_name == "structure":
        yield from _structure(shape, value, path)
    elif shape.type_name == "list":
        yield from _size(shape, value, path, len(value))
        for number, item in enumerate(value, 1):
            yield from problems_of(shape.member, item, f"{path}.{number}.member")
    elif shape.type_name == "map":
        yield from _size(shape, value, path, len(value))
        for key, item in value.items():
            yield from problems_of(shape.value, item, f"{path}.{key}")
    elif shape.type_name == "string":
        yield from _string(shape, value, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _range(shape, value, path)


def _structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _problem(None, _below(path, name), "Member must not be null")
    for name, inner in shape.members.items():
        if value.get(name) is not None:
            yield from problems_of(inner, value[name], _below(path, name))


def _string(shape: Any, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        values = ", ".join(shape.enum)
        yield _problem(value, path, f"Member must satisfy enum value set: [{values}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not matches(pattern, value):
        yield _problem(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    yield from _size(shape, value, path, len(value))


def _size(shape: Shape, value: Any, path: str, size: int) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield _problem(value, path, f"Member must have length greater than or equal to {low}")
    if high is not None and size > high:
        yield _problem(value, path, f"Member must have length less than or equal to {high}")


def _range(shape: Shape, value: float, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield _problem(value, path, f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        yield _problem(value, path, f"Member must have value less than or equal to {high}")


def _below(path: str, name: str) -> str:
    lowered = name[0].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _problem(value: Any, path: str, rule: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {rule}"
