"""Validate documents by graphql-core's rules; an error about a value names its argument."""

from typing import Any, Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    ValidationContext,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    VisitorAction,
    specified_rules,
)
from graphql import validate as check_rules
from graphql.language import SKIP
from graphql.pyutils import print_path_list
from graphql.utilities import validate_input_literal


class _ValuesOfCorrectType(ValuesOfCorrectTypeRule):
    """graphql-core's rule, with the words that it has for the values of variables.

    Its own errors do not name the argument, and those that a custom scalar raises have no location.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._subject = ""

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        self._subject = f"Argument '{node.name.value}' has invalid value"

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        self._subject = f"Variable '${node.variable.name.value}' has invalid default value"

    def is_valid_value_node(
        self, node: ValueNode, input_type: GraphQLInputType | None
    ) -> VisitorAction:
        """Report what is wrong with a literal."""

        def report(error: GraphQLError, path: list[str | int]) -> None:
            message = f"{self._subject}{print_path_list(path)}: {error.message}"
            self.report_error(GraphQLError(message, error.nodes or _find_node(node, path)))

        if input_type:
            validate_input_literal(
                node, input_type, report, hide_suggestions=self.context.hide_suggestions
            )
        # It has validated the values within this one too.
        return SKIP


def _find_node(node: ValueNode, path: list[str | int]) -> ValueNode:
    """Return the value at a path within a literal."""
    for step in path:
        if isinstance(node, ObjectValueNode):
            # Of a field that is given twice, the second is the one that was looked at.
            node = {field.name.value: field.value for field in node.fields}[str(step)]
        elif isinstance(node, ListValueNode) and isinstance(step, int):
            node = node.values[step]
    return node


_RULES: Final = tuple(
    _ValuesOfCorrectType if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules
)


def validate(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """Return the errors of a document, none for one that is valid."""
    return check_rules(schema, document, _RULES)
