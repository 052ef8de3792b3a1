"""Fields whose value AWS keeps beside the resource and tells in other calls."""

from typing import Any

import strawberry

from gateway.aws.loader import OperationContext
from gateway.schema.fields import SOURCE, Beside


def beside(source: Beside, description: str) -> Any:
    """Declare a field that holds what the entry has that `source` locates."""

    async def read(root: Any, info: strawberry.Info[OperationContext]) -> Any:
        key = source.key(info.context.reader, root)
        return None if key is None else await info.context.read(key)

    return strawberry.field(resolver=read, description=description, metadata={SOURCE: source})
