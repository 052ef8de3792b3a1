"""Where in the document a field of the response comes from; asked for errors only."""

from collections.abc import Iterable

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.values import VariableValues

from gateway.execution.fragment import Path
from gateway.schema.identity import IDENTITIES
from gateway.schema.links import possible_types
from gateway.schema.selection import Fragments, collect_fields

_RESOURCE_TYPES = frozenset(identity.type_name for identity in IDENTITIES.values())


def field_nodes(
    schema: GraphQLSchema,
    fragments: Fragments,
    variables: VariableValues,
    operation: OperationDefinitionNode,
    path: Path,
    types: Iterable[str],
) -> list[FieldNode]:
    """Return the nodes that selected the field at `path`.

    `types` are those of the resources on the way, which the schema leaves open for `node`.
    """
    resources = iter(types)
    parent = schema.query_type
    selection_sets = [operation.selection_set]
    nodes: list[FieldNode] = []
    for key in path:
        if isinstance(key, int):
            continue
        assert parent is not None
        nodes = collect_fields(schema, fragments, variables, parent, selection_sets)[key]
        selection_sets = [node.selection_set for node in nodes if node.selection_set]
        parent = _type_below(schema, parent, nodes[0].name.value, resources)
    return nodes


def _type_below(
    schema: GraphQLSchema, parent: GraphQLObjectType, name: str, resources: Iterable[str]
) -> GraphQLObjectType | None:
    """Return the object type of a field's value, `None` where the path has to end."""
    possible = possible_types(schema, get_named_type(parent.fields[name].type))
    if possible.keys() & _RESOURCE_TYPES:
        return possible.get(next(iter(resources), ""))
    return next(iter(possible.values()))
