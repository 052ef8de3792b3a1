"""Fields and attributes are named after AWS's members by one rule, both ways."""

import re
from typing import Any

import botocore.session
import pytest
from botocore.model import StructureShape

from gateway.schema.enums import OpenEnum
from gateway.schema.fields import SOURCE, Member, aws_member, field_name
from gateway.schema.schema import CORE_SCHEMA

from .conformance import enum_member

MODEL: Any = botocore.session.Session().get_service_model("sagemaker")


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ("ProcessingJobName", "processingJobName"),
        ("AutoMLJobArn", "autoMLJobArn"),
        ("S3Uri", "s3Uri"),
        ("KmsKeyId", "kmsKeyId"),
        ("VolumeSizeInGB", "volumeSizeInGB"),
        ("FinalAutoMLJobObjectiveMetric", "finalAutoMLJobObjectiveMetric"),
    ],
)
def test_field_is_the_member_with_its_first_word_lowered(member: str, field: str) -> None:
    """A reader of AWS's documentation finds the field without looking it up."""
    assert field_name(member) == field


def test_rule_can_be_turned_round() -> None:
    """No two members of a structure share a field, and a field leads back to its member."""
    for name in MODEL.shape_names:
        shape = MODEL.shape_for(name)
        if isinstance(shape, StructureShape) and shape.members:
            fields = {field_name(member): member for member in shape.members}
            assert len(fields) == len(shape.members), name
            for field, member in fields.items():
                assert field[:1].upper() + field[1:] == member or member[:1].islower(), name


@pytest.mark.parametrize(
    ("attribute", "member"),
    [("s3_uri", "S3Uri"), ("processing_job_arn", "ProcessingJobArn"), ("id", "Id")],
)
def test_attribute_is_the_member_in_snake_case(attribute: str, member: str) -> None:
    """Python's attribute says which member it is."""
    assert aws_member(attribute) == member


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("InProgress", "IN_PROGRESS"),
        ("CompletedWithViolations", "COMPLETED_WITH_VIOLATIONS"),
        ("FullyReplicated", "FULLY_REPLICATED"),
        ("ShardedByS3Key", "SHARDED_BY_S3_KEY"),
        ("TEXTFILE", "TEXTFILE"),
        ("MSE", "MSE"),
        ("frontfill_value", "FRONTFILL_VALUE"),
        ("None", "NONE"),
    ],
)
def test_enum_member_is_in_capitals(value: str, name: str) -> None:
    """Enum values are written as GraphQL's are."""
    assert enum_member(value) == name


def test_python_attributes_are_the_members_too() -> None:
    """Every field of a type reads the member that its own name says, `id` alone another one."""
    compared = 0
    for type_ in CORE_SCHEMA.type_map.values():
        for name, field in getattr(type_, "fields", {}).items():
            declared: Any = getattr(field, "extensions", {}).get("strawberry-definition")
            source = declared and declared.metadata.get(SOURCE)
            if isinstance(source, Member) and name != "id":
                member = source.name or aws_member(declared.python_name)
                assert field_name(member) == name
                assert declared.python_name.replace("_", "") == member.lower()
                compared += 1

    assert compared > 480


def test_every_enum_is_open() -> None:
    """Each enum has `UNKNOWN`, and reads every value that it does not know as that."""
    enums = OpenEnum.__subclasses__()

    for enum in enums:
        assert enum("a value of tomorrow").name == "UNKNOWN"
        assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", member.name) for member in enum)
    assert len(enums) >= 49
