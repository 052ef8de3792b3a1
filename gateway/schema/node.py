"""Relay's `Node`: any resource by its globally unique `id`, which is its ARN."""

import strawberry


@strawberry.interface(
    description="A resource with an identity of its own; `node(id:)` finds it again."
)
class Node:
    """Source: https://relay.dev/graphql/objectidentification.htm."""

    id: strawberry.ID = strawberry.field(description="The ARN, unique across all of AWS.")
