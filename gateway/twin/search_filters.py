"""Single conditions of a search expression."""

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.twin.errors import invalid
from gateway.twin.operations.filters import read_time
from gateway.twin.properties import Job, check_property, comparable, descend, read_property
from gateway.twin.records import Answer

Test = Callable[[Job], bool]
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
# Texts in answers that Search compares as numbers if the filter's value is one.
NUMERIC_TEXTS = ("HyperParameters.", "Environment.")


def compile_filter(condition: Answer) -> Test:
    """Return a test of one property of a job."""
    name = condition["Name"]
    check_property(name)
    check_condition(condition)
    return lambda job: holds(condition, read_property(job, name))


def compile_nested(nested: Answer) -> Test:
    """Return a test that one object of a list satisfies all conditions."""
    base = nested["NestedPropertyName"]
    check_property(base)
    for condition in nested["Filters"]:
        check_condition(condition)

    def passes(job: Job) -> bool:
        items = read_property(job, base)
        return any(
            all(
                holds(each, descend(item, each["Name"].removeprefix(f"{base}.")))
                for each in nested["Filters"]
            )
            for item in (items if isinstance(items, list) else ())
        )

    return passes


def check_condition(condition: Answer) -> None:
    """Refuse a condition without the value that its operator needs."""
    kind = condition.get("Operator", "Equals")
    if kind not in ("Exists", "NotExists") and "Value" not in condition:
        raise invalid(f"Operator {kind} on {condition['Name']} needs a Value")


def holds(condition: Answer, value: Any) -> bool:
    """Whether a property's value satisfies a condition; a missing one satisfies few."""
    kind = condition.get("Operator", "Equals")
    if kind in ("Exists", "NotExists"):
        return (value is not None) is (kind == "Exists")
    if value is None:
        return bool(kind == "NotEquals")
    wanted = condition["Value"]
    if kind == "In":
        return str(comparable(value)) in [part.strip() for part in wanted.split(",")]
    if kind == "Contains":
        return wanted in str(value)
    left, right = _same_type(condition, value, wanted)
    if kind in ORDERINGS:
        if isinstance(left, str):
            raise invalid(
                f"Operator {kind} is not supported for the text property {condition['Name']}"
            )
        return ORDERINGS[kind](left, right)
    return bool(left == right) is (kind == "Equals")


def _same_type(condition: Answer, value: Any, wanted: str) -> tuple[Any, Any]:
    if isinstance(value, datetime):
        return comparable(value), read_time(wanted)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number or condition["Name"].startswith(NUMERIC_TEXTS):
        try:
            return float(value), float(wanted)
        except ValueError:
            if is_number:
                raise invalid(f"Value of {condition['Name']} must be a number") from None
    return str(comparable(value)), wanted
