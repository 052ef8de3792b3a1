"""A text is parsed, limited and validated once; its operations are compiled once per plan."""

from typing import Any

import pytest
from graphql import get_variable_values, parse, print_ast

from gateway.errors import BadUserInput
from gateway.execution import document as document_module
from gateway.execution.compiled.compiler import Plan
from gateway.execution.document import Document, Documents
from gateway.grants import ALL_GRANTS
from gateway.schema.schema import CORE_SCHEMA
from gateway.settings import EngineSettings

TWO = 'query A { processingJob(name: "a") { id } } query B { __typename }'


def documents(**settings: Any) -> Documents:
    """Return an empty store of documents."""
    return Documents(CORE_SCHEMA, EngineSettings(**settings))


def read(text: str) -> Document:
    """Return the document of a valid text."""
    document = documents().read_document(text)
    assert isinstance(document, Document), document
    return document


def plan(document: Document, **variables: Any) -> Plan:
    """Return the plan of the only operation for values of its variables."""
    operation = document.operation(None)
    declared = operation.variable_definitions or ()
    coerced = get_variable_values(CORE_SCHEMA, declared, variables)
    assert not isinstance(coerced, list), coerced
    return document.plan(CORE_SCHEMA, operation, coerced, ALL_GRANTS)


def test_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text is the same document, and is parsed once."""
    store = documents()
    first = store.read_document(TWO)
    monkeypatch.setattr(document_module, "parse_document", None)

    assert store.read_document(TWO) is first


def test_refusal_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong text is validated once as well, and gets the same response."""
    store = documents()
    first = store.read_document("{ noSuchField }")
    monkeypatch.setattr(document_module, "validate", None)

    assert not isinstance(first, Document)
    assert store.read_document("{ noSuchField }") is first


def test_documents_are_remembered_up_to_a_bound() -> None:
    """Texts that repeat displace each other beyond so many bytes; others displace none."""
    store = documents(document_megabytes=1)
    ids = "id " * 1_500
    texts = [f'{{ {name}: node(id: "bad") {{ {ids} }} }}' for name in "abcd"]
    first = store.read_document(texts[0])
    assert store.read_document(texts[0]) is first

    for text in texts[1:]:
        store.read_document(text)
    assert store.read_document(texts[0]) is first

    for text in texts[1:]:
        assert store.read_document(text) is store.read_document(text)
    assert store.read_document(texts[0]) is not first


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ noSuchField }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ __typename " * 30 + "}" * 30, "QUERY_TOO_COMPLEX"),
        ("{ " + "__typename " * 6_000 + "}", "QUERY_TOO_COMPLEX"),
        ("{ a: __typename " * 40_000, "GRAPHQL_PARSE_FAILED"),
    ],
    ids=["syntax", "empty", "field", "unused fragment", "levels", "tokens", "parser's levels"],
)
def test_wrong_text_is_refused_with_its_reason(text: str, code: str) -> None:
    """The response of a text that is no valid document has the code of what is wrong."""
    response = documents().read_document(text)

    assert not isinstance(response, Document)
    assert {error["extensions"]["code"] for error in response["errors"]} == {code}
    assert "data" not in response


@pytest.mark.parametrize("name", ["A", "B"])
def test_operation_is_found_by_name(name: str) -> None:
    """The name picks the operation."""
    definition = read(TWO).operation(name)

    assert definition.name is not None
    assert definition.name.value == name


@pytest.mark.parametrize(
    ("name", "message"),
    [("C", "no operation named 'C'"), (None, "operationName is required"), ("", "is required")],
)
def test_operation_that_is_not_named_is_refused(name: str | None, message: str) -> None:
    """A wrong name, or none where there are several operations, is the client's error."""
    with pytest.raises(BadUserInput, match=message):
        read(TWO).operation(name)


def test_plan_is_compiled_once() -> None:
    """Values that only root arguments take share the plan of their operation."""
    document = read("query ($name: String!) { processingJob(name: $name) { id } }")

    assert plan(document, name="a") is plan(document, name="b")


@pytest.mark.parametrize(
    "text",
    [
        'query ($v: Boolean!) { processingJob(name: "a") { id roleArn @include(if: $v) } }',
        'query ($v: Boolean!) { processingJob(name: "a") { id roleArn @skip(if: $v) } }',
    ],
)
def test_values_of_conditions_have_plans_of_their_own(text: str) -> None:
    """Each value of a variable that `@skip` or `@include` reads is another plan."""
    document = read(text)

    assert plan(document, v=True) is not plan(document, v=False)
    assert plan(document, v=True) is plan(document, v=True)


def test_plans_are_bounded() -> None:
    """A document holds only so many plans, however many values its lists are asked with."""
    text = (
        'query ($first: Int) { autoMLJob(name: "a") { candidates(first: $first) {'
        " nodes { candidateName } } } }"
    )
    document = read(text)
    for first in range(1, 1_000):
        plan(document, first=first)

    assert 1 < len(document.plans) < 500
    assert document.plans.bytes <= 2**20


def test_condition_that_is_null_is_the_error_of_the_plan() -> None:
    """A condition without a value leaves the operation to graphql-core, calls counted in full."""
    document = read(
        'query ($v: Boolean = true) { processingJob(name: "a") { id @include(if: $v) } }'
    )
    wrong = plan(document, v=None)

    assert wrong.error is not None
    assert not wrong.is_complete
    assert [field.key for field in wrong.fields] == ["processingJob"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{ __typename }", set()),
        ('{ processingJob(name: "a") { ... @defer { id } } }', {"defer"}),
        ("{ nodes(ids: []) @stream { id } }", {"stream"}),
    ],
)
def test_incremental_delivery_is_found(text: str, found: set[str]) -> None:
    """A document tells which directives of incremental delivery it uses."""
    assert read(text).incremental == found


def test_document_without_incremental_delivery() -> None:
    """For clients that take one response only the directives are removed, once, and only they."""
    document = read('{ processingJob(name: "a") { ... @defer { id @skip(if: false) } } }')
    plain = document.without()

    expected = '{ processingJob(name: "a") { ... { id @skip(if: false) } } }'
    assert print_ast(plain) == print_ast(parse(expected))
    assert document.without() is plain
    assert document.without(frozenset({"stream"})) is document.node
