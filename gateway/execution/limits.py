"""Limits on the form of an operation, checked before validation.

A fragment counts at every place where it is spread, so that it cannot be used to evade a limit.
"""

from collections.abc import Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from gateway.execution.errors import QueryTooComplex
from gateway.settings import LimitSettings

_Size = tuple[int, int, int, int]
"""Depth, aliases, directives, and fields on the outermost level."""


def check_limits(document: DocumentNode, limits: LimitSettings) -> None:
    """Raise `QueryTooComplex` if an operation of the document is over a limit."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            depth, aliases, directives, fields = _Measure(fragments).measure(node.selection_set)
            _refuse_over("levels", depth, limits.max_depth)
            _refuse_over("aliases", aliases, limits.max_aliases)
            _refuse_over("directives", directives, limits.max_directives)
            _refuse_over("root fields", fields, limits.max_root_fields)


def _refuse_over(what: str, found: int, limit: int) -> None:
    if found > limit:
        raise QueryTooComplex(f"The operation has {found} {what}, more than the {limit} allowed.")


class _Measure:
    """Measures selection sets. Each fragment is measured once: the time is linear."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._measured: dict[str, _Size] = {}

    def measure(self, node: SelectionSetNode | None) -> _Size:
        """Return the figures of a selection set."""
        deepest = aliases = directives = fields = 0
        for child in node.selections if node else ():
            if isinstance(child, FieldNode):
                fields += 1
                aliases += child.alias is not None
                depth = 1
                if child.selection_set:
                    below, more_aliases, more_directives, _ = self.measure(child.selection_set)
                    depth += below
                    aliases += more_aliases
                    directives += more_directives
            else:
                depth, more_aliases, more_directives, more_fields = self._measure_fragment(child)
                aliases += more_aliases
                directives += more_directives
                fields += more_fields
            if child.directives:
                directives += len(child.directives)
            deepest = max(depth, deepest)
        return deepest, aliases, directives, fields

    def _measure_fragment(self, node: SelectionNode) -> _Size:
        if isinstance(node, InlineFragmentNode):
            return self.measure(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        name = node.name.value
        if name not in self._measured:
            # A fragment that spreads itself ends here; validation refuses it later.
            self._measured[name] = (0, 0, 0, 0)
            fragment = self._fragments.get(name)
            self._measured[name] = self.measure(fragment.selection_set if fragment else None)
        return self._measured[name]
