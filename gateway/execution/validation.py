"""Validate documents by graphql-core's rules; an error about a value names its argument."""

import logging
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from graphql import (
    ArgumentNode,
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLStreamDirective,
    ListValueNode,
    ObjectValueNode,
    OverlappingFieldsCanBeMergedRule,
    ParallelVisitor,
    ScalarLeafsRule,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    VisitorAction,
    get_named_type,
    is_leaf_type,
    is_union_type,
    specified_rules,
    visit,
)
from graphql.language import SKIP
from graphql.pyutils import print_path_list
from graphql.utilities import validate_input_literal
from graphql.validation.rules.stream_directive_on_list_field import StreamDirectiveOnListField
from graphql.validation.validate import ValidationAbortedError

from gateway.errors import CodedError
from gateway.execution.errors import QueryTooComplex
from gateway.execution.merging import find_conflicts

logger = logging.getLogger(__name__)

_MOST_ERRORS: Final = 20
_MOST_ERRORS_OF_VALUE: Final = 5
"""Errors within one literal, of which each can print the whole."""
_MOST_SUGGESTIONS: Final = 5
"""Errors with suggested names: to look for one takes 2 ms."""


class _EnoughErrors(Exception):
    """A literal has more errors than are reported."""


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
        reported = 0

        def report(error: GraphQLError, path: list[str | int]) -> None:
            nonlocal reported
            reported += 1
            if reported > _MOST_ERRORS_OF_VALUE:
                raise _EnoughErrors
            message = f"{self._subject}{print_path_list(path)}: {error.message}"
            self.report_error(GraphQLError(message, error.nodes or _find_node(node, path)))

        if input_type:
            with suppress(_EnoughErrors):
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


class _StreamOnLists(StreamDirectiveOnListField):
    """graphql-core's rule, which fails below a union: a union has no fields, but `__typename`."""

    def enter_directive(self, node: DirectiveNode, *rest: Any) -> None:
        assert isinstance(self.context, ValidationContext)
        parent = self.context.get_parent_type()
        if not is_union_type(parent) or node.name.value != GraphQLStreamDirective.name:
            super().enter_directive(node, *rest)
        elif self.context.get_field_def():
            message = f"Stream directive cannot be used on non-list field on type '{parent.name}'."
            self.report_error(GraphQLError(message, node))


class _ScalarLeafs(ScalarLeafsRule):
    """graphql-core's rule, which suggests a selection even where suggestions are hidden."""

    def enter_field(self, node: FieldNode, *rest: Any) -> None:
        type_ = self.context.get_type()
        needs_fields = type_ and not node.selection_set and not is_leaf_type(get_named_type(type_))
        if not needs_fields or not self.context.hide_suggestions:
            super().enter_field(node, *rest)
            return
        message = f"Field '{node.name.value}' of type '{type_}' must have a selection of subfields."
        self.report_error(GraphQLError(message, node))


class _TooManyErrors(Exception):
    """The document has more errors than are reported."""


class _Context(ValidationContext):
    """graphql-core's context, with the errors found so far.

    The same error at several places is one error with several locations.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        type_info: TypeInfo,
        most_suggestions: int,
    ) -> None:
        super().__init__(schema, document, type_info, self._add)
        self._errors: dict[str, GraphQLError] = {}
        self._reports = 0
        self._most_suggestions = most_suggestions

    @property
    def hide_suggestions(self) -> bool:
        """Whether errors are without suggestions from now on."""
        return self._reports >= self._most_suggestions

    @property
    def errors(self) -> list[GraphQLError]:
        """The errors found so far."""
        return list(self._errors.values())

    def _add(self, error: GraphQLError) -> None:
        if self._reports == _MOST_ERRORS:
            raise _TooManyErrors
        self._reports += 1
        same = self._errors.get(error.message)
        if same is not None:
            error = GraphQLError(error.message, [*(same.nodes or ()), *(error.nodes or ())])
        self._errors[error.message] = error


_REPLACED: Final[dict[type[ASTValidationRule], type[ASTValidationRule]]] = {
    ScalarLeafsRule: _ScalarLeafs,
    StreamDirectiveOnListField: _StreamOnLists,
    ValuesOfCorrectTypeRule: _ValuesOfCorrectType,
}
_RULES: Final = tuple(
    _REPLACED.get(rule, rule)
    for rule in specified_rules
    if rule is not OverlappingFieldsCanBeMergedRule
)


def validate(
    schema: GraphQLSchema, document: DocumentNode, most_selections: int, *, suggests: bool = True
) -> list[GraphQLError]:
    """Return the errors of a document, none for one that is valid.

    The document must be within its limits. Whether fields can be merged is found out once there is
    no other error, with `most_selections` compared at most. Unless it `suggests`, no error names
    what the client may have meant. Raises `QueryTooComplex`.
    """
    errors = _check_rules(schema, document, _MOST_SUGGESTIONS if suggests else 0)
    if not errors:
        conflicts = find_conflicts(schema, document, most_selections)
        errors = list(islice(conflicts, _MOST_ERRORS))
    return errors


def _check_rules(
    schema: GraphQLSchema, document: DocumentNode, most_suggestions: int
) -> list[GraphQLError]:
    type_info = TypeInfo(schema)
    context = _Context(schema, document, type_info, most_suggestions)
    rules = ParallelVisitor([rule(context) for rule in _RULES])
    more: list[GraphQLError] = []
    try:
        visit(document, TypeInfoVisitor(type_info, rules))
    except _TooManyErrors:
        more = [GraphQLError(f"The document has more than {_MOST_ERRORS} errors.")]
    except ValidationAbortedError as error:
        raise QueryTooComplex(
            "The operations of the document spread too many fragments to be validated."
        ) from error
    except (CodedError, RecursionError):
        raise
    except Exception:
        # A fault in graphql-core that the client's document has led to, as below a union once.
        logger.exception("gateway.unexpected_error")
        more = [GraphQLError("The document cannot be validated.")]
    return [*context.errors, *more]
