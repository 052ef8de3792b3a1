"""The tags of a resource, declared by the attribute that holds its ARN."""

from typing import Any

import strawberry

from gateway.aws.errors import Unavailable
from gateway.aws.reader import Reader, ResourceKey
from gateway.errors import BadUserInput
from gateway.schema.context import OperationContext
from gateway.schema.fields import SOURCE, Tags


def tags_of(arn: str, description: str) -> Any:
    """Declare a field that holds the tags of the resource whose ARN is in the attribute `arn`.

    It costs an AWS call of its own, and is null when AWS no longer has the resource.
    """

    async def read(root: Any, info: strawberry.Info[OperationContext]) -> Any:
        return await info.context.read(tags_key(info.context.reader, getattr(root, arn)))

    return strawberry.field(resolver=read, description=description, metadata={SOURCE: Tags(arn)})


def tags_key(reader: Reader, text: str) -> ResourceKey:
    """Return where the tags of a resource are found, by the ARN that AWS gave it.

    Raises `Unavailable`.
    """
    try:
        return reader.key_of_tags(text)
    except BadUserInput as error:
        # Not the client's doing, so not the client's code.
        raise Unavailable("AWS answered with an ARN that has no tags to read.") from error
