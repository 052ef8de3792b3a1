"""Operations become plans: fields merged in the order of the response, arguments bound later."""

from typing import Any

import pytest
from graphql import get_variable_values

from gateway.execution.document import Document, Documents
from gateway.grants import ALL_GRANTS
from gateway.schema.schema import CORE_SCHEMA
from gateway.schema.selection import Kind, SelectedField, Selection, WrongArguments
from gateway.settings import EngineSettings


class Compiled:
    """The plan of a document's only operation for some variables, and its bound selection."""

    def __init__(self, text: str, **variables: Any) -> None:
        document = Documents(CORE_SCHEMA, EngineSettings()).read_document(text)
        assert isinstance(document, Document), document
        operation = document.operation(None)
        declared = operation.variable_definitions or ()
        values = get_variable_values(CORE_SCHEMA, declared, variables)
        assert not isinstance(values, list), values
        self.plan = document.plan(CORE_SCHEMA, operation, values, ALL_GRANTS)
        self.root: Selection = self.plan.bind(CORE_SCHEMA, values)

    def selection(self, *keys: str) -> Selection:
        """Return the selection below these response keys, each of one type only."""
        selection = self.root
        for key in keys:
            (selection,) = field(selection, key).selections
        return selection


def field(selection: Selection, key: str) -> SelectedField:
    """Return the field of a response key."""
    (found,) = (each for each in selection.fields if each.key == key)
    return found


def keys(selection: Selection) -> list[str]:
    """Return the response keys in order."""
    return [each.key for each in selection.fields]


JOB = '{ processingJob(name: "a") { %s } }'


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        ("id processingJobName", ["id", "processingJobName"]),
        ("b: id a: id", ["b", "a"]),
        ("id roleArn id", ["id", "roleArn"]),
        ("...F roleArn", ["id", "roleArn"]),
        ("roleArn ...F ... on Node { id }", ["roleArn", "id"]),
        ("__typename id", ["__typename", "id"]),
        ("id @skip(if: true) roleArn @include(if: true)", ["roleArn"]),
        ("id ... @include(if: false) { roleArn }", ["id"]),
    ],
)
def test_fields_are_collected(selected: str, expected: list[str]) -> None:
    """Fields are merged by response key, fragments entered and conditions applied."""
    fragment = " fragment F on ProcessingJob { id }" if "...F" in selected else ""

    assert keys(Compiled(JOB % selected + fragment).selection("processingJob")) == expected


def test_fields_below_are_merged() -> None:
    """Two selections of one field are one selection of everything below both."""
    compiled = Compiled(
        JOB % "trainingJob { trainingJobName } trainingJob { trainingJobStatus trainingJobName }"
    )

    selected = compiled.selection("processingJob", "trainingJob")
    assert keys(selected) == ["trainingJobName", "trainingJobStatus"]


def test_equal_selections_are_one_object() -> None:
    """What is rendered for one operation serves another that selects the same."""
    one = Compiled(JOB % "id trainingJob { id trainingJobStatus }")
    other = Compiled(
        "query ($name: String!) { job: processingJob(name: $name) { id ...F } }"
        " fragment F on ProcessingJob { trainingJob { id trainingJobStatus } }",
        name="b",
    )

    assert one.selection("processingJob") is other.selection("job")
    assert one.selection("processingJob") is not Compiled(JOB % "id").selection("processingJob")


def test_abstract_field_has_a_selection_for_each_type() -> None:
    """A field that can hold several types has a selection of each, with that type's fields."""
    compiled = Compiled(
        '{ node(id: "x") { id __typename ... on TrainingJob { trainingJobName } } }'
    )
    selections = {each.type_name: keys(each) for each in field(compiled.root, "node").selections}

    assert selections["TrainingJob"] == ["id", "__typename", "trainingJobName"]
    assert selections["ProcessingJob"] == ["id", "__typename"]
    assert len(selections) == len(CORE_SCHEMA.get_possible_types(CORE_SCHEMA.type_map["Node"]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("selected", "kind"),
    [
        ("__typename", Kind.TYPENAME),
        ("roleArn", Kind.PLAIN),
        ("processingJobStatus", Kind.ENUM),
        ("creationTime", Kind.DATE_TIME),
        ("appSpecification { imageUri }", Kind.OBJECT),
        ("trainingJob { id }", Kind.REFERENCE),
        ("tags { key }", Kind.REFERENCE),
        ("consoleUrl", Kind.DERIVED),
    ],
)
def test_kind_of_field(selected: str, kind: Kind) -> None:
    """Each field is read and written as its declaration says."""
    (found,) = Compiled(JOB % selected).selection("processingJob").fields

    assert found.kind is kind


def test_arguments_are_bound_for_each_request() -> None:
    """One plan serves all names; the binding has those of one request."""
    text = "query ($name: String!) { processingJob(name: $name) { id } }"
    one, other = Compiled(text, name="a"), Compiled(text, name="b")

    assert (
        field(one.root, "processingJob").arguments != field(other.root, "processingJob").arguments
    )
    assert one.plan.fields[0].selections == other.plan.fields[0].selections


def test_wrong_argument_is_the_error_of_its_field() -> None:
    """An argument that the reference refuses leaves the other fields as they are."""
    text = "query ($ids: [ID!]!) { a: nodes(ids: $ids) { id } b: __typename }"
    compiled = Compiled(text, ids=["x"] * 101)
    refused = field(compiled.root, "a").arguments

    assert isinstance(refused, WrongArguments)
    assert "At most 100 ids" in str(refused.error)
    assert field(compiled.root, "b").kind is Kind.TYPENAME


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("{ __typename }", True),
        (JOB % "__typename", True),
        ("{ __schema { queryType { name } } }", False),
        ('{ __typename __type(name: "X") { name } }', False),
        ("{ __schema @skip(if: true) { queryType { name } } __typename }", True),
    ],
)
def test_introspection_is_left_out(text: str, *, complete: bool) -> None:
    """A plan says whether the operation looks into the schema, which it leaves to graphql-core."""
    plan = Compiled(text).plan

    assert plan.is_complete is complete
    assert plan.has_introspection is not complete
    assert "__schema" not in [each.key for each in plan.fields]


def test_wrong_condition_counts_everything() -> None:
    """A condition that is null fails its operation; the plan has all that it may select."""
    text = "query ($v: Boolean = true) " + JOB % "id @include(if: $v) roleArn @skip(if: $v)"
    compiled = Compiled(text, v=None)

    assert compiled.plan.error is not None
    assert keys(compiled.selection("processingJob")) == ["id", "roleArn"]
