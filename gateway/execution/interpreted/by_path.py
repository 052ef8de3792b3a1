"""The format of August 2022 (`deferSpec=20220824`), in which a deferred fragment comes whole.

graphql-core has the current format: a part holds only what no part before it had, under the id of
one of the fragments that select it. Clients of the older format merge nothing across fragments: for
them each fragment is one entry at its own path, with all of its fields, as graphql-js
17.0.0-alpha.2 sends it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
    Visitor,
    visit,
)

_DEFER = "defer"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document in which each `@defer` has a label of its own, and what the labels stand for."""

    node: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    deferred: Mapping[str, tuple[FragmentSpreadNode | InlineFragmentNode, str | None]]
    """The deferred fragment of each label, and the label that the client gave it."""


def label_fragments(document: DocumentNode) -> Labelled:
    """Return the document with labels that tell all deferred fragments apart."""
    labels = _Labels()
    node = visit(document, labels)
    fragments = {
        each.name.value: each
        for each in node.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    return Labelled(node, fragments, labels.deferred)


class _Labels(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.deferred: dict[str, tuple[Any, str | None]] = {}

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> Any:
        return self._label(node)

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: object) -> Any:
        return self._label(node)

    def _label(self, node: Any) -> Any:
        directive = _find_defer(node)
        if directive is None:
            return None
        own = _argument(directive, "label")
        label = str(len(self.deferred))
        self.deferred[label] = (node, own.value if isinstance(own, StringValueNode) else None)
        others = [each for each in directive.arguments or () if each.name.value != "label"]
        given = ArgumentNode(name=NameNode(value="label"), value=StringValueNode(value=label))
        changed = _copy(directive, arguments=(*others, given))
        return _copy(
            node,
            directives=tuple(changed if each is directive else each for each in node.directives),
        )


def _copy(node: Any, **changes: Any) -> Any:
    values = {key: getattr(node, key) for key in node.keys}
    return type(node)(**{**values, **changes})


def _find_defer(node: FragmentSpreadNode | InlineFragmentNode) -> DirectiveNode | None:
    return next((each for each in node.directives or () if each.name.value == _DEFER), None)


def _argument(directive: DirectiveNode, name: str) -> Any:
    values = (each.value for each in directive.arguments or () if each.name.value == name)
    return next(values, None)


class ByPath:
    """Rewrites the parts of one response. `variables` are those of the operation."""

    def __init__(self, labelled: Labelled, variables: Mapping[str, Any]) -> None:
        self._labelled = labelled
        self._variables = variables
        self._data: Any = None
        """All data that has come, merged."""
        self._pending: dict[str, dict[str, Any]] = {}
        self._errors: dict[str, list[Any]] = {}

    def rewrite(self, part: dict[str, Any]) -> dict[str, Any] | None:
        """Return the part with whole fragments; `None` for one that completes none.

        Parts must come in their order.
        """
        is_first = "data" in part
        if is_first:
            self._data = _merge(None, part["data"])
        for announced in part.pop("pending", ()):
            self._pending[announced["id"]] = announced
        for result in part.pop("incremental", ()):
            self._take(result)
        entries = [self._complete(each) for each in part.pop("completed", ())]
        # A fragment comes before those within it.
        entries.sort(key=lambda entry: len(entry["path"]))
        if entries:
            return {**part, "incremental": entries}
        return part if is_first or not part.get("hasNext") else None

    def _take(self, result: dict[str, Any]) -> None:
        path = [*self._pending[result["id"]]["path"], *result.get("subPath", ())]
        if not path:
            self._data = _merge(self._data, result["data"])
        else:
            parent = _find(self._data, path[:-1])
            parent[path[-1]] = _merge(parent[path[-1]], result["data"])
        self._errors.setdefault(result["id"], []).extend(result.get("errors", ()))

    def _complete(self, done: dict[str, Any]) -> dict[str, Any]:
        announced = self._pending.pop(done["id"])
        node, label = self._labelled.deferred[announced["label"]]
        errors = [*self._errors.pop(done["id"], ()), *done.get("errors", ())]
        entry: dict[str, Any] = {"data": None, "path": announced["path"]}
        if "errors" not in done:
            entry["data"] = self._select(
                _find(self._data, announced["path"]), [self._selection_set(node)]
            )
        if label is not None:
            entry["label"] = label
        return {**entry, "errors": errors} if errors else entry

    def _select(self, value: Any, selection_sets: list[SelectionSetNode]) -> Any:
        """Return what selection sets select of a value, but for what is deferred within them."""
        if isinstance(value, list):
            return [self._select(item, selection_sets) for item in value]
        if not isinstance(value, dict):
            return value
        fields: dict[str, list[SelectionSetNode]] = {}
        for selection_set in selection_sets:
            self._collect(selection_set, fields, set())
        return {
            key: self._select(value[key], below) if below else value[key]
            for key, below in fields.items()
            if key in value
        }

    def _collect(
        self,
        selection_set: SelectionSetNode,
        fields: dict[str, list[SelectionSetNode]],
        visited: set[str],
    ) -> None:
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                below = fields.setdefault((node.alias or node.name).value, [])
                if node.selection_set is not None:
                    below.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode | InlineFragmentNode):
                name = node.name.value if isinstance(node, FragmentSpreadNode) else ""
                if not self._is_deferred(node) and (not name or name not in visited):
                    visited.add(name)
                    self._collect(self._selection_set(node), fields, visited)

    def _selection_set(self, node: FragmentSpreadNode | InlineFragmentNode) -> SelectionSetNode:
        if isinstance(node, InlineFragmentNode):
            return node.selection_set
        return self._labelled.fragments[node.name.value].selection_set

    def _is_deferred(self, node: FragmentSpreadNode | InlineFragmentNode) -> bool:
        directive = _find_defer(node)
        if directive is None:
            return False
        condition = _argument(directive, "if")
        if isinstance(condition, BooleanValueNode):
            return condition.value
        if isinstance(condition, VariableNode):
            return self._variables.get(condition.name.value) is not False
        return True


def variables_with_defaults(
    operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the variables of a request, and those that are true or false by default."""
    defaults = {
        each.variable.name.value: each.default_value.value
        for each in operation.variable_definitions or ()
        if isinstance(each.default_value, BooleanValueNode)
    }
    return {**defaults, **variables}


def _find(data: Any, path: Iterable[str | int]) -> Any:
    for key in path:
        data = data[key]
    return data


def _merge(old: Any, new: Any) -> Any:
    """Return a copy of `new` with what only `old` has."""
    if isinstance(new, dict):
        known = old if isinstance(old, dict) else {}
        return {**known, **{key: _merge(known.get(key), each) for key, each in new.items()}}
    if isinstance(new, list):
        known_items = old if isinstance(old, list) else [None] * len(new)
        return [_merge(*pair) for pair in zip(known_items, new, strict=True)]
    return new
