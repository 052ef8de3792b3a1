"""Each query in the documentation runs over the demo's jobs, and finds what it asks for."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest
from graphql import OperationDefinitionNode, OperationType, parse

from .conftest import StartGateway
from .test_docs import PAGES, ROOT

_BLOCK: Final = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Example(NamedTuple):
    """A query in the documentation, and where it stands."""

    page: Path
    line: int
    query: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def examples() -> list[Example]:
    """Return the blocks that are GraphQL."""
    return [
        Example(page, text.count("\n", 0, block.start()) + 1, block[1])
        for page in PAGES
        for text in [page.read_text(encoding="utf-8")]
        for block in _BLOCK.finditer(text)
    ]


def responses(url: str, query: str) -> Iterator[Any]:
    """Yield the response to an operation, or the responses of a stream."""
    accept = {"Accept": "text/event-stream" if is_subscription(query) else "application/json"}
    body = {"query": query}
    with httpx.stream("POST", url, json=body, headers=accept, trust_env=False) as response:
        if not is_subscription(query):
            yield json.loads(response.read())
            return
        for line in response.iter_lines():
            if line.startswith("data:") and line != "data:":
                yield json.loads(line.removeprefix("data:"))


def is_subscription(query: str) -> bool:
    """Tell whether an operation is a subscription."""
    (operation,) = parse(query).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.operation is OperationType.SUBSCRIPTION


def lists(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the length of each list, with its path without the indices."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from lists(value, (*path, key))
    elif isinstance(data, list):
        yield path, len(data)
        for item in data:
            yield from lists(item, path)


@pytest.mark.parametrize("example", examples(), ids=str)
def test_query(gateway_url: str, example: Example) -> None:
    """It gets no error; what it names exists, and no list is empty wherever it stands."""
    response = next(responses(f"{gateway_url}/graphql", example.query))
    found: dict[tuple[str, ...], int] = {}
    for path, length in lists(response.get("data")):
        found[path] = found.get(path, 0) + length

    assert "errors" not in response
    assert None not in response["data"].values()
    assert {path for path, length in found.items() if not length} == set()


def test_queries_are_found() -> None:
    """The pages have queries, each in a block that says that it is GraphQL."""
    pages = {example.page.name for example in examples()}

    assert {"README.md", "calls.md", "clients.md", "links.md", "lists.md", "streaming.md"} <= pages
    for page in PAGES:
        fences = re.findall(r"^```(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert [fence for fence in fences[::2] if not fence] == []


@pytest.mark.anyio
async def test_queries_are_within_the_limits_for_production(start_gateway: StartGateway) -> None:
    """The preset's limits let every query of the documentation pass."""
    gateway = await start_gateway(preset="production", upstream=True)

    for example in examples():
        response = await gateway.http.post(
            "/graphql", json={"query": example.query}, headers={"X-Upstream": "explain"}
        )
        upstream = response.json()["extensions"]["upstream"]
        assert upstream["planned"] <= upstream["budget"], example
