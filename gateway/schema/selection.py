"""Which fields a selection asks of an object, after fragments, `@skip` and `@include`.

Source: CollectFields, https://spec.graphql.org/draft/#sec-Field-Collection
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
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
) -> dict[str, list[FieldNode]]:
    """Return the field nodes of each response key, in the order of the response."""
    visited: set[str] = set()

    def applies(condition: str) -> bool:
        type_ = schema.get_type(condition)
        return type_ is object_type or (
            is_abstract_type(type_) and schema.is_sub_type(type_, object_type)
        )

    def walk(selections: Iterable[SelectionNode]) -> Iterator[FieldNode]:
        for node in selections:
            if not _is_included(node, variables):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in visited:
                    continue
                visited.add(node.name.value)
                fragment = fragments[node.name.value]
            condition = fragment.type_condition
            if condition is None or applies(condition.name.value):
                yield from walk(fragment.selection_set.selections)

    collected: dict[str, list[FieldNode]] = {}
    for selection_set in selection_sets:
        for node in walk(selection_set.selections if selection_set else ()):
            key = node.alias.value if node.alias else node.name.value
            collected.setdefault(key, []).append(node)
    return collected


def _is_included(node: SelectionNode, variables: VariableValues) -> bool:
    if not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not (skip and skip["if"]) and (include is None or include["if"])
