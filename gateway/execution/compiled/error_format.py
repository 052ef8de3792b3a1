"""Format the errors of a compiled operation, with the locations of the field in the document."""

from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SourceLocation,
    get_named_type,
)
from graphql.execution.values import VariableValues

from gateway.errors import Code
from gateway.execution.compiled.compiler import possible_types
from gateway.execution.compiled.filler import FieldError, Types
from gateway.execution.errors import MOST_LOCATIONS, format_error
from gateway.schema.collect_fields import Fragments, collect_fields
from gateway.schema.references import Path


class ErrorFormatter:
    """Formats the errors of one response; each has at most `max_bytes`.

    Errors at the rows of a list have the same locations, which are looked up once.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Fragments,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        max_bytes: int,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._operation = operation
        self._variables = variables
        self._max_bytes = max_bytes
        self._located: dict[tuple[object, ...], list[SourceLocation] | None] = {}

    def format(self, error: FieldError) -> dict[str, Any]:
        """Return the item of the response's `errors`."""
        path = list(error.path)
        cause = error.error
        if isinstance(cause, GraphQLError):
            located = GraphQLError(cause.message, path=path)
            located.locations = cause.locations
            return format_error(located, Code.BAD_USER_INPUT, self._max_bytes)
        located = GraphQLError(str(cause), path=path, original_error=cause)
        located.locations = self._locate(error)
        return format_error(located, max_bytes=self._max_bytes)

    def _locate(self, error: FieldError) -> list[SourceLocation] | None:
        key = (tuple(step for step in error.path if isinstance(step, str)), error.types)
        if key not in self._located:
            nodes = field_nodes(
                self._schema,
                self._fragments,
                self._variables,
                self._operation,
                error.path,
                error.types,
            )
            self._located[key] = GraphQLError("", nodes[:MOST_LOCATIONS]).locations
        return self._located[key]


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
