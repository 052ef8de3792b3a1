"""Compile a valid operation to a plan: its root fields, and selections for what is below them.

graphql-core executes introspection; the plan only says whether there is any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_argument_values,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.values import VariableValues
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from gateway.errors import CodedError
from gateway.grants import ALL_GRANTS, Grants
from gateway.schema.collect_fields import Fragments, collect_fields
from gateway.schema.fields import SOURCE, Derived, Member
from gateway.schema.references import Reference
from gateway.schema.scalars import serialize_date_time, serialize_long_as_text
from gateway.schema.scopes import is_field_granted, is_type_granted
from gateway.schema.selection import Kind, SelectedField, Selection, WrongArguments, intern

# Under this name Strawberry leaves its own definitions in those that it makes for graphql-core.
_DEFINITION: Final = "strawberry-definition"
# A field with the tuples in it.
_ROOT_FIELD_BYTES: Final = 500
_KINDS: Final[Mapping[object, Kind]] = {
    serialize_date_time: Kind.DATE_TIME,
    serialize_long_as_text: Kind.LONG_AS_TEXT,
}
"""The kind of a scalar's fields by the function that writes its values."""


@dataclass(frozen=True, slots=True)
class RootField:
    """One response key of the operation. Its arguments are bound for each request."""

    key: str
    reference: Reference | None
    """`None` for `__typename`, and for what the caller may not see."""
    definition: GraphQLField | None
    nodes: tuple[FieldNode, ...]
    selections: tuple[Selection, ...]
    """One per type that the field can hold."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An operation without the arguments of its root fields."""

    type_name: str
    fields: tuple[RootField, ...]
    grants: Grants
    """The grants that it was compiled for."""
    is_authorized: bool
    """Whether the caller may see all fields and types of the operation."""
    has_introspection: bool
    """Whether the operation has `__schema` or `__type`, which are not in `fields`."""
    error: GraphQLError | None = None
    """The error of a condition whose variable is wrong."""

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes besides the document."""
        selections = {each for field in self.fields for each in field.selections}
        return sum(each.weight for each in selections) + _ROOT_FIELD_BYTES * len(self.fields)

    @property
    def is_introspection(self) -> bool:
        """Whether nothing but the schema is asked for."""
        names = {node.name.value for field in self.fields for node in field.nodes}
        return self.has_introspection and names <= {"__typename"}

    @property
    def is_complete(self) -> bool:
        """Whether the compiled executor can execute the whole operation."""
        return not self.has_introspection and self.error is None

    def bind(self, schema: GraphQLSchema, variables: VariableValues) -> Selection:
        """Return the selection on the root type with the arguments of one request."""
        fields = (self._bind_field(field, schema, variables) for field in self.fields)
        return Selection(self.type_name, tuple(fields), self.grants)

    def _bind_field(
        self, field: RootField, schema: GraphQLSchema, variables: VariableValues
    ) -> SelectedField:
        node = field.nodes[0]
        if field.reference is None or field.definition is None:
            is_typename = field.definition is None
            kind = Kind.TYPENAME if is_typename else Kind.UNAUTHORIZED
            return SelectedField(field.key, kind, node.name.value)
        arguments = bind_arguments(schema, field.reference, field.definition, node, variables)
        return SelectedField(
            field.key,
            Kind.REFERENCE,
            node.name.value,
            selections=field.selections,
            source=field.reference,
            arguments=arguments,
        )


class Compiler:
    """Compiles the operations of one document, for given values of its variables and grants.

    With `ignores_conditions`, `@skip` and `@include` leave out nothing.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Fragments,
        variables: VariableValues,
        grants: Grants = ALL_GRANTS,
        *,
        ignores_conditions: bool = False,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._grants = grants
        self._ignores_conditions = ignores_conditions
        self._is_authorized = True
        # The document holds the nodes, so their ids stay the same.
        self._compiled: dict[tuple[str, tuple[int, ...]], Selection] = {}

    def compile(self, operation: OperationDefinitionNode) -> Plan:
        """Return the plan of an operation.

        Raises `GraphQLError` where the variable of a condition is null.
        """
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        groups = self._collect(root, [operation.selection_set])
        fields = [self._compile_root_field(root, key, nodes) for key, nodes in groups.items()]
        known = tuple(field for field in fields if field is not None)
        return Plan(
            root.name,
            known,
            self._grants,
            self._is_authorized,
            has_introspection=len(known) < len(fields),
        )

    def selections(
        self, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> tuple[Selection, ...]:
        """Return the selections of `nodes`, one per object type that their field can hold.

        Raises `GraphQLError` as `compile` does.
        """
        types = possible_types(self._schema, get_named_type(definition.type))
        return tuple(self._compile_selection(type_, nodes) for type_ in types.values())

    def _is_field_granted(self, definition: GraphQLField) -> bool:
        if is_field_granted(definition, self._grants):
            return True
        self._is_authorized = False
        return False

    def _compile_root_field(
        self, root: GraphQLObjectType, key: str, nodes: list[FieldNode]
    ) -> RootField | None:
        """Return the field; `None` for introspection."""
        name = nodes[0].name.value
        if name == "__typename":
            return RootField(key, None, None, tuple(nodes), ())
        definition = root.fields.get(name)
        if definition is None:
            return None
        if not self._is_field_granted(definition):
            return RootField(key, None, definition, tuple(nodes), ())
        reference = _source_of(definition)
        assert isinstance(reference, Reference), name
        selections = self.selections(definition, nodes)
        return RootField(key, reference, definition, tuple(nodes), selections)

    def _compile_selection(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Selection:
        # A fragment that is spread at many places is compiled once.
        key = (type_.name, tuple(map(id, nodes)))
        selection = self._compiled.get(key)
        if selection is None:
            selection = self._compiled[key] = self._compile_fields(type_, nodes)
        return selection

    def _compile_fields(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Selection:
        if not is_type_granted(type_, self._grants):
            # Only what leads to objects of several types has such a selection.
            self._is_authorized = False
            return intern(type_.name, (), self._grants, is_authorized=False)
        groups = self._collect(type_, [node.selection_set for node in nodes])
        fields = (self._compile_field(type_, key, group) for key, group in groups.items())
        return intern(type_.name, tuple(fields), self._grants)

    def _compile_field(
        self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]
    ) -> SelectedField:
        name = nodes[0].name.value
        if name == "__typename":
            return SelectedField(key, Kind.TYPENAME, name)
        definition = parent.fields[name]
        if not self._is_field_granted(definition):
            return SelectedField(key, Kind.UNAUTHORIZED, name)
        source = _source_of(definition)
        if isinstance(source, Reference):
            return self._compile_reference(key, source, definition, nodes)
        if isinstance(source, Derived):
            return SelectedField(key, Kind.DERIVED, name, source=source)
        kind = _kind_of(definition)
        return SelectedField(
            key,
            kind,
            name,
            definition.extensions[_DEFINITION].python_name,
            is_list_type(get_nullable_type(definition.type)),
            source.most if isinstance(source, Member) else None,
            self.selections(definition, nodes) if kind is Kind.OBJECT else (),
            is_secret=isinstance(source, Member) and source.is_secret,
        )

    def _compile_reference(
        self, key: str, reference: Reference, definition: GraphQLField, nodes: list[FieldNode]
    ) -> SelectedField:
        node = nodes[0]
        return SelectedField(
            key,
            Kind.REFERENCE,
            node.name.value,
            selections=self.selections(definition, nodes),
            source=reference,
            arguments=bind_arguments(self._schema, reference, definition, node, self._variables)
            if definition.args
            else None,
        )

    def _collect(self, type_: GraphQLObjectType, selection_sets: Any) -> dict[str, list[FieldNode]]:
        return collect_fields(
            self._schema,
            self._fragments,
            self._variables,
            type_,
            selection_sets,
            ignores_conditions=self._ignores_conditions,
        )


def bind_arguments(
    schema: GraphQLSchema,
    reference: Reference,
    definition: GraphQLField,
    node: FieldNode,
    variables: VariableValues,
) -> Any:
    """Return the arguments of `node` as `reference` binds them, or `WrongArguments`."""
    try:
        values = get_argument_values(definition, node, variables)
        declared = definition.extensions[_DEFINITION].arguments
        strawberry = schema.extensions[_DEFINITION]
        registry = strawberry.schema_converter.scalar_registry
        return reference.bind(convert_arguments(values, declared, registry, strawberry.config))
    except (CodedError, GraphQLError) as error:
        return WrongArguments(_without_nodes(error))


def _without_nodes(error: CodedError | GraphQLError) -> Exception:
    """Return the error with the places of its nodes, which would keep the document in memory."""
    if isinstance(error, GraphQLError):
        return GraphQLError(error.message, source=error.source, positions=error.positions)
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def possible_types(schema: GraphQLSchema, type_: GraphQLNamedType) -> dict[str, GraphQLObjectType]:
    """Return the object types that a field of `type_` can hold, by name."""
    types = schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
    return {each.name: each for each in types if is_object_type(each)}


def _kind_of(definition: GraphQLField) -> Kind:
    type_ = get_named_type(definition.type)
    if is_object_type(type_):
        return Kind.OBJECT
    if isinstance(type_, GraphQLEnumType):
        return Kind.ENUM
    assert isinstance(type_, GraphQLScalarType)
    return _KINDS.get(type_.serialize, Kind.PLAIN)


def _source_of(definition: GraphQLField) -> object:
    field = definition.extensions.get(_DEFINITION)
    return field.metadata.get(SOURCE) if isinstance(field, StrawberryField) else None
