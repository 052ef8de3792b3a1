"""Find the nodes of the document that selected a field of the response, for error locations."""

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.values import VariableValues

from gateway.execution.compiled.compiler import possible_types
from gateway.execution.compiled.filler import Types
from gateway.schema.collect_fields import Fragments, collect_fields
from gateway.schema.references import Path


def field_nodes(
    schema: GraphQLSchema,
    fragments: Fragments,
    variables: VariableValues,
    operation: OperationDefinitionNode,
    path: Path,
    types: Types,
) -> list[FieldNode]:
    """Return the nodes that selected the field at `path`.

    `types` are the object types on the path, which the schema does not say below `node`.
    """
    types_at = dict(types)
    parent = schema.get_root_type(operation.operation)
    selection_sets = [operation.selection_set]
    nodes: list[FieldNode] = []
    for index, key in enumerate(path):
        if isinstance(key, int):
            continue
        assert parent is not None
        nodes = collect_fields(schema, fragments, variables, parent, selection_sets)[key]
        selection_sets = [node.selection_set for node in nodes if node.selection_set]
        actual = types_at.get(_length(path, index))
        parent = _type_below(schema, parent, nodes[0].name.value, actual)
    return nodes


def _type_below(
    schema: GraphQLSchema, parent: GraphQLObjectType, name: str, actual: str | None
) -> GraphQLObjectType | None:
    """Return the object type of a field's value; `None` for a leaf, or if it is not known."""
    possible = possible_types(schema, get_named_type(parent.fields[name].type))
    return possible.get(actual or "") if len(possible) > 1 else next(iter(possible.values()), None)


def _length(path: Path, index: int) -> int:
    """Return the length of the path to the object that the field at `index` holds."""
    index += 1
    while index < len(path) and isinstance(path[index], int):
        index += 1
    return index
