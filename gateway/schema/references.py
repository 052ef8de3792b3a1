"""Fields that lead from one resource to another, declared by the attribute that holds the ARN."""

from typing import Any

import strawberry
from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from gateway.aws.arn import Arn, ArnError
from gateway.aws.errors import Unavailable
from gateway.aws.loader import OperationContext
from gateway.aws.reader import Reader, ResourceKey
from gateway.errors import BadUserInput
from gateway.schema.collect_fields import collect_fields
from gateway.schema.fields import SOURCE, Link
from gateway.schema.identity import IDENTITIES


def link(arn: str, description: str, *, name: str | None = None) -> Any:
    """Declare a field that leads to the resource whose ARN is in the attribute `arn`.

    It is null when there is no ARN or no such resource (any more); it costs no AWS call when the
    selection asks for nothing but what the ARN says.
    """

    async def follow(root: Any, info: strawberry.Info[OperationContext]) -> Any:
        text = getattr(root, arn)
        return None if text is None else await _linked(text, info)

    return strawberry.field(
        resolver=follow, name=name, description=description, metadata={SOURCE: Link(arn)}
    )


async def _linked(text: str, info: strawberry.Info[OperationContext]) -> Any:
    arn = link_arn(text)
    identity = IDENTITIES.get(arn.type)
    raw = info._raw_info  # noqa: SLF001  # Strawberry's `selected_fields` does not merge or skip
    possible = possible_types(raw.schema, get_named_type(raw.return_type))
    if identity is None or identity.type_name not in possible:
        return None
    if identity.answers(_selected_fields(raw, possible[identity.type_name])):
        return identity.from_arn(text, arn)
    return await info.context.read(link_key(info.context.reader, text), text)


def link_arn(text: str) -> Arn:
    """Return the parts of an ARN that AWS gave. Raises `Unavailable` when it is none."""
    try:
        return Arn.parse(text)
    except ArnError as error:
        raise Unavailable("AWS answered with a linked ARN that is malformed.") from error


def link_key(reader: Reader, text: str) -> ResourceKey:
    """Return where the resource of an ARN that AWS gave is found. Raises `Unavailable`."""
    try:
        return reader.key_of_arn(text)
    except BadUserInput as error:
        # Not the client's doing, so not the client's code.
        raise Unavailable("A linked ARN leads to where this gateway cannot read.") from error


def possible_types(schema: GraphQLSchema, type_: GraphQLNamedType) -> dict[str, GraphQLObjectType]:
    """Return the object types that a field of `type_` can hold, by name."""
    types = schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
    return {each.name: each for each in types if is_object_type(each)}


def _selected_fields(raw: Any, object_type: GraphQLObjectType) -> set[str]:
    selection_sets = [node.selection_set for node in raw.field_nodes]
    groups = collect_fields(
        raw.schema, raw.fragments, raw.variable_values, object_type, selection_sets
    )
    return {node.name.value for nodes in groups.values() for node in nodes}
