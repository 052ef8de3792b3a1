"""The arguments of a field as its Strawberry resolver gets them."""

from typing import Any, Final

from graphql import FieldNode, GraphQLField, GraphQLSchema, get_argument_values
from graphql.execution.values import VariableValues
from strawberry.types.arguments import convert_arguments

# Under this name Strawberry leaves its own definitions in those that it makes for graphql-core.
DEFINITION: Final = "strawberry-definition"


def read_arguments(
    schema: GraphQLSchema, definition: GraphQLField, node: FieldNode, variables: VariableValues
) -> dict[str, Any]:
    """Return the arguments that `node` gives, by Python name, inputs as instances of their types.

    Raises `GraphQLError` for a value that the schema does not allow.
    """
    values = get_argument_values(definition, node, variables)
    declared = definition.extensions[DEFINITION].arguments
    strawberry = schema.extensions[DEFINITION]
    registry = strawberry.schema_converter.scalar_registry
    return convert_arguments(values, declared, registry, strawberry.config)
