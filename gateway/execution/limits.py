"""Limits on the form of an operation, checked before anything is validated or executed.

Fragments count at every place they are spread, so a limit cannot be walked around with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from gateway.execution.errors import QueryTooComplex


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one operation may hold."""

    tokens: int = 5_000
    depth: int = 20
    aliases: int = 100
    root_fields: int = 50
    directives: int = 100


class _Size(NamedTuple):
    depth: int
    aliases: int
    directives: int
    fields: int


_EMPTY = _Size(0, 0, 0, 0)


def check_limits(document: DocumentNode, limits: Limits) -> None:
    """Raise `QueryTooComplex` if an operation of the document is over a limit."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = _Measure(fragments).selection_set(node.selection_set)
            root = _Measure(fragments).root_fields(node.selection_set)
            _refuse_over("depth", size.depth, limits.depth)
            _refuse_over("aliases", size.aliases, limits.aliases)
            _refuse_over("directives", size.directives, limits.directives)
            _refuse_over("root fields", root, limits.root_fields)


def _refuse_over(what: str, found: int, limit: int) -> None:
    if found > limit:
        raise QueryTooComplex(f"The operation has {found} {what}, more than the {limit} allowed.")


class _Measure:
    """Each fragment is measured once, so the time taken is linear in the document."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._measured: dict[str, _Size] = {}

    def selection_set(self, node: SelectionSetNode | None) -> _Size:
        sizes = [self._selection(child) for child in node.selections] if node else []
        return _Size(
            max((size.depth for size in sizes), default=0),
            sum(size.aliases for size in sizes),
            sum(size.directives for size in sizes),
            sum(size.fields for size in sizes),
        )

    def root_fields(self, node: SelectionSetNode) -> int:
        return self.selection_set(node).fields

    def _selection(self, node: SelectionNode) -> _Size:
        if isinstance(node, FragmentSpreadNode):
            inner = self._fragment(node.name.value)
        else:
            inner = self.selection_set(getattr(node, "selection_set", None))
        directives = inner.directives + len(node.directives or ())
        if not isinstance(node, FieldNode):
            return inner._replace(directives=directives)
        aliases = inner.aliases + (node.alias is not None)
        return _Size(inner.depth + 1, aliases, directives, 1)

    def _fragment(self, name: str) -> _Size:
        if name not in self._measured:
            # Validation refuses fragments that spread themselves; here they must only end.
            self._measured[name] = _EMPTY
            fragment = self._fragments.get(name)
            self._measured[name] = self.selection_set(fragment.selection_set if fragment else None)
        return self._measured[name]
