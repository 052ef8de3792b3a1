"""Limits on the form of a document, checked before validation and before anything is compiled.

A fragment counts at every place where it is spread, so that it cannot be used to evade a limit.
Each fragment is measured once, so the time is linear in the size of the document.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, NoReturn

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    Node,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
)

from gateway.errors import quote
from gateway.execution.errors import QueryTooComplex
from gateway.execution.expansion import Expansion
from gateway.settings import LimitSettings

_MOST_NESTING: Final = 100
"""Levels of selection sets, those of fragments included. What reads them needs Python's stack."""
_MANY: Final = 1_000_000
"""Counts stop here: those of fragments that double each other have thousands of digits."""


class _Size(NamedTuple):
    """The figures of a selection set."""

    nesting: int = 0
    """Levels of selection sets, itself included."""
    depth: int = 0
    """Levels of fields."""
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    """Fields on the outermost level."""


def check_limits(schema: GraphQLSchema, document: DocumentNode, limits: LimitSettings) -> None:
    """Raise `QueryTooComplex` if the document, or an operation of it, is over a limit."""
    fragments: dict[str, FragmentDefinitionNode] = {}
    operations: list[OperationDefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, FragmentDefinitionNode):
            fragments[node.name.value] = node
        elif isinstance(node, OperationDefinitionNode):
            operations.append(node)
    measure = _Measure(fragments, limits)
    for operation in operations:
        measure.check_operation(operation)
    for name in fragments:
        measure.measure_fragment(name, 0)
    Expansion(schema, fragments, limits.max_selections).count_operations(operations)


def refuse_values(limit: int) -> NoReturn:
    """Raise the refusal of a list or an input object with more than `limit` items."""
    raise QueryTooComplex(f"A list or an input object has more than the {limit} items allowed.")


def _refuse_over(what: str, found: int, limit: int) -> None:
    if found > limit:
        more = " or more" if found == _MANY else ""
        message = f"The operation has {found}{more} {what}, more than the {limit} allowed."
        raise QueryTooComplex(message)


class _Measure:
    """Measures the selection sets of one document."""

    def __init__(
        self, fragments: Mapping[str, FragmentDefinitionNode], limits: LimitSettings
    ) -> None:
        self._fragments = fragments
        self._limits = limits
        self._measured: dict[str, _Size] = {}

    def check_operation(self, node: OperationDefinitionNode) -> None:
        limits = self._limits
        own = self._count_directives(node.directives)
        for definition in node.variable_definitions or ():
            own += self._count_directives(definition.directives)
            self._check_value(definition.default_value)
        size = self.measure(node.selection_set, 0)
        _refuse_over("levels", size.depth, limits.max_depth)
        _refuse_over("aliases", size.aliases, limits.max_aliases)
        _refuse_over("directives", min(size.directives + own, _MANY), limits.max_directives)
        _refuse_over("root fields", size.fields, limits.max_root_fields)

    def measure(self, node: SelectionSetNode, level: int) -> _Size:
        """Return the figures of a selection set below `level` others."""
        if level >= _MOST_NESTING:
            _refuse_nesting()
        nesting = deepest = aliases = directives = fields = 0
        for child in node.selections:
            if isinstance(child, FieldNode):
                fields += 1
                if child.alias is not None:
                    aliases += 1
                    self._check_name("alias", child.alias.value)
                below = self._measure_field(child, level)
                depth = 1 + below.depth
            else:
                below = self._measure_fragment(child, level)
                depth = below.depth
                fields += below.fields
            if child.directives:
                directives += self._count_directives(child.directives)
            nesting = max(nesting, below.nesting)
            deepest = max(deepest, depth)
            aliases += below.aliases
            directives += below.directives
        return _Size(
            nesting + 1, deepest, min(aliases, _MANY), min(directives, _MANY), min(fields, _MANY)
        )

    def measure_fragment(self, name: str, level: int) -> _Size:
        """Return the figures of a fragment; none if there is no such fragment."""
        size = self._measured.get(name)
        if size is None:
            # A fragment that spreads itself ends here; validation refuses it later.
            self._measured[name] = size = _Size()
            fragment = self._fragments.get(name)
            if fragment is not None:
                size = self.measure(fragment.selection_set, level)
                own = self._count_directives(fragment.directives)
                size = size._replace(directives=min(size.directives + own, _MANY))
                self._measured[name] = size
        if level + size.nesting > _MOST_NESTING:
            _refuse_nesting()
        return size

    def _check_name(self, what: str, name: str) -> None:
        """Check the length of what a response repeats for each object."""
        most = self._limits.max_alias_characters
        if len(name) > most:
            raise QueryTooComplex(
                f"The {what} {quote(name)} has {len(name)} characters, more than the {most} "
                "allowed."
            )

    def _measure_field(self, node: FieldNode, level: int) -> _Size:
        if node.arguments:
            self._check_arguments(node.arguments)
        return self.measure(node.selection_set, level + 1) if node.selection_set else _LEAF

    def _measure_fragment(self, node: SelectionNode, level: int) -> _Size:
        if isinstance(node, InlineFragmentNode):
            return self.measure(node.selection_set, level + 1)
        assert isinstance(node, FragmentSpreadNode)
        return self.measure_fragment(node.name.value, level + 1)

    def _count_directives(self, nodes: Iterable[DirectiveNode] | None) -> int:
        count = 0
        for node in nodes or ():
            count += 1
            self._check_arguments(node.arguments)
            for argument in node.arguments or ():
                if argument.name.value == "label" and isinstance(argument.value, StringValueNode):
                    self._check_name("label", argument.value.value)
        return count

    def _check_arguments(self, nodes: Iterable[ArgumentNode] | None) -> None:
        for node in nodes or ():
            self._check_value(node.value)

    def _check_value(self, node: Node | None) -> None:
        """Check each list and input object within a value."""
        items: tuple[Node, ...] = ()
        if isinstance(node, ListValueNode):
            items = node.values
        elif isinstance(node, ObjectValueNode):
            items = node.fields
        elif isinstance(node, ObjectFieldNode):
            items = (node.value,)
        if len(items) > self._limits.max_list_items:
            refuse_values(self._limits.max_list_items)
        for item in items:
            self._check_value(item)


_LEAF: Final = _Size()


def _refuse_nesting() -> NoReturn:
    raise QueryTooComplex(
        f"The selection sets of the document nest more than {_MOST_NESTING} levels deep, through "
        "its fragments."
    )
