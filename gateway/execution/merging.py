"""Check that fields with the same response key can be merged, in linear time.

graphql-core's rule compares every two such fields: the square of their number. This one puts the
fields of a response key in groups that must agree, and compares each field with the first of its
group. Both find the same documents valid.

Source: FieldsInSetCanMerge, https://spec.graphql.org/draft/#sec-Field-Selection-Merging, as Simon
Adameit does it: https://tech.new-work.se/graphql-overlapping-fields-can-be-merged-fast-ea6e92e0a01
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLStreamDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    print_ast,
)
from graphql.utilities.sort_value_node import sort_value_node

from gateway.execution.errors import QueryTooComplex

_MOST_CHARACTERS: Final = 100
"""Of a name in a message."""
_STREAM: Final = GraphQLStreamDirective.name
_DISCUSSION: Final = ". See https://github.com/graphql/defer-stream-wg/discussions/100"


_Values = dict[str, str]
"""The texts of arguments by name."""


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """A field where it is selected."""

    node: FieldNode
    parent: GraphQLNamedType
    type: GraphQLOutputType | None
    """`None` for `__typename`, `__schema` and `__type`."""
    above: "_Field | None"

    @property
    def key(self) -> str:
        """The response key."""
        return self.node.alias.value if self.node.alias else self.node.name.value


class _Conflict(NamedTuple):
    """Two fields that cannot be merged, and why."""

    reason: str
    one: _Field
    other: _Field


@dataclass(frozen=True, slots=True, eq=False)
class _Set:
    """A selection set, and the type and field that it belongs to."""

    node: SelectionSetNode
    type: GraphQLNamedType
    above: _Field | None


def find_conflicts(
    schema: GraphQLSchema, document: DocumentNode, most: int
) -> Iterator[GraphQLError]:
    """Yield the errors about fields that cannot be merged, in graphql-core's words.

    The document must be valid otherwise. Raises `QueryTooComplex` when more than `most` fields had
    to be compared.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    comparison = _Comparison(schema, fragments, most)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            root = schema.get_root_type(node.operation)
            assert root is not None
            yield from comparison.check((_Set(node.selection_set, root, None),))


class _Comparison:
    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], most: int
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._most = most
        self._compared = 0
        self._checked: set[tuple[frozenset[int], bool]] = set()

    def check(self, sets: Sequence[_Set], *, only_shapes: bool = False) -> Iterator[GraphQLError]:
        """Yield the errors of selection sets that are merged into one.

        With `only_shapes` the objects that they select on are never the same one, so their fields
        need not be the same, but must have values of the same form.
        """
        # The same selection sets can be merged at many places, through fragments.
        ids = frozenset(id(each.node) for each in sets)
        if (ids, False) in self._checked or (ids, only_shapes) in self._checked:
            return
        self._checked.add((ids, only_shapes))
        for group in self._collect(sets).values():
            if len(group) > 1:
                yield from self._check_group(group, only_shapes=only_shapes)
            elif group[0].node.selection_set:
                yield from self.check(self._sets_below(group), only_shapes=only_shapes)

    def _check_group(self, group: list[_Field], *, only_shapes: bool) -> Iterator[GraphQLError]:
        same_object = [] if only_shapes else _split_by_object(group)
        conflict = next(filter(None, map(_find_difference, same_object)), None)
        conflict = conflict or _find_different_shape(group)
        if conflict:
            yield _describe(conflict)
            return
        for fields in same_object:
            yield from self.check(self._sets_below(fields))
        yield from self.check(self._sets_below(group), only_shapes=True)

    def _collect(self, sets: Iterable[_Set]) -> dict[str, list[_Field]]:
        """Return the fields of selection sets by response key, those in fragments last."""
        groups: dict[str, list[_Field]] = {}
        spread: set[str] = set()
        for each in sets:
            pending = [each]
            # The list grows while it is read.
            for selections in pending:
                names: list[str] = []
                for field in self._fields(selections, names):
                    groups.setdefault(field.key, []).append(field)
                for name in names:
                    if name not in spread:
                        spread.add(name)
                        pending.append(self._set_of_fragment(name, each.above))
        return groups

    def _set_of_fragment(self, name: str, above: _Field | None) -> _Set:
        fragment = self._fragments[name]
        return _Set(fragment.selection_set, self._type(fragment.type_condition.name.value), above)

    def _fields(self, selections: _Set, spread: list[str]) -> Iterator[_Field]:
        """Yield the fields of a selection set, and add the names of its fragments to `spread`."""
        self._compared += len(selections.node.selections)
        if self._compared > self._most:
            raise QueryTooComplex(
                "To merge the fields with the same response key, more than the "
                f"{self._most} selections allowed have to be compared."
            )
        type_, above = selections.type, selections.above
        for node in selections.node.selections:
            if isinstance(node, FieldNode):
                definition = getattr(type_, "fields", {}).get(node.name.value)
                yield _Field(node, type_, definition and definition.type, above)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                narrowed = self._type(condition.name.value) if condition else type_
                yield from self._fields(_Set(node.selection_set, narrowed, above), spread)
            else:
                assert isinstance(node, FragmentSpreadNode)
                spread.append(node.name.value)

    def _type(self, name: str) -> GraphQLNamedType:
        type_ = self._schema.get_type(name)
        assert type_ is not None, name
        return type_

    def _sets_below(self, group: Iterable[_Field]) -> tuple[_Set, ...]:
        """Return the selection sets of fields."""
        return tuple(
            _Set(node.selection_set, self._value_type(field), field)
            for field in group
            if (node := field.node).selection_set
        )

    def _value_type(self, field: _Field) -> GraphQLNamedType:
        if field.type is not None:
            return get_named_type(field.type)
        # It is `__schema` or `__type`.
        assert is_object_type(field.parent)
        definition = self._schema.get_field(field.parent, field.node.name.value)
        assert definition is not None
        return get_named_type(definition.type)


