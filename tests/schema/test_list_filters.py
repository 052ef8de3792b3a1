"""Lists take all that AWS's list calls take, and their rows are what the table says."""

from typing import Any, Final

import botocore.session
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type
from strawberry.types.base import get_object_definition

from gateway.aws.pagination.query import BY_CREATION, ROWS_PER_CALL, ListQuery
from gateway.aws.resources import Resource
from gateway.schema.connections import Page
from gateway.schema.decode import member_of
from gateway.schema.fields import SOURCE, Member, field_name
from gateway.schema.identity import ROOT_TYPES
from gateway.schema.registry import RESOURCES
from gateway.schema.rows import answered_by_row, row_members
from gateway.schema.schema import CORE_SCHEMA

from .conformance import is_open_enum

MODEL: Any = botocore.session.Session().get_service_model("sagemaker")

ARGUMENTS: Final = {
    "SortBy": "`orderBy.field`",
    "SortOrder": "`orderBy.direction`",
    "NextToken": "in the cursors",
    "MaxResults": "always the most, since AWS counts calls",
}
"""What the filter leaves out of AWS's list calls, with where it is instead."""
OURS: Final = {"statusIn", "nameContainsAll", "tags"}
ROW_ONLY: Final = {
    ("HyperParameterTuningJob", "ResourceLimits"): "stands in its configuration",
    ("HyperParameterTuningJob", "Strategy"): "stands in its configuration",
    ("TransformJob", "LastModifiedTime"): "no member of the describe answer",
    ("TrainingJob", "TrainingPlanArn"): "no member of the describe answer's top",
    ("MonitoringSchedule", "MonitoringJobDefinitionName"): "stands in its configuration",
}
"""Members of rows that no field of the resource holds."""

each_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.type_name)


def filter_of(resource: Resource) -> GraphQLInputObjectType:
    """Return the filter's type."""
    query = CORE_SCHEMA.query_type
    assert query is not None
    for definition in query.fields.values():
        source = definition.extensions["strawberry-definition"].metadata[SOURCE]
        if isinstance(source, Page) and source.kind is resource:
            type_ = get_named_type(definition.args["filter"].type)
            assert isinstance(type_, GraphQLInputObjectType)
            return type_
    raise AssertionError(f"no field lists {resource}")


@each_resource
def test_filter_takes_what_aws_takes(resource: Resource) -> None:
    """Each parameter is a field of the rule's name and type, or left out with a reason."""
    fields = filter_of(resource).fields
    members = MODEL.operation_model(resource.listing.operation).input_shape.members

    assert ARGUMENTS.keys() <= members.keys()
    expected = {field_name(name) for name in members if name not in ARGUMENTS}
    assert fields.keys() == expected | OURS
    for name, shape in members.items():
        if name in ARGUMENTS:
            continue
        type_ = str(fields[field_name(name)].type)
        if is_open_enum(shape):
            assert type_ == shape.name
        else:
            assert type_ == {"string": "String", "timestamp": "DateTime"}[shape.type_name]
    assert str(fields["statusIn"].type) == f"[{members['StatusEquals'].name}!]"


@each_resource
def test_orders_are_awss(resource: Resource) -> None:
    """Each value of the two enums is one of AWS's, and none is missing."""
    members = MODEL.operation_model(resource.listing.operation).input_shape.members

    for enum, member in (("ListOrderField", "SortBy"), ("OrderDirection", "SortOrder")):
        type_ = CORE_SCHEMA.type_map[enum]
        assert isinstance(type_, GraphQLEnumType)
        assert {value.value for value in type_.values.values()} == set(members[member].enum)
    assert members["MaxResults"].metadata["max"] == ROWS_PER_CALL


@each_resource
def test_calls_are_of_awss_parameters(resource: Resource) -> None:
    """What is sent in addition to the filters has AWS's names."""
    query = ListQuery(
        kind=resource,
        region="eu-west-1",
        statuses=("Failed",),
        name_parts=("a",),
        sort_by=BY_CREATION,
    )
    members = MODEL.operation_model(resource.listing.operation).input_shape.members

    assert query.call("Failed", "token").keys() <= members.keys()


@each_resource
def test_rows_hold_what_the_table_says(resource: Resource) -> None:
    """Each member of AWS's rows is a field, of the same shape as when described."""
    operation = MODEL.operation_model(resource.listing.operation)
    row = operation.output_shape.members[resource.listing.rows].member
    described = MODEL.operation_model(resource.describe).output_shape
    type_name = resource.type_name

    left_out = {name for of, name in ROW_ONLY if of == type_name}
    assert set(row.members) == row_members(resource) | left_out
    for name in row_members(resource):
        assert row.members[name].name == described.members[name].name or (
            row.members[name].type_name == described.members[name].type_name
        )
    assert {resource.arn, resource.name, resource.status, "CreationTime"} <= set(
        row.required_members
    )


@each_resource
def test_row_answers_its_members_and_what_follows_from_them(resource: Resource) -> None:
    """The selection of these fields alone takes no describe."""
    cls = ROOT_TYPES[resource.arn_type].cls
    members = {
        field.graphql_name
        for field in get_object_definition(cls, strict=True).fields
        if isinstance(field.metadata.get(SOURCE), Member)
        and member_of(field) in row_members(resource)
    }

    lists = {
        field.graphql_name
        for field in get_object_definition(cls, strict=True).fields
        if isinstance(field.metadata.get(SOURCE), Page)
    }
    assert len(lists) == len(resource.children)
    words = {f"{member}Text" for member in members if str(member).endswith("econdaryStatus")}
    assert answered_by_row(resource) == members | lists | words | {
        "__typename",
        "consoleUrl",
        "tags",
    }
    assert {"id", field_name(resource.name)} <= members
