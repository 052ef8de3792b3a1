"""Recognise in one walk the plain documents, which are certainly valid.

graphql-core's validation takes three quarters of the time of a new document. Most documents of
clients are plain: one query, variables passed straight to arguments, fragments on types that exist.
A document that is not plain is validated in full by graphql-core. So nothing invalid is accepted,
and every error message is graphql-core's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
    print_ast,
)
from graphql.utilities import coerce_input_literal, do_types_overlap

_CONDITIONS: Final = frozenset({"skip", "include"})
_WITH_FIELDS: Final = (GraphQLObjectType, GraphQLInterfaceType)
_SIMPLE_VALUES: Final = (StringValueNode, IntValueNode, BooleanValueNode, EnumValueNode)

_Keys = dict[str, FieldNode]
"""The response keys of one object, each with the first node that has it."""


class _NotPlain(Exception):
    """The document is not plain."""


def is_plain(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Tell whether the document is plain, and so valid. `False` says nothing about its validity."""
    try:
        _Walk(schema).walk_document(document)
    except _NotPlain:
        return False
    return True


def _demand(condition: object) -> None:
    if not condition:
        raise _NotPlain


@dataclass(slots=True)
class _Walk:
    schema: GraphQLSchema
    variables: dict[str, str] = field(default_factory=dict)
    used_variables: set[str] = field(default_factory=set)
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    spread: set[str] = field(default_factory=set)
    types: dict[int, tuple[str, str]] = field(default_factory=dict)

    def walk_document(self, document: DocumentNode) -> None:
        operations = []
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                operations.append(node)
            elif isinstance(node, FragmentDefinitionNode):
                _demand(not node.directives and not node.variable_definitions)
                _demand(node.name.value not in self.fragments)
                self.fragments[node.name.value] = node
            else:
                raise _NotPlain
        _demand(len(operations) == 1)
        self.walk_operation(operations[0])
        _demand(self.spread == self.fragments.keys())
        _demand(self.used_variables == self.variables.keys())

    def walk_operation(self, node: OperationDefinitionNode) -> None:
        _demand(node.operation is OperationType.QUERY and not node.directives)
        for definition in node.variable_definitions or ():
            name = definition.variable.name.value
            _demand(name not in self.variables)
            _demand(not definition.directives and definition.default_value is None)
            self.variables[name] = print_ast(definition.type)
        query_type = self.schema.query_type
        assert query_type is not None
        self.walk_selections(query_type, node.selection_set, {})

    def walk_selections(
        self, parent: GraphQLNamedType, node: SelectionSetNode, keys: _Keys
    ) -> None:
        """Walk a selection set; `keys` are those seen so far in the same object."""
        for child in node.selections:
            self.check_directives(child.directives or ())
            if isinstance(child, FieldNode):
                self.walk_field(parent, child, keys)
            elif isinstance(child, InlineFragmentNode):
                condition = child.type_condition
                type_ = self.narrow_type(parent, condition.name.value) if condition else parent
                self.walk_selections(type_, child.selection_set, keys)
            else:
                assert isinstance(child, FragmentSpreadNode)
                self.walk_fragment(parent, child, keys)

    def walk_fragment(
        self, parent: GraphQLNamedType, node: FragmentSpreadNode, keys: _Keys
    ) -> None:
        name = node.name.value
        fragment = self.fragments.get(name)
        # Whether a second spread can be merged with the first is left to graphql-core.
        if fragment is None or name in self.spread or node.arguments:
            raise _NotPlain
        self.spread.add(name)
        type_ = self.narrow_type(parent, fragment.type_condition.name.value)
        self.walk_selections(type_, fragment.selection_set, keys)

    def narrow_type(self, parent: GraphQLNamedType, name: str) -> GraphQLNamedType:
        type_ = self.schema.get_type(name)
        if not (is_composite_type(type_) and is_composite_type(parent)):
            raise _NotPlain
        _demand(type_ is parent or do_types_overlap(self.schema, type_, parent))
        return type_

    def walk_field(self, parent: GraphQLNamedType, node: FieldNode, keys: _Keys) -> None:
        name = node.name.value
        if name == "__typename":
            _demand(not node.arguments and node.selection_set is None)
            self.add_key(node, "String!", keys)
            return
        fields = parent.fields if isinstance(parent, _WITH_FIELDS) else {}
        definition = fields.get(name)
        if definition is None:
            raise _NotPlain
        type_ = get_named_type(definition.type)
        _demand(is_leaf_type(type_) == (node.selection_set is None))
        self.add_key(node, str(definition.type), keys)
        self.check_arguments(definition.args, node.arguments or ())
        if node.selection_set is not None:
            self.walk_selections(type_, node.selection_set, {})

    def add_key(self, node: FieldNode, type_: str, keys: _Keys) -> None:
        """Add a response key. Only the same leaf may have it again; other merging is not plain."""
        key = node.alias.value if node.alias else node.name.value
        mergeable = not node.arguments and node.selection_set is None
        taken = keys.setdefault(key, node)
        _demand(
            taken is node or (mergeable and self.types.get(id(taken)) == (node.name.value, type_))
        )
        if mergeable:
            self.types[id(node)] = (node.name.value, type_)

    def check_arguments(
        self, definitions: Mapping[str, GraphQLArgument], nodes: Iterable[ArgumentNode]
    ) -> None:
        given = set()
        for node in nodes:
            name = node.name.value
            definition = definitions.get(name)
            if definition is None or name in given:
                raise _NotPlain
            given.add(name)
            self.check_value(definition.type, node.value)
        for name, definition in definitions.items():
            _demand(name in given or not is_required_argument(definition))

    def check_value(self, type_: GraphQLInputType, node: ValueNode) -> None:
        if isinstance(node, VariableNode):
            declared = self.variables.get(node.name.value)
            _demand(declared in {str(type_), f"{type_}!"})
            self.used_variables.add(node.name.value)
        else:
            values = node.values if isinstance(node, ListValueNode) else (node,)
            _demand(all(isinstance(value, _SIMPLE_VALUES) for value in values))
            _demand(coerce_input_literal(node, type_) is not Undefined)

    def check_directives(self, nodes: Iterable[DirectiveNode]) -> None:
        given = set()
        for node in nodes:
            name = node.name.value
            _demand(name in _CONDITIONS and name not in given)
            given.add(name)
            arguments = node.arguments or ()
            _demand(len(arguments) == 1 and arguments[0].name.value == "if")
            value = arguments[0].value
            if isinstance(value, VariableNode):
                _demand(self.variables.get(value.name.value) == "Boolean!")
                self.used_variables.add(value.name.value)
            else:
                _demand(isinstance(value, BooleanValueNode))
