"""Search for training jobs: the expression's limits, its matches, sorted, in pages."""

import operator
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from gateway.twin.call import Call, NotSeededError
from gateway.twin.errors import invalid
from gateway.twin.kinds import TRAINING
from gateway.twin.model import structure, to_json
from gateway.twin.operations.filters import read_time
from gateway.twin.operations.pagination import cut_page
from gateway.twin.records import Answer, Record
from gateway.twin.store import Entry, Store, key_of
from gateway.twin.timeline import SECOND, to_datetime, to_millis


class Job(NamedTuple):
    """A training job at a time."""

    store: Store
    record: Record
    now: int


# Read from the record itself: these need no describe answer.
FROM_RECORD: dict[str, Callable[[Job], Any]] = {
    "TrainingJobName": lambda job: job.record.name,
    "TrainingJobArn": lambda job: job.record.arn,
    "TrainingJobStatus": lambda job: job.record.status(job.now),
    "CreationTime": lambda job: to_datetime(job.record.created),
    "LastModifiedTime": lambda job: to_datetime(job.record.modified(job.now)),
}


def check_property(name: str) -> None:
    """Refuse names that a training job cannot have."""
    first = name.partition(".")[0]
    if first not in structure("TrainingJob").members and first != "Metrics":
        raise invalid(f"Unknown property: {name}")


def read_property(job: Job, name: str) -> Any:
    """Return the value of a property, None if the job has none."""
    if name in FROM_RECORD:
        return FROM_RECORD[name](job)
    first, _, rest = name.partition(".")
    if first == "Tags":
        return job.record.tags().get(rest)
    answer = job.store.answer(job.record, job.now)
    if first == "Metrics":
        metrics = answer.get("FinalMetricDataList") or ()
        return next((each["Value"] for each in metrics if each["MetricName"] == rest), None)
    return read_dotted_path(answer, name)


def read_dotted_path(value: Any, path: str) -> Any:
    """Follow a dotted path; map keys may hold dots themselves."""
    if not path:
        return value
    if not isinstance(value, dict):
        return None
    if path in value:
        return value[path]
    name, _, rest = path.partition(".")
    return read_dotted_path(value.get(name), rest)


def comparable(value: Any) -> Any:
    """Return timestamps as numbers, flags as texts, the rest as it is."""
    if isinstance(value, datetime):
        return to_millis(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value


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
                holds(each, read_dotted_path(item, each["Name"].removeprefix(f"{base}.")))
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


PAGE = 10
MOST_CONDITIONS = 50


def search(store: Store, call: Call) -> bytes:
    """Return training jobs with their tags; other resources are moto's.

    `searchLagSeconds` shows the store as it was: AWS's search index follows with a delay.
    """
    if call.params["Resource"] != "TrainingJob":
        raise NotSeededError
    expression = call.params.get("SearchExpression") or {}
    check_limits(expression)
    lag = call.faults.search_lag_seconds if call.faults.applies_to(call.operation) else 0
    now = call.now - round(lag * SECOND)
    passes = compile_expression(expression) if expression else _anything
    jobs = (Job(store, record, now) for record in _candidates(store, call, expression, now))
    found = [job for job in jobs if passes(job)]
    page = cut_page(call, _sorted(found, call), _anything, PAGE, descending=_descending(call))
    rows = b", ".join(store.rendered(job.record, now, result) for job in page.items)
    token = b', "NextToken": ' + to_json(page.token) if page.token else b""
    total = to_json({"Value": len(found), "Relation": "EqualTo"})
    return b'{"Results": [%s], "TotalHits": %s%s}' % (rows, total, token)


def result(record: Record, answer: Answer, _now: int) -> Answer:
    """Return a SearchRecord: the members that Search knows of a training job, and its tags."""
    job = {name: answer[name] for name in structure("TrainingJob").members if name in answer}
    tags = record.tags()
    if tags:
        job["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"TrainingJob": job}


def check_limits(expression: Answer) -> None:
    """Refuse more conditions than AWS takes, and more than one Contains."""
    conditions = list(_conditions(expression))
    if len(conditions) > MOST_CONDITIONS:
        raise invalid(
            f"The maximum number of recursive SubExpressions, NestedFilters, and Filters is "
            f"{MOST_CONDITIONS}."
        )
    if sum(condition.get("Operator") == "Contains" for condition in conditions) > 1:
        raise invalid("'CONTAINS' operator usage limit of 1 exceeded.")


def compile_expression(expression: Answer) -> Test:
    """Return one test for a whole expression."""
    tests = [
        *(compile_filter(each) for each in expression.get("Filters") or ()),
        *(compile_nested(each) for each in expression.get("NestedFilters") or ()),
        *(compile_expression(each) for each in expression.get("SubExpressions") or ()),
    ]
    if not tests:
        raise invalid("At least one subexpression, filter, or nested filter is required.")
    combine = any if expression.get("Operator") == "Or" else all
    return lambda job: combine(test(job) for test in tests)


def names_in(expression: Answer) -> set[str] | None:
    """Return the only names that can match, None if the expression does not limit them.

    They spare a scan of all jobs.
    """
    is_or = expression.get("Operator") == "Or"
    sets = [_names_of_filter(each) for each in expression.get("Filters") or ()]
    sets += [names_in(each) for each in expression.get("SubExpressions") or ()]
    if is_or:
        if expression.get("NestedFilters") or not all(names is not None for names in sets):
            return None
        return set().union(*(names for names in sets if names is not None))
    known = [names for names in sets if names is not None]
    return set.intersection(*known) if known else None


def _names_of_filter(each: Answer) -> set[str] | None:
    if each["Name"] != "TrainingJobName" or "Value" not in each:
        return None
    if each.get("Operator", "Equals") == "Equals":
        return {each["Value"]}
    return set(each["Value"].split(",")) if each["Operator"] == "In" else None


def _candidates(store: Store, call: Call, expression: Answer, now: int) -> Iterable[Record]:
    names = names_in(expression)
    if names is None:
        return store.existing(call.region, TRAINING, now)
    found = (store.find(call.region, TRAINING, name.strip(), now) for name in names)
    return [record for record in found if record is not None]


def _conditions(expression: Answer) -> Iterable[Answer]:
    yield from expression.get("Filters") or ()
    for nested in expression.get("NestedFilters") or ():
        yield from nested["Filters"]
    for inner in expression.get("SubExpressions") or ():
        yield inner
        yield from _conditions(inner)


def _sorted(found: list[Job], call: Call) -> list[Entry[Job]]:
    sort_by = call.params.get("SortBy", "LastModifiedTime")
    check_property(sort_by)

    def key(job: Job) -> Any:
        value = comparable(read_property(job, sort_by))
        return value if isinstance(value, int | float | str) else ""

    entries = [Entry((key(job), job.record.name), job) for job in found]
    if len({isinstance(entry.key[0], str) for entry in entries}) > 1:
        # Jobs without the property sort first among those that have a number there.
        entries = [Entry((e.key[0] or -1e300, e.key[1]), e.item) for e in entries]
    return sorted(entries, key=key_of)


def _descending(call: Call) -> bool:
    return bool(call.params.get("SortOrder", "Descending") == "Descending")


def _anything(_: Job) -> bool:
    return True
