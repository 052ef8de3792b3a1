"""Errors suggest names of the schema, unless a setting keeps the schema to its owner."""

from typing import Any, Final

import pytest

from tests.conftest import StartGateway
from tests.gateway_under_test import Gateway

pytestmark = pytest.mark.anyio

BY_STATUS: Final = "{ processingJobs(filter: {statusEquals: $s}) { nodes { id } } }"
MISTAKES: Final[list[tuple[str, dict[str, Any]]]] = [
    ('{ processingJob(name: "a") { processingJobNam } }', {}),
    ('{ processingJob(name: "a") { appSpecification } }', {}),
    ('{ node(id: "a") { processingJobName } }', {}),
    ('{ processingJob(nam: "a") { id } }', {}),
    ("{ __typename @skip(iff: true) }", {}),
    ('{ node(id: "a") { ... on ProcessingJo { id } } }', {}),
    ("query ($f: ProcessingJobFilte) { processingJobs(filter: $f) { nodes { id } } }", {}),
    ("{ processingJobs(filter: {statusEquals: Complete}) { nodes { id } } }", {}),
    ("{ processingJobs(filter: {statusEqual: Completed}) { nodes { id } } }", {}),
    (f"query ($s: ProcessingJobStatus = Complete) {BY_STATUS}", {}),
    (f"query ($s: ProcessingJobStatus) {BY_STATUS}", {"s": "Complete"}),
    (
        "query ($f: ProcessingJobFilter) { processingJobs(filter: $f) { nodes { id } } }",
        {"f": {"statusEqual": "Completed"}},
    ),
    (
        "query ($f: ProcessingJobFilter) { processingJobs(filter: $f) { nodes { id } } }",
        {"f": {"statusIn": ["Complete"]}},
    ),
    ("{ processingJobs }", {}),
]
"""Operations with a mistake in them, for which graphql-core knows what may have been meant."""


async def messages(gateway: Gateway, query: str, variables: dict[str, Any]) -> str:
    """Return the messages of the errors of an operation, which has some."""
    answer = await gateway.query(query, **variables)
    assert answer.errors
    return " ".join(error["message"] for error in answer.errors)


async def test_suggestions(gateway: Gateway) -> None:
    """By default each error says what the client may have meant."""
    for query, variables in MISTAKES:
        assert "Did you mean" in await messages(gateway, query, variables), query


async def test_no_suggestions(start_gateway: StartGateway) -> None:
    """With the setting no error does, and each still says what is wrong."""
    gateway = await start_gateway(suggestions=False)

    for query, variables in MISTAKES:
        message = await messages(gateway, query, variables)
        assert "mean" not in message, query
        assert message.endswith("."), query
