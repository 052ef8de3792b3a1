"""From a valid operation to a plan, once.

Introspection and subscriptions are left to graphql-core: of them the plan only tells which AWS
calls there may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from gateway.aws.pagination.query import Listing
from gateway.errors import CodedError
from gateway.execution.arguments import DEFINITION, read_arguments
from gateway.execution.compiled.selection import (
    Kind,
    Refused,
    SelectedField,
    Selection,
    intern,
    wanted_of,
)
from gateway.schema.collect_fields import Fragments, collect_fields
from gateway.schema.connections import Arguments, PageArguments, page_arguments
from gateway.schema.fields import (
    SOURCE,
    Beside,
    ByArn,
    ByName,
    Changes,
    Connected,
    Derived,
    Link,
    Member,
    Own,
    Rows,
)
from gateway.schema.references import possible_types


@dataclass(frozen=True, slots=True)
class RootField:
    """One response key of the operation."""

    key: str
    source: ByName | ByArn | Changes | Connected | None
    """`None` for `__typename`."""
    definition: GraphQLField | None
    nodes: tuple[FieldNode, ...]
    selections: tuple[Selection, ...]
    """One per type that the field can hold."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An operation without its arguments."""

    type_name: str
    fields: tuple[RootField, ...]
    is_complete: bool
    """Whether there is nothing in the operation that is left to graphql-core."""


class Compiler:
    """Compiles the operations of one document, with the variables that `Document.plan` tells."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Fragments, variables: VariableValues
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def compile(self, operation: OperationDefinitionNode) -> Plan:
        """Return the plan of an operation.

        Raises `GraphQLError` where the variable of a directive has no value that it can have.
        """
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        groups = self._collect(root, [operation.selection_set])
        fields = [self._root_field(root, key, nodes) for key, nodes in groups.items()]
        known = tuple(field for field in fields if field is not None)
        is_query = operation.operation is OperationType.QUERY
        return Plan(root.name, known, is_complete=is_query and len(known) == len(fields))

    def _root_field(
        self, root: GraphQLObjectType, key: str, nodes: list[FieldNode]
    ) -> RootField | None:
        """Return the field, `None` where it looks into the schema."""
        name = nodes[0].name.value
        if name == "__typename":
            return RootField(key, None, None, tuple(nodes), ())
        definition = root.fields.get(name)
        if definition is None:
            return None
        source = _source(definition)
        assert isinstance(source, ByName | ByArn | Changes | Connected), name
        selections = self._selections(definition, nodes)
        return RootField(key, source, definition, tuple(nodes), selections)

    def _selections(
        self, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> tuple[Selection, ...]:
        types = possible_types(self._schema, get_named_type(definition.type))
        return tuple(self._selection(type_, nodes) for type_ in types.values())

    def _selection(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Selection:
        groups = self._collect(type_, [node.selection_set for node in nodes])
        fields = (self._field(type_, key, group) for key, group in groups.items())
        return intern(type_.name, tuple(fields))

    def _field(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> SelectedField:
        name = nodes[0].name.value
        if name == "__typename":
            return SelectedField(key, Kind.TYPENAME, name, "")
        definition = parent.fields[name]
        source = _source(definition)
        if isinstance(source, Link):
            selections = self._selections(definition, nodes)
            return SelectedField(key, Kind.LINK, name, source.arn, selections=selections)
        if isinstance(source, Beside):
            return self._beside(key, source, definition, nodes)
        assert isinstance(source, Member | Derived | Own | Rows), name
        is_list = is_list_type(get_nullable_type(definition.type))
        kind = Kind.ROWS if isinstance(source, Rows) else _kind(definition)
        has_fields = kind in (Kind.OBJECT, Kind.ROWS)
        selections = self._selections(definition, nodes) if has_fields else ()
        attribute = definition.extensions[DEFINITION].python_name
        most = source.most if isinstance(source, Member) else None
        return SelectedField(key, kind, name, attribute, is_list, most, selections)

    def _beside(
        self, key: str, source: Beside, definition: GraphQLField, nodes: list[FieldNode]
    ) -> SelectedField:
        selections = self._selections(definition, nodes)
        arguments = None
        if source.listing is not None:
            arguments = self._arguments(source.listing, definition, nodes[0], selections[0])
        return SelectedField(
            key,
            Kind.BESIDE,
            nodes[0].name.value,
            "",
            selections=selections,
            source=source,
            arguments=arguments,
        )

    def _arguments(
        self, listing: Listing, definition: GraphQLField, node: FieldNode, selection: Selection
    ) -> PageArguments | Refused:
        try:
            given = read_arguments(self._schema, definition, node, self._variables)
            look_ahead = wanted_of(selection).look_ahead
            return page_arguments(listing, Arguments(**given), look_ahead=look_ahead)
        except (CodedError, GraphQLError) as error:
            return Refused(error)

    def _collect(self, type_: GraphQLObjectType, selection_sets: Any) -> dict[str, list[FieldNode]]:
        return collect_fields(self._schema, self._fragments, self._variables, type_, selection_sets)


def _kind(definition: GraphQLField) -> Kind:
    type_ = get_named_type(definition.type)
    if is_object_type(type_):
        return Kind.OBJECT
    if isinstance(type_, GraphQLEnumType):
        return Kind.ENUM
    return Kind.DATE_TIME if type_.name == "DateTime" else Kind.PLAIN


def _source(definition: GraphQLField | None) -> object:
    field = definition and definition.extensions.get(DEFINITION)
    return field.metadata.get(SOURCE) if isinstance(field, StrawberryField) else None
