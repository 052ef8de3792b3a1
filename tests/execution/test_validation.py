"""Errors about values say where the value is and whose it is, as literals and in variables."""

from typing import Any, Final

import pytest

from tests.gateway_under_test import Gateway

pytestmark = pytest.mark.anyio

TIME: Final = "DateTime cannot represent"
WHEN: Final = "creationTimeAfter"


@pytest.mark.parametrize(
    ("arguments", "value", "subject"),
    [
        (f'filter: {{{WHEN}: "soon"}}', '"soon"', f"'filter' has invalid value at .{WHEN}: {TIME}"),
        (f"filter: {{{WHEN}: 5}}", "5", f"'filter' has invalid value at .{WHEN}: {TIME}"),
        (f"filter: {{{WHEN}: []}}", "[]", f"'filter' has invalid value at .{WHEN}: {TIME}"),
        (f"filter: {{{WHEN}: 1, {WHEN}: 2}}", "2", f"'filter' has invalid value at .{WHEN}: "),
        ('first: "2"', '"2"', "'first' has invalid value: Int cannot represent"),
        ("first: 9999999999", "9999999999", "'first' has invalid value: Int cannot represent"),
        ("filter: {statusEquals: NO}", "NO", "'filter' has invalid value at .statusEquals: "),
        ("filter: {statusIn: [NO]}", "NO", "'filter' has invalid value at .statusIn[0]: "),
        ("filter: {nope: 1}", "nope", "'filter' has invalid value: "),
        ("region: 3", "3", "'region' has invalid value: String cannot represent"),
    ],
)
async def test_literal(gateway: Gateway, arguments: str, value: str, subject: str) -> None:
    """The message names the argument and the path within it; the location is the value's."""
    query = f"query {{ processingJobs({arguments}) {{ nodes {{ id }} }} }}"
    answer = await gateway.query(query)

    assert set(answer.codes) == {"GRAPHQL_VALIDATION_FAILED"}
    (error,) = [each for each in answer.errors if each["message"].startswith(f"Argument {subject}")]
    assert error["locations"] == [{"line": 1, "column": query.rindex(value) + 1}]


@pytest.mark.parametrize(
    ("declared", "value", "subject"),
    [
        ("$t: DateTime", "soon", f"Variable '$t' has invalid value: {TIME} 'soon'"),
        ("$t: DateTime", 5, f"Variable '$t' has invalid value: {TIME} 5"),
        ('$t: DateTime = "soon"', None, f"Variable '$t' has invalid default value: {TIME}"),
    ],
)
async def test_variable(gateway: Gateway, declared: str, value: Any, subject: str) -> None:
    """A variable's value and its default are named alike."""
    variables = {} if value is None else {"t": value}
    answer = await gateway.query(
        f"query ({declared}) {{ processingJobs(filter: {{{WHEN}: $t}}) {{ nodes {{ id }} }} }}",
        **variables,
    )

    assert answer.error["message"].startswith(subject)
    assert answer.error["locations"][0]["line"] == 1


async def test_field_of_a_variable(gateway: Gateway) -> None:
    """A value within a variable is named by its path."""
    answer = await gateway.query(
        "query ($f: ProcessingJobFilter) { processingJobs(filter: $f) { nodes { id } } }",
        f={WHEN: "soon"},
    )

    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.error["message"].startswith(f"Variable '$f' has invalid value at .{WHEN}: {TIME}")
    assert answer.error["locations"] == [{"line": 1, "column": 8}]


async def test_argument_of_a_directive(gateway: Gateway) -> None:
    """The arguments of directives are named too."""
    answer = await gateway.query('{ processingJob(name: "a") { id @skip(if: "no") } }')

    assert answer.error["message"].startswith("Argument 'if' has invalid value: Boolean cannot")
    assert answer.error["locations"] == [{"line": 1, "column": 43}]


async def test_stream_below_a_union(gateway: Gateway) -> None:
    """A union has no lists to be streamed."""
    answer = await gateway.query(
        """{ node(id: "a") { ... on AutoMLJob { bestCandidate { candidateSteps {
        candidateStepJob { __typename @stream } } } } } }"""
    )

    assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert "non-list field on type 'CandidateStepJob'" in answer.error["message"]
    assert answer.error["locations"] == [{"line": 2, "column": 39}]


async def test_errors_are_limited(gateway: Gateway) -> None:
    """The first twenty errors are told, the first five of them with suggestions."""
    fields = " ".join(f"processingJob{number}" for number in range(40))
    answer = await gateway.query(f"{{ {fields} }}")

    messages = [error["message"] for error in answer.errors]
    assert set(answer.codes) == {"GRAPHQL_VALIDATION_FAILED"}
    assert len(messages) == 21
    assert ["Did you mean" in message for message in messages] == [True] * 5 + [False] * 16
    assert messages[-1] == "The document has more than 20 errors."


async def test_errors_within_a_value_are_limited(gateway: Gateway) -> None:
    """Each of them prints the value, so five are enough."""
    fields = ", ".join(f"a{number}: 1" for number in range(400))
    answer = await gateway.query(f"{{ processingJobs(filter: {{{fields}}}) {{ nodes {{ id }} }} }}")

    assert set(answer.codes) == {"GRAPHQL_VALIDATION_FAILED"}
    assert len(answer.errors) == 5


async def test_nesting_is_refused_with_its_limit(gateway: Gateway) -> None:
    """A document whose fragments nest too deep is refused by a limit that the message names."""
    spreads = (f"fragment F{i} on Query {{ ...F{(i + 1) % 300} }}" for i in range(300))
    answer = await gateway.query("{ ...F0 } " + " ".join(spreads))

    assert answer.codes == ["QUERY_TOO_COMPLEX"]
    assert "more than 100 levels" in answer.error["message"]


async def test_fields_that_cannot_be_merged(gateway: Gateway) -> None:
    """The error names the response key."""
    answer = await gateway.query('{ trainingJob(name: "a") { id } trainingJob(name: "b") { id } }')

    assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert answer.error["message"].startswith("Fields 'trainingJob' conflict because they have")
    assert len(answer.error["locations"]) == 2


async def test_same_error_at_several_places(gateway: Gateway) -> None:
    """It is one error with the locations of all."""
    answer = await gateway.query("{ __typename @nope @nope a: __typename @nope }")

    assert answer.error["message"] == "Unknown directive '@nope'."
    assert [each["column"] for each in answer.error["locations"]] == [14, 20, 40]
