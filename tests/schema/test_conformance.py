"""The schema says what AWS's model says, all of it and nothing else."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
import strawberry
from botocore.loaders import create_loader
from botocore.model import ServiceModel
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)
from hypothesis import given
from hypothesis import strategies as st

from gateway.aws.resources import TAGS, Resource
from gateway.schema.registry import RESOURCES
from gateway.schema.schema import CORE_SCHEMA, SCHEMA
from tests.conftest import Count

from . import conformance
from .conformance import ADDED, LEFT_OUT, LINKS, compare

MODEL: Any = botocore.session.Session().get_service_model("sagemaker")

# One sentence: it ends with a full stop, and no other sentence begins inside of it.
ONE_SENTENCE = re.compile(r"[A-Z`](?:(?!\. [A-Z]|\n\n).)*\.", re.DOTALL)


@pytest.fixture
def schema() -> GraphQLSchema:
    """Return the schema built once more, for a test to damage."""
    return strawberry.Schema(SCHEMA.query, config=SCHEMA.config)._schema


def fields_of(schema: GraphQLSchema, type_name: str) -> dict[str, GraphQLField]:
    """Return the fields of an object type, to be changed."""
    type_ = schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    fields: dict[str, GraphQLField] = type_.fields
    return fields


def model_with(shape: str, member: str, target: str) -> ServiceModel:
    """Return AWS's model of tomorrow: `shape` has one member more."""
    description = copy.deepcopy(create_loader().load_service_model("sagemaker", "service-2"))
    description["shapes"][shape]["members"][member] = {"shape": target}
    return ServiceModel(description, "sagemaker")


def test_every_member_is_modelled(count: Count) -> None:
    """Each member that AWS can answer with is a field of the same name, type and list-ness."""
    found = compare(CORE_SCHEMA, MODEL)

    count("conformance: members compared", found.members)
    count("conformance: structures compared", len(found.structures))
    count("conformance: enums compared", len(found.enums))
    assert found.differences == []
    assert found.members >= 485
    assert len(found.structures) >= 118
    assert len(found.enums) >= 49
    assert found.texts == {
        "AutoMLAlgorithm",
        "CandidateStepType",
        "ProcessingInstanceType",
        "TrainingInstanceType",
        "TransformInstanceType",
    }


def test_nothing_is_left_out() -> None:
    """No member is excused from the comparison."""
    assert LEFT_OUT == {}


@pytest.mark.parametrize(
    ("type_name", "name"),
    [
        ("ProcessingJob", "exitMessage"),
        ("ProcessingClusterConfig", "volumeSizeInGB"),
        ("KeyValue", "value"),
        ("AutoMLProblemTypeConfig", "timeSeriesForecastingJobConfig"),
        ("TransformJob", "transformJobArn"),
    ],
)
def test_missing_field_is_found(schema: GraphQLSchema, type_name: str, name: str) -> None:
    """A field taken away from a type is reported by name."""
    del fields_of(schema, type_name)[name]

    found = compare(schema, MODEL).differences

    assert f"{type_name}.{name}: the member has no field" in found


def test_member_that_aws_adds_is_found() -> None:
    """A member that a newer botocore knows is reported by its field's name."""
    model = model_with("DescribeProcessingJobResponse", "BrandNewMember", "ExitMessage")

    found = compare(CORE_SCHEMA, model).differences

    assert found == ["ProcessingJob.brandNewMember: the member has no field"]


def test_member_deep_in_a_structure_is_found() -> None:
    """The walk reaches structures inside lists inside structures."""
    model = model_with("AutoMLCandidateStep", "StepWeight", "Float")

    found = compare(CORE_SCHEMA, model).differences

    assert found == ["AutoMLCandidateStep.stepWeight: the member has no field"]


def test_structure_that_aws_adds_is_found() -> None:
    """A member of a structure that the schema lacks is reported with all that it holds."""
    model = model_with("DescribeTrainingJobResponse", "Hub", "DescribeHubResponse")

    found = compare(CORE_SCHEMA, model).differences

    assert "TrainingJob.hub: the member has no field" in found


