"""What the README shows is what happens."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from gateway.cli import main

from .gateway_under_test import Gateway

if TYPE_CHECKING:
    from gateway.twin import Twin

README: Final = (Path(__file__).parent.parent / "README.md").read_text()
LINES_ON_A_SCREEN: Final = 60


def fenced(language: str) -> list[str]:
    """Return the README's code blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def shown_answer() -> Any:
    """Return the answer that stands below the query."""
    return json.loads(fenced("json")[0])


def test_query_over_http(gateway_url: str) -> None:
    """The query, sent by POST, gets the answer that stands below it."""
    [query] = fenced("graphql")

    response = httpx.post(f"{gateway_url}/graphql", json={"query": query})

    assert response.json() == shown_answer()


@pytest.mark.anyio
async def test_calls(gateway: Gateway, twin: "Twin") -> None:
    """The query takes four AWS calls, and none when it is asked again."""
    [query] = fenced("graphql")

    assert await gateway.data(query) == shown_answer()["data"]
    assert sum(twin.calls().values()) == 4
    assert await gateway.data(query) == shown_answer()["data"]
    assert sum(twin.calls().values()) == 4


def test_policy(capsys: pytest.CaptureFixture[str]) -> None:
    """The policy is the one that `sagemaker-gateway iam-policy` prints."""
    main(["iam-policy"])

    assert json.loads(capsys.readouterr().out) == json.loads(fenced("json")[1])


def test_first_screen() -> None:
    """What hurts, what this does, the commands, and a query with its answer fit on one screen."""
    first, _, _ = README.partition("\n## ")

    assert len(first.splitlines()) <= LINES_ON_A_SCREEN
    assert "make demo" in first
    assert "make test" in first
