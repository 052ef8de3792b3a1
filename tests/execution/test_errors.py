"""Errors as clients see them: coded, in shape, and masked when nobody foresaw them."""

import logging

import pytest
from graphql import GraphQLError, GraphQLSyntaxError, Source

from gateway.aws.errors import Throttled
from gateway.errors import BadUserInput, Code, CodedError
from gateway.execution.errors import (
    QueryTooComplex,
    format_error,
    format_errors,
    request_error,
    unexpected_error,
)
from tests.graphql_responses import assert_canonical_error


def test_error_of_ours_is_shown() -> None:
    """An error that was written for clients keeps its message, its code and its place."""
    error = GraphQLError("x", path=["a", 0, "b"], original_error=BadUserInput("Say please."))

    formatted = format_error(error)

    assert_canonical_error(formatted)
    assert formatted == {
        "message": "Say please.",
        "path": ["a", 0, "b"],
        "extensions": {"code": "BAD_USER_INPUT"},
    }


def test_error_of_ours_may_say_more() -> None:
    """What an error adds to its code is shown too."""
    error = GraphQLError("x", original_error=Throttled("Wait.", 2_000))

    assert format_error(error)["extensions"] == {
        "code": "UPSTREAM_THROTTLED",
        "retryAfterMs": 2_000,
    }


@pytest.mark.parametrize("cause", [ValueError("secret"), GraphQLError("secret"), None])
def test_anything_else_is_masked_and_logged(
    cause: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody foresaw tells clients nothing and the log everything."""
    formatted = format_error(GraphQLError("secret", path=["a"], original_error=cause))

    assert_canonical_error(formatted)
    assert formatted["message"] == "Internal server error."
    assert formatted["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert formatted["path"] == ["a"]
    (record,) = caplog.records
    assert (record.message, record.levelno) == ("gateway.unexpected_error", logging.ERROR)


def test_syntax_error_has_its_code() -> None:
    """A document that does not parse is told apart from one that does not fit the schema."""
    formatted = format_error(GraphQLSyntaxError(Source("{"), 1, "Expected Name."))

    assert_canonical_error(formatted)
    assert formatted["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
    assert formatted["locations"] == [{"line": 1, "column": 2}]


def test_code_is_given_to_errors_of_graphql_core() -> None:
    """Errors that no exception of ours stands behind get the code of the step that failed."""
    formatted = format_errors([GraphQLError("no")], Code.GRAPHQL_VALIDATION_FAILED)

    assert formatted == [{"message": "no", "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("Say please.", "BAD_USER_INPUT"),
        (BadUserInput("Say please."), "BAD_USER_INPUT"),
        (QueryTooComplex("Say less."), "QUERY_TOO_COMPLEX"),
    ],
)
def test_refused_request_is_a_response(error: CodedError | str, code: str) -> None:
    """A request that is not executed is answered with errors and no data."""
    response = request_error(error)

    assert response.keys() == {"errors"}
    (formatted,) = response["errors"]
    assert_canonical_error(formatted)
    assert formatted == {"message": str(error), "extensions": {"code": code}}


def test_failure_of_the_gateway_is_a_response() -> None:
    """When the gateway itself fails, clients get a GraphQL response like any other."""
    (formatted,) = unexpected_error()["errors"]

    assert_canonical_error(formatted)
    assert formatted["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}


def test_codes_are_their_own_names() -> None:
    """The codes are what the documentation lists, letter by letter."""
    assert all(code.value == code.name for code in Code)
