"""One rule, both ways, between AWS's members, GraphQL's fields and Python's attributes."""

import re

_LAST_CAPITAL_OF_WORD = re.compile(r"([A-Z]+)([A-Z][a-z])")
_FIRST_CAPITAL_OF_WORD = re.compile(r"([a-z0-9])([A-Z])")


def aws_member(attribute: str) -> str:
    """Return the AWS member that a snake-case Python attribute stands for: `s3_uri` is `S3Uri`."""
    return "".join(word[:1].upper() + word[1:] for word in attribute.split("_"))


def field_name(member: str) -> str:
    """Return the GraphQL field of an AWS member, its first word lowered: `S3Uri` is `s3Uri`."""
    return member[:1].lower() + member[1:]


def enum_member(value: str) -> str:
    """Return the GraphQL name of an AWS enum value: `InProgress` is `IN_PROGRESS`."""
    words = _LAST_CAPITAL_OF_WORD.sub(r"\1_\2", value)
    return _FIRST_CAPITAL_OF_WORD.sub(r"\1_\2", words).upper()
