"""Count what an operation selects once its fragments are spread, without spreading them.

Whatever reads an operation (validation, the compiler, the cost, graphql-core) takes time and memory
for each of these selections. The count is refused at its limit; each selection set is counted once
for each type that it is read for, so the time is linear in the size of the document.
"""

from collections.abc import Iterable, Mapping

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from gateway.execution.errors import QueryTooComplex


class Expansion:
    """Counts the selections of one document: fields, fragments, and uses of variables.

    A fragment counts at every place where it is spread, and what is selected on an interface or a
    union counts for each object type that it can be. Raises `QueryTooComplex` over `most`.
    """

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], most: int
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._most = most
        self._counted: dict[tuple[int, str], int] = {}
        self._types: dict[str, tuple[GraphQLObjectType, ...]] = {}

    def count_operations(self, operations: Iterable[OperationDefinitionNode]) -> int:
        """Return the count of all operations together.

        Together, because validation reads the fragments of each.
        """
        count = 0
        for operation in operations:
            root = self._schema.get_root_type(operation.operation)
            if root is not None:
                count += 1 + self.count(operation.selection_set, root)
                self._refuse_over(count)
        return count

    def count(self, node: SelectionSetNode, type_: GraphQLObjectType) -> int:
        """Return the count of a selection set on an object of `type_`."""
        key = (id(node), type_.name)
        count = self._counted.get(key)
        if count is None:
            # A fragment that spreads itself ends here; validation refuses it later.
            self._counted[key] = 0
            count = len(node.selections)
            for child in node.selections:
                if child.directives:
                    count += _count_variables(child.directives)
                if not isinstance(child, FieldNode):
                    count += self._count_fragment(child, type_)
                elif child.selection_set or child.arguments:
                    count += self._count_field(child, type_)
                self._refuse_over(count)
            self._counted[key] = count
        return count

    def _count_field(self, node: FieldNode, parent: GraphQLObjectType) -> int:
        """Return the count of what is below a field, and in its arguments."""
        count = _count_variables(node.arguments) if node.arguments else 0
        definition = self._schema.get_field(parent, node.name.value)
        if node.selection_set and definition is not None:
            for type_ in self._object_types(get_named_type(definition.type)):
                count += self.count(node.selection_set, type_)
        return count

    def _count_fragment(self, node: SelectionNode, type_: GraphQLObjectType) -> int:
        fragment = node if isinstance(node, InlineFragmentNode) else self._fragment(node)
        if fragment is None:
            return 0
        condition = fragment.type_condition
        if condition is not None and condition.name.value != type_.name:
            narrowed = self._schema.get_type(condition.name.value)
            if narrowed is None or type_ not in self._object_types(narrowed):
                return 0
        return self.count(fragment.selection_set, type_)

    def _fragment(self, node: SelectionNode) -> FragmentDefinitionNode | None:
        assert isinstance(node, FragmentSpreadNode)
        return self._fragments.get(node.name.value)

    def _object_types(self, type_: GraphQLNamedType) -> tuple[GraphQLObjectType, ...]:
        """Return the object types that a value of `type_` can have."""
        types = self._types.get(type_.name)
        if types is None:
            found = self._schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
            types = self._types[type_.name] = tuple(each for each in found if is_object_type(each))
        return types

    def _refuse_over(self, count: int) -> None:
        if count > self._most:
            raise QueryTooComplex(
                "With its fragments spread, and for each type that a field can hold, the document "
                f"has more than the {self._most} selections allowed."
            )


def _count_variables(nodes: Iterable[ArgumentNode | DirectiveNode]) -> int:
    """Return how often variables are used in arguments, or in those of directives."""
    count = 0
    pending: list[Node] = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, VariableNode):
            count += 1
        elif isinstance(node, ListValueNode):
            pending += node.values
        elif isinstance(node, ObjectValueNode):
            pending += node.fields
        elif isinstance(node, DirectiveNode):
            pending += node.arguments or ()
        elif hasattr(node, "value") and isinstance(node.value, Node):
            pending.append(node.value)
    return count