def test_value_that_aws_adds_to_an_enum_is_found() -> None:
    """An enum value that a newer botocore knows is reported by the name that it should get."""
    description = copy.deepcopy(create_loader().load_service_model("sagemaker", "service-2"))
    description["shapes"]["ProcessingJobStatus"]["enum"].append("OnHold")

    found = compare(CORE_SCHEMA, ServiceModel(description, "sagemaker")).differences

    assert found == ["ProcessingJobStatus.ON_HOLD: does not stand for AWS's value 'OnHold'"]


def test_missing_enum_value_is_found(schema: GraphQLSchema) -> None:
    """An enum value taken away from the schema is reported."""
    enum = schema.type_map["ProcessingJobStatus"]
    assert isinstance(enum, GraphQLEnumType)
    del enum.values["IN_PROGRESS"]

    found = compare(schema, MODEL).differences

    assert found == ["ProcessingJobStatus.IN_PROGRESS: does not stand for AWS's value 'InProgress'"]


def test_wrong_type_is_found(schema: GraphQLSchema) -> None:
    """A field of another type than its member's is reported with both types."""
    fields_of(schema, "ProcessingJob")["exitMessage"].type = GraphQLInt

    assert compare(schema, MODEL).differences == ["ProcessingJob.exitMessage: is Int, not String"]


def test_lost_list_is_found(schema: GraphQLSchema) -> None:
    """A single value in place of a list is reported."""
    fields_of(schema, "VpcConfig")["subnets"].type = GraphQLString

    assert compare(schema, MODEL).differences == ["VpcConfig.subnets: is String, not a list"]


@pytest.mark.parametrize(
    ("type_name", "name"), [("ProcessingJob", "exitMessage"), ("ProcessingJob", "trainingJob")]
)
def test_field_that_cannot_be_null_is_found(
    schema: GraphQLSchema, type_name: str, name: str
) -> None:
    """Only identities, statuses, creation times, items and keys are non-null; links never are."""
    definition = fields_of(schema, type_name)[name]
    assert not isinstance(definition.type, GraphQLNonNull)
    definition.type = GraphQLNonNull(definition.type)

    found = compare(schema, MODEL).differences

    assert f"{type_name}.{name}: is {definition.type}, against the policy on nulls" in found


def test_identity_that_can_be_null_is_found(schema: GraphQLSchema) -> None:
    """A root type's name without its exclamation mark is reported."""
    fields_of(schema, "TrainingJob")["trainingJobName"].type = GraphQLString

    found = compare(schema, MODEL).differences

    assert found == ["TrainingJob.trainingJobName: is String, against the policy on nulls"]


def test_field_that_aws_does_not_have_is_found(schema: GraphQLSchema) -> None:
    """A field that is neither a member nor a link is reported."""
    fields_of(schema, "MonitoringSchedule")["mood"] = GraphQLField(GraphQLString)

    found = compare(schema, MODEL).differences

    assert found == ["MonitoringSchedule.mood: is neither a member of AWS's nor a link"]


@pytest.mark.parametrize(("type_name", "name"), LINKS)
def test_missing_link_is_found(schema: GraphQLSchema, type_name: str, name: str) -> None:
    """Each link of the contract is missed when it is gone."""
    del fields_of(schema, type_name)[name]

    assert compare(schema, MODEL).differences == [f"{type_name}.{name}: the link is missing"]


@pytest.mark.parametrize(("type_name", "name"), ADDED)
def test_missing_addition_is_found(schema: GraphQLSchema, type_name: str, name: str) -> None:
    """Tags and the console's page are missed when they are gone."""
    del fields_of(schema, type_name)[name]

    assert compare(schema, MODEL).differences == [f"{type_name}.{name}: the field is missing"]


