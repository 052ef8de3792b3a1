"""The root fields of subscriptions."""

from typing import Any

import strawberry

from gateway.aws.loader import SubscriptionContext
from gateway.aws.resources import PROCESSING_JOB, Resource
from gateway.schema.connections import Region
from gateway.schema.fields import SOURCE, Changes
from gateway.schema.naming import field_name
from gateway.schema.root_fields import Name
from gateway.schema.types.processing_job import ProcessingJob
from gateway.schema.watch import watch

Info = strawberry.Info[SubscriptionContext, None]


def _changes(resource: Resource) -> Any:
    # Not a generator itself, so that a wrong name is refused before there is a stream.
    async def subscribe(info: Info, name: Name, region: Region = None) -> Any:
        key = info.context.reader.key_of_name(resource, name, region)
        return watch(info.context, key)

    return strawberry.subscription(
        resolver=subscribe,
        name=field_name(resource.type_name),
        description=f"The {resource.label} of that name, now and at each change of its status, "
        "the final one last; null when there is none.",
        metadata={SOURCE: Changes(resource)},
    )


@strawberry.type(description="Where every subscription starts.")
class Subscription:
    """Declared like `Query`."""

    processing_job: ProcessingJob | None = _changes(PROCESSING_JOB)
