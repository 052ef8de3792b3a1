"""Lists take all that AWS's list calls take, and their rows are what the table says."""

from typing import Any, Final

import botocore.session
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type
from strawberry.types.base import get_object_definition

from gateway.aws.pagination.query import BY_CREATION, LISTINGS, ROWS_PER_CALL, Listing, ListQuery
from gateway.schema.decode import member_of
from gateway.schema.fields import SOURCE, Connected, Member
from gateway.schema.identity import IDENTITIES
from gateway.schema.naming import field_name
from gateway.schema.rows import answered
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
    ("TrainingJob", "TrainingPlanArn"): "no member of the describe answer's top",
    ("MonitoringSchedule", "MonitoringJobDefinitionName"): "stands in its configuration",
}
"""Members of rows that no field of the resource holds."""

each_listing = pytest.mark.parametrize("listing", LISTINGS, ids=repr)


def filter_of(listing: Listing) -> GraphQLInputObjectType:
    """Return the filter's type."""
    query = CORE_SCHEMA.query_type
    assert query is not None
    for definition in query.fields.values():
        source = definition.extensions["strawberry-definition"].metadata[SOURCE]
        if isinstance(source, Connected) and source.listing is listing:
            type_ = get_named_type(definition.args["filter"].type)
            assert isinstance(type_, GraphQLInputObjectType)
            return type_
    raise AssertionError(f"no field lists {listing}")


@each_listing
def test_filter_takes_what_aws_takes(listing: Listing) -> None:
    """Each parameter is a field of the rule's name and type, or left out with a reason."""
    fields = filter_of(listing).fields
    members = MODEL.operation_model(listing.resource.list).input_shape.members

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


@each_listing
def test_orders_are_awss(listing: Listing) -> None:
    """Each value of the two enums is one of AWS's, and none is missing."""
    members = MODEL.operation_model(listing.resource.list).input_shape.members

    for enum, member in (("ListOrderField", "SortBy"), ("OrderDirection", "SortOrder")):
        type_ = CORE_SCHEMA.type_map[enum]
        assert isinstance(type_, GraphQLEnumType)
        assert {value.value for value in type_.values.values()} == set(members[member].enum)
    assert members["MaxResults"].metadata["max"] == ROWS_PER_CALL


@each_listing
def test_calls_are_of_awss_parameters(listing: Listing) -> None:
    """What is sent beside the filters has AWS's names."""
    query = ListQuery(
        listing=listing,
        region="eu-west-1",
        statuses=("Failed",),
        fragments=("a",),
        sort_by=BY_CREATION,
    )
    members = MODEL.operation_model(listing.resource.list).input_shape.members

    assert query.call("Failed", "token").keys() <= members.keys()


@each_listing
def test_rows_hold_what_the_table_says(listing: Listing) -> None:
    """Each member of AWS's rows is a field, of the same shape as when described."""
    operation = MODEL.operation_model(listing.resource.list)
    row = operation.output_shape.members[listing.rows].member
    described = MODEL.operation_model(listing.resource.describe).output_shape
    type_name = listing.resource.type_name

    left_out = {name for of, name in ROW_ONLY if of == type_name}
    assert set(row.members) == listing.members | left_out
    for name in listing.members:
        assert row.members[name].name == described.members[name].name or (
            row.members[name].type_name == described.members[name].type_name
        )
    resource = listing.resource
    assert {resource.arn, resource.name, resource.status, "CreationTime"} <= set(
        row.required_members
    )


@each_listing
def test_row_answers_its_members_and_what_follows_from_them(listing: Listing) -> None:
    """The selection of these fields alone takes no describe."""
    cls = IDENTITIES[listing.resource.arn_type].cls
    members = {
        field.graphql_name
        for field in get_object_definition(cls, strict=True).fields
        if isinstance(field.metadata.get(SOURCE), Member) and member_of(field) in listing.members
    }

    below = {"AutoMLJob": {"candidates"}, "MonitoringSchedule": {"executions"}}
    beside = {"tags", *below.get(listing.resource.type_name, ())}
    assert answered(listing) == members | beside | {"__typename", "consoleUrl"}
    assert {"id", field_name(listing.resource.name)} <= members
