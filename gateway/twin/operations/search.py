"""Search for training jobs: the expression's limits, its matches, sorted, in pages."""

from collections.abc import Iterable
from typing import Any

from gateway.twin.call import Call, NotSeededError
from gateway.twin.errors import invalid
from gateway.twin.kinds import TRAINING
from gateway.twin.model import structure, to_json
from gateway.twin.operations.pagination import turn_page
from gateway.twin.ordering import Entry, key_of
from gateway.twin.properties import Job, check_property, comparable, read_property
from gateway.twin.records import Answer, Record
from gateway.twin.search_filters import Test, compile_filter, compile_nested
from gateway.twin.store import World
from gateway.twin.timeline import SECOND

PAGE = 10
MOST_CONDITIONS = 50


def search(world: World, call: Call) -> bytes:
    """Whole training jobs with their tags; other resources are moto's.

    `searchLagSeconds` shows the world as it was: AWS's search index follows with a delay.
    """
    if call.params["Resource"] != "TrainingJob":
        raise NotSeededError
    expression = call.params.get("SearchExpression") or {}
    check_limits(expression)
    lag = call.faults.search_lag_seconds if call.faults.concern(call.operation) else 0
    now = call.now - round(lag * SECOND)
    passes = compile_expression(expression) if expression else _anything
    jobs = (Job(world, record, now) for record in _candidates(world, call, expression, now))
    found = [job for job in jobs if passes(job)]
    page = turn_page(call, _sorted(found, call), _anything, PAGE, descending=_descending(call))
    rows = b", ".join(world.rendered(job.record, now, result) for job in page.items)
    token = b', "NextToken": ' + to_json(page.token) if page.token else b""
    total = to_json({"Value": len(found), "Relation": "EqualTo"})
    return b'{"Results": [%s], "TotalHits": %s%s}' % (rows, total, token)


def result(record: Record, answer: Answer, _now: int) -> Answer:
    """Return a SearchRecord: the members that Search knows of a training job, and its tags."""
    told = {name: answer[name] for name in structure("TrainingJob").members if name in answer}
    tags = record.tags()
    if tags:
        told["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"TrainingJob": told}


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
    """One test for a whole expression."""
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
    """Return the only names that can match, if there are such: spares a walk over all jobs."""
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


def _candidates(world: World, call: Call, expression: Answer, now: int) -> Iterable[Record]:
    names = names_in(expression)
    if names is None:
        return world.existing(call.region, TRAINING, now)
    found = (world.find(call.region, TRAINING, name.strip(), now) for name in names)
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