def _split_by_object(group: list[_Field]) -> list[list[_Field]]:
    """Return the fields that can be of one object, for each object type that there is.

    A field of an interface can be of an object of any type.
    """
    objects = {field.parent.name for field in group if is_object_type(field.parent)}
    if len(objects) <= 1:
        return [group]
    return [
        [field for field in group if field.parent.name == name or not is_object_type(field.parent)]
        for name in objects
    ]


def _find_difference(group: list[_Field]) -> _Conflict | None:
    """Return the conflict, if not all are the same field with the same arguments."""
    first = group[0]
    name = first.node.name.value
    arguments: _Values | None = None
    for other in group[1:]:
        if other.node.name.value != name:
            names = f"'{_shorten(name)}' and '{_shorten(other.node.name.value)}'"
            return _Conflict(f"{names} are different fields", first, other)
        if first.node.arguments or other.node.arguments:
            if arguments is None:
                arguments = _values_of(first.node)
            if _values_of(other.node) != arguments:
                return _Conflict("they have differing arguments", first, other)
    return None


def _find_different_shape(group: list[_Field]) -> _Conflict | None:
    """Return the conflict, if the values of the fields cannot be written in the same form."""
    first = group[0]
    streamed = next((field for field in group if _stream_of(field.node)), None)
    if streamed is not None:
        return _stream_conflict(*((first, streamed) if streamed is not first else group[:2]))
    typed = [field for field in group if field.type is not None]
    for other in typed[1:]:
        if _shape_of(other.type) != _shape_of(typed[0].type):
            types = f"'{typed[0].type}' and '{other.type}'"
            return _Conflict(f"they return conflicting types {types}", typed[0], other)
    return None


def _stream_of(node: FieldNode) -> DirectiveNode | None:
    streams = (each for each in node.directives or () if each.name.value == _STREAM)
    return next(streams, None)


def _stream_conflict(first: _Field, other: _Field) -> _Conflict:
    reason = "they have overlapping stream directives"
    streams = _stream_of(first.node), _stream_of(other.node)
    if all(streams) and _values_of(streams[0]) == _values_of(streams[1]):
        reason += _DISCUSSION
    return _Conflict(reason, first, other)


def _shape_of(type_: GraphQLOutputType | None) -> str:
    """Return what is the same for types whose values can stand for each other."""
    if is_list_type(type_):
        return f"[{_shape_of(type_.of_type)}]"
    if is_non_null_type(type_):
        return f"{_shape_of(type_.of_type)}!"
    return str(type_) if is_leaf_type(type_) else "{}"


def _values_of(node: FieldNode | DirectiveNode | None) -> _Values:
    """Return the arguments in a form in which equal ones are equal."""
    arguments = (node and node.arguments) or ()
    return {each.name.value: print_ast(sort_value_node(each.value)) for each in arguments}


def _describe(conflict: _Conflict) -> GraphQLError:
    """Return the error, which begins at the outermost of the fields that are merged."""
    reason, one, other = conflict
    nodes = [[one.node], [other.node]]
    while one.above and other.above and one.above.node is not other.above.node:
        reason = f"subfields '{_shorten(one.key)}' conflict because {reason}"
        one, other = one.above, other.above
        nodes[0].insert(0, one.node)
        nodes[1].insert(0, other.node)
    return GraphQLError(
        f"Fields '{_shorten(one.key)}' conflict because {reason}. Use different aliases on the "
        "fields to fetch both if this was intentional.",
        [*nodes[0], *nodes[1]],
    )


def _shorten(name: str) -> str:
    return name if len(name) <= _MOST_CHARACTERS else f"{name[:_MOST_CHARACTERS]}..."
