"""Collect the fields that selection sets select on an object type.

Fragments are spread, `@skip` and `@include` applied.

Source: CollectFields, https://spec.graphql.org/draft/#sec-Field-Collection
"""

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
    is_abstract_type,
)
from graphql.execution.values import VariableValues

Fragments = Mapping[str, FragmentDefinitionNode]


def collect_fields(
    schema: GraphQLSchema,
    fragments: Fragments,
    variables: VariableValues,
    object_type: GraphQLObjectType,
    selection_sets: Iterable[SelectionSetNode | None],
    *,
    ignores_conditions: bool = False,
) -> dict[str, list[FieldNode]]:
    """Return the field nodes of each response key, in the order of the response.

    With `ignores_conditions`, `@skip` and `@include` leave out nothing.
    Raises `GraphQLError` where the variable of a condition is null.
    """
    collector = _Collector(
        schema, fragments, variables, object_type, ignores_conditions=ignores_conditions
    )
    collected: dict[str, list[FieldNode]] = {}
    for selection_set in selection_sets:
        for node in collector.collect(selection_set.selections if selection_set else ()):
            key = node.alias.value if node.alias else node.name.value
            collected.setdefault(key, []).append(node)
    return collected


class _Collector:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Fragments,
        variables: VariableValues,
        object_type: GraphQLObjectType,
        *,
        ignores_conditions: bool,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._object_type = object_type
        self._ignores_conditions = ignores_conditions
        self._visited: set[str] = set()

    def collect(self, selections: Iterable[SelectionNode]) -> Iterator[FieldNode]:
        for node in selections:
            if not self._ignores_conditions and not is_included(node, self._variables):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                if node.name.value not in self._visited:
                    self._visited.add(node.name.value)
                    yield from self._collect_fragment(self._fragments[node.name.value])
            elif isinstance(node, InlineFragmentNode):
                yield from self._collect_fragment(node)

    def _collect_fragment(
        self, fragment: FragmentDefinitionNode | InlineFragmentNode
    ) -> Iterator[FieldNode]:
        condition = fragment.type_condition
        if condition is None or self._applies(condition.name.value):
            yield from self.collect(fragment.selection_set.selections)

    def _applies(self, condition: str) -> bool:
        type_ = self._schema.get_type(condition)
        return type_ is self._object_type or (
            is_abstract_type(type_) and self._schema.is_sub_type(type_, self._object_type)
        )


def is_included(node: SelectionNode, variables: VariableValues) -> bool:
    """Tell whether the conditions of a selection, `@skip` and `@include`, let it in.

    Raises `GraphQLError` where the variable of a condition is null.
    """
    if not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not (skip and skip["if"]) and (include is None or include["if"])
