"""The tags of a resource, declared by the attribute that holds its ARN."""

from typing import Any

from gateway.aws.reader import Reader, ResourceKey
from gateway.aws.resources import TAGS
from gateway.aws.tags import MOST_PAGES
from gateway.schema.beside import beside
from gateway.schema.fields import Beside


def tags_of(arn: str, description: str) -> Any:
    """Declare a field that holds the tags of the resource whose ARN is in the attribute `arn`.

    It costs an AWS call of its own, and is null when AWS no longer has the resource.
    """
    return beside(Beside((arn,), _key, TAGS.operation, MOST_PAGES), description)


def _key(reader: Reader, arn: str) -> ResourceKey:
    return reader.key_of_tags(arn)
