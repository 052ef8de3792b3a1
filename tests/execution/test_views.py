"""What is outside of a caller's view is as if AWS did not have it, however it is asked for."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from graphql import GraphQLObjectType, get_named_type, is_interface_type, is_union_type

from gateway.aws.arn import Arn
from gateway.execution.request import Request
from gateway.grants import ALL_GRANTS, View, grants_of
from gateway.schema.fields import field_name
from gateway.schema.identity import ROOT_TYPES
from gateway.schema.registry import RESOURCES
from gateway.schema.schema import CORE_SCHEMA
from tests.conftest import Count

from .differential.engines import EngineUnderTest, create_engines
from .differential.fake_sagemaker import REGION, existing_names
from .differential.scenarios import Scenario

KINDS: Final = {resource.type_name for resource in RESOURCES}
IDENTITY: Final = "id tags { key value }"
VIEWS: Final = {
    "names": View(names=("churn*", "*-0*")),
    "letter case": View(names=("CHURN-*",)),
    "kinds": View(kinds=frozenset({"ProcessingJob", "MonitoringSchedule"})),
    "regions": View(regions=frozenset({"us-east-1"})),
    "a tag": View(tags=(("team", frozenset({"risk", "growth", "search"})),)),
    "a key": View(tags=(("owner", None),)),
    "all": View(
        frozenset({REGION}), frozenset(KINDS), ("*a*",), (("environment", frozenset({"staging"})),)
    ),
    "nothing": View(names=("nobody's",)),
}


def selection(type_name: str, *, depth: int) -> str:
    """Return a selection of the identity of a resource, its links and lists, down to a depth."""
    type_: Any = CORE_SCHEMA.type_map[type_name]
    parts = [IDENTITY] if type_name in KINDS else []
    for name, definition in type_.fields.items() if depth else ():
        named: Any = get_named_type(definition.type)
        if named.name in KINDS:
            parts.append(f"{name} {selection(named.name, depth=depth - 1)}")
        elif is_union_type(named) or is_interface_type(named):
            kinds = (f"... on {each.name} {{ {IDENTITY} }}" for each in possible(named))
            parts.append(f"{name} {{ {' '.join(kinds)} }}")
        elif named.name.endswith("Connection"):
            parts.append(f"{name}(first: 100) {{ nodes {selection(row_type(named), depth=1)} }}")
        elif name == "monitoringExecution":
            parts.append(f"{name} {{ scheduledTime }}")
    return f"{{ {' '.join(parts) or '__typename'} }}"


def possible(type_: Any) -> Iterator[GraphQLObjectType]:
    """Yield the kinds of resources that a type stands for."""
    yield from (each for each in CORE_SCHEMA.get_possible_types(type_) if each.name in KINDS)


def row_type(connection: Any) -> str:
    """Return the name of the type of a connection's nodes."""
    name: str = get_named_type(connection.fields["nodes"].type).name
    return name


def queries() -> Iterator[str]:
    """Yield operations that reach resources by name, by ARN, by list and by link."""
    for resource in RESOURCES:
        field, below = field_name(resource.type_name), selection(resource.type_name, depth=1)
        for name in existing_names(resource, REGION)[:6]:
            yield f'{{ {field}(name: "{name}") {below} }}'
        yield f"{{ {field}s(first: 100) {{ nodes {{ {IDENTITY} }} edges {{ node {below} }} }} }}"


def is_visible(view: View, found: dict[str, Any]) -> bool:
    """Tell whether a resource, in an answer for a caller who sees everything, is in the view."""
    arn = Arn.parse(found["id"])
    kind = ROOT_TYPES[arn.type].resource.type_name
    tags = {tag["key"]: tag["value"] for tag in found["tags"]}
    return view.has_place(kind, arn.region) and view.has_name(arn.name) and view.has_tags(tags)


def prune(view: View, value: Any) -> Any:
    """Return the answer without what is outside of the view."""
    if isinstance(value, list):
        return [prune(view, each) for each in value]
    if not isinstance(value, dict):
        return value
    if "id" in value and not is_visible(view, value):
        return None
    pruned = {key: prune(view, each) for key, each in value.items()}
    if "nodes" in value:
        pruned["nodes"] = kept(value["nodes"], pruned["nodes"])
    if "edges" in value:
        pairs = zip(value["edges"], pruned["edges"], strict=True)
        pruned["edges"] = [edge for was, edge in pairs if edge["node"] or not was["node"]]
    if "monitoringExecution" in value and not pruned["monitoringSchedule"]:
        pruned["monitoringExecution"] = None
    return pruned


def kept(before: list[Any], after: list[Any]) -> list[Any]:
    """Return the rows of a list that a caller sees: none that is a resource outside of its view."""
    pairs = list(zip(before, after, strict=True))
    if any(was and set(was) == {"tuningJob", "trainingJob"} for was in before):
        # A tuning job's row is about its training job.
        return [row for was, row in pairs if row["trainingJob"] or not was["trainingJob"]]
    return [row for was, row in pairs if row is not None or was is None]


async def answer(engine: EngineUnderTest, query: str, view: View | None) -> Any:
    """Return the data of an operation for a caller with that view."""
    grants = ALL_GRANTS if view is None else grants_of(None, view)
    result = await engine.execute(engine.engine.prepare(Request(query, None, {}, grants)))
    body = json.loads(result.body)
    assert "errors" not in body, body["errors"]
    return body["data"]


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_answer_for_a_view_is_the_full_one_with_the_rest_removed(view: View, count: Count) -> None:
    """That is so with an empty cache, and after callers with other views, in both orders."""

    async def run() -> None:
        changed = 0
        for query in queries():
            first, second = create_engines(Scenario(list_calls=1_000))
            cold = await answer(first, query, view)
            full = await answer(first, query, None)
            assert await answer(second, query, None) == full
            warm = await answer(second, query, view)
            expected = prune(view, full)
            assert cold == expected, query
            assert warm == expected, query
            assert await answer(second, query, None) == full
            changed += expected != full
        count("views: operations from which one leaves something out", changed)
        assert changed > 10

    asyncio.run(run())


def test_rules_of_a_view() -> None:
    """A place, a name and tags are each looked at alone."""
    view = VIEWS["all"]
    assert view.has_place("TrainingJob", REGION)
    assert not view.has_place("TrainingJob", "us-east-1")
    assert not View(kinds=frozenset()).has_place("TrainingJob", REGION)
    assert View(names=("team-a-*",)).has_name("Team-A-job")
    assert not View(names=("team-a-*",)).has_name("x-team-a-job")
    assert not View(names=("team-[ab]",)).has_name("team-c")
    assert view.has_tags({"environment": "staging"})
    assert not view.has_tags({"environment": "Staging"})
    assert not view.has_tags({})