def test_tags_are_pairs_as_aws_has_them() -> None:
    """A tag is a key and a value, both texts, and ListTags has its answers in pages."""
    output = MODEL.operation_model(TAGS.operation).output_shape
    tag = output.members["Tags"].member

    assert set(output.members) == {"Tags", "NextToken"}
    assert {name: shape.type_name for name, shape in tag.members.items()} == {
        "Key": "string",
        "Value": "string",
    }


def test_left_out_member_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """An excuse for a member that AWS does not have is reported, and so is one without a reason."""
    monkeypatch.setattr(conformance, "LEFT_OUT", {("VpcConfig", "Mood"): " "})

    assert compare(CORE_SCHEMA, MODEL).differences == [
        "VpcConfig.Mood: is listed as left out and is no member",
        "VpcConfig.Mood: is left out without a reason",
    ]


def descriptions() -> Iterator[tuple[str, str | None]]:
    """Yield every place of the schema that has a description of ours."""
    for name, type_ in CORE_SCHEMA.type_map.items():
        if is_introspection_type(type_) or is_specified_scalar_type(type_):
            continue
        yield name, type_.description
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field, definition in type_.fields.items():
                yield f"{name}.{field}", definition.description
                for argument, given_ in definition.args.items():
                    yield f"{name}.{field}({argument}:)", given_.description
        elif isinstance(type_, GraphQLInputObjectType):
            for field, input_field in type_.fields.items():
                yield f"{name}.{field}", input_field.description
        else:
            assert isinstance(type_, GraphQLEnumType | GraphQLUnionType) or name in {
                "DateTime",
                "Long",
            }
    for directive in CORE_SCHEMA.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive.description


def test_everything_is_described_in_one_sentence() -> None:
    """Types, fields, enums, scalars and arguments are documented, each by one sentence."""
    found = dict(descriptions())

    assert [place for place, text in found.items() if not ONE_SENTENCE.fullmatch(text or "")] == []
    assert len(found) > 650


@pytest.mark.parametrize("text", ["", "No stop", "Two. Sentences.", "lower case.", "A\n\nB."])
def test_other_texts_are_not_one_sentence(text: str) -> None:
    """The pattern for descriptions refuses what it is there to refuse."""
    assert not ONE_SENTENCE.fullmatch(text)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.type_name)
def test_resource_names_members_of_the_model(resource: Resource) -> None:
    """The members that the table of resources names are in AWS's model, the name in its input."""
    operation = MODEL.operation_model(resource.describe)

    members = operation.output_shape.members
    assert {resource.name, resource.arn, resource.status, "CreationTime"} <= set(members)
    assert operation.input_shape.required_members == [resource.name]
    assert resource.ends < set(members[resource.status].enum)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.type_name)
def test_resource_statuses_and_times_are_required(resource: Resource) -> None:
    """What the schema says is never null AWS promises to answer with."""
    required = MODEL.operation_model(resource.describe).output_shape.required_members

    assert {resource.name, resource.arn, resource.status, "CreationTime"} <= set(required)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.type_name)
@given(
    name=st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,70}", fullmatch=True)
    | st.text("aZ9-_.\n é", max_size=70)
)
def test_names_are_those_that_aws_takes(resource: Resource, name: str) -> None:
    """A name is accepted exactly when AWS's own pattern and lengths allow it."""
    metadata = MODEL.operation_model(resource.describe).input_shape.members[resource.name].metadata

    allowed = (
        re.fullmatch(metadata["pattern"], name) is not None
        and metadata["min"] <= len(name) <= metadata["max"]
    )
    assert resource.accepts(name) == allowed


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.type_name)
def test_longest_name_is_aws_s(resource: Resource) -> None:
    """The longest name is as long as AWS's model says, and one letter more is refused."""
    metadata = MODEL.operation_model(resource.describe).input_shape.members[resource.name].metadata

    assert resource.longest_name == metadata["max"]
    assert resource.accepts("a" * metadata["max"])
    assert not resource.accepts("a" * (metadata["max"] + 1))
