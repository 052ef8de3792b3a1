"""Small requests that are made to cost much are answered soon, with a code."""

import time
from typing import Final

import pytest

from tests.gateway_under_test import Gateway

pytestmark = pytest.mark.anyio

_MOST_SECONDS: Final = 0.5
"""Of CPU, on a slow and busy machine; each takes less than 0.1 on a common one."""


def _fragments(count: int, body: str) -> str:
    return " ".join(
        f"fragment F{i} on Query {{ {body.replace('NEXT', f'...F{i + 1}')} }}" for i in range(count)
    )


BOMBS: Final = {
    "fragment": "{ ...F0 } "
    + _fragments(60, "NEXT NEXT")
    + " fragment F60 on Query { __typename }",
    "alias": "{ " + " ".join(f"a{i}: __typename" for i in range(5_000)) + " }",
    "directive": "{ __typename " + "@skip(if: false) " * 800 + "}",
    "duplication": '{ processingJob(name: "_") { ' + "trainingJob { id } " * 1_200 + "} }",
    "overlap": '{ node(id: "a") { ' + "... on ProcessingJob { trainingJob { id } } " * 450 + "} }",
    "circle": "{ ...F0 } " + _fragments(300, "NEXT") + " fragment F300 on Query { ...F0 }",
    "depth": "{ a " * 20_000,
    "list": "{ nodes(ids: " + "[" * 50_000,
    "whitespace": " \n,\t" * 15_000,
    "comment": "#a\n" * 20_000,
    "number": "{ processingJobs(first: " + "9" * 95_000 + ") { nodes { id } } }",
    "string": '{ processingJob(name: "' + "a" * 95_000 + '") { id } }',
    "operation": " ".join(f"query Q{i} {{ __typename }}" for i in range(990)),
    "variable": "query (" + " ".join(f"$v{i}: Int" for i in range(1_200)) + ") { __typename }",
    "argument": "{ processingJobs(filter: {" + "a: 1 " * 1_600 + "}) { nodes { id } } }",
    "name": "{ processingJob" + "a" * 90_000 + " }",
}


@pytest.mark.parametrize("name", BOMBS)
async def test_bomb_is_refused_soon(gateway: Gateway, name: str) -> None:
    """The answer has a client's code, or data of the right form, and takes little CPU."""
    body = {"query": BOMBS[name]}
    started = time.process_time()
    response = await gateway.http.post("/graphql", json=body)
    took = time.process_time() - started

    assert response.status_code == 200, response.text[:200]
    assert "INTERNAL_SERVER_ERROR" not in response.text
    assert '"code"' in response.text or '"data"' in response.text
    assert took < _MOST_SECONDS
