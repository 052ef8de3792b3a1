"""AWS's own description of SageMaker, as the installed botocore ships it."""

import json
import re
from functools import cache
from typing import Any

import botocore.loaders
from botocore.model import OperationModel, ServiceModel, StructureShape


@cache
def service_model() -> ServiceModel:
    """SageMaker's service model, read once per process."""
    loader = botocore.loaders.Loader()
    return ServiceModel(loader.load_service_model("sagemaker", "service-2"), "sagemaker")


@cache
def operation_names() -> frozenset[str]:
    """Every operation that SageMaker knows."""
    return frozenset(service_model().operation_names)


@cache
def operation_model(operation: str) -> OperationModel:
    """One operation: its input, output and errors."""
    return service_model().operation_model(operation)


@cache
def output_shape(operation: str) -> StructureShape:
    """Return the structure that an operation answers with."""
    shape = operation_model(operation).output_shape
    if shape is None:
        raise ValueError(f"{operation} has no output")
    return shape


@cache
def structure(name: str) -> StructureShape:
    """Return a structure by its name in the model."""
    shape = service_model().shape_for(name)
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{name} is not a structure")
    return shape


@cache
def enum_values(name: str) -> tuple[str, ...]:
    """Return the values of an enum by its name in the model."""
    shape: Any = service_model().shape_for(name)
    return tuple(shape.enum)


def to_json(answer: Any) -> bytes:
    """Return an answer as AWS's JSON protocol writes it: timestamps are seconds since 1970."""
    text = json.dumps(answer, default=lambda to_datetime: round(to_datetime.timestamp(), 3))
    return text.encode()


# The Unicode and POSIX classes that SageMaker's model uses, as they stand inside brackets.
CLASSES = {
    r"\p{Alnum}": "A-Za-z0-9",
    # Python cannot name all letters; "word" characters are letters, digits and "_".
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{P}": r"!-/:-@\[-`{-~",
}
# Java's surrogate ranges mean "any character beyond the basic plane".
SURROGATES = "\\uD800\\uDC00-\\uDBFF\\uDFFF"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the Python form of a pattern of the service model; match it with `fullmatch`.

    A few patterns are not even Java; what cannot be read allows everything.
    """
    text = pattern.replace(SURROGATES, "\\U00010000-\\U0010FFFF")
    for java, python in CLASSES.items():
        text = text.replace(java, python)
    try:
        return re.compile(text)
    except re.error:
        return re.compile(r"[\s\S]*")


def matches(pattern: str, value: str) -> bool:
    """Whether the whole value matches, as AWS demands."""
    return compiled(pattern).fullmatch(value) is not None
